// Which series of the two sides of an operator belong together: on(…) and ignoring(…).
//
// Both sides' entries map to signatures, numbers that are equal when the labels that count are;
// that is computed once per series. Thread: the loop. Tested by
// tests/unit/promql/matching_test.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "promql/ast.h"
#include "promql/domain.h"
#include "promql/relabel.h"

namespace cgsentry::promql {

/// Sorted numbers of label names; each takes a reference for good.
[[nodiscard]] std::vector<Symbol> symbols_of(SymbolTable& symbols,
                                             const std::vector<std::string>& names);

/// Leaves these labels only.
[[nodiscard]] Removal keep_only(std::vector<Symbol> names);
/// Takes these labels away.
[[nodiscard]] Removal take_away(std::vector<Symbol> names);
/// As a change for Relabel::interned and LabelMap.
[[nodiscard]] Transform transform_of(Removal removal);

/// What counts when sides are matched or elements grouped: the labels named, or (`keep` is false)
/// all others but the metric's name.
[[nodiscard]] Removal counting_labels(SymbolTable& symbols, const std::vector<std::string>& names,
                                      bool keep);

class Signatures {
 public:
  Signatures(Domain& left, Domain& right, const Matching& matching);

  [[nodiscard]] Entry of_left(Entry entry) { return left_(entry); }
  [[nodiscard]] Entry of_right(Entry entry) { return right_(entry); }
  /// All signatures are below this.
  [[nodiscard]] std::size_t end() const { return target_.entry_end(); }
  /// For messages.
  [[nodiscard]] std::string text(Entry signature) const;

 private:
  InternedDomain target_;
  LabelMap left_;
  LabelMap right_;
};

/// A mark per signature that is forgotten at the next moment.
class Marks {
 public:
  /// Forgets all; signatures are below `end`.
  void start(std::size_t end) {
    ++turn_;
    if (end > turns_.size()) {
      turns_.resize(end);
      values_.resize(end);
    }
  }
  [[nodiscard]] bool has(Entry at) const { return at < turns_.size() && turns_[at] == turn_; }
  [[nodiscard]] std::uint32_t value(Entry at) const { return values_[at]; }
  void set(Entry at, std::uint32_t value) {
    if (at >= turns_.size()) {
      turns_.resize(at + std::size_t{1});
      values_.resize(at + std::size_t{1});
    }
    turns_[at] = turn_;
    values_[at] = value;
  }

 private:
  std::vector<std::uint64_t> turns_;
  std::vector<std::uint32_t> values_;
  std::uint64_t turn_ = 0;
};

}  // namespace cgsentry::promql
