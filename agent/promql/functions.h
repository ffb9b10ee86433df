// The table of PromQL functions: names, argument types, and how compiler.cpp finds the code.
//
// In: a name from the parser. Invariants: the table is sorted by name; experimental functions that
// are not supported are in it so that the message can say so. The prefix cgs_ marks what Prometheus
// does not have. Tested by tests/unit/promql/parser_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "promql/ast.h"

namespace cgsentry::promql {

/// What a function does; one family per file of evaluation code.
enum class FunctionId : std::uint8_t {
  // of one value (elementwise.cpp)
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  ceil,
  clamp,
  clamp_max,
  clamp_min,
  cos,
  cosh,
  deg,
  exp,
  floor,
  ln,
  log10,
  log2,
  rad,
  round,
  sgn,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
  day_of_month,
  day_of_week,
  day_of_year,
  days_in_month,
  hour,
  minute,
  month,
  year,
  // of a range (range_functions.cpp; those with cgs_: prediction.cpp)
  absent_over_time,
  avg_over_time,
  cgs_anomaly,
  cgs_time_to,
  changes,
  count_over_time,
  delta,
  deriv,
  double_exponential_smoothing,
  idelta,
  increase,
  irate,
  last_over_time,
  mad_over_time,
  max_over_time,
  min_over_time,
  predict_linear,
  present_over_time,
  quantile_over_time,
  rate,
  resets,
  stddev_over_time,
  stdvar_over_time,
  sum_over_time,
  // of labels, of a whole vector, of nothing
  absent,
  histogram_fraction,
  histogram_quantile,
  label_join,
  label_replace,
  pi,
  scalar,
  sort,
  sort_desc,
  time,
  timestamp,
  vector,
  // parsed, not evaluated
  unsupported,
};

struct Function {
  std::string_view name;
  FunctionId id = FunctionId::unsupported;
  ValueType returns = ValueType::vector;
  std::array<ValueType, 5> args{};
  std::uint8_t arg_count = 0;
  /// How many of the last arguments may be left out; -1: the last may be repeated, or left out.
  std::int8_t variadic = 0;
  bool experimental = false;  // and not supported
};

/// Null when there is no such function.
[[nodiscard]] const Function* find_function(std::string_view name);

/// The name nearest to `name` when it is near enough to be a slip, else "".
[[nodiscard]] std::string_view nearest_function(std::string_view name);

}  // namespace cgsentry::promql
