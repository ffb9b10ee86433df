// When a unit test begins: RFC 3339 or Unix seconds.
#include "command/start_timestamp.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::command;
using namespace std::chrono_literals;

TEST_CASE("Unix seconds, with a fraction too") {
  CHECK(parse_start_timestamp("0") == Timestamp{});
  CHECK(parse_start_timestamp("1500000000.25") == Timestamp{1'500'000'000'250ms});
  CHECK(parse_start_timestamp("-1") == Timestamp{-1s});
}

TEST_CASE("RFC 3339 with Z, an offset or a fraction") {
  CHECK(parse_start_timestamp("1970-01-01T00:00:10Z") == Timestamp{10s});
  CHECK(parse_start_timestamp("2026-01-31T12:00:00Z") == Timestamp{1'769'860'800s});
  CHECK(parse_start_timestamp("2026-01-31t13:30:00.5+01:30") == Timestamp{1'769'860'800'500ms});
  CHECK(parse_start_timestamp("2026-01-31T11:00:00-01:00") == Timestamp{1'769'860'800s});
}

TEST_CASE("everything else is refused") {
  for (const auto* text :
       {"", "now", "12s", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T12:00:00Zulu", "2026-01-31T12:00:00+1:30",
        "2026-1-31T12:00:00Z", "9999-01-01T00:00:00Z", "1e300", "nan", "inf"}) {
    INFO(text);
    CHECK_FALSE(parse_start_timestamp(text));
  }
}
