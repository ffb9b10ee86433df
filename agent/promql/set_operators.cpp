// See set_operators.h.
#include "promql/set_operators.h"

#include <algorithm>

#include "model/labels.h"

namespace cgsentry::promql {

namespace {

/// Elements of either side stay apart without names when their sides do; one of each side differs
/// in its signature, which holds no name unless on(__name__) says so.
Names names_of_union(const Binary& binary, Names left, Names right) {
  if (left == Names::none && right == Names::none) {
    return Names::none;
  }
  const bool by_name =
      binary.matching.on && std::ranges::count(binary.matching.labels, kMetricName) != 0;
  const bool mixed = left == Names::mixed || right == Names::mixed || by_name;
  return mixed ? Names::mixed : Names::apart;
}

}  // namespace

FilterNode::FilterNode(const Binary& binary, Node& lhs, Node& rhs)
    : wanted_(binary.op == BinaryOp::and_),
      lhs_(&lhs),
      rhs_(&rhs),
      signatures_(lhs.domain(), rhs.domain(), binary.matching) {}

void FilterNode::compute(const Moment& moment, Series& out) {
  const Series& left = lhs_->at(moment);
  const Series& right = rhs_->at(moment);
  if (out.take_error(left) || out.take_error(right)) {
    return;
  }
  if (left.size() == 0 || (wanted_ && right.size() == 0)) {
    return;
  }
  there_.start(signatures_.end());
  for (const Entry entry : right.entries) {
    there_.set(signatures_.of_right(entry), 0);
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (there_.has(signatures_.of_left(left.entries[i])) == wanted_) {
      out.add(left.entries[i], left.values[i]);
    }
  }
}

UnionDomain::UnionDomain(Domain& left, Domain& right)
    : Domain(left.symbols()),
      left_(&left),
      right_(&right),
      left_side_(*this, 0),
      right_side_(*this, 1) {
  left.listen(left_side_);
  right.listen(right_side_);
}

UnionNode::UnionNode(const Binary& binary, Node& lhs, Node& rhs)
    : lhs_(&lhs),
      rhs_(&rhs),
      names_(names_of_union(binary, lhs.names(), rhs.names())),
      domain_(lhs.domain(), rhs.domain()),
      signatures_(lhs.domain(), rhs.domain(), binary.matching) {}

void UnionNode::compute(const Moment& moment, Series& out) {
  const Series& left = lhs_->at(moment);
  const Series& right = rhs_->at(moment);
  if (out.take_error(left) || out.take_error(right)) {
    return;
  }
  there_.start(signatures_.end());
  for (std::size_t i = 0; i < left.size(); ++i) {
    there_.set(signatures_.of_left(left.entries[i]), 0);
    out.add(UnionDomain::of_left(left.entries[i]), left.values[i]);
  }
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (!there_.has(signatures_.of_right(right.entries[i]))) {
      out.add(UnionDomain::of_right(right.entries[i]), right.values[i]);
    }
  }
}

}  // namespace cgsentry::promql
