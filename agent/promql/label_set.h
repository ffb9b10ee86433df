// Labels as pairs of numbers: what makes labels of thousands of series small and fast to compare.
//
// SymbolTable gives each distinct string one number and forgets a string when its last user is
// gone, so that the names of dead containers do not pile up. Thread: the loop.
// Tested by tests/unit/promql/label_set_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/labels.h"

namespace cgsentry::promql {

/// Number of a string; 0 is the empty string.
using Symbol = std::uint32_t;

class SymbolTable {
 public:
  SymbolTable();
  SymbolTable(const SymbolTable&) = delete;
  SymbolTable& operator=(const SymbolTable&) = delete;

  /// Takes one reference.
  Symbol acquire(std::string_view text);
  void retain(Symbol symbol) { ++entries_[symbol].references; }
  void release(Symbol symbol);
  [[nodiscard]] std::string_view text(Symbol symbol) const { return entries_[symbol].text; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Entry {
    std::string text;
    std::uint32_t references = 0;
  };
  std::vector<Entry> entries_;
  std::vector<Symbol> free_;
  std::unordered_map<std::string_view, Symbol> index_;  // views Entry::text
  std::size_t text_bytes_ = 0;
};

struct LabelPair {
  Symbol name = 0;
  Symbol value = 0;
  friend auto operator<=>(const LabelPair&, const LabelPair&) = default;
};

/// Pairs sorted by the number of the name; at most one per name; no empty value. Holds no
/// references: whoever keeps a LabelSet retains its symbols (see retain_all).
class LabelSet {
 public:
  [[nodiscard]] Symbol get(Symbol name) const;
  /// Adds or replaces; the empty value removes.
  void set(Symbol name, Symbol value);
  void erase(Symbol name) { set(name, 0); }
  template <typename Predicate>
  void erase_if(Predicate predicate) {
    std::erase_if(pairs_, predicate);
  }
  void clear() { pairs_.clear(); }

  [[nodiscard]] const std::vector<LabelPair>& pairs() const { return pairs_; }
  [[nodiscard]] std::uint64_t hash() const;
  [[nodiscard]] Labels to_labels(const SymbolTable& symbols) const;
  friend bool operator==(const LabelSet&, const LabelSet&) = default;

 private:
  std::vector<LabelPair> pairs_;
};

/// Adds a label that is not there yet, with references of its own.
void own(SymbolTable& symbols, LabelSet& labels, std::string_view name, std::string_view value);
/// The same labels in the numbers of another table, with references of their own.
[[nodiscard]] LabelSet rewritten(const LabelSet& labels, const SymbolTable& from, SymbolTable& to);
void retain_all(SymbolTable& symbols, const LabelSet& labels);
void release_all(SymbolTable& symbols, const LabelSet& labels);

}  // namespace cgsentry::promql
