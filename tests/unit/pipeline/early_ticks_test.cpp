// Early ticks never fill a window that has room for a quarter more samples.
#include "early_ticks.h"

#include "support/catch.h"

using namespace cgsentry;

namespace {
constexpr Timestamp kStart{std::chrono::hours(1'000)};
}  // namespace

TEST_CASE("a burst is let through at once, and then one every refill") {
  EarlyTicks early(2, std::chrono::seconds(6));
  CHECK(early.allow(kStart));
  CHECK(early.allow(kStart));
  CHECK_FALSE(early.allow(kStart));
  CHECK_FALSE(early.allow(kStart + std::chrono::seconds(5)));
  CHECK(early.allow(kStart + std::chrono::seconds(6)));
  CHECK_FALSE(early.allow(kStart + std::chrono::seconds(7)));
}

TEST_CASE("an hour of silence saves up no more than a burst") {
  EarlyTicks early(2, std::chrono::seconds(6));
  CHECK(early.allow(kStart));
  const Timestamp later = kStart + std::chrono::hours(1);
  CHECK(early.allow(later));
  CHECK(early.allow(later));
  CHECK_FALSE(early.allow(later));
}

TEST_CASE("a storm adds at most a quarter to the samples of any minute") {
  EarlyTicks early;
  int allowed = 0;
  for (int ms = 0; ms < 60'000; ms += 10) {
    allowed += early.allow(kStart + std::chrono::milliseconds(ms)) ? 1 : 0;
  }
  CHECK(allowed <= 15);
  CHECK(allowed >= 14);
}
