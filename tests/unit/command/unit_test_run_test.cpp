// Whole tests against rules: the semantics of promtool.
#include "command/unit_test_run.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::command;

namespace {

using Told = std::vector<std::string>;

const rule::SourceFile kRules{"rules.yaml", R"(
groups:
  - name: g
    interval: 7m
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        keep_firing_for: 3m
        labels: {severity: page}
        annotations: {summary: "{{ $labels.job }} is at {{ $value }} on {{ $externalLabels.node }}"}
)"};

/// Every failure with its lines, as one list.
Told run(const std::string& test, const std::vector<rule::SourceFile>& rules = {kRules}) {
  const auto file = read_unit_test_file(test, "t.yaml");
  if (!file) {
    FAIL(file.error().front().to_string());
  }
  Told told;
  for (const UnitTest& each : file->tests) {
    const auto failures = run_unit_test(*file, each, rules);
    REQUIRE(failures);
    for (const Failure& failure : *failures) {
      told.push_back(std::to_string(failure.place.line) + ": " + failure.message);
      told.insert(told.end(), failure.lines.begin(), failure.lines.end());
    }
  }
  return told;
}

/// A test with the values of up{job="web"} by the minute; `expectations` begin in line 5.
std::string test_of(const std::string& values, const std::string& expectations) {
  return "tests:\n  - external_labels: {node: n1}\n    input_series:\n"
         "      - {series: 'up{job=\"web\"}', values: '" +
         values + "'}\n" + expectations;
}

const std::string kAlerts = "    alert_rule_test:\n";

std::string fires_at(const std::string& time) {
  return "      - eval_time: " + time +
         "\n        alertname: Down\n        exp_alerts:\n"
         "          - exp_labels: {job: web, severity: page}\n"
         "            exp_annotations: {summary: web is at 0 on n1}\n";
}
std::string silent_at(const std::string& time) {
  return "      - {eval_time: " + time + ", alertname: Down}\n";
}

}  // namespace

TEST_CASE("for and keep_firing_for count evaluations, whatever the interval of the group") {
  // Down from 1 to 4 minutes: fires after 3, is kept until 8.
  CHECK(run(test_of("1 0 0 0 0 1x5", kAlerts + silent_at("0") + silent_at("2m59s") +
                                         fires_at("3m") + fires_at("4m") + fires_at("7m") +
                                         silent_at("8m"))) == Told{});
}

TEST_CASE("an alert that fires too early or too late is told") {
  CHECK(run(test_of("1 0x5", kAlerts + fires_at("2m") + silent_at("3m"))) ==
        Told{"6: alert Down at 2m", R"(- {job="web", severity="page"} (pending for 1m))",
             "11: alert Down at 3m", R"(+ {job="web", severity="page"})"});
}

TEST_CASE("a time between two evaluations sees the one before") {
  CHECK(run(test_of("1 0x5", kAlerts + fires_at("3m59s"))) == Told{});
}

TEST_CASE("expressions see the series of the alerts") {
  CHECK(run(test_of("1 0 0 0", R"(    promql_expr_test:
      - {expr: up, eval_time: 30s, exp_samples: [{labels: 'up{job="web"}', value: 1}]}
      - expr: ALERTS
        eval_time: 1m
        exp_samples:
          - labels: 'ALERTS{alertname="Down", alertstate="pending", job="web", severity="page"}'
            value: 1
      - expr: ALERTS_FOR_STATE
        eval_time: 1m
        exp_samples:
          - {labels: 'ALERTS_FOR_STATE{alertname="Down", job="web", severity="page"}', value: 60}
)")) == Told{});
}

TEST_CASE("samples after the last evaluation are not there, as in promtool") {
  CHECK(run(R"(tests:
  - interval: 10s
    input_series: [{series: up, values: 0+1x20}]
    promql_expr_test:
      - {expr: up, eval_time: 50s, exp_samples: [{labels: up, value: 5}]}
      - {expr: up, eval_time: 90s, exp_samples: [{labels: up, value: 6}]}
)",
            {}) == Told{});
}

TEST_CASE("expressions are told by their place, in the order of the file") {
  CHECK(run(R"(tests:
  - promql_expr_test:
      - {expr: 1 + 1, eval_time: 5m, exp_samples: [{value: 3}]}
      - {expr: vector(1), exp_samples: [{value: 2}]}
      - {expr: histogram_count(up), eval_time: 1m}
)",
            {}) == Told{"3: 1 + 1 at 5m", "- {} 3", "+ {} 2", "4: vector(1) at 0s", "- {} 2",
                        "+ {} 1",
                        "5: histogram_count() needs native histograms, which this agent does not "
                        "have"});
}

TEST_CASE("an expression that fails is told with its reason") {
  const auto told = run(R"(tests:
  - input_series:
      - {series: 'x{a="1"}', values: 1}
      - {series: 'x{a="2"}', values: 1}
    promql_expr_test: [{expr: x + on() x}]
)",
                        {});
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "5: x + on() x at 0s");
  CHECK(told[1].starts_with("! "));
}

TEST_CASE("the start moves everything") {
  CHECK(run(R"(tests:
  - start_timestamp: 1000
    interval: 1m
    input_series: [{series: up, values: 5 6}]
    promql_expr_test:
      - {expr: timestamp(up), eval_time: 1m, exp_samples: [{value: 1060}]}
      - {expr: time(), eval_time: 30s, exp_samples: [{value: 1030}]}
      - {expr: 'max_over_time(up[5m:])', eval_time: 1m, exp_samples: [{value: 5}]}
)",
            {}) == Told{});
}

TEST_CASE("rules do not see the future") {
  const rule::SourceFile rules{
      "r.yaml",
      "groups: [{name: g, rules: [{alert: Later, expr: timestamp(up offset -1m) > "
      "time()}]}]\n"};
  CHECK(run(test_of("1x10", "    alert_rule_test: [{eval_time: 5m, alertname: Later}]\n"),
            {rules}) == Told{});
}

TEST_CASE("a rule that fails ends the test") {
  const rule::SourceFile rules{
      "r.yaml", "groups: [{name: g, rules: [{alert: Bad, expr: up + on() other}]}]\n"};
  const auto told = run(R"(tests:
  - input_series:
      - {series: up, values: 1x9}
      - {series: 'other{a="1"}', values: _ 1}
      - {series: 'other{a="2"}', values: _ 1}
    alert_rule_test: [{eval_time: 5m, alertname: Bad}]
)",
                        {rules});
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "2: rule Bad failed at 1m");
  CHECK(told[1].starts_with("! "));
}

TEST_CASE("a group with a query_offset records in the past, and group_eval_order counts") {
  const rule::SourceFile rules{"r.yaml", R"(groups:
  - {name: b, rules: [{record: seen, expr: 'up:late'}]}
  - {name: a, query_offset: 1m, labels: {g: a}, rules: [{record: 'up:late', expr: up}]}
)"};
  const std::string tests = R"(tests:
  - input_series: [{series: up, values: 1 2 3 4}]
    promql_expr_test:
      - {expr: 'up:late', eval_time: 3m, exp_samples: [{labels: 'up:late{g="a"}', value: 3}]}
      - {expr: 'timestamp(up:late)', eval_time: 3m, exp_samples: [{labels: '{g="a"}', value: 120}]}
      - {expr: seen, eval_time: 3m, exp_samples: [{labels: 'seen{g="a"}', value: VALUE}]}
)";
  const auto with = [&](const std::string& order, const std::string& value) {
    std::string text = order + tests;
    return text.replace(text.find("VALUE"), 5, value);
  };
  CHECK(run(with("", "2"), {rules}) == Told{});
  CHECK(run(with("group_eval_order: [a, b]\n", "3"), {rules}) == Told{});
}

TEST_CASE("a recording rule that fails ends the test") {
  const rule::SourceFile rules{
      "r.yaml", "groups: [{name: g, rules: [{record: r, expr: up, labels: {job: x}}]}]\n"};
  CHECK(run(R"(tests:
  - input_series: [{series: 'up{job="a"}', values: 1}, {series: 'up{job="b"}', values: 1}]
    promql_expr_test: [{expr: up}]
)",
            {rules}) == Told{"2: rule r failed at 0s",
                             "! vector contains metrics with the same labelset after applying "
                             "rule labels: r{job=\"x\"}"});
}

TEST_CASE("mistakes in rules have their place") {
  const auto file = read_unit_test_file("tests: [{}]", "t.yaml");
  REQUIRE(file);
  const auto result = run_unit_test(*file, file->tests.at(0), {{"r.yaml", "group: []\n"}});
  REQUIRE_FALSE(result);
  CHECK(result.error().front().to_string() ==
        "r.yaml:1:1: unknown key `group`, did you mean `groups`?");
}

TEST_CASE("a test that would take for ever is refused") {
  CHECK(run("evaluation_interval: 1s\ntests: [{alert_rule_test: [{alertname: A, eval_time: 1y}]}]",
            {}) == Told{"2: the rules would be evaluated more than 604800 times"});
}
