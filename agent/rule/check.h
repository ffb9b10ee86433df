// What is suspicious in rules that can be loaded: advice for `check`, not mistakes.
//
//   a window, or a group's interval, that is too short for the ticks
//   a metric that nobody measures, a selector that nothing can match
//   an expression that fires whatever is measured, or never has a value (never.h)
//   a template that fails on a series without labels; in its queries the same as in expressions
//   a label `alertname`, which is always overwritten; a rule that stands twice
//
// In: the same files as load(). Out: warnings with their places, in the order of the files. Rules
// with mistakes are left out: load() tells those. Pure. Tested by tests/unit/rule/check_test.cpp.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rule/rule_file.h"

namespace cgsentry::rule {

struct CheckOptions {
  Duration interval = std::chrono::seconds(1);  // of the ticks
  /// Names of the metrics that the agent can have; empty: names are not checked.
  std::set<std::string, std::less<>> metrics;
  /// By metric and label the values that the label can have, for labels that are always the same
  /// few. "": it may be absent.
  using Values = std::set<std::string, std::less<>>;
  std::map<std::string, std::map<std::string, Values>> fixed_labels;
};

[[nodiscard]] std::vector<Mistake> check(const std::vector<SourceFile>& files,
                                         const CheckOptions& options);

}  // namespace cgsentry::rule
