// See lanes.h. Each loop but that of the variance does the same arithmetic in the same order as
// range_functions.cpp. Built with -O3 and -fno-trapping-math, so that the choices become masks.
#include "promql/lanes.h"

#include <cmath>
#include <limits>

namespace cgsentry::promql {

namespace {

constexpr std::size_t kWidth = window::kLanes;

/// visit(values of one sample, its sequence), oldest first. The slots of a block follow each other
/// up to the column's capacity, where the ring begins again.
template <typename Visit>
void for_each_sample(const LaneRange& range, Visit visit) {
  const std::size_t capacity = range.values->capacity();
  const double* values = range.values->slot(range.row, range.first);
  std::size_t place = range.first % capacity;
  for (window::Sequence sequence = range.first; sequence != range.end; ++sequence) {
    visit(values, sequence);
    const bool wraps = ++place == capacity;
    values = wraps ? values - (capacity - 1) * kWidth : values + kWidth;
    place = wraps ? 0 : place;
  }
}

double count_of(const LaneRange& range) {
  return static_cast<double>(range.end - range.first);
}

template <bool kLargest>
void best(const LaneRange& range, const RangeArguments&, Lanes& out) {
  out.fill(std::numeric_limits<double>::quiet_NaN());
  for_each_sample(range, [&](const double* values, window::Sequence) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      const double value = values[lane];
      const double so_far = out[lane];
      // False for a NaN so far, so that it is replaced.
      const bool keep = kLargest ? so_far >= value : so_far <= value;
      const bool keep_from_nan = so_far == so_far && value != value;
      out[lane] = keep || keep_from_nan ? so_far : value;
    }
  });
}

/// Twice over the samples: their mean, then the squares of what differs from it. Differences from
/// the first value are what is summed, so equal values have a variance of exactly 0, and all that
/// the mean is off by is taken out again at the end. As exact as the definition's compensated sums,
/// without its division for each sample.
void variance(const LaneRange& range, const RangeArguments&, Lanes& out) {
  const double count = count_of(range);
  const double* first = range.values->slot(range.row, range.first);
  Lanes mean{};
  for_each_sample(range, [&](const double* values, window::Sequence) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      mean[lane] += values[lane] - first[lane];
    }
  });
  for (double& value : mean) {
    value /= count;
  }
  Lanes rest{};
  Lanes squares{};
  for_each_sample(range, [&](const double* values, window::Sequence) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      const double difference = values[lane] - first[lane] - mean[lane];
      rest[lane] += difference;
      squares[lane] += difference * difference;
    }
  });
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double left = squares[lane] - rest[lane] * rest[lane] / count;
    out[lane] = left < 0 ? 0 : left / count;  // a NaN stays one
  }
}

void deviation(const LaneRange& range, const RangeArguments& arguments, Lanes& out) {
  variance(range, arguments, out);
  for (double& value : out) {
    value = std::sqrt(value);
  }
}

void smoothed(const LaneRange& range, const RangeArguments& arguments, Lanes& out) {
  const double of_level = arguments.parameter;
  const double of_trend = arguments.second;
  const double* first = range.values->slot(range.row, range.first);
  const double* second = range.values->slot(range.row, range.first + 1);
  Lanes trend{};
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    out[lane] = first[lane];
    trend[lane] = second[lane] - first[lane];
  }
  const LaneRange rest{range.values, range.row, range.first + 1, range.end};
  for_each_sample(rest, [&](const double* values, window::Sequence) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      const double level = out[lane];
      const double next = of_level * values[lane] + (1 - of_level) * (level + trend[lane]);
      trend[lane] = of_trend * (next - level) + (1 - of_trend) * trend[lane];
      out[lane] = next;
    }
  });
}

/// As extrapolated() in range_functions.cpp, for rows that share the times of their ends and do not
/// fall in between.
template <FunctionId kId>
void ends(const LaneRange& range, const RangeArguments& arguments, Lanes& out) {
  const window::Timeline& timeline = range.values->timeline();
  const Timestamp first_time = timeline.time(range.first);
  const Timestamp last_time = timeline.time(range.end - 1);
  const double sampled = to_seconds(last_time - first_time);
  const double distance = sampled / (count_of(range) - 1);
  const auto reach = [distance](Duration gap) {
    return to_seconds(gap) >= distance * 1.1 ? distance / 2 : to_seconds(gap);
  };
  const double to_start = reach(first_time - arguments.interval.start);
  const double to_end = reach(arguments.interval.end - last_time);
  const double per =
      kId == FunctionId::rate ? to_seconds(arguments.interval.end - arguments.interval.start) : 1.0;
  const double* first = range.values->slot(range.row, range.first);
  const double* last = range.values->slot(range.row, range.end - 1);
  const double factor = (sampled + to_start + to_end) / sampled / per;
  bool any_near_zero = false;
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double difference = last[lane] - first[lane];
    // The counter was 0 after the range began: sampled * (first / difference) < to_start.
    const bool near_zero =
        difference > 0 && first[lane] >= 0 && sampled * first[lane] < to_start * difference;
    any_near_zero |= near_zero;
    out[lane] = difference * factor;
  }
  if (kId == FunctionId::delta || !any_near_zero) {
    return;
  }
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double difference = last[lane] - first[lane];
    const double to_zero = sampled * (first[lane] / difference);
    if (difference > 0 && first[lane] >= 0 && to_zero < to_start) {
      out[lane] = difference * ((sampled + to_zero + to_end) / sampled / per);
    }
  }
}

}  // namespace

LaneFunction lane_function(FunctionId id) {
  switch (id) {
    case FunctionId::rate:
      return ends<FunctionId::rate>;
    case FunctionId::increase:
      return ends<FunctionId::increase>;
    case FunctionId::delta:
      return ends<FunctionId::delta>;
    case FunctionId::min_over_time:
      return best<false>;
    case FunctionId::max_over_time:
      return best<true>;
    case FunctionId::stdvar_over_time:
      return variance;
    case FunctionId::stddev_over_time:
      return deviation;
    case FunctionId::double_exponential_smoothing:
      return smoothed;
    default:
      return nullptr;
  }
}

}  // namespace cgsentry::promql
