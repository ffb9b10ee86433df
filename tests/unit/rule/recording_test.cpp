// Recording rules and query_offset: what rules see of each other.
#include "support/rule_host.h"

using namespace cgsentry;
using namespace cgsentry::test;
using rule::RuleSet;

TEST_CASE("a later rule sees what was recorded in this tick, an earlier one the tick before") {
  RuleSet rules = load(R"-(groups:
- name: g
  labels: {team: a, tier: group}
  rules:
  - {alert: Before, expr: "name:cpu:twice > 0"}
  - {record: "name:cpu:twice", expr: cpu * 2, labels: {tier: rule}}
  - {alert: After, expr: "name:cpu:twice > 0"}
- name: h
  rules:
  - {record: all, expr: "sum(name:cpu:twice)"}
  - {alert: All, expr: all > 0}
)-");
  Host host;
  host.set(host.cpu, 0, 1);
  CHECK(told(host.tick(rules)) ==
        Told{R"(After{name="web", team="a", tier="group"} 2)", "All{} 2"});
  host.set(host.cpu, 0, 2);
  CHECK(told(host.tick(rules)) == Told{R"(Before{name="web", team="a", tier="group"} 2)",
                                       R"(After{name="web", team="a", tier="group"} 4)",
                                       "All{} 4"});
  host.set(host.cpu, 0, 0);
  CHECK(told(host.tick(rules)) == Told{R"(Before{name="web", team="a", tier="group"} 4)"});
  CHECK(rules.alert_rules().size() == 3);
  CHECK(rules.rules().size() == 5);
  CHECK(rules.rules()[1].name == "name:cpu:twice");
  CHECK(rules.rules()[1].rule == nullptr);
}

TEST_CASE("the labels of a recording rule lie over those of the series") {
  RuleSet rules = load(R"-(groups:
- name: g
  rules:
  - {record: r, expr: cpu > 0, labels: {name: "", zone: z}}
  - {alert: Seen, expr: 'r{zone="z", name=""}'}
)-");
  Host host;
  host.set(host.cpu, 0, 1);
  CHECK(told(host.tick(rules)) == Told{R"(Seen{zone="z"} 1)"});
  host.set(host.cpu, 1, 1);
  CHECK(told(host.tick(rules)) == Told{R"(Seen{zone="z"} 1)"});  // the last good value
  CHECK(rules.failures() == 1);
  CHECK(
      rules.rules()[0].last_error ==
      R"(vector contains metrics with the same labelset after applying rule labels: r{zone="z"})");
  host.set(host.cpu, 1, 0);
  host.tick(rules);
  CHECK(rules.rules()[0].last_error.empty());
}

TEST_CASE("more series than the group's limit are a failure, and what was recorded stays") {
  RuleSet rules = load(R"-(groups:
- name: g
  limit: 1
  rules:
  - {record: r, expr: cpu > 0}
- name: h
  rules:
  - {alert: Seen, expr: r}
)-");
  Host host;
  host.set(host.cpu, 0, 1);
  CHECK(told(host.tick(rules)) == Told{R"(Seen{name="web"} 1)"});
  host.set(host.cpu, 1, 2);
  host.set(host.cpu, 0, 5);
  CHECK(told(host.tick(rules)) == Told{R"(Seen{name="web"} 1)"});
  CHECK(rules.failures() == 1);
  CHECK(rules.rules()[0].last_error == "2 results are more than the limit of 1");
}

TEST_CASE("a slow group's series keep their value between two of its evaluations") {
  RuleSet rules = load(R"-(groups:
- name: slow
  interval: 3s
  rules: [{record: r, expr: cpu}]
- name: fast
  rules: [{alert: Seen, expr: 'r{name="web"} > 0'}, {alert: Range, expr: 'sum_over_time(r{name="web"}[9s]) > 0'}]
)-");
  Host host;
  Told values;
  for (int i = 1; i <= 7; ++i) {
    host.set(host.cpu, 0, i);
    const auto& results = host.tick(rules);
    values.push_back(std::to_string(static_cast<long>(results[0].breaches.at(0).value)) + " " +
                     std::to_string(static_cast<long>(results[1].breaches.at(0).value)));
  }
  CHECK(values == Told{"1 1", "1 1", "1 1", "4 5", "4 5", "4 5", "7 12"});
}

TEST_CASE("a query_offset moves the evaluation and the time of what is recorded") {
  RuleSet rules = load(R"-(groups:
- name: late
  query_offset: 2s
  rules:
  - {record: r, expr: cpu}
  - {alert: Late, expr: 'r{name="web"} > 0'}
  - {alert: Range, expr: 'sum_over_time(cpu{name="web"}[2s]) > 0'}
- name: now
  rules:
  - {alert: Now, expr: 'r{name="web"} > 0'}
  - {alert: Age, expr: 'time() - timestamp(r{name="web"})'}
)-");
  Host host;
  for (int i = 1; i <= 4; ++i) {
    host.set(host.cpu, 0, i);
    host.tick(rules);
  }
  host.set(host.cpu, 0, 5);
  CHECK(told(host.tick(rules)) == Told{R"(Late{name="web"} 3)", R"(Range{name="web"} 5)",
                                       R"(Now{name="web"} 3)", R"(Age{name="web"} 2)"});
}

TEST_CASE("group_order changes the order of the groups, not of their rules") {
  rule::RuleSetOptions options;
  options.group_order = {"first", "second"};
  RuleSet rules = load(R"-(groups:
- name: second
  rules: [{alert: Second, expr: 'r{name="web"} > 0'}]
- name: first
  rules: [{record: r, expr: cpu}, {alert: First, expr: 'r{name="web"} > 0'}]
)-",
                       std::move(options));
  Host host;
  host.set(host.cpu, 0, 1);
  CHECK(told(host.tick(rules)) == Told{R"(First{name="web"} 1)", R"(Second{name="web"} 1)"});
}

TEST_CASE("series that find no room are counted") {
  rule::RuleSetOptions options;
  options.engine.max_recorded = 1;
  RuleSet rules = load(R"-(groups:
- name: g
  rules: [{record: r, expr: cpu}, {alert: A, expr: r > 0}]
)-",
                       std::move(options));
  Host host;
  host.tick(rules);
  host.tick(rules);
  CHECK(rules.refused() == 2);
  CHECK(rules.failures() == 0);
}
