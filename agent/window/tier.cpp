// See tier.h.
#include "window/tier.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace cgsentry::window {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNoBucket = std::numeric_limits<std::int64_t>::min();

constexpr Duration kWidths[] = {1s,   2s,   5s,   10s,  15s,   20s,   30s,   1min,
                                2min, 3min, 4min, 5min, 10min, 15min, 20min, 30min,
                                1h,   2h,   3h,   4h,   6h,    12h,   24h};

/// Members that a bucket of these parts holds.
std::vector<double Summary::*> members_of(Parts parts) {
  const std::pair<Parts, double Summary::*> all[] = {
      {kEnds, &Summary::first},      {kEnds, &Summary::last},       {kDrops, &Summary::drops},
      {kResets, &Summary::resets},   {kChanges, &Summary::changes}, {kSum, &Summary::sum},
      {kLeast, &Summary::least},     {kMost, &Summary::most},       {kMean, &Summary::mean},
      {kSquares, &Summary::squares}, {kLine, &Summary::x_mean},     {kLine, &Summary::x_squares},
      {kLine, &Summary::products}};
  std::vector<double Summary::*> members;
  for (const auto& [part, member] : all) {
    if ((parts & part) != 0) {
      members.push_back(member);
    }
  }
  return members;
}

}  // namespace

Duration bucket_width(Duration range, std::size_t buckets) {
  const Duration most = range / static_cast<std::int64_t>(std::max<std::size_t>(buckets, 1));
  const auto* above = std::ranges::upper_bound(kWidths, most);
  if (above == std::end(kWidths)) {
    return most / 24h * 24h;
  }
  return above == std::begin(kWidths) ? *above : *(above - 1);
}

Tier::Tier(const TierShape& shape) : shape_(shape), members_(members_of(shape.parts)) {
  if (has_buckets()) {
    // One that the range begins in, and one for a range that is asked for a tick late.
    constexpr std::size_t kSpare = 2;
    const std::int64_t whole =
        (shape.range.count() + shape.width.count() - 1) / shape.width.count();
    capacity_ = static_cast<std::size_t>(whole) + kSpare;
    slot_index_.assign(capacity_, kNoBucket);
    while (shape.width.count() / time_unit_ > std::numeric_limits<std::uint32_t>::max()) {
      time_unit_ *= 10;
    }
  }
}

Tier::Index Tier::index_of(Timestamp time) const {
  return floor_divided(time.time_since_epoch().count() - 1, shape_.width.count());
}

std::size_t Tier::slot_of(Index index) const {
  return static_cast<std::size_t>(floor_modulo(index, static_cast<Index>(capacity_)));
}

Tier::Block Tier::make_block() const {
  Block block;
  if (has_buckets()) {
    block.values.resize(capacity_ * members_.size() * kLanes);
    block.counts.resize(capacity_ * kLanes);
    block.times.resize(has_ends() ? capacity_ * 2 * kLanes : 0);
    block.open.resize(kLanes);
    block.closed.resize(kLanes);
  } else {
    block.newest.resize(kLanes);
  }
  return block;
}

Tier::Block& Tier::block_of(std::size_t row) {
  return blocks_.at(row, [&] { return make_block(); });
}

void Tier::follow(const Column& column, Timestamp now) {
  const Timeline& timeline = column.timeline();
  const Range range = timeline.between(fed_until_, now - shape_.lag);
  for (Sequence at = std::max(range.first, column.begin()); at < range.end; ++at) {
    const Timestamp time = timeline.time(at);
    if (origin_ == Timestamp::min()) {
      origin_ = time;
    }
    if (const Index index = has_buckets() ? index_of(time) : 0; index != open_) {
      close_bucket();
      open_ = index;
    }
    for (std::size_t row = 0; row < column.row_end(); row += kLanes) {
      if (const double* values = column.slot(row, at)) {
        take(row / kLanes, values, time);
      }
    }
  }
  fed_until_ = std::max(fed_until_, now - shape_.lag);
}

void Tier::take(std::size_t block_index, const double* values, Timestamp time) {
  std::uint64_t there = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    there |= std::uint64_t{is_value(values[lane])} << lane;
  }
  if (there == 0) {
    return;
  }
  Block& block = block_of(block_index * kLanes);
  block.busy = open_;
  const double x = to_seconds(time - origin_);
  for (; there != 0; there &= there - 1) {
    const auto lane = static_cast<std::size_t>(std::countr_zero(there));
    if (has_buckets()) {
      block.open[lane].merge(shape_.parts, Summary::of(time, x, values[lane]));
    } else {
      Newest& newest = block.newest[lane];
      newest = {time, newest.last_time, values[lane], newest.last};
    }
  }
}

void Tier::close_bucket() {
  if (!has_buckets()) {
    return;
  }
  const std::size_t slot = slot_of(open_);
  slot_index_[slot] = open_;
  blocks_.for_each([&](Block& block, std::size_t row) {
    if (open_ - block.busy >= static_cast<Index>(capacity_)) {
      blocks_.drop(row);  // nothing of it is left in the range
      return;
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      write(block, slot, lane, block.open[lane]);
      block.open[lane] = {};
    }
  });
  merged_ = false;
}

void Tier::write(Block& block, std::size_t slot, std::size_t lane, const Summary& bucket) const {
  block.counts[slot * kLanes + lane] = bucket.count;
  if (bucket.count == 0) {
    return;
  }
  for (std::size_t i = 0; i < members_.size(); ++i) {
    block.values[(slot * members_.size() + i) * kLanes + lane] =
        members_[i] == &Summary::sum ? bucket.total() : bucket.*members_[i];
  }
  if (has_ends()) {
    const auto stored = [&](Timestamp time) {
      return static_cast<std::uint32_t>((time - limit_of(open_)).count() / time_unit_);
    };
    block.times[slot * 2 * kLanes + lane] = stored(bucket.first_time);
    block.times[(slot * 2 + 1) * kLanes + lane] = stored(bucket.last_time);
  }
}

Summary Tier::read(const Block& block, std::size_t slot, std::size_t lane) const {
  Summary bucket;
  bucket.count = block.counts[slot * kLanes + lane];
  for (std::size_t i = 0; i < members_.size(); ++i) {
    bucket.*members_[i] = block.values[(slot * members_.size() + i) * kLanes + lane];
  }
  if (has_ends()) {
    const auto time = [&](std::uint32_t stored) {
      return limit_of(slot_index_[slot]) + Duration(stored * time_unit_);
    };
    bucket.first_time = time(block.times[slot * 2 * kLanes + lane]);
    bucket.last_time = time(block.times[(slot * 2 + 1) * kLanes + lane]);
  }
  return bucket;
}

void Tier::look_back_to(Timestamp start) {
  if (!has_buckets()) {
    return;
  }
  const Index oldest = floor_divided(start.time_since_epoch().count(), shape_.width.count());
  if (merged_ && oldest == oldest_) {
    return;
  }
  oldest_ = oldest;
  merged_ = true;
  blocks_.for_each([&](Block& block, std::size_t) { merge_closed(block); });
}

void Tier::merge_closed(Block& block) const {
  std::ranges::fill(block.closed, Summary{});
  const Index first = std::max(oldest_, open_ - static_cast<Index>(capacity_));
  for (Index index = first; index < open_; ++index) {
    const std::size_t slot = slot_of(index);
    if (slot_index_[slot] != index) {
      continue;  // no sample came while it was open
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (block.counts[slot * kLanes + lane] != 0) {
        block.closed[lane].merge(shape_.parts, read(block, slot, lane));
      }
    }
  }
}

Summary Tier::of(std::size_t row) const {
  const Block* block = blocks_.find(row);
  if (block == nullptr || !has_buckets()) {
    return {};
  }
  Summary all = block->closed[row % kLanes];
  if (open_ >= oldest_) {
    all.merge(shape_.parts, block->open[row % kLanes]);
  }
  return all;
}

Newest Tier::newest(std::size_t row) const {
  const Block* block = blocks_.find(row);
  return block == nullptr || block->newest.empty() ? Newest{} : block->newest[row % kLanes];
}

void Tier::forget(std::size_t row) {
  Block* block = blocks_.find(row);
  if (block == nullptr) {
    return;
  }
  const std::size_t lane = row % kLanes;
  if (!has_buckets()) {
    block->newest[lane] = {};
    return;
  }
  for (std::size_t slot = 0; slot < capacity_; ++slot) {
    block->counts[slot * kLanes + lane] = 0;
  }
  block->open[lane] = {};
  block->closed[lane] = {};
}

void Tier::adopt(const Tier& old, std::size_t theirs, std::size_t mine) {
  origin_ = old.origin_;
  fed_until_ = old.fed_until_;
  open_ = old.open_;
  slot_index_ = old.slot_index_;
  merged_ = false;
  const Block* from = old.blocks_.find(theirs);
  if (from == nullptr) {
    return;
  }
  Block& to = block_of(mine);
  to.busy = std::max(to.busy, from->busy);
  const std::size_t lane = mine % kLanes;
  const std::size_t their_lane = theirs % kLanes;
  if (!has_buckets()) {
    to.newest[lane] = from->newest[their_lane];
    return;
  }
  to.open[lane] = from->open[their_lane];
  for (std::size_t slot = 0; slot < capacity_; ++slot) {
    to.counts[slot * kLanes + lane] = from->counts[slot * kLanes + their_lane];
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const std::size_t at = (slot * members_.size() + i) * kLanes;
      to.values[at + lane] = from->values[at + their_lane];
    }
    for (std::size_t i = 0; has_ends() && i < 2; ++i) {
      const std::size_t at = (slot * 2 + i) * kLanes;
      to.times[at + lane] = from->times[at + their_lane];
    }
  }
}

std::size_t Tier::memory_bytes() const {
  const std::size_t blocks = blocks_.memory_bytes([](const Block& block) {
    return block.values.capacity() * sizeof(double) +
           (block.counts.capacity() + block.times.capacity()) * sizeof(std::uint32_t) +
           (block.open.capacity() + block.closed.capacity()) * sizeof(Summary) +
           block.newest.capacity() * sizeof(Newest);
  });
  return blocks + slot_index_.capacity() * sizeof(Index) +
         members_.capacity() * sizeof(members_[0]);
}

}  // namespace cgsentry::window
