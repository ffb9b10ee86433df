// Runs one test of a unit test file: series and rules go in, what was not as expected comes out.
//
// The semantics are promtool's, so that the same file gives the same answer in both: rules are
// evaluated every evaluation_interval from the start to the last eval_time, whatever the interval
// of their group; series are known up to the last of these evaluations; expressions see all of
// that. Pure. Tested by tests/unit/command/unit_test_run_test.cpp and conformance_test.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "command/unit_test_file.h"
#include "rule/rule_spec.h"

namespace cgsentry::command {

/// Of the rules in one test; a week of seconds.
inline constexpr std::size_t kMaxEvaluations = 604'800;

/// One expectation that was not met.
struct Failure {
  rule::Place place;
  std::string message;             // "sum(x) at 5m"
  std::vector<std::string> lines;  // the difference, see unit_test_diff.h; or "! why it failed"
};

/// In the order of the file. Fails when the rules have mistakes.
[[nodiscard]] tl::expected<std::vector<Failure>, std::vector<yaml::Mistake>> run_unit_test(
    const UnitTestFile& file, const UnitTest& test, const std::vector<rule::SourceFile>& rules);

}  // namespace cgsentry::command
