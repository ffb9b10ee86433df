// See prediction.h.
// Built with -O3, so that the loops over pairs run in vector registers.
#include "promql/prediction.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cgsentry::promql {

namespace {

constexpr std::size_t kMostOfLine = 60;
constexpr std::size_t kLeastOfLine = 5;
constexpr std::size_t kPairs = kMostOfLine * (kMostOfLine - 1) / 2;
constexpr double kLeastTau = 0.6;
constexpr double kLeastMove = 4;  // in scales of what the line does not explain

constexpr std::size_t kMostHistory = 256;
constexpr std::size_t kLeastHistory = 30;
constexpr double kLeastScale = 0.01;    // of the median
constexpr double kLeastOfUsual = 0.05;  // of the width of what is usual

/// Of normal values the standard deviation is so many times the median absolute deviation.
constexpr double kNormal = 1.4826;

/// Up to kMost finite samples, evenly spaced.
template <std::size_t kMost>
struct Samples {
  std::array<double, kMost> x{};  // seconds from `origin`
  std::array<double, kMost> y{};
  std::size_t count = 0;

  Samples(std::span<const Point> points, Timestamp origin) {
    const std::size_t wanted = std::min(kMost, points.size());
    for (std::size_t i = 0; i < wanted; ++i) {
      const Point& point = points[evenly_spaced(i, wanted, points.size())];
      if (std::isfinite(point.value)) {
        x[count] = to_seconds(point.time - origin);
        y[count] = point.value;
        ++count;
      }
    }
  }
};
using Line = Samples<kMostOfLine>;

bool is_young(std::span<const Point> points, const Interval& interval) {
  return points.empty() ||
         points.front().time > interval.start + (interval.end - interval.start) / 2;
}

/// Reorders `values`, of which there is at least one.
double median(std::span<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) {
    return *middle;
  }
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

/// How far `value` is from the median, less what the days before explain.
double score(double value, double median, double scale, const window::Band& days) {
  const double low = days.known() ? std::min(median, days.low) : median;
  const double high = days.known() ? std::max(median, days.high) : median;
  const double beyond = value > high ? value - high : std::min(value - low, 0.0);
  return beyond / std::max(scale, kLeastOfUsual * (high - low));
}

/// Pairs are visited by their distance, so that neighbouring ones do not depend on each other.
template <typename Visit>
void for_each_pair(const Line& line, Visit visit) {
  for (std::size_t distance = 1; distance < line.count; ++distance) {
    for (std::size_t i = 0; i + distance < line.count; ++i) {
      visit(i, i + distance);
    }
  }
}

double kendall_tau(const Line& line) {
  std::array<double, kMostOfLine> balance{};
  for_each_pair(line, [&](std::size_t i, std::size_t j) {
    const double rises = line.y[j] > line.y[i] ? 1.0 : 0.0;
    const double falls = line.y[j] < line.y[i] ? 1.0 : 0.0;
    balance[i] += rises - falls;
  });
  double sum = 0;
  for (const double part : balance) {
    sum += part;
  }
  return sum / (static_cast<double>(line.count * (line.count - 1)) / 2);
}

double theil_sen_slope(const Line& line) {
  std::array<double, kPairs> slopes;  // NOLINT: all that is read is written below
  std::size_t count = 0;
  for_each_pair(line, [&](std::size_t i, std::size_t j) {
    slopes[count++] = (line.y[j] - line.y[i]) / (line.x[j] - line.x[i]);
  });
  return median(std::span(slopes).first(count));
}

/// median of part(i)
template <typename Part>
double median_of(const Line& line, Part part) {
  std::array<double, kMostOfLine> values{};
  for (std::size_t i = 0; i < line.count; ++i) {
    values[i] = part(i);
  }
  return median(std::span(values).first(line.count));
}

}  // namespace

std::size_t most_samples(FunctionId id) {
  switch (id) {
    case FunctionId::cgs_time_to:
      return kMostOfLine;
    case FunctionId::cgs_anomaly:
      return kMostHistory + 1;
    default:
      return 0;
  }
}

std::optional<double> time_to(std::span<const Point> points, const RangeArguments& arguments) {
  if (is_young(points, arguments.interval)) {
    return std::nullopt;
  }
  const Line line(points, arguments.interval.end);
  // The cheap question first: most containers neither rise nor fall.
  if (line.count < kLeastOfLine || std::abs(kendall_tau(line)) < kLeastTau) {
    return std::nullopt;
  }
  const double slope = theil_sen_slope(line);
  const double level =
      median_of(line, [&](std::size_t i) { return line.y[i] - slope * line.x[i]; });
  const double scale = kNormal * median_of(line, [&](std::size_t i) {
                         return std::abs(line.y[i] - slope * line.x[i] - level);
                       });
  const double span = line.x[line.count - 1] - line.x[0];
  if (!(std::abs(slope) * span >= kLeastMove * scale) || slope == 0) {
    return std::nullopt;
  }
  const double ahead = (arguments.parameter - level) / slope;
  return ahead >= 0 ? std::optional(ahead) : std::nullopt;
}

std::optional<double> anomaly(std::span<const Point> points, const RangeArguments& arguments) {
  if (is_young(points, arguments.interval) || !std::isfinite(points.back().value)) {
    return std::nullopt;
  }
  Samples<kMostHistory + 1> history(points, arguments.interval.end);
  const std::size_t before = history.count - 1;
  if (before < kLeastHistory) {
    return std::nullopt;
  }
  const std::span<double> values = std::span(history.y).first(before);
  const double usual = median(values);
  for (double& value : values) {
    value = std::abs(value - usual);
  }
  const double scale = std::max(kNormal * median(values), kLeastScale * std::abs(usual));
  return scale > 0 ? std::optional(score(points.back().value, usual, scale, arguments.usual))
                   : std::nullopt;
}

}  // namespace cgsentry::promql
