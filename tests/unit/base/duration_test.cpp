// Durations read and print as in Prometheus.
#include "base/duration.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;

TEST_CASE("durations are read as Prometheus reads them") {
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("1y2w3d4h5m6s7ms") == 365 * 24h + 14 * 24h + 3 * 24h + 4h + 5min + 6s + 7ms);
}

TEST_CASE("what is not a duration is refused") {
  for (const char* text : {"", "5", "s", "-5m", "1.5m", "1m1h", "1m1m", "1 m", "5minutes", "1h ",
                           "99999999999999999999s", "300y"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("durations print in the shortest form that reads back") {
  CHECK(format_duration(0s) == "0s");
  CHECK(format_duration(90min) == "1h30m");
  CHECK(format_duration(7 * 24h) == "1w");
  CHECK(format_duration(10 * 24h) == "10d");
  CHECK(format_duration(1500ms) == "1s500ms");
  CHECK(format_duration(-5s) == "-5s");
  for (const auto& text : {"1s", "5m", "1h", "1d2h3m4s5ms", "2y"}) {
    CHECK(format_duration(*parse_duration(text)) == text);
  }
}
