#include "window/column.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace cgsentry::window {

namespace {

constexpr double kAbsent = std::bit_cast<double>(kAbsentBits);
constexpr std::uint64_t kAllLanes = ~std::uint64_t{0};

/// Eight bytes of 0 or 1 as eight bits, the first byte as the lowest.
std::uint64_t bits_of(std::uint64_t bytes) {
  return bytes * 0x0102040810204080ULL >> 56;
}

/// Up to 64 bytes of 0 or 1 as bits.
std::uint64_t bits_of(std::span<const std::uint8_t> bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t bits = 0;
  for (std::size_t from = 0; from < bytes.size(); from += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, &bytes[from], std::min<std::size_t>(8, bytes.size() - from));
    bits |= bits_of(word) << from;
  }
  return bits;
}

/// Those of the lanes whose value is neither absent nor stale.
std::uint64_t valued(std::uint64_t lanes, const double* values) {
  bool any_nan = false;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    any_nan |= std::isnan(values[lane]);
  }
  if (!any_nan) {
    return lanes;
  }
  for (std::uint64_t rest = lanes; rest != 0; rest &= rest - 1) {
    const auto lane = static_cast<std::size_t>(std::countr_zero(rest));
    lanes &= ~(std::uint64_t{!is_value(values[lane])} << lane);
  }
  return lanes;
}

}  // namespace

Column::Block::Block(std::size_t capacity) : values(capacity * kLanes, kAbsent) {}

/// Only lanes whose state changes are touched, because a tick meets these arrays cold.
void Column::Block::follow(std::uint64_t there, Sequence sequence) {
  for (std::uint64_t ended = live & ~there; ended != 0; ended &= ended - 1) {
    before[static_cast<std::size_t>(std::countr_zero(ended))] = sequence - 1;
  }
  for (std::uint64_t began = there & ~live; began != 0; began &= began - 1) {
    since[static_cast<std::size_t>(std::countr_zero(began))] = sequence;
    newest_since = sequence;
  }
  live = there;
}

/// `there`: lanes with a value now and in the sequence before.
void Column::Block::note_drops(std::uint64_t there, const double* now, const double* last,
                               Sequence sequence) {
  std::uint64_t fell = 0;
  for (std::size_t from = 0; from < kLanes; from += 8) {
    // A byte per lane in one word: most words are zero.
    std::uint64_t bytes = 0;
    for (std::size_t lane = 0; lane < 8; ++lane) {
      bytes |= std::uint64_t{now[from + lane] < last[from + lane]} << (8 * lane);
    }
    fell |= bytes == 0 ? 0 : bits_of(bytes) << from;
  }
  for (fell &= there; fell != 0; fell &= fell - 1) {
    last_drop[static_cast<std::size_t>(std::countr_zero(fell))] = sequence;
    newest_drop = sequence;
  }
}

Column::Column(const Timeline& timeline, std::size_t capacity, Watch watch)
    : timeline_(&timeline), capacity_(std::max<std::size_t>(capacity, 2)), watch_(watch) {}

Column::Block& Column::block_of(std::size_t row) {
  return blocks_.at(row, [&] { return Block(capacity_); });
}

/// The newest slot of the block of `row` is written, with something in `there`; brings the rest up
/// to it.
void Column::close_tick(Block& block, std::size_t row, Sequence sequence, std::uint64_t there) {
  const double* now = &block.values[(sequence % capacity_) * kLanes];
  const double* last = &block.values[((sequence - 1) % capacity_) * kLanes];
  there = valued(there, now);
  if (watch_ == Watch::drops) {
    block.note_drops(there & block.live, now, last, sequence);
  }
  block.follow(there, sequence);
  block.busy = there != 0 ? sequence : block.busy;
  if (sequence - block.busy >= capacity_) {
    blocks_.drop(row);  // nothing of it is left in any range
  }
}

void Column::append(std::span<const double> values, std::span<const std::uint8_t> present) {
  const Sequence sequence = timeline_->end() - 1;
  const std::size_t now = (sequence % capacity_) * kLanes;
  for (std::size_t from = 0; from < values.size(); from += kLanes) {
    const std::size_t count = std::min(kLanes, values.size() - from);
    const std::uint64_t there = bits_of(present.subspan(from, count));
    if (there == 0 && blocks_.find(from) == nullptr) {
      continue;
    }
    Block& block = block_of(from);
    double* slot = &block.values[now];
    if (there == kAllLanes) {
      std::copy_n(&values[from], kLanes, slot);
    } else {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        slot[lane] = (there >> lane & 1) != 0 ? values[from + lane] : kAbsent;
      }
    }
    close_tick(block, from, sequence, there);
  }
}

void Column::append(std::span<const std::uint32_t> rows, std::span<const double> values) {
  const Sequence sequence = timeline_->end() - 1;
  const std::size_t now = (sequence % capacity_) * kLanes;
  for (const std::uint32_t row : rows) {
    block_of(row);
  }
  blocks_.for_each(
      [&](Block& block, std::size_t) { std::fill_n(&block.values[now], kLanes, kAbsent); });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    block_of(rows[i]).values[now + rows[i] % kLanes] = values[i];
  }
  blocks_.for_each(
      [&](Block& block, std::size_t row) { close_tick(block, row, sequence, kAllLanes); });
}

void Column::forget(std::size_t row) {
  Block* block = blocks_.find(row);
  if (block == nullptr) {
    return;
  }
  const std::size_t lane = row % kLanes;
  for (std::size_t slot = 0; slot < capacity_; ++slot) {
    block->values[slot * kLanes + lane] = kAbsent;
  }
  block->live &= ~(std::uint64_t{1} << lane);
  block->before[lane] = 0;
  block->last_drop[lane] = 0;
}

void Column::clear() {
  blocks_.clear();
}

void Column::resize(std::size_t capacity) {
  capacity = std::max<std::size_t>(capacity, 2);
  if (capacity == capacity_) {
    return;
  }
  const Sequence end = timeline_->end();
  Sequence first = std::max(begin(), timeline_->begin());
  first = end - first > capacity ? end - static_cast<Sequence>(capacity) : first;
  blocks_.for_each([&](Block& block, std::size_t) {
    std::vector<double> values(capacity * kLanes, kAbsent);
    for (Sequence s = first; s != end; ++s) {
      std::copy_n(&block.values[(s % capacity_) * kLanes], kLanes,
                  &values[(s % capacity) * kLanes]);
    }
    block.values = std::move(values);
    for (Sequence& since : block.since) {
      since = std::max(since, first);  // what was not kept is absent, however long the new ring is
    }
  });
  capacity_ = capacity;
}

Run Column::run(std::size_t row, Range range) const {
  const Block* block = blocks_.find(row);
  const Sequence first = std::max(range.first, begin());
  if (block == nullptr || first >= range.end) {
    return Run{};
  }
  const std::size_t lane = row % kLanes;
  const bool live = (block->live >> lane & 1) != 0;
  const Sequence since = live ? block->since[lane] : timeline_->end();
  if (block->before[lane] >= first) {
    return Run{Run::Kind::broken, first, range.end, false};
  }
  if (since >= range.end) {
    return Run{};
  }
  const Sequence start = std::max(first, since);
  const bool grows = watch_ == Watch::drops && block->last_drop[lane] <= start;
  return Run{Run::Kind::dense, start, range.end, grows};
}

WholeRuns Column::whole_runs(std::size_t row, Range range) const {
  const Block* block = blocks_.find(row);
  if (block == nullptr || range.empty()) {
    return {};
  }
  WholeRuns runs;
  if (block->newest_since <= range.first && block->newest_drop <= range.first) {
    return {block->live, watch_ == Watch::drops ? block->live : 0};
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    runs.whole |= std::uint64_t{block->since[lane] <= range.first} << lane;
    runs.grow |= std::uint64_t{block->last_drop[lane] <= range.first} << lane;
  }
  runs.whole &= block->live;
  runs.grow &= watch_ == Watch::drops ? runs.whole : 0;
  return runs;
}

void Column::gather(std::size_t row, const Run& run, std::vector<Point>& out) const {
  out.clear();
  const Block* block = blocks_.find(row);
  if (block == nullptr || run.kind == Run::Kind::empty) {
    return;
  }
  const std::size_t lane = row % kLanes;
  for (Sequence s = run.first; s != run.end; ++s) {
    const double value = block->values[(s % capacity_) * kLanes + lane];
    if (is_value(value)) {
      out.push_back(Point{timeline_->time(s), value});
    }
  }
}

std::size_t Column::memory_bytes() const {
  return blocks_.memory_bytes(
      [](const Block& block) { return block.values.capacity() * sizeof(double); });
}

}  // namespace cgsentry::window
