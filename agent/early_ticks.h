// How often an urgent event may cause a tick between two regular ones.
//
// A window of a minute has room for a quarter more samples than its regular ones, so a storm of OOM
// kills must not make more: a burst, and then one every few seconds. What is not let through waits
// for the regular tick, at most one interval later. Tested by tests/unit/pipeline.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace cgsentry {

class EarlyTicks {
 public:
  /// `burst` early ticks at once, then one per `refill`.
  explicit EarlyTicks(double burst = 5, Duration refill = std::chrono::seconds(6))
      : burst_(burst), refill_(refill), tokens_(burst) {}

  /// Takes one if there is one. `now` must not go back.
  [[nodiscard]] bool allow(Timestamp now) {
    if (last_ != Timestamp{}) {
      tokens_ = std::min(burst_, tokens_ + to_seconds(now - last_) / to_seconds(refill_));
    }
    last_ = now;
    if (tokens_ < 1) {
      return false;
    }
    tokens_ -= 1;
    return true;
  }

 private:
  double burst_;
  Duration refill_;
  double tokens_;
  Timestamp last_{};
};

}  // namespace cgsentry
