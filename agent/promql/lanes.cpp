// See lanes.h. Each loop does the same arithmetic in the same order as range_functions.cpp.
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

/// All rows share the times of their samples, so only the sums with values are per row.
template <bool kPredict>
void line(const LaneRange& range, const RangeArguments& arguments, Lanes& out) {
  const window::Timeline& timeline = range.values->timeline();
  const Timestamp origin = kPredict ? arguments.now : timeline.time(range.first);
  const double* first = range.values->slot(range.row, range.first);
  KahanSum x_sum;
  KahanSum xx_sum;
  KahanLanes y_sum;
  KahanLanes xy_sum;
  Lanes varies{};
  for_each_sample(range, [&](const double* values, window::Sequence sequence) {
    const double x = to_seconds(timeline.time(sequence) - origin);
    x_sum.add(x);
    xx_sum.add(x * x);
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      y_sum.add(lane, values[lane]);
      xy_sum.add(lane, x * values[lane]);
      varies[lane] = values[lane] != first[lane] ? 1.0 : varies[lane];
    }
  });
  const double n = count_of(range);
  const double x_total = x_sum.sum + x_sum.compensation;
  const double spread = xx_sum.sum + xx_sum.compensation - x_total * x_total / n;
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    const double covariance = xy_sum.total(lane) - x_total * y_sum.total(lane) / n;
    const double slope = varies[lane] != 0 ? covariance / spread : 0.0;
    const double intercept =
        varies[lane] != 0 ? y_sum.total(lane) / n - slope * x_total / n : first[lane];
    out[lane] = kPredict ? slope * arguments.parameter + intercept : slope;
  }
}

}  // namespace

LaneFunction lane_function(FunctionId id) {
  switch (id) {
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
