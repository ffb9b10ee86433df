// The time at which a unit test begins, as its file writes it.
//
// In: RFC 3339 ("2026-11-24T12:00:00Z", with fraction or offset) or Unix seconds ("1770000000.5").
// Out: the time, or none on a mistake and on what is not from the years 1900 to 2199. Pure.
// Tested by tests/unit/command/start_timestamp_test.cpp.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace cgsentry::command {

[[nodiscard]] std::optional<Timestamp> parse_start_timestamp(std::string_view text);

}  // namespace cgsentry::command
