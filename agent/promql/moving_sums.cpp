// See moving_sums.h. Built as lanes.cpp is, for the loops over rows.
#include "promql/moving_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cgsentry::promql {

namespace {

constexpr std::size_t kWidth = window::kLanes;
/// An anchor that is larger than a value by more than this takes too many digits from it.
constexpr double kTooLarge = 65'536;

double count_of(const LaneRange& range) {
  return static_cast<double>(range.end - range.first);
}

void sum(const MovingSums& sums, const LaneRange&, const RangeArguments&, Lanes& out) {
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    out[lane] = sums.values().total(lane);
  }
}

void average(const MovingSums& sums, const LaneRange& range, const RangeArguments&, Lanes& out) {
  const double n = count_of(range);
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    out[lane] = sums.values().sum[lane] / n + sums.values().compensation[lane] / n;
  }
}

/// Least squares. All rows share the times of their samples.
template <bool kPredict>
void line(const MovingSums& sums, const LaneRange& range, const RangeArguments& arguments,
          Lanes& out) {
  const double n = count_of(range);
  const double mean = sums.times() / n;
  const double spread = sums.squares() - sums.times() * mean;
  const double* last = range.values->slot(range.row, range.end - 1);
  const double ahead = to_seconds(arguments.now - sums.origin()) + arguments.parameter - mean;
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double values = sums.values().total(lane);
    const double slope = sums.flat(lane) && std::isfinite(last[lane])
                             ? 0.0
                             : (sums.products().total(lane) - mean * values) / spread;
    const double level = sums.flat(lane) ? last[lane] : sums.anchors()[lane] + values / n;
    out[lane] = kPredict ? level + slope * ahead : slope;
  }
}

}  // namespace

void MovingSums::move_to(const LaneRange& range, std::uint64_t lanes) {
  good_ &= lanes;
  if (!can_move(range, lanes)) {
    rebuild(range);
    return;
  }
  moves_ += first_ != range.first || end_ != range.end ? 1 : 0;
  for (; end_ != range.end; ++end_) {
    count<1>(range, end_);
    note_changes(range, end_);
  }
  for (; first_ != range.first; ++first_) {
    count<-1>(range, first_);
  }
  forget_broken();
  if ((lanes & ~good_) != 0) {
    rebuild(range);
  }
}

bool MovingSums::can_move(const LaneRange& range, std::uint64_t lanes) const {
  return (lanes & ~good_) == 0 && moves_ < kMovesToRebuild && first_ <= range.first &&
         range.first < end_ && end_ <= range.end && first_ >= range.values->begin();
}

void MovingSums::rebuild(const LaneRange& range) {
  moves_ = 0;
  good_ = ~std::uint64_t{0};
  first_ = range.first;
  end_ = range.end;
  origin_ = range.values->timeline().time(range.first);
  times_ = {};
  squares_ = {};
  values_ = {};
  products_ = {};
  changed_.fill(range.first);
  choose_anchors(range);
  for (window::Sequence sequence = range.first; sequence != range.end; ++sequence) {
    count<1>(range, sequence);
    if (sequence != range.first) {
      note_changes(range, sequence);
    }
  }
  forget_broken();
}

template <int kSign>
void MovingSums::count(const LaneRange& range, window::Sequence sequence) {
  const double* values = range.values->slot(range.row, sequence);
  if (kind_ == Kind::values) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      values_.add(lane, kSign * values[lane]);
    }
    return;
  }
  const double x = to_seconds(range.values->timeline().time(sequence) - origin_);
  times_.add(kSign * x);
  squares_.add(kSign * (x * x));
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double difference = values[lane] - anchors_[lane];
    values_.add(lane, kSign * difference);
    products_.add(lane, kSign * (x * difference));
  }
}

void MovingSums::note_changes(const LaneRange& range, window::Sequence sequence) {
  const double* now = range.values->slot(range.row, sequence);
  const double* before = range.values->slot(range.row, sequence - 1);
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    changed_[lane] = now[lane] != before[lane] ? sequence : changed_[lane];
  }
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const bool drowns = std::abs(now[lane]) * kTooLarge < std::abs(anchors_[lane]);
    good_ &= ~(std::uint64_t{drowns} << lane);
  }
}

void MovingSums::choose_anchors(const LaneRange& range) {
  if (kind_ == Kind::values) {
    return;  // all zero
  }
  std::copy_n(range.values->slot(range.row, range.first), kWidth, anchors_.begin());
  for (window::Sequence sequence = range.first + 1; sequence != range.end; ++sequence) {
    const double* values = range.values->slot(range.row, sequence);
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      const bool smaller = std::abs(values[lane]) < std::abs(anchors_[lane]);
      anchors_[lane] = smaller ? values[lane] : anchors_[lane];
    }
  }
}

void MovingSums::forget_broken() {
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double total = values_.total(lane) + products_.total(lane);
    good_ &= ~(std::uint64_t{!std::isfinite(total)} << lane);
  }
}

MovingFunction moving_function(FunctionId id) {
  switch (id) {
    case FunctionId::sum_over_time:
      return sum;
    case FunctionId::avg_over_time:
      return average;
    case FunctionId::deriv:
      return line<false>;
    case FunctionId::predict_linear:
      return line<true>;
    default:
      return nullptr;
  }
}

MovingSums::Kind moving_kind(FunctionId id) {
  return id == FunctionId::deriv || id == FunctionId::predict_linear ? MovingSums::Kind::line
                                                                     : MovingSums::Kind::values;
}

}  // namespace cgsentry::promql
