// See quantile.h.
#include "promql/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cgsentry::promql {

double quantile(double q, std::vector<double>& values) {
  if (values.empty() || std::isnan(q)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (q < 0 || q > 1) {
    return std::copysign(std::numeric_limits<double>::infinity(), q < 0 ? -1.0 : 1.0);
  }
  std::ranges::sort(values,
                    [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; });
  const double last = static_cast<double>(values.size() - 1);
  const double rank = q * last;
  const double lower = std::floor(rank);
  const double upper = std::min(last, lower + 1);
  const double weight = rank - lower;
  return values[static_cast<std::size_t>(lower)] * (1 - weight) +
         values[static_cast<std::size_t>(upper)] * weight;
}

}  // namespace cgsentry::promql
