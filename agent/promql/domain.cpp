#include "promql/domain.h"

#include <algorithm>
#include <utility>

namespace cgsentry::promql {

void Domain::notify(Entry entry) {
  ++epoch_;
  for (Listener* listener : listeners_) {
    listener->forget(entry);
  }
}

InternedDomain::~InternedDomain() {
  for (const Set& set : sets_) {
    release_all(symbols(), set.labels);
  }
}

Entry InternedDomain::find(const LabelSet& labels) const {
  const auto [from, to] = index_.equal_range(labels.hash());
  const auto at =
      std::find_if(from, to, [&](const auto& item) { return sets_[item.second].labels == labels; });
  return at == to ? kNoEntry : at->second;
}

Entry InternedDomain::acquire_from(const InternedDomain& other, Entry theirs) {
  LabelSet written;
  other.labels(theirs, written);
  const LabelSet labels = rewritten(written, other.symbols(), symbols());
  const Entry mine = acquire(labels);
  release_all(symbols(), labels);
  return mine;
}

Entry InternedDomain::acquire(const LabelSet& labels) {
  if (const Entry known = find(labels); known != kNoEntry) {
    retain(known);
    return known;
  }
  Entry entry = static_cast<Entry>(sets_.size());
  if (free_.empty()) {
    sets_.emplace_back();
  } else {
    entry = free_.back();
    free_.pop_back();
  }
  retain_all(symbols(), labels);
  sets_[entry] = Set{labels, 1};
  index_.emplace(labels.hash(), entry);
  return entry;
}

void InternedDomain::release(Entry entry) {
  if (--sets_[entry].references != 0) {
    return;
  }
  notify(entry);
  const auto [from, to] = index_.equal_range(sets_[entry].labels.hash());
  index_.erase(std::find_if(from, to, [&](const auto& item) { return item.second == entry; }));
  release_all(symbols(), sets_[entry].labels);
  sets_[entry].labels = LabelSet();
  free_.push_back(entry);
}

std::size_t InternedDomain::memory_bytes() const {
  constexpr std::size_t kIndexNodeBytes = 48;
  std::size_t bytes = sets_.capacity() * sizeof(Set) + index_.size() * kIndexNodeBytes;
  for (const Set& set : sets_) {
    bytes += set.labels.pairs().capacity() * sizeof(LabelPair);
  }
  return bytes;
}

LabelMap::LabelMap(Domain& source, InternedDomain& target, Transform transform)
    : source_(&source), target_(&target), transform_(std::move(transform)) {
  source.listen(*this);
}

Entry LabelMap::fill(Entry entry) {
  if (entry >= map_.size()) {
    map_.resize(std::max<std::size_t>(source_->entry_end(), entry + std::size_t{1}), kNoEntry);
  }
  LabelSet labels;
  source_->labels(entry, labels);
  std::vector<Symbol> made;
  transform_(labels, made);
  map_[entry] = target_->acquire(labels);
  for (const Symbol symbol : made) {
    source_->symbols().release(symbol);
  }
  return map_[entry];
}

void LabelMap::forget(Entry entry) {
  if (entry < map_.size() && map_[entry] != kNoEntry) {
    target_->release(std::exchange(map_[entry], kNoEntry));
  }
}

}  // namespace cgsentry::promql
