// Tests base/clock: formatting, and that the time line starts at Unix time.
#include "base/clock.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;

TEST_CASE("RFC 3339 has milliseconds and rounds down") {
  CHECK(format_rfc3339(Timestamp(0ns)) == "1970-01-01T00:00:00.000Z");
  CHECK(format_rfc3339(Timestamp(1790000000s + 123999999ns)) == "2026-09-21T14:13:20.123Z");
  CHECK(format_rfc3339(Timestamp(-1ns)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("the system clock's time line is Unix time and does not go back") {
  const SystemClock clock;
  const Timestamp first = clock.now();
  const auto unix_now = std::chrono::system_clock::now().time_since_epoch();
  CHECK(std::chrono::abs(unix_now - first.time_since_epoch()) < 10s);
  CHECK(clock.now() >= first);
}
