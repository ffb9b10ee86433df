// The quantile of values, as Prometheus defines it: linear between the two nearest ranks.
#pragma once

#include <vector>

namespace cgsentry::promql {

/// Reorders `values`; NaN counts as the smallest. NaN for no values and for a NaN `q`; infinite
/// when `q` is outside of 0 to 1.
[[nodiscard]] double quantile(double q, std::vector<double>& values);

}  // namespace cgsentry::promql
