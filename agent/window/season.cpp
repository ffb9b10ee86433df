// See season.h.
// Built with -O3, so that the loops over the 64 rows of a block run in vector registers.
#include "window/season.h"

#include <algorithm>
#include <cmath>

namespace cgsentry::window {

namespace {

using namespace std::chrono_literals;

constexpr Duration kTurn = 30s;
constexpr std::int64_t kTurnsAQuarter = 30;
constexpr std::uint8_t kLeastSamples = 10;  // of a quarter
constexpr std::int64_t kNoTurn = std::numeric_limits<std::int64_t>::min();

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Turns are (k · 30 s, (k + 1) · 30 s].
std::int64_t turn_of(Timestamp time) {
  return floor_divided(time.time_since_epoch().count() - 1, kTurn.count());
}

bool any_finite(const double* values) {
  return std::any_of(values, values + kLanes, [](double value) { return std::isfinite(value); });
}

/// Every lane ascending. Few rows, so that exchanging neighbours is as good as anything.
template <std::size_t kCount>
void sort_lanes(std::array<std::array<float, kLanes>, kCount>& rows) {
  for (std::size_t end = kCount - 1; end > 0; --end) {
    for (std::size_t i = 0; i < end; ++i) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const float a = rows[i][lane];
        const float b = rows[i + 1][lane];
        rows[i][lane] = b < a ? b : a;
        rows[i + 1][lane] = b < a ? a : b;
      }
    }
  }
}

}  // namespace

Season::Block::Block() {
  since.fill(kNever);
  counts.fill(0);
  for (std::size_t side = 0; side < 2; ++side) {
    least[side].fill(kInf);
    second[side].fill(kInf);
    usual[side].fill(kMissing);
  }
}

std::unique_ptr<Season::Day> Season::make_day() {
  auto day = std::make_unique<Day>();
  for (Ends& ends : *day) {
    ends[0].fill(kMissing);
    ends[1].fill(kMissing);
  }
  return day;
}

Season::Season(Duration lag) : lag_(lag), held_(kRing, kNever), turn_(kNoTurn) {}

Season::Block& Season::block_of(std::size_t row) {
  return blocks_.at(row, [] { return Block(); });
}

const Season::Ends* Season::quarter(const Block& block, Index index) const {
  const auto place = static_cast<std::size_t>(floor_modulo(index, kRing));
  if (held_[place] != index) {
    return nullptr;
  }
  const Day* day = block.days[place / kQuartersADay].get();
  return day != nullptr ? &(*day)[place % kQuartersADay] : nullptr;
}

void Season::follow(const Column& column, Timestamp now) {
  const Timeline& timeline = column.timeline();
  const Range range = timeline.between(fed_until_, now - lag_);
  for (Sequence at = std::max(range.first, column.begin()); at < range.end; ++at) {
    const std::int64_t turn = turn_of(timeline.time(at));
    if (turn == turn_) {
      continue;
    }
    turn_ = turn;
    if (const auto index = static_cast<Index>(floor_divided(turn, kTurnsAQuarter));
        index != open_) {
      close_quarter();
      open_ = index;
    }
    for (std::size_t row = 0; row < column.row_end(); row += kLanes) {
      const double* values = column.slot(row, at);
      if (values != nullptr && (blocks_.find(row) != nullptr || any_finite(values))) {
        take(block_of(row), values);
      }
    }
  }
  fed_until_ = std::max(fed_until_, now - lag_);
}

void Season::take(Block& block, const double* values) const {
  constexpr double kMost = std::numeric_limits<float>::max();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const bool there = std::abs(values[lane]) <= kMost;
    const float value = there ? static_cast<float>(values[lane]) : 0.0F;
    const bool begins = there && block.since[lane] == kNever;
    block.since[lane] = begins ? open_ + 1 : block.since[lane];
    block.counts[lane] = static_cast<std::uint8_t>(block.counts[lane] + (there ? 1 : 0));
    for (std::size_t side = 0; side < 2; ++side) {
      const float turned = side == 0 ? value : -value;
      const float x = there ? turned : kInf;
      const float least = block.least[side][lane];
      const float larger = x < least ? least : x;
      block.least[side][lane] = x < least ? x : least;
      block.second[side][lane] = std::min(block.second[side][lane], larger);
    }
  }
}

void Season::close_quarter() {
  if (open_ == kNever) {
    return;
  }
  held_[static_cast<std::size_t>(floor_modulo(open_, kRing))] = open_;
  blocks_.for_each([&](Block& block, std::size_t row) {
    if (std::ranges::all_of(block.since, [](Index since) { return since == kNever; })) {
      blocks_.drop(row);  // its rows were forgotten
    } else {
      write(block);
    }
  });
  judged_ = kNever;
}

void Season::write(Block& block) const {
  bool any = false;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const bool counts = block.counts[lane] >= kLeastSamples && block.since[lane] <= open_;
    any |= counts;
    for (std::size_t side = 0; side < 2; ++side) {
      block.second[side][lane] = counts ? block.second[side][lane] : kMissing;
    }
  }
  const auto place = static_cast<std::size_t>(floor_modulo(open_, kRing));
  std::unique_ptr<Day>& day = block.days[place / kQuartersADay];
  if (!day && any) {
    day = make_day();
  }
  if (day) {
    (*day)[place % kQuartersADay] = block.second;
  }
  block.counts.fill(0);
  for (std::size_t side = 0; side < 2; ++side) {
    block.least[side].fill(kInf);
    block.second[side].fill(kInf);
  }
}

void Season::look_at(Timestamp time) {
  const auto index = static_cast<Index>(floor_divided(turn_of(time), kTurnsAQuarter));
  if (index == judged_) {
    return;
  }
  judged_ = index;
  blocks_.for_each([&](Block& block, std::size_t) { judge(block, index); });
}

void Season::judge(Block& block, Index index) const {
  const Row64 moves = shift(block, index);
  for (std::size_t side = 0; side < 2; ++side) {
    block.usual[side] = band_end(block, index, side);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      block.usual[side][lane] += side == 0 ? moves[lane] : -moves[lane];
    }
  }
}

/// The end of the day of which `index` is a quarter; infinite where it is missing.
Season::Row64 Season::day_end(const Block& block, Index index, std::size_t side) const {
  Row64 end;
  end.fill(kInf);
  const Ends* own = quarter(block, index);
  if (own == nullptr) {
    return end;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const float value = (*own)[side][lane];
    end[lane] = index >= block.since[lane] && value < kInf ? value : kInf;
  }
  for (const Index beside : {index - 1, index + 1}) {
    const Ends* other = quarter(block, beside);
    for (std::size_t lane = 0; other != nullptr && lane < kLanes; ++lane) {
      const float value = (*other)[side][lane];
      const bool further = beside >= block.since[lane] && end[lane] < kInf && value < end[lane];
      end[lane] = further ? value : end[lane];
    }
  }
  return end;
}

Season::Row64 Season::band_end(const Block& block, Index index, std::size_t side) const {
  std::array<Row64, kDays> days;
  for (Index day = 0; day < kDays; ++day) {
    days[static_cast<std::size_t>(day)] = day_end(block, index - (day + 1) * kQuartersADay, side);
  }
  sort_lanes(days);
  Row64 end;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::size_t count = 0;
    while (count < kDays && days[count][lane] < kInf) {
      ++count;
    }
    end[lane] = count > 0 ? days[(count - 1) / 2][lane] : kMissing;
  }
  return end;
}

Season::Row64 Season::moved(const Block& block, Index index) const {
  Row64 moves{};
  const Ends* own = quarter(block, index);
  if (own == nullptr) {
    return moves;
  }
  const Row64 low = band_end(block, index, 0);
  const Row64 high = band_end(block, index, 1);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const float at_low = (*own)[0][lane] - low[lane];
    const float at_high = high[lane] - (*own)[1][lane];
    const bool up = at_low > 0 && at_high > 0;
    const bool down = at_low < 0 && at_high < 0;
    const float nearer = up ? std::min(at_low, at_high) : std::max(at_low, at_high);
    moves[lane] = index >= block.since[lane] && (up || down) ? nearer : 0.0F;
  }
  return moves;
}

Season::Row64 Season::shift(const Block& block, Index index) const {
  std::array<Row64, kRecent> moves;
  for (std::size_t i = 0; i < kRecent; ++i) {
    moves[i] = moved(block, index - 1 - static_cast<Index>(i));
  }
  sort_lanes(moves);
  constexpr std::size_t kMajority = kRecent / 2 + 1;
  Row64 shift;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const float up = moves[kRecent - kMajority][lane];
    const float down = moves[kMajority - 1][lane];
    shift[lane] = up > 0 ? up : std::min(down, 0.0F);
  }
  return shift;
}

Band Season::of(std::size_t row) const {
  const Block* block = blocks_.find(row);
  if (block == nullptr) {
    return {};
  }
  const std::size_t lane = row % kLanes;
  return {block->usual[0][lane], -block->usual[1][lane]};
}

void Season::forget(std::size_t row) {
  Block* block = blocks_.find(row);
  if (block == nullptr) {
    return;
  }
  const std::size_t lane = row % kLanes;
  block->since[lane] = kNever;
  block->counts[lane] = 0;
  for (std::size_t side = 0; side < 2; ++side) {
    block->least[side][lane] = block->second[side][lane] = kInf;
    block->usual[side][lane] = kMissing;
  }
}

void Season::adopt(const Season& old, std::size_t theirs, std::size_t mine) {
  fed_until_ = old.fed_until_;
  turn_ = old.turn_;
  open_ = old.open_;
  held_ = old.held_;
  judged_ = kNever;
  const Block* from = old.blocks_.find(theirs);
  if (from == nullptr) {
    return;
  }
  Block& to = block_of(mine);
  const std::size_t lane = mine % kLanes;
  const std::size_t their_lane = theirs % kLanes;
  to.since[lane] = from->since[their_lane];
  to.counts[lane] = from->counts[their_lane];
  for (std::size_t side = 0; side < 2; ++side) {
    to.least[side][lane] = from->least[side][their_lane];
    to.second[side][lane] = from->second[side][their_lane];
  }
  for (std::size_t day = 0; day < from->days.size(); ++day) {
    if (!from->days[day]) {
      continue;
    }
    if (!to.days[day]) {
      to.days[day] = make_day();
    }
    for (std::size_t at = 0; at < kQuartersADay; ++at) {
      for (std::size_t side = 0; side < 2; ++side) {
        (*to.days[day])[at][side][lane] = (*from->days[day])[at][side][their_lane];
      }
    }
  }
}

std::size_t Season::memory_bytes() const {
  const std::size_t blocks = blocks_.memory_bytes([](const Block& block) {
    const auto days = std::ranges::count_if(block.days, [](const auto& day) { return !!day; });
    return static_cast<std::size_t>(days) * sizeof(Day);
  });
  return blocks + held_.capacity() * sizeof(held_[0]);
}

}  // namespace cgsentry::window
