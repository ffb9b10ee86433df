// What can have no value is found, and nothing else is.
#include "rule/never.h"

#include "support/catch.h"

using namespace cgsentry;

namespace {

std::string reason(const std::string& text) {
  INFO(text);
  const auto expression = promql::parse(text);
  REQUIRE(expression);
  const auto never = rule::never_has_a_value(*expression);
  return never ? never->reason : "";
}

}  // namespace

TEST_CASE("bounds of one vector that exclude each other") {
  CHECK(reason("x > 5 and x < 3") == "no value is both > 5 and < 3");
  CHECK(reason("x > 5 < 3") == "no value is both > 5 and < 3");
  CHECK(reason("x > 5 < 5") == "no value is both > 5 and < 5");
  CHECK(reason("(x >= 5) and (5 > x)") == "no value is both >= 5 and < 5");
  CHECK(reason("x == 1 and x == 2") == "no value is both == 2 and == 1");
  CHECK(reason("x > 10 and x > 1 and x <= 2 * 3") == "no value is both > 10 and <= 6");
  CHECK(reason("rate(x[1m]) > 1 and rate(x[60s]) < -1") == "no value is both > 1 and < -1");
  CHECK(reason("x{a=\"1\"} > 5 and x{a='1'} < 3") == "no value is both > 5 and < 3");
  CHECK(reason("x > Inf") == "no value is > inf");
}

TEST_CASE("a constant that does not meet its comparison") {
  CHECK(reason("vector(1) > 2") == "no value is both > 2 and 1");
  CHECK(reason("vector(0) == 1") == "no value is both == 1 and 0");
  CHECK(reason("vector(2) > 1") == "");
  CHECK(reason("vector(1)") == "");
}

TEST_CASE("what needs a part that has no value") {
  for (const char* text :
       {"sum(x > 5 < 3)", "(x > 5 < 3) / y", "y * (x > 5 < 3)", "y and x > 5 < 3",
        "(x > 5 < 3) unless y", "x > 5 < 3 or y > 5 < 3", "-(x > 5 < 3)", "(x > 5 < 3) > bool 1",
        "count(sum by (a) (x > 5 < 3)) > 0"}) {
    CHECK(reason(text) != "");
  }
}

TEST_CASE("what can have a value is left alone") {
  for (const char* text : {"x > 3 and x < 5",
                           "x >= 5 <= 5",
                           "x > 5 and y < 3",
                           "x > 5 or x < 3",
                           "x > 5 unless x < 3",
                           "x > 5 and on (a) x < 3",
                           "x > 5 and ignoring (a) x < 3",
                           "x > 5 and x offset 5m < 3",
                           "x != 5 and x == 5",
                           "x > bool 5 < 1",
                           "x > y and x < y",
                           "x > 5 and x{a=\"1\"} < 3",
                           "absent(x > 5 < 3)",
                           "y or x > 5 < 3",
                           "y unless x > 5 < 3",
                           "scalar(x > 5 < 3) > bool 0",
                           "x > scalar(y) < 3",
                           "count_over_time((x > 5 < 3)[5m:1m])",
                           "x > NaN",
                           "1 > bool 2",
                           "vector(NaN) > 1",
                           "vector(time()) > 1"}) {
    CHECK(reason(text) == "");
  }
}

TEST_CASE("the place is that of the part") {
  const auto never = rule::never_has_a_value(*promql::parse("y and\n  sum(x > 5 < 3)"));
  REQUIRE(never);
  CHECK(never->position.line == 2);
}
