#include "sink/retry.h"

#include <algorithm>

namespace cgsentry::sink {

Duration retry_delay(const RetryPolicy& policy, std::size_t attempt, double fraction,
                     std::optional<std::chrono::seconds> retry_after) {
  Duration ceiling = std::min(policy.first, policy.longest);
  for (std::size_t i = 1; i < attempt && ceiling < policy.longest; ++i) {
    ceiling = ceiling > policy.longest / 2 ? policy.longest : ceiling * 2;
  }
  const double wait = static_cast<double>(ceiling.count()) * std::clamp(fraction, 0.0, 1.0);
  const Duration backoff(static_cast<Duration::rep>(wait));
  if (!retry_after) {
    return backoff;
  }
  // Compared in seconds: a server may ask for more of them than fit into nanoseconds.
  const auto bound = std::chrono::floor<std::chrono::seconds>(policy.longest_retry_after);
  const Duration asked = std::clamp(*retry_after, std::chrono::seconds(0), bound);
  return asked + backoff;
}

}  // namespace cgsentry::sink
