// Prometheus' humanize functions: numbers as a tired person reads them.
//
// Byte for byte what Prometheus' template package gives. Pure.
// Tested by tests/unit/template/humanize_test.cpp, with numbers that promtool gave.
#pragma once

#include <optional>
#include <string>

namespace cgsentry::templates {

/// 1234567 -> "1.235M", 0.00123 -> "1.23m".
[[nodiscard]] std::string humanize(double value);
/// 1536 -> "1.5ki".
[[nodiscard]] std::string humanize1024(double value);
/// Seconds: 3725.5 -> "1h 2m 5s", 0.0015 -> "1.5ms".
[[nodiscard]] std::string humanize_duration(double seconds);
/// A ratio: 0.9325 -> "93.25%".
[[nodiscard]] std::string humanize_percentage(double ratio);
/// Unix seconds, to the millisecond: "2015-06-23 13:23:49.2 +0000 UTC"; none outside of int64
/// nanoseconds.
[[nodiscard]] std::optional<std::string> humanize_timestamp(double unix_seconds);

}  // namespace cgsentry::templates
