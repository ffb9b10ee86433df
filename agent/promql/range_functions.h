// What a range function makes of the samples of one series: the definition of each, in the words of
// Prometheus 3.5 (promql/functions.go); those of prediction.h are the agent's own. Other code may
// be faster; this is what it must equal.
//
// Pure. Tested by tests/property/promql/range_test.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "promql/functions.h"
#include "promql/range_source.h"
#include "window/column.h"
#include "window/season.h"

namespace cgsentry::promql {

using window::Point;

/// Beside the samples: the range that was asked for, the moment of evaluation, and the scalar
/// arguments of the functions that have some.
struct RangeArguments {
  Interval interval;
  Timestamp now{};
  double parameter = 0;
  double second = 0;
  /// What the days before had at the end of the interval, for cgs_anomaly.
  window::Band usual;
};

/// Of samples in time order; nothing when the function has no value for so few of them.
using RangeFunction = std::optional<double> (*)(std::span<const Point>, const RangeArguments&);

/// Null for a function that is not of a range.
[[nodiscard]] RangeFunction range_function(FunctionId id);

/// What is wrong with the scalar arguments, or "". Then there is no value for any series.
[[nodiscard]] std::string mistake_in(FunctionId id, const RangeArguments& arguments);

/// Whether the metric's name stays: last_over_time.
[[nodiscard]] bool keeps_name(FunctionId id);

/// First and last sample of a range and what lies between, for rate, increase and delta.
struct Ends {
  Point first;
  Point last;
  std::size_t count = 0;
  /// last - first, with what counter resets took away added back.
  double difference = 0;
};

/// rate (per second), increase and delta, extrapolated to the ends of the range.
[[nodiscard]] double extrapolated(FunctionId id, const Ends& ends, const Interval& interval);

}  // namespace cgsentry::promql
