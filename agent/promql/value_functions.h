// Functions of one value: mathematics, clamping, rounding, and the parts of a date.
//
// Pure. Tested by tests/unit/promql/value_functions_test.cpp.
#pragma once

#include "promql/functions.h"

namespace cgsentry::promql {

/// The scalar arguments of clamp (low, high), clamp_min, clamp_max and round; unused ones are 0.
struct ValueArguments {
  double first = 0;
  double second = 0;
};

using ValueFunction = double (*)(double value, const ValueArguments& arguments);

/// Null for a function that is not of one value.
[[nodiscard]] ValueFunction value_function(FunctionId id);

/// A function of a time in seconds since 1970, UTC; without an argument it is of now.
[[nodiscard]] bool is_date_function(FunctionId id);

}  // namespace cgsentry::promql
