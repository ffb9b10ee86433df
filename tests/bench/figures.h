// From repeated measurements to one figure: medians, because a shared machine has outliers on one
// side only, and the quartiles beside them, so that a reader sees how steady they were.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cgsentry::bench {

struct Figure {
  double low = 0;  // a quarter of the measurements is below
  double median = 0;
  double high = 0;  // a quarter is above
};

/// Throws when there is nothing: a figure of no measurement would be a made-up one.
inline Figure figure_of(std::vector<double> values) {
  if (values.empty()) {
    throw std::runtime_error("nothing was measured");
  }
  std::ranges::sort(values);
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
  };
  return {at(0.25), at(0.5), at(0.75)};
}

inline double median(std::vector<double> values) {
  return figure_of(std::move(values)).median;
}

/// One line of a verdict: "  net over empty  31.2 ns  (target <= 35 ns)  met".
inline void print_verdict(std::string_view what, const std::string& figure, std::string_view target,
                          bool met) {
  fmt::print("  {:<44} {:>14}   target {:<12} {}\n", what, figure, target, met ? "met" : "MISSED");
}

}  // namespace cgsentry::bench
