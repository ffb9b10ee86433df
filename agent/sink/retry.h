// When a delivery is tried again: exponential backoff with full jitter.
//
// Pure; the waiting and the randomness are the caller's. Tested by tests/unit/sink/retry_test.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/clock.h"

namespace cgsentry::sink {

struct RetryPolicy {
  Duration first = std::chrono::seconds(1);  // upper bound of the wait after the first attempt
  Duration longest = std::chrono::seconds(60);
  /// A server may ask for more patience than `longest`, up to this.
  Duration longest_retry_after = std::chrono::minutes(5);
  std::size_t attempts = 100;  // about an hour with the waits above, half of them on average
};

/// The wait after `attempt` (from 1) failed attempts. `fraction` in [0, 1) is random: the wait is
/// that part of min(first * 2^(attempt-1), longest), so that a thousand agents do not come back in
/// one second. `retry_after` is what the server asked for; within the policy's bound it is added.
[[nodiscard]] Duration retry_delay(const RetryPolicy& policy, std::size_t attempt, double fraction,
                                   std::optional<std::chrono::seconds> retry_after);

}  // namespace cgsentry::sink
