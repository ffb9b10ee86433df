// Rules that take over from others: windows, recorded series, schedules, and what is withheld.
#include "support/rule_host.h"

using namespace cgsentry;
using namespace cgsentry::test;
using rule::RuleSet;

namespace {

constexpr const char* kRules = R"(groups:
- name: g
  rules:
  - {record: r, expr: cpu}
  - {alert: Range, expr: 'delta(cpu{name="web"}[3s]) > 0'}
  - {alert: Instant, expr: 'cpu{name="web"} > 0'}
  - {alert: Recorded, expr: 'delta(r{name="web"}[3s]) > 0'}
)";

/// One letter per alerting rule: small when it has no breach, with "!" when resolves are withheld.
std::string marks(const std::vector<RuleResult>& results) {
  std::string text;
  for (const RuleResult& result : results) {
    const char letter = result.rule->name[0];
    text += result.breaches.empty() ? static_cast<char>(letter + 'a' - 'A') : letter;
    text += result.withhold_resolves ? "!" : "";
  }
  return text;
}

/// cpu grows by one in each tick.
std::string tick(Host& host, RuleSet& rules) {
  static double cpu = 0;
  host.set(host.cpu, 0, ++cpu);
  return marks(host.tick(rules));
}

RuleSet run(Host& host, const std::string& text, int ticks) {
  RuleSet rules = load(text);
  for (int i = 0; i < ticks; ++i) {
    tick(host, rules);
  }
  return rules;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("the same rules go on as if nothing had happened") {
  Host host;
  RuleSet old = run(host, kRules, 5);
  RuleSet fresh = load(kRules);
  fresh.take_over(old, host.now);
  CHECK(tick(host, fresh) == "RIR");
}

TEST_CASE("a new expression begins with nothing and withholds its resolves so long") {
  Host host;
  RuleSet old = run(host, kRules, 5);
  RuleSet fresh = load(replaced(kRules, "delta(cpu", "increase(cpu"));
  fresh.take_over(old, host.now);
  CHECK(tick(host, fresh) == "R!IR");  // the window of cpu is there all the same
  CHECK(tick(host, fresh) == "R!IR");
  CHECK(tick(host, fresh) == "RIR");
}

TEST_CASE("a rule that reads what is recorded anew withholds its resolves") {
  Host host;
  RuleSet old = run(host, kRules, 5);
  RuleSet fresh = load(replaced(kRules, "expr: cpu}", "expr: cpu * 2}"));
  fresh.take_over(old, host.now);
  CHECK(tick(host, fresh) == "RIr!");
  CHECK(tick(host, fresh) == "RIR!");
  // A second reload does not shorten that, nor make it longer.
  RuleSet again = load(replaced(kRules, "expr: cpu}", "expr: cpu * 2}"));
  again.take_over(fresh, host.now);
  CHECK(tick(host, again) == "RIR");
  CHECK(tick(host, again) == "RIR");
}

TEST_CASE("a group stays due when it was, and counts go on") {
  const std::string slow = R"(groups:
- name: g
  interval: 4s
  rules: [{alert: Slow, expr: '{name="web"} > 0'}]
)";
  Host host;
  host.set(host.memory, 0, 1);
  RuleSet old = run(host, slow, 3);  // due in the first tick, and in the fifth
  CHECK(old.failures() == 1);
  RuleSet fresh = load(slow);
  fresh.take_over(old, host.now);
  CHECK(fresh.failures() == 1);
  CHECK(tick(host, fresh).empty());
  CHECK(tick(host, fresh) == "s!");
  CHECK(fresh.failures() == 2);
}
