// Domains: which series a node of the plan can yield, each with a small number.
//
//   selector x{…}  domain: one entry per (column, row), labels read from the row when asked
//   sum by (id)    domain: interned label sets, made when a series first falls into the group
//
// The entry of a series stays the same from tick to tick, so what was computed about its labels (a
// group, a match signature) is computed once and looked up by index: that is a LabelMap. When a row
// goes, its entries are forgotten everywhere through Listener. Thread: the loop.
// Tested by tests/unit/promql/label_set_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "promql/label_set.h"

namespace cgsentry::promql {

using Entry = std::uint32_t;
inline constexpr Entry kNoEntry = ~Entry{0};

/// Told when an entry no longer means what it meant.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void forget(Entry entry) = 0;
};

class Domain {
 public:
  explicit Domain(SymbolTable& symbols) : symbols_(&symbols) {}
  virtual ~Domain() = default;
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;

  /// Replaces `out` by the entry's labels, with the metric's name.
  virtual void labels(Entry entry, LabelSet& out) const = 0;
  /// All entries are below this.
  [[nodiscard]] virtual std::size_t entry_end() const = 0;

  /// The listener lives as long as the domain.
  void listen(Listener& listener) { listeners_.push_back(&listener); }
  /// Grows whenever an entry was forgotten.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] SymbolTable& symbols() const { return *symbols_; }

 protected:
  void notify(Entry entry);

 private:
  SymbolTable* symbols_;
  std::vector<Listener*> listeners_;
  std::uint64_t epoch_ = 0;
};

/// Label sets that are made as they are met; each lives while something refers to it.
class InternedDomain final : public Domain {
 public:
  using Domain::Domain;
  ~InternedDomain() override;

  /// The entry of these labels; takes one reference.
  Entry acquire(const LabelSet& labels);
  /// The same of an entry of `other`, whose symbols may be others.
  Entry acquire_from(const InternedDomain& other, Entry theirs);
  void release(Entry entry);
  /// One reference more.
  void retain(Entry entry) { ++sets_[entry].references; }
  /// kNoEntry when nothing refers to these labels.
  [[nodiscard]] Entry find(const LabelSet& labels) const;

  void labels(Entry entry, LabelSet& out) const override { out = sets_[entry].labels; }
  [[nodiscard]] std::size_t entry_end() const override { return sets_.size(); }
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Set {
    LabelSet labels;
    std::uint32_t references = 0;
  };
  std::vector<Set> sets_;
  std::vector<Entry> free_;
  std::unordered_multimap<std::uint64_t, Entry> index_;  // by LabelSet::hash
};

/// Changes labels in place; may use `symbols` to make new strings and must then list them in
/// `made`, so that the caller can release them.
using Transform = std::function<void(LabelSet& labels, std::vector<Symbol>& made)>;

/// source entry → target entry, remembered. Registers itself with the source.
class LabelMap final : public Listener {
 public:
  LabelMap(Domain& source, InternedDomain& target, Transform transform);
  LabelMap(const LabelMap&) = delete;
  LabelMap& operator=(const LabelMap&) = delete;

  [[nodiscard]] Entry operator()(Entry entry) {
    return entry < map_.size() && map_[entry] != kNoEntry ? map_[entry] : fill(entry);
  }
  void forget(Entry entry) override;
  [[nodiscard]] std::size_t memory_bytes() const { return map_.capacity() * sizeof(Entry); }

 private:
  Entry fill(Entry entry);

  Domain* source_;
  InternedDomain* target_;
  Transform transform_;
  std::vector<Entry> map_;
};

}  // namespace cgsentry::promql
