// Advice about rules that load: what is probably not meant.
#include "rule/check.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;

namespace {

using Told = std::vector<std::string>;

Told warnings(const std::string& text, const rule::CheckOptions& options = {}) {
  Told told;
  for (const yaml::Mistake& warning : rule::check({{"r.yaml", text}}, options)) {
    told.push_back(warning.to_string());
  }
  return told;
}

/// Of one alerting rule; its expression begins in line 5, column 11.
Told expression_warnings(const std::string& expression, const rule::CheckOptions& options = {}) {
  return warnings("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: " + expression + "\n",
                  options);
}

/// Of one alerting rule whose other keys begin in line 6, column 5.
Told key_warnings(const std::string& keys) {
  return warnings("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    " + keys + "\n");
}

rule::CheckOptions knowing(std::set<std::string, std::less<>> metrics) {
  return {1s, std::move(metrics), {}};
}

}  // namespace

TEST_CASE("a good file has no warnings") {
  CHECK(warnings(R"(groups:
- name: g
  interval: 1s
  rules:
  - alert: A
    expr: rate(up[2s]) > 0 and up{a="b", a!="c"} == 1
    labels: {severity: page}
    annotations: {text: "{{ $labels.name }} {{ $value | humanize }}"}
  - alert: A
    expr: vector(1)
    labels: {severity: info}
)",
                 knowing({"up"}))
            .empty());
}

TEST_CASE("a window shorter than two ticks is told at its selector") {
  CHECK(expression_warnings("1 < rate(up[1s])") ==
        Told{"r.yaml:5:20: a window of 1s is shorter than two ticks, which take 2s"});
  CHECK(expression_warnings("rate(up[19s]) > 1", {10s, {}, {}}).size() == 1);
  CHECK(expression_warnings("rate(up[20s]) > 1", {10s, {}, {}}).empty());
}

TEST_CASE("an interval shorter than a tick is told") {
  CHECK(warnings("groups:\n- name: g\n  interval: 500ms\n") ==
        Told{"r.yaml:2:3: an interval of 500ms is shorter than a tick, which takes 1s"});
}

TEST_CASE("a metric that nothing measures is told with the nearest one") {
  const auto options = knowing({"container_memory_usage_bytes", "container_processes"});
  CHECK(expression_warnings("container_processes > 5", options).empty());
  CHECK(expression_warnings("sum(container_memory_use_bytes) > 5", options) ==
        Told{"r.yaml:5:15: nothing measures `container_memory_use_bytes`, did you mean "
             "`container_memory_usage_bytes`?"});
  CHECK(expression_warnings("up == 0", options) == Told{"r.yaml:5:11: nothing measures `up`"});
  CHECK(expression_warnings("{a=\"b\"} == 0", options).empty());
  CHECK(expression_warnings("up == 0").empty());
}

TEST_CASE("what a rule records is measured") {
  CHECK(warnings(R"(groups:
- name: g
  rules:
  - {record: "a:b", expr: up}
  - {alert: A, expr: "a:b > 1"}
)",
                 knowing({"up"}))
            .empty());
}

TEST_CASE("a selector that nothing can match is told") {
  CHECK(expression_warnings("up{a=\"b\", c=\"d\", a=\"x\"}") ==
        Told{"r.yaml:5:11: nothing matches: `a` would need two values"});
}

TEST_CASE("matchers of one label that exclude each other are told") {
  const Told excluded{
      "r.yaml:5:11: nothing matches: `a` cannot be `b` and meet its other matchers"};
  CHECK(expression_warnings("up{a=\"b\", a!=\"b\"}") == excluded);
  CHECK(expression_warnings("up{a=~\"c.*\", a=\"b\"}") == excluded);
  CHECK(expression_warnings("up{a=\"b\", a!~\"b|c\"}") == excluded);
  CHECK(expression_warnings("up{a=\"b\", a=~\"b|c\", a!=\"c\", b=\"\"}").empty());
  CHECK(expression_warnings("up{a=~\"b\", a=~\"c\"}").empty());
}

TEST_CASE("a value that a label with few values never has is told") {
  rule::CheckOptions options = knowing({"faults_total", "other"});
  options.fixed_labels["faults_total"]["kind"] = {"major", "minor"};
  CHECK(expression_warnings("faults_total{kind=\"majro\"} > 5", options) ==
        Told{"r.yaml:5:11: nothing matches: `kind` of `faults_total` is always one of: major, "
             "minor"});
  CHECK(expression_warnings("faults_total{kind=\"\"} > 5", options).size() == 1);
  CHECK(expression_warnings("faults_total{kind=~\"x.*\"} > 5", options).size() == 1);
  CHECK(expression_warnings("faults_total{kind=~\"ma.*\", name!=\"\"} > 5", options).empty());
  CHECK(expression_warnings("faults_total{kind!=\"major\"} > 5", options).empty());
  CHECK(expression_warnings("other{kind=\"x\"} > 5", options).empty());
}

TEST_CASE("a window over a recorded metric is measured by the interval of its group") {
  const auto told = [](const std::string& window) {
    return warnings(
        "groups:\n- name: g\n  interval: 30s\n  rules:\n  - {record: \"a:b\", expr: up}\n"
        "- name: h\n  rules:\n  - {alert: A, expr: \"max_over_time(a:b[" +
        window + "]) > 1\"}\n");
  };
  CHECK(told("59s") ==
        Told{"r.yaml:8:37: a window of 59s is shorter than two intervals of the group "
             "that records it, which take 1m"});
  CHECK(told("1m").empty());
}

TEST_CASE("an expression that never has a value is told at the part that has none") {
  CHECK(expression_warnings("sum(up > 5 < 3)") ==
        Told{"r.yaml:5:22: this never has a value: no value is both > 5 and < 3"});
  CHECK(expression_warnings("up > 3 < 5").empty());
}

TEST_CASE("an expression whose value does not decide is told") {
  const Told always{"r.yaml:5:11: this fires whatever the values are"};
  CHECK(expression_warnings("up > bool 5") == always);
  CHECK(expression_warnings("(up > bool 5)").size() == 1);
  CHECK(expression_warnings("1") == always);
  CHECK(expression_warnings("(up > bool 5) == 1").empty());
}

TEST_CASE("a template that fails on a series without labels is told") {
  const Told told = key_warnings("annotations: {a: '{{ humanize $labels.a }}', b: '{{ $value }}'}");
  REQUIRE(told.size() == 1);
  CHECK(told[0].starts_with("r.yaml:6:22: this template fails on a series without labels: 1:"));
  CHECK(key_warnings("labels: {a: '{{ humanize $labels.a }}'}").size() == 1);
}

TEST_CASE("a label that is always overwritten is told") {
  CHECK(key_warnings("labels: {alertname: B}") ==
        Told{"r.yaml:6:25: the label `alertname` is always the name of the alert"});
}

TEST_CASE("a rule that stands twice is told") {
  CHECK(warnings(R"(groups:
- name: g
  labels: {team: node}
  rules:
  - {alert: A, expr: up, labels: {severity: page}}
  - {alert: A, expr: down, labels: {severity: page}}
  - {alert: A, expr: down, labels: {severity: info}}
)") == Told{"r.yaml:6:5: a rule with this name and these labels stands in line 5 too"});
}

TEST_CASE("one metric may be recorded by several expressions, but not twice by one") {
  const auto told = [](const std::string& second) {
    return warnings(
        "groups:\n- name: g\n  rules:\n  - {record: \"a:b\", expr: up}\n  - {record: \"a:b\", "
        "expr: " +
        second + "}\n");
  };
  CHECK(told("down").empty());
  CHECK(told("up").size() == 1);
}

TEST_CASE("rules with mistakes are left to load()") {
  CHECK(warnings("groups: [").empty());
  CHECK(warnings(R"(groups:
- name: g
  rules:
  - {alert: A, expr: 'rate(up[1s'}
  - {alert: B, expr: 'rate(up[1s])'}
)")
            .size() == 1);
}
