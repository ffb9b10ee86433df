// The notation of series: what promtool takes, and where mistakes are.
#include "command/series_values.h"

#include <cmath>
#include <limits>

#include "promql/engine.h"
#include "support/catch.h"
#include "window/column.h"

using namespace cgsentry;
using namespace cgsentry::command;

namespace {

constexpr auto kNone = std::nullopt;

SeriesValues read(std::string_view text) {
  INFO(text);
  const auto values = parse_series_values(text);
  REQUIRE(values);
  return *values;
}

NotationError mistake(std::string_view text) {
  INFO(text);
  const auto values = parse_series_values(text);
  REQUIRE_FALSE(values);
  return values.error();
}

}  // namespace

TEST_CASE("numbers are values, one per interval") {
  CHECK(read("1 2.5 -3 +4 1e3 .5 5. 1_000") == SeriesValues{1, 2.5, -3, 4, 1000, .5, 5, 1000});
  CHECK(read("").empty());
  CHECK(read("  \t\n ").empty());
  CHECK(read(" 1\n\t2  ") == SeriesValues{1, 2});
}

TEST_CASE("x repeats a value: itself and so many more") {
  CHECK(read("7x3 1x0") == SeriesValues{7, 7, 7, 7, 1});
  CHECK(read("-7x1") == SeriesValues{-7, -7});
  // Not a hexadecimal number.
  CHECK(read("0x3") == SeriesValues{0, 0, 0, 0});
}

TEST_CASE("a slope is added at each step") {
  CHECK(read("0+10x3") == SeriesValues{0, 10, 20, 30});
  CHECK(read("-2-1x3") == SeriesValues{-2, -3, -4, -5});
  CHECK(read("1-1e0x2 .5+.5x1") == SeriesValues{1, 0, -1, .5, 1});
  // With the rounding of each step: this is not 0.3.
  CHECK(read("0+0.1x3").back() == 0.1 + 0.1 + 0.1);
}

TEST_CASE("an underscore is no sample, and repeats exactly so often") {
  CHECK(read("_ 1 _x2 2 _x0") == SeriesValues{kNone, 1, kNone, kNone, 2});
}

TEST_CASE("NaN, Inf and stale are words") {
  const auto values = read("NaN nan Inf -Inf +inf stale");
  REQUIRE(values.size() == 6);
  CHECK(std::isnan(*values[0]));
  CHECK(window::is_value(*values[0]));
  CHECK(std::isnan(*values[1]));
  CHECK(values[2] == std::numeric_limits<double>::infinity());
  CHECK(values[3] == -std::numeric_limits<double>::infinity());
  CHECK(values[4] == std::numeric_limits<double>::infinity());
  CHECK(window::is_stale(*values[5]));
}

TEST_CASE("a mistake has its place and says what is wanted") {
  CHECK(mistake("1 foo 2") == NotationError{2, "unknown word `foo`"});
  CHECK(mistake("1 2x") == NotationError{4, "expected how often after `x`"});
  CHECK(mistake("1x-2") == NotationError{2, "expected how often after `x`"});
  CHECK(mistake("1-2") == NotationError{3, "expected `x` and how often, as in 0+10x5"});
  CHECK(mistake("1 + 2x3") == NotationError{3, "expected a number, `_` or `stale`, not ``"});
  CHECK(mistake("1,2") == NotationError{1, "expected a blank before `,`"});
  CHECK(mistake("_3") == NotationError{1, "expected a blank before `3`"});
  CHECK(mistake(".5.5") == NotationError{0, "expected a number, `_` or `stale`, not `.5.5`"});
  CHECK(mistake("1_").offset == 0);
  CHECK(mistake("0x0F") == NotationError{3, "expected a blank before `F`"});
  CHECK(mistake("stale+1x3") == NotationError{5, "`stale` has no slope"});
}

TEST_CASE("a word is not repeated, and the message says so") {
  for (const auto* text : {"NaNx2", "stalex2", "Infx3"}) {
    CHECK(mistake(text).message.find("cannot be repeated with x") != std::string::npos);
  }
}

TEST_CASE("native histograms are refused") {
  CHECK(mistake("1 {{schema:0 sum:1}}") == NotationError{2, "native histograms are not supported"});
}

TEST_CASE("a series is bounded") {
  CHECK(read("1x99999").size() == kMaxSeriesValues);
  CHECK(mistake("1x100000").message == "a series may have 100000 values");
  CHECK(mistake("1x99999999999999999999").message == "a series may have 100000 values");
  CHECK(mistake("_x60000 _x60000").message == "a series may have 100000 values");
}
