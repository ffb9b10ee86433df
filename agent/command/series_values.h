// The values of a series as unit test files write them: "1 2x3 _ 0+10x5 stale".
//
// In: the text. Out: one value per interval, or the first mistake. The notation is promtool's:
//
//   7        one value; a number of PromQL without hexadecimals, Inf and NaN included
//   7x3      the value and 3 more of it: four in all
//   7+2x3    7 9 11 13; 7-2x3 counts down
//   _  _x3   no sample here; no sample three times
//   stale    the series ends here
//
// Native histograms are refused. Bounded by kMaxSeriesValues. Pure.
// Tested by tests/unit/command/series_values_test.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace cgsentry::command {

/// Of one series; more than a day of seconds.
inline constexpr std::size_t kMaxSeriesValues = 100'000;

/// None: no sample at this time. A stale marker is a value (promql::stale_marker()).
using SeriesValues = std::vector<std::optional<double>>;

/// `offset` is a byte of the text.
struct NotationError {
  std::size_t offset = 0;
  std::string message;
  friend bool operator==(const NotationError&, const NotationError&) = default;
};

[[nodiscard]] tl::expected<SeriesValues, NotationError> parse_series_values(std::string_view text);

}  // namespace cgsentry::command
