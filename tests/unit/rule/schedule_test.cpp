// Intervals of groups over ticks that jitter, come early and are missed.
#include "rule/schedule.h"

#include <vector>

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp kStart{1'700'000'000s};

/// Those of `ticks` (ms since the start) that are due.
std::vector<int> due(Duration interval, const std::vector<int>& ticks) {
  rule::Schedule schedule(interval, 1s);
  std::vector<int> result;
  for (const int tick : ticks) {
    if (schedule.due(kStart + std::chrono::milliseconds(tick))) {
      result.push_back(tick);
    }
  }
  return result;
}

using Ticks = std::vector<int>;

}  // namespace

TEST_CASE("an interval of at most a tick is due in every tick, early ones too") {
  const Ticks ticks{0, 1'000, 1'200, 2'000};
  CHECK(due(1s, ticks) == ticks);
  CHECK(due(100ms, ticks) == ticks);
}

TEST_CASE("a longer interval keeps its grid through jitter") {
  CHECK(due(3s, {0, 1'010, 2'000, 2'970, 4'020, 5'000, 6'040, 7'000, 8'000, 8'990}) ==
        Ticks{0, 2'970, 6'040, 8'990});
}

TEST_CASE("an interval between ticks is due in the nearest ones") {
  CHECK(due(1'500ms, {0, 1'000, 2'000, 3'000, 4'000, 5'000, 6'000}) ==
        Ticks{0, 1'000, 3'000, 4'000, 6'000});
}

TEST_CASE("an early tick is not due twice") {
  CHECK(due(2s, {0, 1'000, 1'600, 2'000, 3'000, 4'000}) == Ticks{0, 1'600, 4'000});
}

TEST_CASE("points of the grid that were missed are not made up for") {
  CHECK(due(2s, {0, 7'000, 8'000, 9'000, 10'000}) == Ticks{0, 7'000, 8'000, 10'000});
}
