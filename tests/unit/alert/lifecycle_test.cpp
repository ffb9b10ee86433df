// Tests alert/lifecycle: the states of one alert, told second by second.
#include "alert/lifecycle.h"

#include <chrono>

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using alert::Lifecycle;

namespace {

constexpr Timestamp kStart{1'000'000s};

/// One rule, one container, ticks at seconds after kStart.
struct Story {
  AlertRule rule;
  Lifecycle lifecycle{"node-1"};
  bool gone = false;
  bool blind = false;
  Duration wall_offset{};

  explicit Story(Duration hold = 0s, Duration keep_firing_for = 0s) {
    rule.group = "cpu";
    rule.name = "Busy";
    rule.hold = hold;
    rule.keep_firing_for = keep_firing_for;
    rule.identity = 1;
  }

  std::vector<Transition> advance(Duration at, std::vector<Breach> breaches) {
    return lifecycle.advance({RuleResult{&rule, std::move(breaches), blind}}, kStart + at,
                             wall_offset, [this](const Labels&) { return gone; });
  }
  std::vector<Transition> breach(Duration at, double value = 1, const std::string& name = "web") {
    return advance(at, {Breach{{{"alertname", "Busy"}, {"name", name}}, {{"name", name}}, value}});
  }
  std::vector<Transition> quiet(Duration at) { return advance(at, {}); }
};

}  // namespace

TEST_CASE("without `for` an alert fires in the tick of its first breach") {
  Story story;
  const auto told = story.breach(0s, 42);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == Transition::Kind::firing);
  CHECK(told[0].rule == &story.rule);
  CHECK(told[0].node == "node-1");
  CHECK(told[0].alert.value == 42);
  CHECK(told[0].alert.starts_at == kStart);
  CHECK_FALSE(told[0].alert.ends_at);
  CHECK(told[0].alert.reason == ResolveReason::none);
  CHECK(told[0].alert.fingerprint == told[0].alert.labels.fingerprint());
}

TEST_CASE("`for` may be days: it is a time that is kept, not a window") {
  constexpr Duration kWeek = 7 * 24h;
  Story story(kWeek);
  for (Duration at = 0s; at < kWeek; at += 1h) {
    CHECK(story.breach(at).empty());
  }
  CHECK(story.breach(kWeek - 1s).empty());
  const auto told = story.breach(kWeek);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == Transition::Kind::firing);
  CHECK(told[0].alert.starts_at == kStart + kWeek);
}

TEST_CASE("an alert is pending for exactly `for` and starts when it fires") {
  Story story(3s);
  CHECK(story.breach(0s).empty());
  CHECK(story.breach(1s).empty());
  CHECK(story.breach(2999ms).empty());
  CHECK(story.lifecycle.active().at(0).state == AlertState::pending);
  const auto told = story.breach(3s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].alert.starts_at == kStart + 3s);
  CHECK(story.lifecycle.active().at(0).state == AlertState::firing);
  CHECK(story.lifecycle.active().at(0).active_at == kStart);
  CHECK(story.lifecycle.active().at(0).rule_identity == story.rule.identity);
}

TEST_CASE("one tick without the breach starts `for` anew") {
  Story story(3s);
  CHECK(story.breach(0s).empty());
  CHECK(story.quiet(1s).empty());
  CHECK(story.lifecycle.active().empty());
  CHECK(story.breach(2s).empty());
  CHECK(story.breach(4s).empty());
  CHECK(story.breach(5s).size() == 1);
}

TEST_CASE("a firing alert is told once, and once more when it is cleared") {
  Story story;
  CHECK(story.breach(0s, 5).size() == 1);
  CHECK(story.breach(1s, 7).empty());
  const auto told = story.quiet(2s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == Transition::Kind::resolved);
  CHECK(told[0].alert.reason == ResolveReason::cleared);
  CHECK(told[0].alert.starts_at == kStart);
  CHECK(told[0].alert.ends_at == kStart + 2s);
  CHECK(told[0].alert.value == 7);  // the last breach's
  CHECK(told[0].alert.series.get("name") == "web");
  CHECK(story.quiet(3s).empty());
  CHECK(story.lifecycle.active().empty());
}

TEST_CASE("keep_firing_for counts from the first tick without the breach") {
  Story story(0s, 3s);
  CHECK(story.breach(0s).size() == 1);
  CHECK(story.quiet(10s).empty());
  CHECK(story.lifecycle.active().at(0).kept_firing);
  CHECK(story.quiet(12999ms).empty());
  CHECK(story.quiet(13s).size() == 1);
}

TEST_CASE("a breach during keep_firing_for starts it anew") {
  Story story(0s, 3s);
  CHECK(story.breach(0s).size() == 1);
  CHECK(story.quiet(1s).empty());
  CHECK(story.breach(2s).empty());
  CHECK_FALSE(story.lifecycle.active().at(0).kept_firing);
  CHECK(story.quiet(4s).empty());
  CHECK(story.quiet(6s).empty());
  CHECK(story.quiet(7s).size() == 1);
}

TEST_CASE("keep_firing_for does not keep a pending alert") {
  Story story(5s, 60s);
  CHECK(story.breach(0s).empty());
  CHECK(story.quiet(1s).empty());
  CHECK(story.lifecycle.active().empty());
}

TEST_CASE(
    "a container that goes while its alert fires gives one resolve with reason gone, at once") {
  Story story(0s, 60s);
  CHECK(story.breach(0s).size() == 1);
  story.gone = true;
  const auto told = story.quiet(1s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].alert.reason == ResolveReason::gone);
  CHECK(story.quiet(2s).empty());
}

TEST_CASE("a container that goes during keep_firing_for is not waited for") {
  Story story(0s, 60s);
  CHECK(story.breach(0s).size() == 1);
  CHECK(story.quiet(1s).empty());
  story.gone = true;
  REQUIRE(story.quiet(2s).size() == 1);
}

TEST_CASE("a pending alert whose container goes vanishes without a word") {
  Story story(10s);
  CHECK(story.breach(0s).empty());
  story.gone = true;
  CHECK(story.quiet(1s).empty());
  CHECK(story.lifecycle.active().empty());
}

TEST_CASE("a gone container whose breach is still there goes on firing") {
  Story story;
  story.gone = true;  // the window still holds its last samples
  CHECK(story.breach(0s).size() == 1);
  CHECK(story.breach(1s).empty());
  CHECK(story.quiet(2s).at(0).alert.reason == ResolveReason::gone);
}

TEST_CASE("while resolves are withheld nothing is resolved and the alert shows as degraded") {
  Story story;
  CHECK(story.breach(0s).size() == 1);
  CHECK_FALSE(story.lifecycle.active().at(0).degraded);
  story.blind = true;
  CHECK(story.quiet(1s).empty());
  story.gone = true;
  CHECK(story.quiet(2s).empty());
  CHECK(story.lifecycle.active().at(0).degraded);
  story.blind = false;
  const auto told = story.quiet(3s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].alert.degraded);
}

TEST_CASE("a breach seen in a clear tick ends the degraded state") {
  Story story;
  CHECK(story.breach(0s).size() == 1);
  story.blind = true;
  CHECK(story.quiet(1s).empty());
  story.blind = false;
  CHECK(story.breach(2s).empty());
  CHECK_FALSE(story.lifecycle.active().at(0).degraded);
  CHECK_FALSE(story.quiet(3s).at(0).alert.degraded);
}

TEST_CASE("a pending alert survives withheld ticks but fires only on a breach") {
  Story story(2s);
  CHECK(story.breach(0s).empty());
  story.blind = true;
  CHECK(story.quiet(1s).empty());
  CHECK(story.quiet(3s).empty());
  CHECK(story.lifecycle.active().at(0).state == AlertState::pending);
  const auto told = story.breach(4s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].alert.degraded);
}

TEST_CASE("withheld ticks do not begin keep_firing_for") {
  Story story(0s, 5s);
  CHECK(story.breach(0s).size() == 1);
  story.blind = true;
  CHECK(story.quiet(1s).empty());
  story.blind = false;
  CHECK(story.quiet(10s).empty());
  CHECK(story.quiet(14s).empty());
  CHECK(story.quiet(15s).size() == 1);
}

TEST_CASE("a rule without a result in a tick was not evaluated and keeps its alerts") {
  Story story;
  CHECK(story.breach(0s).size() == 1);
  CHECK(story.lifecycle.advance({}, kStart + 1s, {}, [](const Labels&) { return true; }).empty());
  CHECK(story.lifecycle.active().size() == 1);
}

TEST_CASE("a stepped wall clock changes what is told, not what happens") {
  Story story(2s);
  CHECK(story.breach(0s).empty());
  story.wall_offset = -3600s;
  CHECK(story.breach(1s).empty());
  const auto fired = story.breach(2s);
  REQUIRE(fired.size() == 1);
  CHECK(fired[0].alert.starts_at == kStart + 2s - 3600s);
}

TEST_CASE("an alert never ends before it began, whatever the wall clock does") {
  Story story;
  const auto fired = story.breach(0s);
  story.wall_offset = -3600s;
  const auto resolved = story.quiet(1s);
  REQUIRE(resolved.size() == 1);
  CHECK(resolved[0].alert.starts_at == fired.at(0).alert.starts_at);
  CHECK(resolved[0].alert.ends_at == resolved[0].alert.starts_at);
}

TEST_CASE("alerts of different labels live apart") {
  Story story;
  CHECK(story.breach(0s, 1, "web").size() == 1);
  const auto told = story.breach(1s, 1, "db");
  REQUIRE(told.size() == 2);
  CHECK(story.lifecycle.active().size() == 1);
}

TEST_CASE(
    "the key is equal for equal transitions and differs between firing, resolve and relapse") {
  Story story;
  const auto fired = story.breach(0s).at(0);
  const auto resolved = story.quiet(1s).at(0);
  const auto again = story.breach(2s).at(0);
  CHECK(fired.key == alert::idempotency_key(fired.alert, Transition::Kind::firing));
  CHECK(fired.key != resolved.key);
  CHECK(fired.key != again.key);
}

TEST_CASE("alerts over a rule's limit are refused and counted") {
  Story story;
  story.lifecycle = Lifecycle("node-1", {2, 10});
  std::vector<Breach> breaches;
  for (const char* name : {"a", "b", "c", "d"}) {
    breaches.push_back({{{"name", name}}, {{"name", name}}, 1});
  }
  CHECK(story.advance(0s, breaches).size() == 2);
  CHECK(story.lifecycle.counts().firing == 2);
  CHECK(story.lifecycle.counts().refused_total == 2);
  CHECK(story.quiet(1s).size() == 2);
  CHECK(story.advance(2s, {breaches[2]}).size() == 1);  // room again
}

TEST_CASE("alerts over the limit of all rules are refused, those that are active stay") {
  Story story;
  story.lifecycle = Lifecycle("node-1", {10, 1});
  AlertRule other = story.rule;
  other.identity = 2;
  CHECK(story.breach(0s).size() == 1);
  const RuleResult result{&other, {Breach{{{"alertname", "Other"}}, {}, 1}}, false};
  const auto never = [](const Labels&) { return false; };
  CHECK(story.lifecycle.advance({result}, kStart + 1s, {}, never).empty());
  CHECK(story.lifecycle.counts().refused_total == 1);
  CHECK(story.quiet(2s).size() == 1);
  CHECK(story.lifecycle.advance({result}, kStart + 3s, {}, never).size() == 1);
}

TEST_CASE("a reload keeps the state of a rule that is the same text") {
  Story story(3s);
  CHECK(story.breach(0s).empty());
  AlertRule reloaded = story.rule;
  CHECK(story.lifecycle.replace_rules({&reloaded}, kStart + 1s, {}).empty());
  story.rule.name = "freed";  // the old object must not be used any more
  CHECK(story.lifecycle.active().at(0).rule == "Busy");
  const auto told = story.lifecycle.advance(
      {RuleResult{&reloaded, {Breach{{{"alertname", "Busy"}, {"name", "web"}}, {}, 1}}, false}},
      kStart + 3s, {}, [](const Labels&) { return false; });
  REQUIRE(told.size() == 1);
  CHECK(told[0].rule == &reloaded);
}

TEST_CASE("a reload resolves the firing alerts of removed rules and forgets the pending ones") {
  Story story(2s);
  CHECK(story.breach(0s).empty());
  CHECK(story.breach(2s).size() == 1);
  const Breach pending{{{"name", "late"}}, {}, 1};
  const Breach firing{{{"alertname", "Busy"}, {"name", "web"}}, {{"name", "web"}}, 3};
  CHECK(story.advance(3s, {firing, pending}).empty());
  const auto told = story.lifecycle.replace_rules({}, kStart + 4s, {});
  REQUIRE(told.size() == 1);
  CHECK(told[0].rule == nullptr);
  CHECK(told[0].alert.reason == ResolveReason::rule_removed);
  CHECK(told[0].alert.value == 3);
  CHECK(told[0].alert.ends_at == kStart + 4s);
  CHECK(story.lifecycle.active().empty());
  CHECK(story.lifecycle.counts().pending == 0);
}

TEST_CASE("a rule whose text has changed is a removed rule and a new one") {
  Story story;
  CHECK(story.breach(0s).size() == 1);
  AlertRule edited = story.rule;
  edited.identity = 2;
  const auto told = story.lifecycle.replace_rules({&edited}, kStart + 1s, {});
  REQUIRE(told.size() == 1);
  CHECK(told[0].alert.reason == ResolveReason::rule_removed);
}
