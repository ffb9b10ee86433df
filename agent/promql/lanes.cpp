// See lanes.h. Each loop but that of least squares does the same arithmetic in the same order as
// range_functions.cpp.
// Built with -O3 and -fno-trapping-math, so that the choices become masks.
#include "promql/lanes.h"

#include <cmath>
#include <limits>

#include "promql/kahan.h"

namespace cgsentry::promql {

namespace {

constexpr std::size_t kWidth = window::kLanes;

struct KahanLanes {
  Lanes sum{};
  Lanes compensation{};

  void add(std::size_t lane, double value) {
    const double before = sum[lane];
    const double total = before + value;
    const bool sum_is_larger = std::abs(before) >= std::abs(value);
    const double large = sum_is_larger ? before : value;
    const double small = sum_is_larger ? value : before;
    const double lost = compensation[lane] + ((large - total) + small);
    compensation[lane] = std::abs(total) > std::numeric_limits<double>::max() ? 0.0 : lost;
    sum[lane] = total;
  }
  [[nodiscard]] double total(std::size_t lane) const { return sum[lane] + compensation[lane]; }
};

/// visit(values of one sample, its sequence), oldest first.
template <typename Visit>
void for_each_sample(const LaneRange& range, Visit visit) {
  for (window::Sequence sequence = range.first; sequence != range.end; ++sequence) {
    visit(range.values->slot(range.row, sequence), sequence);
  }
}

double count_of(const LaneRange& range) {
  return static_cast<double>(range.end - range.first);
}

KahanLanes sums(const LaneRange& range) {
  KahanLanes sums;
  for_each_sample(range, [&](const double* values, window::Sequence) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      sums.add(lane, values[lane]);
    }
  });
  return sums;
}

void sum(const LaneRange& range, const RangeArguments&, Lanes& out) {
  const KahanLanes total = sums(range);
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    out[lane] = total.total(lane);
  }
}

void average(const LaneRange& range, const RangeArguments&, Lanes& out) {
  const KahanLanes total = sums(range);
  const double count = count_of(range);
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    out[lane] = total.sum[lane] / count + total.compensation[lane] / count;
  }
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

void variance(const LaneRange& range, const RangeArguments&, Lanes& out) {
  double count = 0;
  KahanLanes mean;
  KahanLanes squares;
  for_each_sample(range, [&](const double* values, window::Sequence) {
    count += 1;
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      const double delta = values[lane] - mean.total(lane);
      mean.add(lane, delta / count);
      squares.add(lane, delta * (values[lane] - mean.total(lane)));
    }
  });
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    out[lane] = squares.total(lane) / count;
  }
}

void deviation(const LaneRange& range, const RangeArguments& arguments, Lanes& out) {
  variance(range, arguments, out);
  for (double& value : out) {
    value = std::sqrt(value);
  }
}

/// Least squares. All rows share the times of their samples, so only the sums with values are per
/// row. Times are taken from their mean and values from the first one: plain sums of such
/// differences are as exact as compensated sums of the values themselves, at a fifth of the work.
template <bool kPredict>
void line(const LaneRange& range, const RangeArguments& arguments, Lanes& out) {
  const window::Timeline& timeline = range.values->timeline();
  const Timestamp start = timeline.time(range.first);
  const double n = count_of(range);
  KahanSum x_sum;
  for_each_sample(range, [&](const double*, window::Sequence sequence) {
    x_sum.add(to_seconds(timeline.time(sequence) - start));
  });
  const double x_mean = x_sum.value() / n;
  const double* first = range.values->slot(range.row, range.first);
  double spread = 0;
  Lanes y_sum{};
  Lanes covariance{};
  for_each_sample(range, [&](const double* values, window::Sequence sequence) {
    const double x = to_seconds(timeline.time(sequence) - start) - x_mean;
    spread += x * x;
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      const double y = values[lane] - first[lane];
      y_sum[lane] += y;
      covariance[lane] += x * y;
    }
  });
  const double ahead = to_seconds(arguments.now - start) + arguments.parameter - x_mean;
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double slope = covariance[lane] / spread;
    out[lane] = kPredict ? first[lane] + y_sum[lane] / n + slope * ahead : slope;
  }
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
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double difference = last[lane] - first[lane];
    const double to_zero = sampled * (first[lane] / difference);
    const bool near_zero = kId != FunctionId::delta && difference > 0 && first[lane] >= 0;
    const double before = near_zero && to_zero < to_start ? to_zero : to_start;
    out[lane] = difference * ((sampled + before + to_end) / sampled / per);
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
    case FunctionId::sum_over_time:
      return sum;
    case FunctionId::avg_over_time:
      return average;
    case FunctionId::min_over_time:
      return best<false>;
    case FunctionId::max_over_time:
      return best<true>;
    case FunctionId::stdvar_over_time:
      return variance;
    case FunctionId::stddev_over_time:
      return deviation;
    case FunctionId::deriv:
      return line<false>;
    case FunctionId::predict_linear:
      return line<true>;
    default:
      return nullptr;
  }
}

}  // namespace cgsentry::promql
