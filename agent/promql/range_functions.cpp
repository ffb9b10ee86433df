// See range_functions.h.
#include "promql/range_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "promql/kahan.h"
#include "promql/prediction.h"
#include "promql/quantile.h"

namespace cgsentry::promql {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Points = std::span<const Point>;
using Value = std::optional<double>;

template <FunctionId kId>
Value extrapolated_of(Points points, const RangeArguments& arguments) {
  if (points.size() < 2) {
    return std::nullopt;
  }
  Ends ends{points.front(), points.back(), points.size(),
            points.back().value - points.front().value};
  for (std::size_t i = 1; kId != FunctionId::delta && i < points.size(); ++i) {
    if (points[i].value < points[i - 1].value) {
      ends.difference += points[i - 1].value;
    }
  }
  return extrapolated(kId, ends, arguments.interval);
}

template <bool kPerSecond>
Value instant_of(Points points, const RangeArguments&) {
  if (points.size() < 2) {
    return std::nullopt;
  }
  const Point& last = points.back();
  const Point& previous = points[points.size() - 2];
  if (!kPerSecond) {
    return last.value - previous.value;
  }
  const double gained = last.value < previous.value ? last.value : last.value - previous.value;
  return gained / to_seconds(last.time - previous.time);
}

Value average(Points points, const RangeArguments&) {
  KahanMean mean;
  for (const Point& point : points) {
    mean.add(point.value);
  }
  return mean.value();
}

Value sum(Points points, const RangeArguments&) {
  KahanSum sum;
  for (const Point& point : points) {
    sum.add(point.value);
  }
  return sum.value();
}

Value count(Points points, const RangeArguments&) {
  return static_cast<double>(points.size());
}

template <typename Better>
Value best(Points points, Better better) {
  double best = points.front().value;
  for (const Point& point : points) {
    if (better(point.value, best) || std::isnan(best)) {
      best = point.value;
    }
  }
  return best;
}
Value smallest(Points points, const RangeArguments&) {
  return best(points, [](double a, double b) { return a < b; });
}
Value largest(Points points, const RangeArguments&) {
  return best(points, [](double a, double b) { return a > b; });
}

Value last(Points points, const RangeArguments&) {
  return points.back().value;
}
Value present(Points, const RangeArguments&) {
  return 1;
}

Value changes(Points points, const RangeArguments&) {
  double changes = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const double a = points[i - 1].value;
    const double b = points[i].value;
    changes += b != a && !(std::isnan(a) && std::isnan(b)) ? 1 : 0;
  }
  return changes;
}

Value resets(Points points, const RangeArguments&) {
  double resets = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    resets += points[i].value < points[i - 1].value ? 1 : 0;
  }
  return resets;
}

/// Welford's algorithm with compensated sums.
double variance(Points points) {
  double count = 0;
  KahanSum mean;
  KahanSum squares;
  for (const Point& point : points) {
    count += 1;
    const double delta = point.value - (mean.sum + mean.compensation);
    mean.add(delta / count);
    squares.add(delta * (point.value - (mean.sum + mean.compensation)));
  }
  return (squares.sum + squares.compensation) / count;
}
Value standard_variance(Points points, const RangeArguments&) {
  return variance(points);
}
Value standard_deviation(Points points, const RangeArguments&) {
  return std::sqrt(variance(points));
}

Value quantile_of(Points points, const RangeArguments& arguments) {
  std::vector<double> values;
  values.reserve(points.size());
  for (const Point& point : points) {
    values.push_back(point.value);
  }
  return quantile(arguments.parameter, values);
}

/// The median distance from the median.
Value median_deviation(Points points, const RangeArguments&) {
  std::vector<double> values;
  values.reserve(points.size());
  for (const Point& point : points) {
    values.push_back(point.value);
  }
  const double median = quantile(0.5, values);
  for (double& value : values) {
    value = std::abs(value - median);
  }
  return quantile(0.5, values);
}

/// Holt's linear method: a level and a trend, each smoothed by a factor of its own. It begins with
/// the first value and the step to the second, which counts as the trend of the second too.
Value smoothed(Points points, const RangeArguments& arguments) {
  if (points.size() < 2) {
    return std::nullopt;
  }
  const double of_level = arguments.parameter;
  const double of_trend = arguments.second;
  double level = points[0].value;
  double trend = points[1].value - points[0].value;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const double next = of_level * points[i].value + (1 - of_level) * (level + trend);
    trend = of_trend * (next - level) + (1 - of_trend) * trend;
    level = next;
  }
  return level;
}

struct Line {
  double slope = 0;
  double intercept = 0;  // at the origin of the time axis
};

/// Least squares over seconds from `origin`.
Line fit(Points points, Timestamp origin) {
  const double first = points.front().value;
  if (std::ranges::all_of(points, [first](const Point& p) { return p.value == first; })) {
    return std::isinf(first) ? Line{kNaN, kNaN} : Line{0, first};
  }
  KahanSum x_sum;
  KahanSum y_sum;
  KahanSum xy_sum;
  KahanSum xx_sum;
  for (const Point& point : points) {
    const double x = to_seconds(point.time - origin);
    x_sum.add(x);
    y_sum.add(point.value);
    xy_sum.add(x * point.value);
    xx_sum.add(x * x);
  }
  const auto total = [](const KahanSum& sum) { return sum.sum + sum.compensation; };
  const double n = static_cast<double>(points.size());
  const double covariance = total(xy_sum) - total(x_sum) * total(y_sum) / n;
  const double spread = total(xx_sum) - total(x_sum) * total(x_sum) / n;
  const double slope = covariance / spread;
  return {slope, total(y_sum) / n - slope * total(x_sum) / n};
}

Value derivative(Points points, const RangeArguments&) {
  if (points.size() < 2) {
    return std::nullopt;
  }
  return fit(points, points.front().time).slope;
}

Value predicted(Points points, const RangeArguments& arguments) {
  if (points.size() < 2) {
    return std::nullopt;
  }
  const Line line = fit(points, arguments.now);
  return line.slope * arguments.parameter + line.intercept;
}

}  // namespace

double extrapolated(FunctionId id, const Ends& ends, const Interval& interval) {
  double to_start = to_seconds(ends.first.time - interval.start);
  double to_end = to_seconds(interval.end - ends.last.time);
  const double sampled = to_seconds(ends.last.time - ends.first.time);
  const double distance = sampled / static_cast<double>(ends.count - 1);
  // A series whose samples end near the end of the range is taken to go on up to there; else it
  // is taken to begin or end half a distance beyond its samples.
  const double threshold = distance * 1.1;
  if (to_start >= threshold) {
    to_start = distance / 2;
  }
  if (id != FunctionId::delta && ends.difference > 0 && ends.first.value >= 0) {
    // A counter cannot have been below zero before its first sample.
    to_start = std::min(to_start, sampled * (ends.first.value / ends.difference));
  }
  if (to_end >= threshold) {
    to_end = distance / 2;
  }
  double factor = (sampled + to_start + to_end) / sampled;
  if (id == FunctionId::rate) {
    factor /= to_seconds(interval.end - interval.start);
  }
  return ends.difference * factor;
}

RangeFunction range_function(FunctionId id) {
  switch (id) {
    case FunctionId::rate:
      return extrapolated_of<FunctionId::rate>;
    case FunctionId::increase:
      return extrapolated_of<FunctionId::increase>;
    case FunctionId::delta:
      return extrapolated_of<FunctionId::delta>;
    case FunctionId::irate:
      return instant_of<true>;
    case FunctionId::idelta:
      return instant_of<false>;
    case FunctionId::avg_over_time:
      return average;
    case FunctionId::sum_over_time:
      return sum;
    case FunctionId::count_over_time:
      return count;
    case FunctionId::min_over_time:
      return smallest;
    case FunctionId::max_over_time:
      return largest;
    case FunctionId::last_over_time:
      return last;
    case FunctionId::present_over_time:
      return present;
    case FunctionId::changes:
      return changes;
    case FunctionId::resets:
      return resets;
    case FunctionId::stddev_over_time:
      return standard_deviation;
    case FunctionId::stdvar_over_time:
      return standard_variance;
    case FunctionId::quantile_over_time:
      return quantile_of;
    case FunctionId::mad_over_time:
      return median_deviation;
    case FunctionId::double_exponential_smoothing:
      return smoothed;
    case FunctionId::cgs_time_to:
      return time_to;
    case FunctionId::cgs_anomaly:
      return anomaly;
    case FunctionId::deriv:
      return derivative;
    case FunctionId::predict_linear:
      return predicted;
    default:
      return nullptr;
  }
}

std::string mistake_in(FunctionId id, const RangeArguments& arguments) {
  const auto outside = [](double factor) { return factor <= 0 || factor >= 1; };
  if (id == FunctionId::double_exponential_smoothing && outside(arguments.parameter)) {
    return fmt::format("the smoothing factor must lie between 0 and 1, got {}",
                       arguments.parameter);
  }
  if (id == FunctionId::double_exponential_smoothing && outside(arguments.second)) {
    return fmt::format("the trend factor must lie between 0 and 1, got {}", arguments.second);
  }
  return "";
}

bool keeps_name(FunctionId id) {
  return id == FunctionId::last_over_time;
}

}  // namespace cgsentry::promql
