// Functions of one value: mathematics, dates, sort and timestamp.
#include <cmath>

#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;

namespace {

Values result(const std::string& text) {
  ScriptedSamples samples;
  return at_once(text, samples);
}

double number(const std::string& text) {
  return result(text).at("{}");
}

}  // namespace

TEST_CASE("functions of a value") {
  CHECK(number("abs(vector(-2))") == 2);
  CHECK(number("round(vector(2.5))") == 3);
  CHECK(number("round(vector(-2.5))") == -2);
  CHECK(number("round(vector(17), 5)") == 15);
  CHECK(number("clamp(vector(17), 1, 10)") == 10);
  CHECK(number("clamp_min(vector(-3), 1)") == 1);
  CHECK(std::isnan(number("clamp_max(vector(0/0), 1)")));
  CHECK(result("clamp(vector(1), 5, 2)").empty());
  CHECK(number("sgn(vector(-7))") == -1);
  CHECK(number("ln(vector(1))") == 0);
  CHECK(number("deg(vector(pi()))") == Approx(180));
  CHECK(number("-vector(3)") == -3);
}

TEST_CASE("parts of a date") {
  CHECK(number("hour(vector(1136239445))") == 22);  // 2006-01-02T22:04:05Z, a Monday
  CHECK(number("minute(vector(1136239445))") == 4);
  CHECK(number("day_of_week(vector(1136239445))") == 1);
  CHECK(number("day_of_month(vector(1136239445))") == 2);
  CHECK(number("day_of_year(vector(1136239445))") == 2);
  CHECK(number("days_in_month(vector(1078012800))") == 29);  // February 2004
  CHECK(number("month(vector(1136239445))") == 1);
  CHECK(number("year(vector(1136239445))") == 2006);
  CHECK(number("year(vector(-1))") == 1969);
  CHECK(std::isnan(number("year(vector(0/0))")));
  CHECK(number("year()") == 1970);  // the scripted clock stands at 1970-01-12
}

TEST_CASE("sort orders by value, NaN last") {
  OneQuery q("sort_desc(usage)");
  for (const double value : {1.0, std::nan(""), 5.0}) {
    const auto row = q.samples.add_row({{"id", std::to_string(value)}});
    q.samples.set("usage", row, value);
  }
  q.tick();
  const auto& elements = q.engine.evaluate(q.query, q.samples.now()).elements;
  REQUIRE(elements.size() == 3);
  CHECK(elements[0].value == 5);
  CHECK(elements[1].value == 1);
  CHECK(std::isnan(elements[2].value));
}

TEST_CASE("timestamp is when the value was taken") {
  OneQuery q("timestamp(usage offset 1s)");
  q.samples.set("usage", q.samples.add_row({{"id", "/web"}}), 1);
  q.tick();
  CHECK(q.tick() == Values{{R"({id="/web"})", to_seconds(kFirstTick)}});
}
