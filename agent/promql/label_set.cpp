#include "promql/label_set.h"

#include <algorithm>

namespace cgsentry::promql {

SymbolTable::SymbolTable() {
  entries_.push_back(Entry{std::string(), 1});
}

Symbol SymbolTable::acquire(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  if (const auto known = index_.find(text); known != index_.end()) {
    ++entries_[known->second].references;
    return known->second;
  }
  Symbol symbol = 0;
  if (free_.empty()) {
    symbol = static_cast<Symbol>(entries_.size());
    if (entries_.size() == entries_.capacity()) {
      // The short strings live inside the entries, so the index views must be made anew.
      std::vector<Entry> wider;
      wider.reserve(std::max<std::size_t>(entries_.size() * 2, 64));
      std::ranges::move(entries_, std::back_inserter(wider));
      entries_ = std::move(wider);
      index_.clear();
      for (Symbol s = 1; s < entries_.size(); ++s) {
        index_.emplace(entries_[s].text, s);
      }
    }
    entries_.emplace_back();
  } else {
    symbol = free_.back();
    free_.pop_back();
  }
  entries_[symbol] = Entry{std::string(text), 1};
  text_bytes_ += text.size();
  index_.emplace(entries_[symbol].text, symbol);
  return symbol;
}

void SymbolTable::release(Symbol symbol) {
  if (symbol == 0 || --entries_[symbol].references != 0) {
    return;
  }
  index_.erase(entries_[symbol].text);
  text_bytes_ -= entries_[symbol].text.size();
  entries_[symbol].text = std::string();
  free_.push_back(symbol);
}

std::size_t SymbolTable::memory_bytes() const {
  constexpr std::size_t kIndexNodeBytes = 48;
  return entries_.capacity() * sizeof(Entry) + text_bytes_ + index_.size() * kIndexNodeBytes;
}

Symbol LabelSet::get(Symbol name) const {
  const auto at = std::ranges::lower_bound(pairs_, name, {}, &LabelPair::name);
  return at != pairs_.end() && at->name == name ? at->value : 0;
}

void LabelSet::set(Symbol name, Symbol value) {
  const auto at = std::ranges::lower_bound(pairs_, name, {}, &LabelPair::name);
  const bool there = at != pairs_.end() && at->name == name;
  if (value == 0) {
    if (there) {
      pairs_.erase(at);
    }
  } else if (there) {
    at->value = value;
  } else {
    pairs_.insert(at, LabelPair{name, value});
  }
}

std::uint64_t LabelSet::hash() const {
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL;
  for (const LabelPair& pair : pairs_) {
    hash ^= (std::uint64_t{pair.name} << 32U) | pair.value;
    hash *= 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32U;
  }
  return hash;
}

Labels LabelSet::to_labels(const SymbolTable& symbols) const {
  Labels labels;
  for (const LabelPair& pair : pairs_) {
    labels.set(symbols.text(pair.name), symbols.text(pair.value));
  }
  return labels;
}

void own(SymbolTable& symbols, LabelSet& labels, std::string_view name, std::string_view value) {
  labels.set(symbols.acquire(name), symbols.acquire(value));
}

LabelSet rewritten(const LabelSet& labels, const SymbolTable& from, SymbolTable& to) {
  LabelSet all;
  for (const LabelPair& pair : labels.pairs()) {
    own(to, all, from.text(pair.name), from.text(pair.value));
  }
  return all;
}

void retain_all(SymbolTable& symbols, const LabelSet& labels) {
  for (const LabelPair& pair : labels.pairs()) {
    symbols.retain(pair.name);
    symbols.retain(pair.value);
  }
}

void release_all(SymbolTable& symbols, const LabelSet& labels) {
  for (const LabelPair& pair : labels.pairs()) {
    symbols.release(pair.name);
    symbols.release(pair.value);
  }
}

}  // namespace cgsentry::promql
