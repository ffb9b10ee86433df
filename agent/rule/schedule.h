// When the rules of a group are due: on a grid of its interval, whatever the jitter of the ticks.
//
//   ticks   0    1.01   2.0   2.97   4.0        interval 3 s: due at 0, 2.97, ...
//   grid    |                  |
//
// A tick that is at most half a nominal tick early counts as the grid's; after a gap the missed
// points are left out, never made up for. Thread: the loop. Tested by
// tests/unit/rule/schedule_test.cpp.
#pragma once

#include <optional>

#include "base/clock.h"

namespace cgsentry::rule {

class Schedule {
 public:
  /// An interval that is not longer than a tick is due in every tick.
  Schedule(Duration interval, Duration tick) : interval_(interval), tick_(tick) {}

  /// Asked once in each tick.
  [[nodiscard]] bool due(Timestamp now);

 private:
  Duration interval_;
  Duration tick_;
  std::optional<Timestamp> next_;  // none before the first tick
};

}  // namespace cgsentry::rule
