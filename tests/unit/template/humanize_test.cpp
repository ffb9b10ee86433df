// Tests template/humanize at the edges between two units, two signs and two notations. Each
// expected text is what promtool gives for the same number.
#include "template/humanize.h"

#include <cmath>
#include <limits>

#include "support/catch.h"

using namespace cgsentry::templates;

TEST_CASE("humanize changes the unit at a thousand and keeps four digits") {
  CHECK(humanize(0) == "0");
  CHECK(humanize(999) == "999");
  CHECK(humanize(999.96) == "1000");
  CHECK(humanize(-1000) == "-1k");
  CHECK(humanize(1e24) == "1Y");
  CHECK(humanize(1e28) == "1e+04Y");
  CHECK(humanize(0.999) == "999m");
  CHECK(humanize(-0.0000012) == "-1.2u");
  CHECK(humanize(1e-24) == "1y");
  CHECK(humanize(1e-27) == "0.001y");
}

TEST_CASE("humanize1024 changes the unit at 1024 and has none below 1") {
  CHECK(humanize1024(1023.99) == "1024");
  CHECK(humanize1024(1024) == "1ki");
  CHECK(humanize1024(-1536) == "-1.5ki");
  CHECK(humanize1024(256.0 * 1024 * 1024) == "256Mi");
  CHECK(humanize1024(1e-3) == "0.001");
  CHECK(humanize1024(std::ldexp(1, 80)) == "1Yi");
}

TEST_CASE("humanizeDuration changes its form at a second, a minute, an hour and a day") {
  CHECK(humanize_duration(0) == "0s");
  CHECK(humanize_duration(0.0009996) == "999.6us");
  CHECK(humanize_duration(59.9996) == "60s");
  CHECK(humanize_duration(60) == "1m 0s");
  CHECK(humanize_duration(3599.9) == "59m 59s");
  CHECK(humanize_duration(86399) == "23h 59m 59s");
  CHECK(humanize_duration(-86400) == "-1d 0h 0m 0s");
  CHECK(humanize_duration(-0.5) == "-500ms");
}

TEST_CASE("humanizePercentage keeps four digits of the percentage") {
  CHECK(humanize_percentage(0) == "0%");
  CHECK(humanize_percentage(1) == "100%");
  CHECK(humanize_percentage(0.99999) == "100%");
  CHECK(humanize_percentage(0.000123456) == "0.01235%");
  CHECK(humanize_percentage(-0.5) == "-50%");
  CHECK(humanize_percentage(123.456) == "1.235e+04%");
}

TEST_CASE("humanizeTimestamp ends where nanoseconds no longer fit") {
  CHECK(humanize_timestamp(0) == "1970-01-01 00:00:00 +0000 UTC");
  CHECK(humanize_timestamp(-0.001) == "1969-12-31 23:59:59.999 +0000 UTC");
  CHECK(humanize_timestamp(951782400) == "2000-02-29 00:00:00 +0000 UTC");
  CHECK(humanize_timestamp(9223372036) == "2262-04-11 23:47:16 +0000 UTC");
  CHECK(humanize_timestamp(-9223372036) == "1677-09-21 00:12:44 +0000 UTC");
  CHECK_FALSE(humanize_timestamp(9223372037));
  CHECK_FALSE(humanize_timestamp(-9223372038));
  CHECK_FALSE(humanize_timestamp(std::numeric_limits<double>::max()));
}

TEST_CASE("what is no finite number is shown as such by each of them") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(humanize(std::nan("")) == "NaN");
  CHECK(humanize(-inf) == "-Inf");
  CHECK(humanize1024(inf) == "+Inf");
  CHECK(humanize_duration(inf) == "+Inf");
  CHECK(humanize_percentage(std::nan("")) == "NaN%");
  CHECK(humanize_timestamp(inf) == "+Inf");
}
