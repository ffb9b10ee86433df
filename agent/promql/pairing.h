// Which elements of the two sides of an operator belong together, remembered from tick to tick.
//
//   entries of the many side ─┐
//   entries of the one side  ─┴─► pairs (index, index), in the order of the many side
//
// Between two ticks the same series nearly always stand in the same order, so their signatures are
// looked up only when one side has other entries than before, or an entry now means another series.
// Thread: the loop. Tested by tests/unit/promql/matching_test.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "promql/node.h"

namespace cgsentry::promql {

class Pairing {
 public:
  struct Pair {
    std::uint32_t many = 0;
    std::uint32_t one = 0;
  };

  /// True when the pairs of the last turn are those of these two sides, too.
  [[nodiscard]] bool holds(Node& many_node, const Series& many, Node& one_node, const Series& one) {
    return many_epoch_ == many_node.domain().epoch() && one_epoch_ == one_node.domain().epoch() &&
           many_ == many.entries && one_ == one.entries;
  }
  /// Forgets all pairs; those of these two sides follow.
  void start(Node& many_node, const Series& many, Node& one_node, const Series& one) {
    many_ = many.entries;
    one_ = one.entries;
    many_epoch_ = many_node.domain().epoch();
    one_epoch_ = one_node.domain().epoch();
    pairs_.clear();
    distinct_ = true;
  }
  /// `known`: another element of the many side has the same partner.
  void add(Pair pair, bool known) {
    distinct_ = distinct_ && !known;
    pairs_.push_back(pair);
  }
  /// There are none to remember.
  void clear() {
    many_.clear();
    one_.clear();
    pairs_.clear();
  }

  [[nodiscard]] std::span<const Pair> pairs() const { return pairs_; }
  /// Each element of either side is in one pair at most.
  [[nodiscard]] bool distinct() const { return distinct_; }
  [[nodiscard]] std::size_t memory_bytes() const {
    return (many_.capacity() + one_.capacity()) * sizeof(Entry) + pairs_.capacity() * sizeof(Pair);
  }

 private:
  std::vector<Entry> many_;
  std::vector<Entry> one_;
  std::uint64_t many_epoch_ = 0;
  std::uint64_t one_epoch_ = 0;
  std::vector<Pair> pairs_;
  bool distinct_ = true;
};

}  // namespace cgsentry::promql
