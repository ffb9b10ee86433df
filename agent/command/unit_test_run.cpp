// See unit_test_run.h.
#include "command/unit_test_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "command/unit_test_alerts.h"
#include "command/unit_test_expressions.h"
#include "rule/rule_set.h"

namespace cgsentry::command {

namespace {

/// From the start to the last evaluation of the rules.
Duration last_evaluation(const UnitTestFile& file, const UnitTest& test) {
  Duration latest{};
  for (const ExpressionTest& each : test.expression_tests) {
    latest = std::max(latest, each.eval_time);
  }
  for (const AlertTest& each : test.alert_tests) {
    latest = std::max(latest, each.eval_time);
  }
  return latest - latest % file.evaluation_interval;
}

rule::RuleSetOptions rule_options(const UnitTestFile& file, const UnitTest& test) {
  rule::RuleSetOptions options;
  options.engine.interval = file.evaluation_interval;
  options.engine.history = Duration::max();  // the whole past of a test
  options.external_labels = test.external_labels;
  options.external_url = test.external_url;
  options.ignore_group_intervals = true;
  options.group_order = file.group_order;
  return options;
}

}  // namespace

tl::expected<std::vector<Failure>, std::vector<yaml::Mistake>> run_unit_test(
    const UnitTestFile& file, const UnitTest& test, const std::vector<rule::SourceFile>& rules) {
  auto loaded = rule::load(rules, rule_options(file, test));
  if (!loaded) {
    return tl::unexpected(std::move(loaded.error()));
  }
  const Duration last = last_evaluation(file, test);
  if (last / file.evaluation_interval >= static_cast<std::int64_t>(kMaxEvaluations)) {
    return std::vector<Failure>{
        {test.place,
         fmt::format("the rules would be evaluated more than {} times", kMaxEvaluations),
         {}}};
  }
  ExpressionRun expressions(file, test, *loaded);
  AlertRun alerts(file, test, *loaded);
  std::vector<Failure> failures = alerts.run(last);
  if (!alerts.broke_off()) {
    std::ranges::move(expressions.run(), std::back_inserter(failures));
  }
  std::ranges::stable_sort(failures, {}, [](const Failure& failure) {
    return std::pair(failure.place.line, failure.place.column);
  });
  return failures;
}

}  // namespace cgsentry::command
