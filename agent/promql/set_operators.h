// and, or, unless: elements of one vector by whether the other has a match.
//
// Tested by tests/unit/promql/matching_test.cpp.
#pragma once

#include "promql/ast.h"
#include "promql/node.h"
#include "promql/signature.h"

namespace cgsentry::promql {

/// left and right, left unless right: series of the left side.
class FilterNode final : public Node {
 public:
  FilterNode(const Binary& binary, Node& lhs, Node& rhs);
  Domain& domain() override { return lhs_->domain(); }
  [[nodiscard]] Names names() const override { return lhs_->names(); }

 private:
  void compute(const Moment& moment, Series& out) override;
  bool wanted_;  // whether there must be a match
  Node* lhs_;
  Node* rhs_;
  Signatures signatures_;
  Marks there_;
};

/// The entries of two domains side by side: even numbers are left, odd ones right.
class UnionDomain final : public Domain {
 public:
  UnionDomain(Domain& left, Domain& right);
  [[nodiscard]] static Entry of_left(Entry entry) { return entry * 2; }
  [[nodiscard]] static Entry of_right(Entry entry) { return entry * 2 + 1; }
  void labels(Entry entry, LabelSet& out) const override {
    (entry % 2 == 0 ? left_ : right_)->labels(entry / 2, out);
  }
  [[nodiscard]] std::size_t entry_end() const override {
    return 2 * std::max(left_->entry_end(), right_->entry_end());
  }

 private:
  struct Side final : Listener {
    Side(UnionDomain& its_owner, Entry its_odd) : owner(&its_owner), odd(its_odd) {}
    void forget(Entry entry) override { owner->notify(entry * 2 + odd); }
    UnionDomain* owner;
    Entry odd;
  };
  Domain* left_;
  Domain* right_;
  Side left_side_;
  Side right_side_;
};

/// left or right: all of left, and of right what has no match there.
class UnionNode final : public Node {
 public:
  UnionNode(const Binary& binary, Node& lhs, Node& rhs);
  Domain& domain() override { return domain_; }
  [[nodiscard]] Names names() const override { return names_; }

 private:
  void compute(const Moment& moment, Series& out) override;
  Node* lhs_;
  Node* rhs_;
  Names names_;
  UnionDomain domain_;
  Signatures signatures_;
  Marks there_;
};

}  // namespace cgsentry::promql
