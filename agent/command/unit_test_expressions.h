// The expressions of a unit test, evaluated over its series and those that its rules record.
//
// In: a test and its rules. Out: the expectations that were not met. Samples are known up to the
// last evaluation of the rules, as in promtool.
// Tested by tests/unit/command/unit_test_run_test.cpp.
#pragma once

#include <vector>

#include "command/unit_test_run.h"
#include "promql/engine.h"
#include "rule/rule_set.h"

namespace cgsentry::command {

class ExpressionRun {
 public:
  /// All must outlive the run. The rules have not seen a sample yet.
  ExpressionRun(const UnitTestFile& file, const UnitTest& test, rule::RuleSet& rules);

  /// Once, after the rules have seen all samples.
  [[nodiscard]] std::vector<Failure> run();

 private:
  struct Query {
    const ExpressionTest* test = nullptr;
    promql::QueryId id{};
  };

  void compile();
  void evaluate(const Query& query);

  const UnitTestFile& file_;
  const UnitTest& test_;
  rule::RuleSet& rules_;
  std::vector<Query> queries_;
  std::vector<Failure> failures_;
};

}  // namespace cgsentry::command
