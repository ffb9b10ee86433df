// Range functions over 64 series side by side: the fast form of what range_functions.h defines.
//
// A block of a window::Column holds 64 rows next to each other, so a loop over samples with an
// inner loop over rows runs in vector registers. Only good for rows that have a value at every
// sample of the range; a result that is not finite must be taken from the definition instead. Pure.
// Tested against the definitions by tests/property/promql/range_test.cpp.
#pragma once

#include <array>

#include "promql/functions.h"
#include "promql/range_functions.h"
#include "window/column.h"

namespace cgsentry::promql {

/// The samples [first, end) of the 64 rows of the block that holds `row`.
struct LaneRange {
  const window::Column* values = nullptr;
  std::size_t row = 0;
  window::Sequence first = 0;
  window::Sequence end = 0;
};

using Lanes = std::array<double, window::kLanes>;
using LaneFunction = void (*)(const LaneRange&, const RangeArguments&, Lanes& out);

/// Null when there is no such form.
[[nodiscard]] LaneFunction lane_function(FunctionId id);

}  // namespace cgsentry::promql
