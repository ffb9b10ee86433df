// The expressions of a unit test, evaluated over its series.
//
// In: a test, and the series that its alerts made. Out: the expectations that were not met. Samples
// are known up to the last evaluation of the rules, as in promtool.
// Tested by tests/unit/command/unit_test_run_test.cpp.
#pragma once

#include <vector>

#include "command/unit_test_run.h"
#include "promql/engine.h"

namespace cgsentry::command {

class ExpressionRun {
 public:
  /// Both must outlive the run.
  ExpressionRun(const UnitTestFile& file, const UnitTest& test);

  /// Once. `last` is the last evaluation of the rules, from the start; `recorded` has a value per
  /// evaluation.
  [[nodiscard]] std::vector<Failure> run(Duration last, const std::vector<InputSeries>& recorded);

 private:
  struct Query {
    const ExpressionTest* test = nullptr;
    promql::QueryId id{};
  };

  void compile();
  void evaluate(const Query& query);

  const UnitTestFile& file_;
  const UnitTest& test_;
  promql::Engine engine_;
  std::vector<Query> queries_;
  std::vector<Failure> failures_;
};

}  // namespace cgsentry::command
