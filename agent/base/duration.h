// Durations as Prometheus writes them: "1h30m", "500ms", "1d", "0".
//
// Units in falling order, each at most once: y (365 d), w, d, h, m, s, ms. Tested by
// tests/unit/base/duration_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cgsentry {

/// Empty on a mistake, and on what does not fit into 64 bits of nanoseconds (292 years).
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// The shortest form that reads back: "1h30m". Rounded down to milliseconds; zero is "0s".
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace cgsentry
