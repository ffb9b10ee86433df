// The loaded rules at work: samples in, results out; and what loading refuses.
#include "rule/rule_set.h"

#include <set>

#include "support/rule_host.h"
#include "yaml/fields.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;
using rule::RuleSet;

namespace {

Told refused(const std::vector<rule::SourceFile>& files) {
  const auto rules = rule::load(files);
  Told told;
  if (!rules) {
    for (const yaml::Mistake& mistake : rules.error()) {
      told.push_back(mistake.to_string());
    }
  }
  return told;
}

constexpr std::string_view kBusy = R"(groups:
- name: g
  rules:
  - alert: Busy
    expr: cpu > 5
    labels: {severity: page}
    annotations: {text: "{{ $labels.name }} at {{ $value }} in {{ $externalLabels.cluster }}"}
)";

}  // namespace

TEST_CASE("a rule gives a result in each tick, with a breach per element") {
  RuleSet rules = load(std::string(kBusy));
  Host host;
  const auto& calm = host.tick(rules);
  REQUIRE(calm.size() == 1);
  CHECK(calm[0].rule == rules.alert_rules().at(0));
  CHECK(calm[0].breaches.empty());
  CHECK_FALSE(calm[0].withhold_resolves);

  host.set(host.cpu, 0, 9);
  const auto& busy = host.tick(rules);
  REQUIRE(busy.size() == 1);
  REQUIRE(busy[0].breaches.size() == 1);
  CHECK(busy[0].breaches[0].labels ==
        Labels{{"alertname", "Busy"}, {"name", "web"}, {"severity", "page"}});
  CHECK(busy[0].breaches[0].series.get("name") == "web");
  CHECK(busy[0].breaches[0].value == 9);
  CHECK(rules.memory_bytes() > 0);
}

TEST_CASE("pointers to the rules stay when the set moves") {
  RuleSet rules = load(std::string(kBusy));
  const AlertRule* rule = rules.alert_rules().at(0);
  RuleSet moved = std::move(rules);
  Host host;
  CHECK(host.tick(moved).at(0).rule == rule);
}

TEST_CASE("a blind tick withholds the resolves of every rule") {
  RuleSet rules = load(std::string(kBusy));
  Host host;
  host.set(host.cpu, 0, 9);
  CHECK(host.tick(rules, true).at(0).withhold_resolves);
  CHECK(host.tick(rules, true).at(0).breaches.size() == 1);
  CHECK_FALSE(host.tick(rules).at(0).withhold_resolves);
}

TEST_CASE("a rule that fails is counted and shows why, the others go on") {
  RuleSet rules = load(R"(groups:
- name: g
  rules:
  - {alert: Twins, expr: '{__name__=~"cpu|memory"} > 5'}
  - {alert: Broken, expr: "{__name__=~'cpu|memory'} + on () group_left () cpu"}
  - {alert: Busy, expr: cpu > 5}
)");
  Host host;
  host.set(host.cpu, 0, 9);
  host.set(host.memory, 0, 9);
  const auto results = host.tick(rules);
  REQUIRE(results.size() == 3);
  CHECK(results[0].withhold_resolves);
  CHECK(results[0].breaches.empty());
  CHECK(results[1].withhold_resolves);
  CHECK_FALSE(results[2].withhold_resolves);
  CHECK(results[2].breaches.size() == 1);
  CHECK(rules.failures() == 2);
  const auto infos = rules.rules();
  REQUIRE(infos.size() == 3);
  CHECK(infos[0].failures == 1);
  CHECK_FALSE(infos[0].last_error.empty());
  CHECK_FALSE(infos[1].last_error.empty());
  CHECK(infos[2].last_error.empty());
}

TEST_CASE("the limit is that of the group") {
  RuleSet rules = load(R"(groups:
- name: g
  limit: 1
  rules:
  - {alert: Busy, expr: cpu > 5}
)");
  Host host;
  host.set(host.cpu, 0, 9);
  CHECK(host.tick(rules).at(0).breaches.size() == 1);
  host.set(host.cpu, 1, 9);
  CHECK(host.tick(rules).at(0).withhold_resolves);
}

TEST_CASE("a group with an interval has results only when it is due") {
  RuleSet rules = load(R"(groups:
- name: slow
  interval: 3s
  rules: [{alert: Slow, expr: cpu > 5}]
- name: fast
  rules: [{alert: Fast, expr: cpu > 5}]
)");
  Host host;
  std::string told;
  for (int i = 0; i < 7; ++i) {
    for (const RuleResult& result : host.tick(rules)) {
      told += result.rule->name[0];
    }
    told += ' ';
  }
  CHECK(told == "SF F F SF F F SF ");
  CHECK(rules.rules().at(0).interval == 3s);
  CHECK(rules.rules().at(1).interval == 1s);
  CHECK(rules.rules().at(1).file == "r.yaml");
}

TEST_CASE("intervals of groups are ignored where that is asked for") {
  rule::RuleSetOptions options;
  options.ignore_group_intervals = true;
  RuleSet rules = load(R"(groups:
- name: slow
  interval: 3s
  rules: [{alert: Slow, expr: cpu > 5}]
)",
                       std::move(options));
  Host host;
  for (int i = 0; i < 4; ++i) {
    CHECK(host.tick(rules).size() == 1);
  }
}

TEST_CASE("transitions of these rules get their annotations, others are left alone") {
  rule::RuleSetOptions options;
  options.external_labels = {{"cluster", "blue"}};
  RuleSet rules = load(std::string(kBusy), std::move(options));
  const AlertRule other;
  std::vector<Transition> transitions(3);
  transitions[0].rule = rules.alert_rules().at(0);
  transitions[0].alert.series = {{"name", "web"}};
  transitions[0].alert.value = 7;
  transitions[1].rule = &other;
  transitions[1].alert.annotations = {{"text", "kept"}};
  rules.describe(transitions);
  CHECK(transitions[0].alert.annotations == Labels{{"text", "web at 7 in blue"}});
  CHECK(transitions[1].alert.annotations == Labels{{"text", "kept"}});
  CHECK(transitions[2].alert.annotations.empty());
}

TEST_CASE("identities stay over a reload, and equal rules differ") {
  const std::string text = R"(groups:
- name: g
  rules:
  - {alert: A, expr: up}
  - {alert: A, expr: up}
  - {alert: A, expr: up}
  - {alert: B, expr: up}
)";
  const RuleSet one = load(text);
  const RuleSet two = load(text);
  std::set<std::uint64_t> identities;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(one.alert_rules()[i]->identity == two.alert_rules()[i]->identity);
    identities.insert(one.alert_rules()[i]->identity);
  }
  CHECK(identities.size() == 4);
}

TEST_CASE("no files are no rules") {
  const auto rules = rule::load({});
  REQUIRE(rules);
  CHECK(rules->alert_rules().empty());
  CHECK(rules->failures() == 0);
}

TEST_CASE("loading tells the mistakes of all files, each at its place") {
  CHECK(refused({{"a.yaml", R"(groups:
- name: g
  rules:
  - record: a:sum
    expr: sum(a @ 3)
  - alert: A
    expr: up ==
)"},
                 {"b.yaml", "groups:\n- rules: []\n"}}) ==
        Told{"a.yaml:5:15: `@` with a fixed time is not supported on a live node",
             "a.yaml:7:16: unexpected end of input", "b.yaml:2:3: key `name` is missing"});
}

TEST_CASE("what the engine refuses is told where it stands in the file") {
  CHECK(refused({{"a.yaml", R"(groups:
- name: g
  rules:
  - alert: A
    expr: |
      cpu > 1 and
        up @ 1
  - alert: B
    expr:
)"}}) == Told{"a.yaml:7:9: `@` with a fixed time is not supported on a live node",
              "a.yaml:8:5: key `expr` is missing"});
}

TEST_CASE("windows live as long as the set") {
  RuleSet rules = load(R"(groups:
- name: g
  rules:
  - {alert: Grows, expr: "delta(memory[3s]) > 5"}
)");
  Host host;
  Told told;
  for (int i = 0; i < 6; ++i) {
    host.set(host.memory, 1, i < 2 ? 0 : 10);
    const auto& breaches = host.tick(rules).at(0).breaches;
    told.push_back(breaches.empty() ? "" : std::string(breaches[0].labels.get("name")));
  }
  CHECK(told == Told{"", "", "db", "db", "", ""});
}

TEST_CASE("there are limits to the rules of one file and of all, and to their patterns") {
  const auto file = [](std::size_t rules, const std::string& expression, const std::string& rest) {
    std::string text = "groups:\n- name: g\n  rules:\n";
    for (std::size_t i = 0; i < rules; ++i) {
      text += "  - {alert: A, expr: '" + expression + "'" + rest + "}\n";
    }
    return text;
  };
  CHECK(refused({{"r.yaml", file(rule::kMaxRules + 1, "up", "")}}) ==
        Told{"r.yaml:10004:5: there are more than 10000 rules"});
  const std::string half = file(rule::kMaxRules / 2 + 1, "up", "");
  CHECK(refused({{"a.yaml", half}, {"b.yaml", half}, {"c.yaml", half}}) ==
        Told{"b.yaml:1:1: the files up to here have more than 10000 rules, or patterns that are "
             "too large"});
  const std::string large = R"(up{a=~"[^a]{999}"})";
  const Told told = refused({{"r.yaml", file(1'000, large, "")}});
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("the patterns of the rules up to here are too large") != std::string::npos);
  const Told queried =
      refused({{"r.yaml",
                file(1'000, "up", R"(, annotations: {a: "{{ query `up{a=~\"[^a]{999}\"}` }}"})")}});
  REQUIRE(queried.size() == 1);
  CHECK(queried[0].find("the patterns of the rules") != std::string::npos);
}

TEST_CASE("of very many mistakes the first ones are told") {
  std::string text = "groups:\n- name: g\n  rules:\n";
  for (int i = 0; i < 5'000; ++i) {
    text += "  - {alert: A, expr: up >}\n";
  }
  const Told told = refused({{"r.yaml", text}});
  REQUIRE(told.size() == yaml::kMaxMistakes + 1);
  CHECK(told.back() == "r.yaml:104:26: there are more mistakes from here on");
}
