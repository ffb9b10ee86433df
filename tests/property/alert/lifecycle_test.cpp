// Tests alert/lifecycle against a naive model that looks at a rule's whole history again in each
// tick, over random histories of breaches, blind ticks, removals and reloads.
#include <rapidcheck.h>

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "alert/lifecycle.h"
#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kSeries = 3;
constexpr Timestamp kStart{5'000s};

struct Tick {
  Duration elapsed{};
  std::array<bool, kSeries> breached{};
  std::array<bool, kSeries> gone{};
  bool withheld = false;
  bool skipped = false;  // the rule was not evaluated
};

struct Told {
  std::size_t series = 0;
  bool firing = false;
  ResolveReason reason = ResolveReason::none;
  Timestamp starts_at{};
  bool operator==(const Told&) const = default;
};

rc::Gen<Tick> any_tick() {
  return rc::gen::build<Tick>(
      rc::gen::set(&Tick::elapsed,
                   rc::gen::map(rc::gen::inRange(1, 4), [](int s) { return Duration(s * 1s); })),
      rc::gen::set(&Tick::breached), rc::gen::set(&Tick::gone),
      rc::gen::set(&Tick::withheld,
                   rc::gen::map(rc::gen::inRange(0, 5), [](int n) { return n == 0; })),
      rc::gen::set(&Tick::skipped,
                   rc::gen::map(rc::gen::inRange(0, 8), [](int n) { return n == 0; })));
}

/// What one series of one rule has gone through, kept as plain history.
struct Moment {
  Timestamp now;
  bool breached;
  bool gone;
  bool withheld;
};

// Replays a series' whole history and returns what the last moment says. Written as the definition
// reads, with no state but the history: O(n) per tick.
std::optional<Told> model(const std::vector<Moment>& history, Duration hold, Duration keep) {
  std::optional<Told> said;
  std::optional<Timestamp> active_at;
  std::optional<Timestamp> fired_at;
  std::optional<Timestamp> absent_since;
  for (const Moment& moment : history) {
    said.reset();
    if (moment.breached) {
      absent_since.reset();
      active_at = active_at.value_or(moment.now);
      if (!fired_at && moment.now - *active_at >= hold) {
        fired_at = moment.now;
        said = Told{0, true, ResolveReason::none, moment.now};
      }
      continue;
    }
    if (moment.withheld || !active_at) {
      continue;
    }
    if (!absent_since) {
      absent_since = moment.now;
    }
    const bool kept = fired_at && !moment.gone && moment.now - *absent_since < keep;
    if (kept) {
      continue;
    }
    if (fired_at) {
      said = Told{0, false, moment.gone ? ResolveReason::gone : ResolveReason::cleared, *fired_at};
    }
    active_at.reset();
    fired_at.reset();
    absent_since.reset();
  }
  return said;
}

Labels labels_of(std::size_t series) {
  return {{"alertname", "A"}, {"name", std::string(1, static_cast<char>('a' + series))}};
}

std::vector<Told> read(const std::vector<Transition>& transitions) {
  std::vector<Told> told;
  for (const Transition& transition : transitions) {
    const auto name = transition.alert.labels.get("name");
    told.push_back({static_cast<std::size_t>(name.at(0) - 'a'),
                    transition.kind == Transition::Kind::firing, transition.alert.reason,
                    transition.alert.starts_at});
  }
  return told;
}

RuleResult result_of(const AlertRule& rule, const Tick& tick) {
  RuleResult result{&rule, {}, tick.withheld};
  for (std::size_t i = 0; i < kSeries; ++i) {
    if (tick.breached[i]) {
      result.breaches.push_back({labels_of(i), labels_of(i), static_cast<double>(i)});
    }
  }
  return result;
}

void showValue(const Tick& tick, std::ostream& out) {
  out << "+" << std::chrono::duration_cast<std::chrono::seconds>(tick.elapsed).count() << "s";
  for (std::size_t i = 0; i < kSeries; ++i) {
    out << ' ' << (tick.breached[i] ? 'B' : '-') << (tick.gone[i] ? 'g' : ' ');
  }
  out << (tick.withheld ? " withheld" : "") << (tick.skipped ? " skipped" : "");
}

}  // namespace

namespace rc {
template <>
struct Arbitrary<Tick> {
  static Gen<Tick> arbitrary() { return any_tick(); }
};
}  // namespace rc

TEST_CASE("every history of breaches gives the transitions of the naive model") {
  const bool holds = rc::check([](const std::vector<Tick>& ticks) {
    AlertRule rule;
    rule.identity = 7;
    rule.hold = std::chrono::seconds(*rc::gen::inRange(0, 6));
    rule.keep_firing_for = std::chrono::seconds(*rc::gen::inRange(0, 6));
    alert::Lifecycle lifecycle("n");
    std::array<std::vector<Moment>, kSeries> history;
    Timestamp now = kStart;
    for (const Tick& tick : ticks) {
      now += tick.elapsed;
      const auto gone = [&](const Labels& series) {
        return tick.gone[static_cast<std::size_t>(series.get("name").at(0) - 'a')];
      };
      std::vector<RuleResult> results;
      std::vector<Told> expected;
      if (!tick.skipped) {
        results.push_back(result_of(rule, tick));
        for (std::size_t i = 0; i < kSeries; ++i) {
          history[i].push_back({now, tick.breached[i], tick.gone[i], tick.withheld});
          if (auto told = model(history[i], rule.hold, rule.keep_firing_for)) {
            told->series = i;
            expected.push_back(*told);
          }
        }
      }
      RC_ASSERT(read(lifecycle.advance(results, now, {}, gone)) == expected);
    }
  });
  CHECK(holds);
}

TEST_CASE("firing and resolved alternate per alert, keys are unique, and the limits hold") {
  const bool holds = rc::check([](const std::vector<Tick>& ticks) {
    AlertRule rules[2];
    rules[0].identity = 1;
    rules[1].identity = 2;
    rules[1].hold = 2s;
    const std::size_t total = *rc::gen::inRange<std::size_t>(1, 7);
    alert::Lifecycle lifecycle("n", {2, total});
    std::map<std::string, bool> firing;
    std::set<std::string> keys;
    Timestamp now = kStart;
    const auto take = [&](const std::vector<Transition>& told, const char* rule) {
      for (const Transition& transition : told) {
        bool& is_firing = firing[rule + transition.alert.labels.to_string()];
        RC_ASSERT(is_firing != (transition.kind == Transition::Kind::firing));
        is_firing = !is_firing;
        RC_ASSERT(keys.insert(rule + transition.key).second);
      }
    };
    for (const Tick& tick : ticks) {
      now += tick.elapsed;
      const auto gone = [](const Labels&) { return false; };
      take(lifecycle.advance({result_of(rules[0], tick)}, now, {}, gone), "0");
      take(lifecycle.advance({result_of(rules[1], tick)}, now, {}, gone), "1");
      if (tick.skipped) {  // a reload that drops rule 1 for a moment
        take(lifecycle.replace_rules({&rules[0]}, now, {}), "1");
      }
      const auto counts = lifecycle.counts();
      RC_ASSERT(counts.firing + counts.pending <= total);
      RC_ASSERT(lifecycle.active().size() == counts.firing + counts.pending);
      std::size_t believed = 0;
      for (const auto& [labels, is_firing] : firing) {
        believed += is_firing ? 1 : 0;
      }
      RC_ASSERT(believed == counts.firing);
    }
  });
  CHECK(holds);
}
