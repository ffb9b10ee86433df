// See unit_test_alerts.h.
#include "command/unit_test_alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "alert_book.h"
#include "base/duration.h"
#include "command/unit_test_diff.h"

namespace cgsentry::command {

namespace {

/// A test is small; nothing that it expects may be left out.
constexpr alert::LifecycleLimits kNoLimits{std::numeric_limits<std::size_t>::max(),
                                           std::numeric_limits<std::size_t>::max()};

}  // namespace

AlertRun::AlertRun(const UnitTestFile& file, const UnitTest& test, rule::RuleSet& rules)
    : file_(file), test_(test), rules_(rules), feed_(test.start), lifecycle_("test", kNoLimits) {
  for (const AlertRule* rule : rules.alert_rules()) {
    rules_by_identity_.emplace(rule->identity, rule);
  }
  feed_.add(test.series, test.interval);
}

std::vector<Failure> AlertRun::run(Duration last) {
  std::vector<const AlertTest*> tests;
  for (const AlertTest& test : test_.alert_tests) {
    tests.push_back(&test);
  }
  std::ranges::stable_sort(tests, {}, &AlertTest::eval_time);
  auto next = tests.begin();
  for (Duration at{}; at <= last && evaluate(at); at += file_.evaluation_interval) {
    for (; next != tests.end() && (*next)->eval_time < at + file_.evaluation_interval; ++next) {
      check(**next, test_.start + at);
    }
  }
  return std::move(failures_);
}

bool AlertRun::evaluate(Duration since_start) {
  const Timestamp now = test_.start + since_start;
  feed_.feed(now, [this](const Sample& sample) { rules_.append(sample); });
  // Transitions are of no interest, the state after them is.
  const alert::Gone never = [](const Labels&) { return false; };
  LiveAlerts alerts(lifecycle_, now, Duration{}, never);
  rules_.evaluate(now, false, &alerts);
  if (broke_off()) {
    tell_failed_rules(since_start);
    return false;
  }
  active_ = lifecycle_.active();
  return true;
}

void AlertRun::tell_failed_rules(Duration since_start) {
  for (const rule::RuleInfo& info : rules_.rules()) {
    if (!info.last_error.empty()) {
      failures_.push_back(
          {test_.place,
           fmt::format("rule {} failed at {}", info.name, format_duration(since_start)),
           {"! " + info.last_error}});
    }
  }
}

void AlertRun::check(const AlertTest& test, Timestamp now) {
  DiffLines lines = diff_alerts(test.alerts, alerts_of(test.alertname, now));
  if (!lines.empty()) {
    failures_.push_back(
        {test.place, fmt::format("alert {} at {}", test.alertname, format_duration(test.eval_time)),
         std::move(lines)});
  }
}

std::vector<GotAlert> AlertRun::alerts_of(const std::string& name, Timestamp now) const {
  std::vector<GotAlert> alerts;
  for (const alert::ActiveAlert& active : active_) {
    if (active.rule != name) {
      continue;
    }
    std::vector<Transition> described(1);
    described.front().rule = rules_by_identity_.at(active.rule_identity);
    described.front().alert.series = active.series;
    described.front().alert.value = active.value;
    rules_.describe(described);
    alerts.push_back({active.labels, described.front().alert.annotations,
                      active.state == AlertState::firing, now - active.active_at});
  }
  return alerts;
}

}  // namespace cgsentry::command
