// The rules of a unit test at work: which alerts fire at the times that it asks for.
//
// In: a test and its rules. Out: the expectations that were not met; and the rules have seen all
// samples. Every rule is evaluated every evaluation_interval, from the start to the last eval_time;
// an alert test sees the last evaluation that is not after it. A rule that fails ends the test, as
// in promtool. Nothing is withheld, and nothing is ever gone.
// Tested by tests/unit/command/unit_test_run_test.cpp.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "alert/lifecycle.h"
#include "command/series_feed.h"
#include "command/unit_test_diff.h"
#include "command/unit_test_run.h"
#include "rule/rule_set.h"

namespace cgsentry::command {

class AlertRun {
 public:
  /// All must outlive the run.
  AlertRun(const UnitTestFile& file, const UnitTest& test, rule::RuleSet& rules);

  /// Once. `last` is that of the last evaluation, from the start.
  [[nodiscard]] std::vector<Failure> run(Duration last);
  /// Whether a rule failed.
  [[nodiscard]] bool broke_off() const { return rules_.failures() != 0; }

 private:
  /// False when a rule failed.
  bool evaluate(Duration since_start);
  void tell_failed_rules(Duration since_start);
  void check(const AlertTest& test, Timestamp now);
  [[nodiscard]] std::vector<GotAlert> alerts_of(const std::string& name, Timestamp now) const;

  const UnitTestFile& file_;
  const UnitTest& test_;
  rule::RuleSet& rules_;
  std::map<std::uint64_t, const AlertRule*> rules_by_identity_;
  SeriesFeed feed_;
  alert::Lifecycle lifecycle_;
  std::vector<alert::ActiveAlert> active_;
  std::vector<Failure> failures_;
};

}  // namespace cgsentry::command
