// Arithmetic and comparison between two vectors: one-to-one, and many-to-one with group_left and
// group_right.
//
// In: both sides, matched by their signatures. Out: a value for each matched pair. Labels of the
// result are those of the "many" side (the left one when there is none), changed as Prometheus'
// resultMetric() does; labels that group_left(…) takes from the other side are looked up once per
// pair. Tested by tests/unit/promql/matching_test.cpp.
#pragma once

#include <memory>
#include <vector>

#include "promql/ast.h"
#include "promql/node.h"
#include "promql/pairing.h"
#include "promql/relabel.h"
#include "promql/signature.h"

namespace cgsentry::promql {

/// The labels of pairs of entries, for group_left(label, …).
class PairLabels {
 public:
  /// `change` is made to the labels of the many side before the included ones are set.
  PairLabels(Domain& many, Domain& one, Removal change, std::vector<Symbol> included);

  Entry operator()(Entry many, Entry one);
  [[nodiscard]] InternedDomain& domain() { return target_; }

 private:
  struct Side final : Listener {
    Side(PairLabels& its_owner, bool of_many) : owner(&its_owner), is_many(of_many) {}
    void forget(Entry entry) override { owner->forget(entry, is_many); }
    PairLabels* owner;
    bool is_many;
  };
  struct Pair {
    Entry one = kNoEntry;
    Entry target = kNoEntry;
  };

  void forget(Entry entry, bool is_many);
  void drop(Pair& pair);

  Domain* many_;
  Domain* one_;
  Removal change_;
  std::vector<Symbol> included_;
  InternedDomain target_;
  std::vector<Pair> pairs_;  // by the entry of the many side
  Side many_side_;
  Side one_side_;
};

class VectorBinaryNode final : public Node {
 public:
  VectorBinaryNode(const Binary& binary, Node& lhs, Node& rhs);

  Domain& domain() override { return pairs_ ? pairs_->domain() : relabel_.domain(); }
  [[nodiscard]] Names names() const override { return names_; }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return Node::memory_bytes() + pairing_.memory_bytes();
  }

 private:
  void compute(const Moment& moment, Series& out) override;
  /// False when it failed.
  bool pair_up(const Series& many, const Series& one, Series& out);
  bool index_one_side(const Series& one, Series& out);
  template <typename Apply>
  void join_distinct(const Series& many, const Series& one, Apply apply, Series& out) const;
  /// False when it failed.
  template <typename Apply>
  bool join(const Series& many, const Series& one, Apply apply, Series& out);
  [[nodiscard]] Entry signature(bool of_many, Entry entry);
  [[nodiscard]] bool many_is_right() const {
    return matching_.cardinality == Cardinality::one_to_many;
  }

  BinaryOp op_;
  bool return_bool_;
  Matching matching_;
  Node* many_;
  Node* one_;
  Names names_;
  Signatures signatures_;
  Relabel relabel_;
  std::unique_ptr<PairLabels> pairs_;
  Pairing pairing_;
  Marks one_index_;
  Marks taken_;
};

}  // namespace cgsentry::promql
