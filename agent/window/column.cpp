#include "window/column.h"

#include <algorithm>

namespace cgsentry::window {

namespace {

constexpr double kAbsent = std::bit_cast<double>(kAbsentBits);

}  // namespace

Column::Block::Block(std::size_t capacity) : values(capacity * kLanes, kAbsent) {}

void Column::Block::store(std::size_t lane, Sequence sequence, double value, double previous) {
  if (!is_value(value)) {
    if (since[lane] != 0) {
      before[lane] = sequence - 1;
      since[lane] = 0;
    }
    return;
  }
  if (since[lane] == 0) {
    since[lane] = sequence;
  } else if (value < previous) {
    last_drop[lane] = sequence;
  }
}

Column::Column(const Timeline& timeline, std::size_t capacity)
    : timeline_(&timeline), capacity_(std::max<std::size_t>(capacity, 2)) {}

Column::Block& Column::block_of(std::size_t row) {
  const std::size_t index = row / kLanes;
  if (index >= blocks_.size()) {
    blocks_.resize(index + 1);
  }
  if (!blocks_[index]) {
    blocks_[index] = std::make_unique<Block>(capacity_);
  }
  return *blocks_[index];
}

void Column::close_tick(std::size_t index, bool any) {
  Block& block = *blocks_[index];
  block.quiet_ticks = any ? 0 : block.quiet_ticks + 1;
  if (block.quiet_ticks >= capacity_) {
    blocks_[index].reset();  // nothing of it is left in any range
  }
}

void Column::append(std::span<const double> values, std::span<const std::uint8_t> present) {
  const Sequence sequence = timeline_->end() - 1;
  const std::size_t now = (sequence % capacity_) * kLanes;
  const std::size_t last = ((sequence - 1) % capacity_) * kLanes;
  for (std::size_t from = 0; from < values.size(); from += kLanes) {
    const std::size_t count = std::min(kLanes, values.size() - from);
    const auto lanes = present.subspan(from, count);
    const bool any = std::ranges::any_of(lanes, [](std::uint8_t p) { return p != 0; });
    const std::size_t index = from / kLanes;
    if (!any && (index >= blocks_.size() || !blocks_[index])) {
      continue;
    }
    Block& block = block_of(from);
    double* slot = &block.values[now];
    const double* previous = &block.values[last];
    for (std::size_t lane = 0; lane < count; ++lane) {
      slot[lane] = lanes[lane] != 0 ? values[from + lane] : kAbsent;
    }
    std::fill(slot + count, slot + kLanes, kAbsent);
    for (std::size_t lane = 0; lane < count; ++lane) {
      block.store(lane, sequence, slot[lane], previous[lane]);
    }
    close_tick(index, any);
  }
}

void Column::append(std::span<const std::uint32_t> rows, std::span<const double> values) {
  const Sequence sequence = timeline_->end() - 1;
  const std::size_t now = (sequence % capacity_) * kLanes;
  const std::size_t last = ((sequence - 1) % capacity_) * kLanes;
  for (const std::uint32_t row : rows) {
    block_of(row);
  }
  for (const auto& block : blocks_) {
    if (block) {
      std::fill_n(&block->values[now], kLanes, kAbsent);
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    block_of(rows[i]).values[now + rows[i] % kLanes] = values[i];
  }
  for (std::size_t index = 0; index < blocks_.size(); ++index) {
    if (!blocks_[index]) {
      continue;
    }
    Block& block = *blocks_[index];
    bool any = false;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = block.values[now + lane];
      any = any || is_value(value);
      block.store(lane, sequence, value, block.values[last + lane]);
    }
    close_tick(index, any);
  }
}

void Column::forget(std::size_t row) {
  if (find(row) == nullptr) {
    return;
  }
  Block& block = block_of(row);
  const std::size_t lane = row % kLanes;
  for (std::size_t slot = 0; slot < capacity_; ++slot) {
    block.values[slot * kLanes + lane] = kAbsent;
  }
  block.since[lane] = 0;
  block.before[lane] = 0;
  block.last_drop[lane] = 0;
}

void Column::clear() {
  blocks_.clear();
}

void Column::grow(std::size_t capacity) {
  if (capacity <= capacity_) {
    return;
  }
  for (const auto& block : blocks_) {
    if (!block) {
      continue;
    }
    std::vector<double> wider(capacity * kLanes, kAbsent);
    for (Sequence s = std::max(begin(), timeline_->begin()); s != timeline_->end(); ++s) {
      std::copy_n(&block->values[(s % capacity_) * kLanes], kLanes,
                  &wider[(s % capacity) * kLanes]);
    }
    block->values = std::move(wider);
  }
  capacity_ = capacity;
}

Run Column::run(std::size_t row, Range range) const {
  const Block* block = find(row);
  const Sequence first = std::max(range.first, begin());
  if (block == nullptr || first >= range.end) {
    return Run{};
  }
  const std::size_t lane = row % kLanes;
  const Sequence since = block->since[lane];
  const Sequence before = block->before[lane];
  if (since != 0 && since < range.end && before < first) {
    const Sequence start = std::max(first, since);
    return Run{Run::Kind::dense, start, range.end, block->last_drop[lane] <= start};
  }
  if ((since == 0 || since >= range.end) && before < first) {
    return Run{};
  }
  return Run{Run::Kind::broken, first, range.end, false};
}

void Column::gather(std::size_t row, const Run& run, std::vector<Point>& out) const {
  out.clear();
  const Block* block = find(row);
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
  std::size_t bytes = blocks_.capacity() * sizeof(blocks_[0]);
  for (const auto& block : blocks_) {
    if (block) {
      bytes += sizeof(Block) + block->values.capacity() * sizeof(double);
    }
  }
  return bytes;
}

}  // namespace cgsentry::window
