// Rule files as Prometheus 3.5 reads them: every key, and every mistake at its place.
#include "rule/rule_file.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using rule::Place;
using rule::RuleSpec;

namespace {

using Told = std::vector<std::string>;

Told mistakes(const std::string& text) {
  Told told;
  for (const yaml::Mistake& mistake : rule::read_rule_file({"r.yaml", text}).mistakes) {
    told.push_back(mistake.to_string());
  }
  return told;
}

/// The mistakes of one rule, whose first line is line 4 and whose keys begin in column 5.
Told rule_mistakes(const std::string& rule) {
  return mistakes("groups:\n- name: g\n  rules:\n  - " + rule);
}

rule::RuleFile read(const std::string& text) {
  rule::RuleFile file = rule::read_rule_file({"r.yaml", text});
  for (const yaml::Mistake& mistake : file.mistakes) {
    FAIL_CHECK(mistake.to_string());
  }
  return file;
}

Told names(const std::vector<rule::TemplatedField>& fields) {
  Told all;
  for (const rule::TemplatedField& field : fields) {
    all.push_back(field.name + "=" + field.text);
  }
  return all;
}

}  // namespace

TEST_CASE("a file without groups is a good file") {
  CHECK(read("").groups.empty());
  CHECK(read("groups:\n").groups.empty());
  CHECK(read("groups: []\n").groups.empty());
  CHECK(read("groups: [{name: g}]\n").groups.at(0).rules.empty());
}

TEST_CASE("every key of a rule file is read") {
  const rule::RuleFile file = read(R"(groups:
  - name: cpu
    interval: 1m30s
    limit: 7
    query_offset: 5s
    labels: {team: node, severity: info}
    rules:
      - alert: Busy
        expr: container_cpu > 5
        for: 10s
        keep_firing_for: 1m
        labels:
          severity: "{{ if gt $value 9.0 }}high{{ end }}"
          area: 1
        annotations:
          text: '{{ $labels.name }} is busy'
      - record: job:cpu:sum
        expr: sum(container_cpu)
        labels: {code: "{{"}
  - name: memory
    rules: []
)");
  REQUIRE(file.groups.size() == 2);
  const rule::GroupSpec& group = file.groups[0];
  CHECK(group.name == "cpu");
  CHECK(group.interval == Duration(90s));
  CHECK(group.limit == 7);
  CHECK(group.query_offset == 5s);
  CHECK(group.place == Place{2, 5});
  REQUIRE(group.rules.size() == 2);

  const RuleSpec& alert = group.rules[0];
  CHECK(alert.kind == RuleSpec::Kind::alerting);
  CHECK(alert.name == "Busy");
  CHECK(alert.expression.text() == "container_cpu > 5");
  CHECK(alert.hold == 10s);
  CHECK(alert.keep_firing_for == 1min);
  CHECK(names(alert.labels) ==
        Told{"area=1", "severity={{ if gt $value 9.0 }}high{{ end }}", "team=node"});
  CHECK_FALSE(alert.labels[0].value);
  CHECK(alert.labels[1].value);
  CHECK(alert.labels[1].place == Place{13, 21});
  CHECK(names(alert.annotations) == Told{"text={{ $labels.name }} is busy"});
  CHECK(alert.place == Place{8, 9});
  CHECK(alert.expr.text == alert.expression.text());

  const RuleSpec& record = group.rules[1];
  CHECK(record.kind == RuleSpec::Kind::recording);
  CHECK(record.name == "job:cpu:sum");
  CHECK(names(record.labels) == Told{"code={{", "severity=info", "team=node"});
  CHECK_FALSE(record.labels[0].value);

  CHECK(file.groups[1].interval == std::nullopt);
  CHECK(file.groups[1].limit == 0);
}

TEST_CASE("zero durations are what their absence means") {
  const rule::RuleFile file = read(R"(groups:
- name: g
  interval: 0s
  rules:
  - {alert: A, expr: up, for: 0s, keep_firing_for: "0", labels: , annotations: }
  - {record: a, expr: up, for: 0s, annotations: {}}
)");
  CHECK(file.groups[0].interval == std::nullopt);
  CHECK(file.groups[0].rules.size() == 2);
}

TEST_CASE("as in Prometheus 3, any text can name a label, an annotation and a metric") {
  read(R"(groups:
- name: g
  rules:
  - {alert: "é a", expr: up, labels: {"my.label": x}, annotations: {"two words": x}}
  - {record: "http.requests", expr: up}
)");
}

TEST_CASE("all mistakes of a file are told in one run, in its order") {
  CHECK(mistakes(R"(group: []
groups:
- name: a
  intervall: 1s
  interval: 5
  limit: -1
  query_offset: x
  labels: [x]
  rules:
  - alert: A
    expr: up ==
    for: soon
  - alert: B
    expr: up
    label: {}
- name: a
- rules: {}
- name: ""
- x
)") == Told{"r.yaml:1:1: unknown key `group`, did you mean `groups`?",
            "r.yaml:4:3: unknown key `intervall`, did you mean `interval`?",
            "r.yaml:5:13: `interval` must be a duration from 0s to 100y, not `5`",
            "r.yaml:6:10: `limit` must be a whole number from 0 to 1000000000, not `-1`",
            "r.yaml:7:17: `query_offset` must be a duration from 0s to 100y, not `x`",
            "r.yaml:8:11: `labels` must be a map of names and texts",
            "r.yaml:11:16: unexpected end of input",
            "r.yaml:12:10: `for` must be a duration from 0s to 100y, not `soon`",
            "r.yaml:15:5: unknown key `label`, did you mean `labels`?",
            "r.yaml:16:9: group `a` stands twice in this file",
            "r.yaml:17:3: key `name` is missing", "r.yaml:17:10: `rules` must be a list",
            "r.yaml:18:9: the name of a group must not be empty",
            "r.yaml:19:3: expected a map of keys and values"});
}

TEST_CASE("good rules beside bad ones are kept") {
  const rule::RuleFile file = rule::read_rule_file({"r.yaml", R"(groups:
- name: a
  rules:
  - {alert: A, expr: "up =="}
  - {alert: B, expr: up}
)"});
  CHECK(file.mistakes.size() == 1);
  REQUIRE(file.groups.at(0).rules.size() == 1);
  CHECK(file.groups[0].rules[0].name == "B");
}

TEST_CASE("a file that is no YAML, or no map, has one mistake") {
  CHECK(mistakes("groups: [").size() == 1);
  CHECK(mistakes("- 1\n") == Told{"r.yaml:1:1: expected a map of keys and values"});
  CHECK(mistakes("groups: 1\n") == Told{"r.yaml:1:9: `groups` must be a list"});
}

TEST_CASE("a rule has one name and an expression") {
  CHECK(rule_mistakes("{}\n") == Told{"r.yaml:4:5: a rule needs a name under `alert` or `record`",
                                      "r.yaml:4:5: key `expr` is missing"});
  CHECK(rule_mistakes("alert: ''\n    expr: up\n") ==
        Told{"r.yaml:4:5: a rule needs a name under `alert` or `record`"});
  CHECK(rule_mistakes("alert: A\n    record: a\n    expr: up\n") ==
        Told{"r.yaml:5:13: a rule has either `alert` or `record`, not both"});
  CHECK(rule_mistakes("alert: [A]\n    expr: {}\n") ==
        Told{"r.yaml:4:12: `alert` must be a text", "r.yaml:5:11: `expr` must be a text"});
  CHECK(rule_mistakes("just text\n") == Told{"r.yaml:4:5: expected a map of keys and values"});
}

TEST_CASE("a mistake of an expression is told where it stands in the file") {
  CHECK(rule_mistakes("alert: A\n    expr: |\n      up\n        + nosuch(up)\n") ==
        Told{"r.yaml:7:11: unknown function with name \"nosuch\""});
  CHECK(rule_mistakes("alert: A\n    expr: 'up + nosuch(up)'\n").at(0).starts_with("r.yaml:5:17:"));
}

TEST_CASE("an expression that no evaluation can use is a mistake") {
  CHECK(rule_mistakes("{alert: A, expr: 'up[5m]'}\n") ==
        Told{"r.yaml:4:22: a rule needs a vector or a number, not a range"});
  CHECK(rule_mistakes("{record: a, expr: '\"x\"'}\n") ==
        Told{"r.yaml:4:23: a rule needs a vector or a number, not a text"});
}

TEST_CASE("labels and annotations have names and texts") {
  CHECK(rule_mistakes("alert: A\n    expr: up\n    labels: {__name__: x, a: [x], '': y}\n") ==
        Told{"r.yaml:6:14: `__name__` cannot be the name of a label",
             "r.yaml:6:30: `a` must be a text", "r.yaml:6:35: `` cannot be the name of a label"});
  CHECK(rule_mistakes("alert: A\n    expr: up\n    annotations: {\"a\\u0007\": x}\n") ==
        Told{"r.yaml:6:19: `a\uFFFD` cannot be the name of an annotation"});
}

TEST_CASE("a mistake of a template is told where it stands in the file") {
  CHECK(rule_mistakes("alert: A\n    expr: up\n    annotations:\n      text: |\n        it is\n"
                      "        {{ $nosuch }}\n")
            .at(0)
            .starts_with("r.yaml:9:12: "));
  CHECK(rule_mistakes("alert: A\n    expr: up\n    labels:\n      a: '{{ end }}'\n").size() == 1);
}

TEST_CASE("a recording rule has the name of a metric, and nothing of an alert") {
  CHECK(rule_mistakes("record: a{b=\"c\"}\n    expr: up\n") ==
        Told{"r.yaml:4:13: the name of a metric has no braces; should they be in `expr`?"});
  CHECK(rule_mistakes("record: a\n    expr: up\n    for: 1s\n    keep_firing_for: 1s\n"
                      "    annotations: {a: b}\n") ==
        Told{"r.yaml:6:10: `for` has no meaning in a recording rule",
             "r.yaml:7:22: `keep_firing_for` has no meaning in a recording rule",
             "r.yaml:8:18: `annotations` has no meaning in a recording rule"});
}
