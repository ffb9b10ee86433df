// Range functions over 64 series side by side: the fast form of what range_functions.h defines.
//
// A block of a window::Column holds 64 rows next to each other, so a loop over samples with an
// inner loop over rows runs in vector registers. Only good for rows that have a value at every
// sample of the range; a result that is not finite must be taken from the definition instead. Pure.
// Tested against the definitions by tests/property/promql/range_test.cpp.
#pragma once

#include <array>
#include <cmath>
#include <limits>

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
/// A compensated sum for each of 64 rows.
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

using LaneFunction = void (*)(const LaneRange&, const RangeArguments&, Lanes& out);

/// Null when there is no such form; moving_sums.h has another.
[[nodiscard]] LaneFunction lane_function(FunctionId id);

}  // namespace cgsentry::promql
