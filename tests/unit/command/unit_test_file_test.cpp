// Unit test files: what is read, and the place of every mistake.
#include "command/unit_test_file.h"

#include <cmath>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::command;
using namespace std::chrono_literals;

namespace {

UnitTestFile read(const std::string& text) {
  const auto file = read_unit_test_file(text, "t.yaml");
  if (!file) {
    FAIL(file.error().front().to_string());
  }
  return *file;
}

std::vector<std::string> mistakes(const std::string& text) {
  std::vector<std::string> told;
  if (const auto file = read_unit_test_file(text, "t.yaml"); !file) {
    for (const yaml::Mistake& mistake : file.error()) {
      told.push_back(mistake.to_string());
    }
  }
  return told;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("a whole file is read") {
  const UnitTestFile file = read(R"(
rule_files: [a.yaml, "more/*.yaml"]
evaluation_interval: 30s
group_eval_order: [first, second]
fuzzy_compare: true
tests:
  - name: web
    interval: 10s
    start_timestamp: 2026-01-31T12:00:00Z
    input_series:
      - series: up{job="web"}
        values: 1 0
    alert_rule_test:
      - eval_time: 5m
        alertname: Down
        exp_alerts:
          - exp_labels: {job: web}
            exp_annotations: {summary: down}
    promql_expr_test:
      - expr: sum(up)
        eval_time: 1m
        exp_samples:
          - value: 1.5
    external_labels: {node: n1}
    external_url: http://n1
)");
  CHECK(file.rule_files == std::vector<std::string>{"a.yaml", "more/*.yaml"});
  CHECK(file.evaluation_interval == 30s);
  CHECK(file.fuzzy_compare);
  REQUIRE(file.tests.size() == 1);
  const UnitTest& test = file.tests.front();
  CHECK(test.name == "web");
  CHECK(test.interval == 10s);
  CHECK(test.start == Timestamp{1'769'860'800s});
  CHECK(test.series.at(0).labels == Labels{{"__name__", "up"}, {"job", "web"}});
  CHECK(test.series.at(0).values == SeriesValues{1, 0});
  CHECK(test.alert_tests.at(0).eval_time == 5min);
  CHECK(test.alert_tests.at(0).place == rule::Place{14, 9});
  const ExpectedAlert& alert = test.alert_tests.at(0).alerts.at(0);
  CHECK(alert.labels == Labels{{"alertname", "Down"}, {"job", "web"}});
  CHECK(alert.annotations == Labels{{"summary", "down"}});
  const ExpressionTest& expression = test.expression_tests.at(0);
  CHECK(expression.expression.text() == "sum(up)");
  CHECK(expression.eval_time == 1min);
  CHECK(expression.samples.at(0).labels.empty());
  CHECK(expression.samples.at(0).value == 1.5);
  CHECK(test.external_labels == Labels{{"node", "n1"}});
  CHECK(test.external_url == "http://n1");
}

TEST_CASE("what is not written has promtool's defaults") {
  const UnitTestFile file = read("tests:\n  - promql_expr_test: [{expr: 1}]\n");
  CHECK(file.evaluation_interval == 1min);
  CHECK_FALSE(file.fuzzy_compare);
  CHECK(file.tests.at(0).interval == 1min);
  CHECK(file.tests.at(0).start == Timestamp{});
  CHECK(file.tests.at(0).expression_tests.at(0).eval_time == 0s);
  CHECK(read("evaluation_interval: 5s\ntests: [{}]\n").tests.at(0).interval == 5s);
  CHECK(read("").tests.empty());
}

TEST_CASE("numbers are YAML's") {
  const UnitTestFile file = read(R"(
tests:
  - promql_expr_test:
      - expr: x
        exp_samples:
          - {labels: "{a='1'}", value: -1e3}
          - {labels: x, value: .nan}
          - {labels: "x{}", value: -.inf}
          - {labels: "", value: +2}
)");
  const auto& samples = file.tests.at(0).expression_tests.at(0).samples;
  REQUIRE(samples.size() == 4);
  CHECK(samples[0].labels == Labels{{"a", "1"}});
  CHECK(samples[0].value == -1000);
  CHECK(samples[1].labels == Labels{{"__name__", "x"}});
  CHECK(std::isnan(samples[1].value));
  CHECK(std::isinf(samples[2].value));
  CHECK(samples[2].value < 0);
  CHECK(samples[3].labels.empty());
  CHECK(samples[3].value == 2);
}

TEST_CASE("mistakes in the texts of a file have their place in it") {
  CHECK(mistakes(R"(
tests:
  - input_series:
      - series: up{job="web"
        values: 1 2 x3
      - series: up
        values: >-
          1 2
          3 foo
    promql_expr_test:
      - expr: |
          sum(
            up) by
      - expr: up[5m]
)") == Told{"t.yaml:4:29: unexpected end of input inside braces", "t.yaml:5:21: unknown word `x3`",
            "t.yaml:9:13: unknown word `foo`",
            "t.yaml:13:19: unexpected end of input in grouping opts, expected \"(\"",
            "t.yaml:14:15: the expression must give a vector or a number"});
}

TEST_CASE("what is missing, doubled or unknown is a mistake") {
  CHECK(mistakes(R"(
rule_file: [a.yaml]
group_eval_order: [g, g]
tests:
  - input_series:
      - series: up{job="a", job="b"}
        values: 1
      - series: '{job="a"}'
        values: 1
      - series: down
        values: 1
      - series: down{}
        values: 1
      - values: 1
    alert_rule_test:
      - eval_time: 1
      - alertname: A
        exp_alert: []
    promql_expr_test:
      - eval_time: 5m
)") == Told{"t.yaml:3:19: group `g` stands twice", "t.yaml:6:17: label `job` stands twice",
            "t.yaml:8:17: the series needs the name of a metric",
            "t.yaml:12:17: this series stands in line 10 too",
            "t.yaml:14:9: key `series` is missing",
            "t.yaml:16:20: `eval_time` must be a duration from 0s to 100y, not `1`",
            "t.yaml:16:9: key `alertname` is missing",
            "t.yaml:18:9: unknown key `exp_alert`, did you mean `exp_alerts`?",
            "t.yaml:20:9: key `expr` is missing",
            "t.yaml:2:1: unknown key `rule_file`, did you mean `rule_files`?"});
}

TEST_CASE("what this agent does not have is refused by name") {
  CHECK(mistakes(R"(
tests:
  - input_series:
      - series: h
        values: '{{schema:0 sum:5}}x3'
    promql_expr_test:
      - expr: h
        exp_samples:
          - labels: h
            histogram: '{{sum:5}}'
)") == Told{"t.yaml:5:18: native histograms are not supported",
            "t.yaml:10:24: native histograms are not supported"});
}

TEST_CASE("values that promtool would take for texts are refused") {
  CHECK(mistakes(R"(
tests:
  - start_timestamp: yesterday
    promql_expr_test:
      - expr: x
        exp_samples: [{value: NaN}, {value: "1"}, {value: 1s}]
)") == Told{"t.yaml:3:22: expected a time such as 2026-01-31T12:00:00Z or 1769860800, not "
            "`yesterday`",
            "t.yaml:6:31: expected a number such as 1.5, .inf, -.inf or .nan, not `NaN`",
            "t.yaml:6:45: expected a number such as 1.5, .inf, -.inf or .nan, not `1`",
            "t.yaml:6:59: expected a number such as 1.5, .inf, -.inf or .nan, not `1s`"});
}
