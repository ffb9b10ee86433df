// The difference that a person reads.
#include "command/unit_test_diff.h"

#include <cmath>
#include <limits>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::command;
using namespace std::chrono_literals;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

GotAlert firing(const Labels& labels, const Labels& annotations = {}) {
  return {labels, annotations, true, 1min};
}

}  // namespace

TEST_CASE("values are equal exactly, NaN is NaN, and fuzzy takes the neighbour") {
  CHECK(same_value(1, 1, false));
  CHECK(same_value(kNan, -kNan, false));
  CHECK(same_value(kInf, kInf, false));
  CHECK_FALSE(same_value(kInf, -kInf, true));
  CHECK_FALSE(same_value(kNan, 1, true));
  const double next = std::nextafter(0.1, 1);
  CHECK_FALSE(same_value(0.1, next, false));
  CHECK(same_value(0.1, next, true));
  CHECK(same_value(next, 0.1, true));
  CHECK_FALSE(same_value(0.1, std::nextafter(next, 1), true));
}

TEST_CASE("equal samples make no lines, whatever their order") {
  CHECK(diff_samples({}, {}, false).empty());
  CHECK(diff_samples({{{{"a", "1"}}, 1}, {{{"a", "2"}}, kNan}},
                     {{{{"a", "2"}}, kNan}, {{{"a", "1"}}, 1}}, false)
            .empty());
}

TEST_CASE("samples that differ are shown with those that do not") {
  CHECK(diff_samples({{{{"a", "1"}}, 1}, {{{"a", "2"}}, 2}, {{{"a", "3"}}, 3}},
                     {{{{"a", "4"}}, kInf}, {{{"a", "2"}}, 2}, {{{"a", "3"}}, 0.1}},
                     false) == DiffLines{R"(- {a="1"} 1)", R"(  {a="2"} 2)", R"(- {a="3"} 3)",
                                         R"(+ {a="3"} 0.1)", R"(+ {a="4"} +Inf)"});
}

TEST_CASE("the same labels twice are two samples") {
  CHECK(diff_samples({{{}, 1}, {{}, 1}}, {{{}, 1}}, false) == DiffLines{"  {} 1", "- {} 1"});
}

TEST_CASE("alerts are compared by all labels and annotations") {
  const Labels labels{{"alertname", "A"}, {"job", "x"}};
  CHECK(diff_alerts({{labels, {{"s", "t"}}}}, {firing(labels, {{"s", "t"}})}).empty());
  CHECK(diff_alerts({{labels, {}}}, {firing({{"alertname", "A"}, {"job", "y"}})}) ==
        DiffLines{R"(- {job="x"})", R"(+ {job="y"})"});
}

TEST_CASE("annotations are shown where they differ") {
  const Labels labels{{"alertname", "A"}, {"job", "x"}};
  CHECK(diff_alerts({{labels, {{"same", "s"}, {"told", "1"}, {"missing", "m"}}}},
                    {firing(labels, {{"same", "s"}, {"told", "2"}, {"more", "n"}})}) ==
        DiffLines{R"(  {job="x"})", "-     missing: m", "+     more: n", "-     told: 1",
                  "+     told: 2"});
}

TEST_CASE("an alert that is only pending does not fire, and its line says so") {
  const Labels labels{{"alertname", "A"}};
  const GotAlert pending{labels, {}, false, 2min};
  CHECK(diff_alerts({}, {pending}).empty());
  CHECK(diff_alerts({{labels, {}}}, {pending}) == DiffLines{"- {} (pending for 2m)"});
}

TEST_CASE("texts of several lines stay together") {
  const Labels labels{{"alertname", "A"}};
  CHECK(diff_alerts({{labels, {{"s", "one\ntwo"}}}}, {firing(labels)}) ==
        DiffLines{"  {}", "-     s: one\n         two"});
}
