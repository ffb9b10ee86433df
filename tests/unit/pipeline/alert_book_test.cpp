// Rules that select ALERTS, with the life of the alerts between them.
#include "alert_book.h"

#include "support/rule_host.h"

using namespace cgsentry;
using namespace cgsentry::test;
using rule::RuleSet;

namespace {

/// Rules with a life of their alerts.
struct Story {
  explicit Story(const std::string& text) : rules(load(text)) {}
  Told tick() {
    const alert::Gone gone = [](const Labels&) { return false; };
    LiveAlerts book(lifecycle, host.now + 1s, {}, gone);
    return told(host.tick(rules, false, &book));
  }
  RuleSet rules;
  Host host;
  alert::Lifecycle lifecycle{"node"};
};

}  // namespace

TEST_CASE("rules see the alerts of the rules before them, and those after as they were") {
  Story story(R"-(groups:
- name: g
  rules:
  - {alert: Before, expr: 'count by (alertname, alertstate) (ALERTS{alertname="Busy"})'}
  - {alert: Busy, expr: cpu > 5, for: 1s, labels: {severity: page}}
  - {alert: After, expr: 'ALERTS{alertname="Busy"}'}
  - {alert: Since, expr: 'ALERTS_FOR_STATE{alertname="Busy"} - 1700000000'}
)-");
  story.host.set(story.host.cpu, 0, 9);
  const std::string busy = R"(Busy{name="web", severity="page"} 9)";
  const std::string since = R"(Since{name="web", severity="page"} 1)";
  CHECK(story.tick() ==
        Told{busy, R"(After{alertstate="pending", name="web", severity="page"} 1)", since});
  CHECK(story.tick() == Told{R"(Before{alertstate="pending"} 1)", busy,
                             R"(After{alertstate="firing", name="web", severity="page"} 1)",
                             since});
  story.host.set(story.host.cpu, 0, 0);
  CHECK(story.tick() == Told{R"(Before{alertstate="firing"} 1)"});
  CHECK(story.tick().empty());
}

TEST_CASE("a selector without a name sees recorded series and alerts") {
  Story story(R"-(groups:
- name: g
  rules:
  - {alert: Busy, expr: cpu > 5}
  - {record: r, expr: cpu > 5}
  - {alert: Names, expr: 'count(count by (__name__) ({name="web"}))'}
)-");
  story.host.set(story.host.cpu, 0, 9);
  const auto lines = story.tick();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == "Names{} 5");  // cpu, memory, ALERTS, ALERTS_FOR_STATE and r
}
