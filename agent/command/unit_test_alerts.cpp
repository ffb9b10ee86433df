// See unit_test_alerts.h.
#include "command/unit_test_alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/duration.h"
#include "command/unit_test_diff.h"
#include "promql/parser.h"

namespace cgsentry::command {

namespace {

/// A test is small; nothing that it expects may be left out.
constexpr alert::LifecycleLimits kNoLimits{std::numeric_limits<std::size_t>::max(),
                                           std::numeric_limits<std::size_t>::max()};

bool selects_alerts(const AlertRule& rule) {
  const auto expression = promql::parse(rule.expression);
  return expression && std::ranges::any_of(expression->selectors(), [](const auto& use) {
           return use.metric == kAlertsMetric || use.metric == kAlertsForStateMetric;
         });
}

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
  if (!accept_rules()) {
    return std::move(failures_);
  }
  auto next = tests.begin();
  std::size_t number = 0;
  for (Duration at{}; at <= last && evaluate(number, at); at += file_.evaluation_interval) {
    ++number;
    for (; next != tests.end() && (*next)->eval_time < at + file_.evaluation_interval; ++next) {
      check(**next, test_.start + at);
    }
  }
  return std::move(failures_);
}

bool AlertRun::accept_rules() {
  for (const auto& [identity, rule] : rules_by_identity_) {
    if (selects_alerts(*rule)) {
      failures_.push_back({test_.place,
                           fmt::format("rule {} selects {}, which rules do not see here",
                                       rule->name, kAlertsMetric),
                           {}});
    }
  }
  return failures_.empty();
}

bool AlertRun::evaluate(std::size_t number, Duration since_start) {
  const Timestamp now = test_.start + since_start;
  feed_.feed(now, [this](const Sample& sample) { rules_.append(sample); });
  const std::vector<RuleResult>& results = rules_.evaluate(now, false);
  if (rules_.failures() != 0) {
    tell_failed_rules(since_start);
    return false;
  }
  // Transitions are of no interest, the state after them is.
  (void)lifecycle_.advance(results, now, Duration{}, [](const Labels&) { return false; });
  active_ = lifecycle_.active();
  recorded_.record(number, active_);
  return true;
}

void AlertRun::tell_failed_rules(Duration since_start) {
  for (const rule::RuleInfo& info : rules_.rules()) {
    if (!info.last_error.empty()) {
      failures_.push_back(
          {test_.place,
           fmt::format("rule {} failed at {}", info.rule->name, format_duration(since_start)),
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
