// See unit_test_expressions.h.
#include "command/unit_test_expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/duration.h"
#include "command/unit_test_diff.h"

namespace cgsentry::command {

ExpressionRun::ExpressionRun(const UnitTestFile& file, const UnitTest& test, rule::RuleSet& rules)
    : file_(file), test_(test), rules_(rules) {
  compile();
}

std::vector<Failure> ExpressionRun::run() {
  // Subqueries keep their steps when time does not go back.
  std::ranges::stable_sort(queries_, {}, [](const Query& query) { return query.test->eval_time; });
  for (const Query& query : queries_) {
    evaluate(query);
  }
  return std::move(failures_);
}

void ExpressionRun::compile() {
  for (const ExpressionTest& test : test_.expression_tests) {
    if (const auto id = rules_.add(test.expression)) {
      queries_.push_back({&test, *id});
    } else {
      const auto& [line, column, message] = id.error();
      const rule::ScalarPlaces places(file_.text, test.written);
      failures_.push_back({places.at(line, column), message, {}});
    }
  }
}

void ExpressionRun::evaluate(const Query& query) {
  const ExpressionTest& test = *query.test;
  const promql::Vector& got = rules_.value(query.id, test_.start + test.eval_time);
  DiffLines lines = got.ok() ? diff_samples(test.samples, got.elements, file_.fuzzy_compare)
                             : DiffLines{"! " + got.error};
  if (!lines.empty()) {
    failures_.push_back(
        {{test.written.line, test.written.column},
         fmt::format("{} at {}", test.expression.text(), format_duration(test.eval_time)),
         std::move(lines)});
  }
}

}  // namespace cgsentry::command
