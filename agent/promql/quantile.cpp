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
  const auto smaller = [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; };
  const double last = static_cast<double>(values.size() - 1);
  const double rank = q * last;
  const double lower = std::floor(rank);
  const double weight = rank - lower;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(lower);
  std::nth_element(values.begin(), at, values.end(), smaller);
  // The next rank is the smallest of what was left above; the last rank is its own next.
  const double upper = lower < last ? *std::min_element(at + 1, values.end(), smaller) : *at;
  return *at * (1 - weight) + upper * weight;
}

}  // namespace cgsentry::promql
