// A number as Prometheus' text formats write it: the shortest that reads back, or NaN, +Inf, -Inf.
// Tested through its users by tests/unit/serve/prometheus_test.cpp.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace cgsentry {

[[nodiscard]] inline std::string format_number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  return fmt::format("{}", value);
}

}  // namespace cgsentry
