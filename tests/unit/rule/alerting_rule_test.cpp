// What an alerting rule makes of its expression's value: labels, annotations, failures.
#include "rule/alerting_rule.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using promql::Vector;
using rule::AlertingRule;

namespace {

rule::RuleSpec spec(const std::string& rest, const std::string& head = "{alert: Busy, expr: up, ") {
  const rule::RuleFile file =
      rule::read_rule_file({"r.yaml", "groups:\n- name: g\n  rules:\n  - " + head + rest + "}\n"});
  REQUIRE(file.mistakes.empty());
  return file.groups.at(0).rules.at(0);
}

AlertingRule make(const std::string& rest, std::size_t limit = 0) {
  return {"g", spec(rest), limit, 42};
}

const rule::External kExternal{{{"cluster", "blue"}}, "http://prometheus"};

Vector web(double value) {
  return {{{{{"__name__", "up"}, {"name", "web"}}, value}}, ""};
}

}  // namespace

TEST_CASE("the lifecycle learns what is written in the rule") {
  const AlertingRule rule = make("for: 5s, keep_firing_for: 1m");
  CHECK(rule.rule().group == "g");
  CHECK(rule.rule().name == "Busy");
  CHECK(rule.rule().hold == 5s);
  CHECK(rule.rule().keep_firing_for == 1min);
  CHECK(rule.rule().expression == "up");
  CHECK(rule.rule().identity == 42);
}

TEST_CASE("a value without elements is a good result without breaches") {
  AlertingRule rule = make("");
  const RuleResult result = rule.judge({}, kExternal);
  CHECK(result.rule == &rule.rule());
  CHECK(result.breaches.empty());
  CHECK_FALSE(result.withhold_resolves);
}

TEST_CASE("a breach has the element's labels without the name, the rule's over them, alertname") {
  AlertingRule rule = make(
      "labels: {severity: page, name: \"<{{ $labels.name }}>\", value: '{{ .Value }}', "
      "where: '{{ $externalLabels.cluster }} {{ $externalURL }}', metric: '{{ $labels.__name__ "
      "}}'}");
  const RuleResult result = rule.judge(web(7), kExternal);
  REQUIRE(result.breaches.size() == 1);
  CHECK(result.breaches[0].labels == Labels{{"alertname", "Busy"},
                                            {"metric", "up"},
                                            {"name", "<web>"},
                                            {"severity", "page"},
                                            {"value", "7"},
                                            {"where", "blue http://prometheus"}});
  CHECK(result.breaches[0].series == Labels{{"__name__", "up"}, {"name", "web"}});
  CHECK(result.breaches[0].value == 7);
}

TEST_CASE("a label that renders to nothing is removed") {
  AlertingRule rule = make("labels: {name: '', area: '{{ $labels.nosuch }}'}");
  CHECK(rule.judge(web(7), kExternal).breaches.at(0).labels == Labels{{"alertname", "Busy"}});
}

TEST_CASE("the name of the alert cannot be overwritten") {
  AlertingRule rule = make("labels: {alertname: Calm}");
  CHECK(rule.judge(web(7), kExternal).breaches.at(0).labels.get("alertname") == "Busy");
}

TEST_CASE("a template that fails shows its error, and the alert is there") {
  AlertingRule rule = make("labels: {a: '{{ humanize $labels.name }}'}");
  const RuleResult result = rule.judge(web(7), kExternal);
  CHECK(result.breaches.at(0).labels.get("a").starts_with("<error expanding template: "));
  CHECK(rule.health().failures() == 0);
}

TEST_CASE("an expression that failed fails the rule until it is good again") {
  AlertingRule rule = make("");
  const RuleResult result = rule.judge({{}, "too many"}, kExternal);
  CHECK(result.rule == &rule.rule());
  CHECK(result.breaches.empty());
  CHECK(result.withhold_resolves);
  CHECK(rule.health().failures() == 1);
  CHECK(rule.health().last_error() == "too many");

  CHECK_FALSE(rule.judge(web(1), kExternal).withhold_resolves);
  CHECK(rule.health().failures() == 1);
  CHECK(rule.health().last_error().empty());
}

TEST_CASE("more results than the limit fail the rule") {
  AlertingRule rule = make("", 1);
  CHECK(rule.judge(web(1), kExternal).breaches.size() == 1);
  Vector two = web(1);
  two.elements.push_back({{{"name", "db"}}, 1});
  const RuleResult result = rule.judge(two, kExternal);
  CHECK(result.breaches.empty());
  CHECK(result.withhold_resolves);
  CHECK(rule.health().last_error() == "2 results are more than the limit of 1");
}

TEST_CASE("two results with the same labels fail the rule") {
  AlertingRule rule = make("");
  Vector two = web(1);
  two.elements.push_back({{{"__name__", "down"}, {"name", "web"}}, 1});
  CHECK(rule.judge(two, kExternal).withhold_resolves);
  CHECK(rule.health().last_error() ==
        "two results have the labels {alertname=\"Busy\", name=\"web\"}");

  AlertingRule kept_apart = make("labels: {metric: '{{ $labels.__name__ }}'}");
  CHECK(kept_apart.judge(two, kExternal).breaches.size() == 2);
}

TEST_CASE("annotations are rendered with the alert's series and value") {
  const AlertingRule rule = make(
      "annotations: {summary: \"{{ $labels.name }} {{ $value }}\", empty: '', bad: '{{ "
      "humanize $labels.name }}'}");
  Alert alert;
  alert.labels = {{"alertname", "Busy"}, {"name", "changed"}};
  alert.series = {{"name", "web"}};
  alert.value = 3;
  rule.describe(alert, kExternal);
  CHECK(alert.annotations.get("summary") == "web 3");
  CHECK(alert.annotations.get("bad").starts_with("<error expanding template: "));
  CHECK_FALSE(alert.annotations.has("empty"));
}

TEST_CASE("a rule keeps its identity as long as it is the same text") {
  const std::uint64_t same = identity_of("g", spec("for: 5s"), 0);
  CHECK(identity_of("g", spec("for: 5s"), 0) == same);
  CHECK(identity_of("h", spec("for: 5s"), 0) != same);
  CHECK(identity_of("g", spec("for: 5s"), 1) != same);
  for (const std::string changed : {"for: 6s", "for: 5s, keep_firing_for: 1s",
                                    "for: 5s, labels: {a: b}", "for: 5s, annotations: {a: b}"}) {
    CHECK(identity_of("g", spec(changed), 0) != same);
  }
  CHECK(identity_of("g", spec("for: 5s", "{alert: Calm, expr: up, "), 0) != same);
  CHECK(identity_of("g", spec("for: 5s", "{alert: Busy, expr: down, "), 0) != same);
  CHECK(identity_of("g", spec("labels: {a: b}"), 0) !=
        identity_of("g", spec("annotations: {a: b}"), 0));
}
