// What is suspicious in rules that can be loaded: advice for `check`, not mistakes.
//
// In: the same files as load(). Out: warnings with their places. Pure.
// Tested by tests/unit/rule/check_test.cpp.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "rule/rule_file.h"

namespace cgsentry::rule {

struct CheckOptions {
  Duration interval = std::chrono::seconds(1);
  /// Names of the metrics that the agent can have; empty: names are not checked.
  std::set<std::string, std::less<>> metrics;
};

/// Windows shorter than two ticks, metrics that nobody measures, templates that fail on a series
/// without labels. Files that cannot be read give nothing: load() tells their mistakes.
[[nodiscard]] std::vector<Mistake> check(const std::vector<SourceFile>& files,
                                         const CheckOptions& options);

}  // namespace cgsentry::rule
