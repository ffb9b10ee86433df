// See vector_binary.h.
#include "promql/vector_binary.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>

#include "model/labels.h"
#include "promql/operators.h"

namespace cgsentry::promql {

namespace {

bool drops_name(const Binary& binary) {
  return !is_comparison(binary.op) || binary.return_bool;
}

/// What resultMetric() takes away from the labels of the many side.
Removal result_removal(SymbolTable& symbols, const Binary& binary) {
  const Matching& matching = binary.matching;
  const bool one_to_one = matching.cardinality == Cardinality::one_to_one;
  const Symbol name = symbols.acquire(kMetricName);
  const bool nameless = drops_name(binary);
  Removal narrow = [](LabelSet&) {};
  if (one_to_one) {
    std::vector<Symbol> labels = symbols_of(symbols, matching.labels);
    narrow = matching.on ? keep_only(std::move(labels)) : take_away(std::move(labels));
  }
  return [name, nameless, narrow = std::move(narrow)](LabelSet& labels) {
    if (nameless) {
      labels.erase(name);
    }
    narrow(labels);
  };
}

Names result_names(const Binary& binary, Names many) {
  const Matching& matching = binary.matching;
  const bool one_to_one = matching.cardinality == Cardinality::one_to_one;
  if (drops_name(binary) || (one_to_one && matching.on)) {
    const bool matched_by_name = std::ranges::count(matching.labels, kMetricName) != 0;
    return matched_by_name && !drops_name(binary) ? Names::mixed : Names::none;
  }
  return many;
}

/// Whether the result's series stay apart without a look at each.
Relabel result_relabel(const Binary& binary, Node& many) {
  Domain& domain = many.domain();
  Removal removal = result_removal(domain.symbols(), binary);
  // One-to-one: what is left holds the signature, and signatures differ.
  const bool apart = binary.matching.cardinality == Cardinality::one_to_one ||
                     !drops_name(binary) || many.names() != Names::mixed;
  return apart ? Relabel::lazily(domain, std::move(removal))
               : Relabel::interned(domain, transform_of(std::move(removal)));
}

}  // namespace

PairLabels::PairLabels(Domain& many, Domain& one, Removal change, std::vector<Symbol> included)
    : many_(&many),
      one_(&one),
      change_(std::move(change)),
      included_(std::move(included)),
      target_(many.symbols()),
      many_side_(*this, true),
      one_side_(*this, false) {
  many.listen(many_side_);
  one.listen(one_side_);
}

Entry PairLabels::operator()(Entry many, Entry one) {
  if (many >= pairs_.size()) {
    pairs_.resize(many_->entry_end());
  }
  Pair& pair = pairs_[many];
  if (pair.one == one) {
    return pair.target;
  }
  drop(pair);
  LabelSet labels;
  LabelSet other;
  many_->labels(many, labels);
  one_->labels(one, other);
  change_(labels);
  for (const Symbol name : included_) {
    labels.set(name, other.get(name));
  }
  pair = {one, target_.acquire(labels)};
  return pair.target;
}

void PairLabels::drop(Pair& pair) {
  if (pair.one != kNoEntry) {
    target_.release(pair.target);
    pair = {};
  }
}

void PairLabels::forget(Entry entry, bool is_many) {
  if (is_many) {
    if (entry < pairs_.size()) {
      drop(pairs_[entry]);
    }
    return;
  }
  for (Pair& pair : pairs_) {
    if (pair.one == entry) {
      drop(pair);
    }
  }
}

VectorBinaryNode::VectorBinaryNode(const Binary& binary, Node& lhs, Node& rhs)
    : op_(binary.op),
      return_bool_(binary.return_bool),
      matching_(binary.matching),
      many_(many_is_right() ? &rhs : &lhs),
      one_(many_is_right() ? &lhs : &rhs),
      names_(result_names(binary, many_->names())),
      signatures_(lhs.domain(), rhs.domain(), binary.matching),
      relabel_(result_relabel(binary, *many_)) {
  if (!matching_.include.empty()) {
    SymbolTable& symbols = lhs.domain().symbols();
    pairs_ = std::make_unique<PairLabels>(many_->domain(), one_->domain(),
                                          result_removal(symbols, binary),
                                          symbols_of(symbols, matching_.include));
  }
}

Entry VectorBinaryNode::signature(bool of_many, Entry entry) {
  return of_many == many_is_right() ? signatures_.of_right(entry) : signatures_.of_left(entry);
}

void VectorBinaryNode::compute(const Moment& moment, Series& out) {
  const Series& many = many_->at(moment);
  const Series& one = one_->at(moment);
  if (out.take_error(many) || out.take_error(one)) {
    return;
  }
  // As in Prometheus: where nothing can match, series that would match twice are no mistake.
  if (many.size() == 0 || one.size() == 0) {
    return;
  }
  if (!pairing_.holds(*many_, many, *one_, one) && !pair_up(many, one, out)) {
    return;
  }
  const bool distinct = pairing_.distinct() && !pairs_;
  bool good = true;
  with_operator(op_, [&](auto apply) {
    if (distinct) {
      join_distinct(many, one, apply, out);
    } else {
      good = join(many, one, apply, out);
    }
  });
  if (good && !pairs_) {
    relabel_.apply(out);
  }
}

bool VectorBinaryNode::pair_up(const Series& many, const Series& one, Series& out) {
  pairing_.clear();
  if (!index_one_side(one, out)) {
    return false;
  }
  pairing_.start(*many_, many, *one_, one);
  taken_.start(signatures_.end());
  for (std::uint32_t i = 0; i < many.size(); ++i) {
    const Entry at = signature(true, many.entries[i]);
    if (one_index_.has(at)) {
      pairing_.add({i, one_index_.value(at)}, taken_.has(at));
      taken_.set(at, 0);
    }
  }
  return true;
}

bool VectorBinaryNode::index_one_side(const Series& one, Series& out) {
  one_index_.start(signatures_.end());
  for (std::uint32_t i = 0; i < one.size(); ++i) {
    const Entry at = signature(false, one.entries[i]);
    if (one_index_.has(at)) {
      out.fail(
          fmt::format("found duplicate series for the match group {} on the {} hand-side of "
                      "the operation; many-to-many matching not allowed: matching labels must "
                      "be unique on one side",
                      signatures_.text(at), many_is_right() ? "left" : "right"));
      return false;
    }
    one_index_.set(at, i);
  }
  return true;
}

template <typename Apply>
void VectorBinaryNode::join_distinct(const Series& many, const Series& one, Apply apply,
                                     Series& out) const {
  constexpr bool kCompares = std::is_same_v<std::invoke_result_t<Apply, double, double>, bool>;
  const bool swapped = many_is_right();
  const double* left = swapped ? one.values.data() : many.values.data();
  const double* right = swapped ? many.values.data() : one.values.data();
  const std::span<const Pairing::Pair> pairs = pairing_.pairs();
  if (kCompares && !return_bool_) {
    for (const Pairing::Pair& pair : pairs) {
      const double value = left[swapped ? pair.one : pair.many];
      if (apply(value, right[swapped ? pair.many : pair.one])) {
        out.add(many.entries[pair.many], value);
      }
    }
    return;
  }
  out.values.resize(pairs.size());
  out.entries.resize(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Pairing::Pair& pair = pairs[i];
    out.entries[i] = many.entries[pair.many];
    out.values[i] = static_cast<double>(
        apply(left[swapped ? pair.one : pair.many], right[swapped ? pair.many : pair.one]));
  }
}

template <typename Apply>
bool VectorBinaryNode::join(const Series& many, const Series& one, Apply apply, Series& out) {
  constexpr bool kCompares = std::is_same_v<std::invoke_result_t<Apply, double, double>, bool>;
  const bool one_to_one = matching_.cardinality == Cardinality::one_to_one;
  const bool swapped = many_is_right();
  // Of one-to-one: elements of the other side that have a result. Of pairs: results that are there
  // already.
  taken_.start(one_to_one ? one.size() : signatures_.end());
  for (const auto& [i, j] : pairing_.pairs()) {
    const double left = swapped ? one.values[j] : many.values[i];
    const double right = swapped ? many.values[i] : one.values[j];
    const auto result = apply(left, right);
    double value = static_cast<double>(result);
    if (kCompares && !return_bool_) {
      if (!result) {
        continue;
      }
      value = left;
    }
    const Entry entry = pairs_ ? (*pairs_)(many.entries[i], one.entries[j]) : many.entries[i];
    if (one_to_one || pairs_) {
      const Entry unique = one_to_one ? j : entry;
      if (taken_.has(unique)) {
        out.fail(one_to_one
                     ? "multiple matches for labels: many-to-one matching must be explicit "
                       "(group_left/group_right)"
                     : "multiple matches for labels: grouping labels must ensure unique matches");
        return false;
      }
      taken_.set(unique, 0);
    }
    out.add(entry, value);
  }
  return true;
}

}  // namespace cgsentry::promql
