// Reads Prometheus rule files: text to typed rules, with every mistake at its place.
//
//   in:  the bytes of a file
//   out: groups of the rules that are good, and all mistakes of the file
//
// The format is that of Prometheus 3.5: groups with name, interval, limit, query_offset, labels and
// rules; alerting rules with alert, expr, for, keep_firing_for, labels, annotations; recording
// rules with record, expr, labels. Durations are Prometheus' ("1m30s"). Unknown keys are mistakes.
// Setup only; throws nothing. Tested by tests/unit/rule/rule_file_test.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "rule/rule_spec.h"
#include "yaml/mistake.h"

namespace cgsentry::rule {

using yaml::Mistake;

struct GroupSpec {
  std::string name;
  std::optional<Duration> interval;  // none: every tick
  std::size_t limit = 0;             // results that one rule may have; 0: no limit
  Duration query_offset{};
  std::vector<RuleSpec> rules;
  Place place;
};

struct RuleFile {
  std::vector<GroupSpec> groups;
  std::size_t rules = 0;          // good or not
  std::size_t pattern_size = 0;   // of the good ones' expressions
  std::vector<Mistake> mistakes;  // in the order of the file; a rule that has one is left out
};

[[nodiscard]] RuleFile read_rule_file(const SourceFile& file);

/// Rules of one file, and of all files that are loaded together.
inline constexpr std::size_t kMaxRules = 10'000;
/// Expression::pattern_size() of one file, and of all files that are loaded together: 16 MB.
inline constexpr std::size_t kMaxPatternSize = 1'000'000;

/// What files have together.
class RuleTotals {
 public:
  /// False when this file makes it more than there may be.
  [[nodiscard]] bool add(const RuleFile& file) {
    rules_ += file.rules;
    pattern_size_ += file.pattern_size;
    return rules_ <= kMaxRules && pattern_size_ <= kMaxPatternSize;
  }

 private:
  std::size_t rules_ = 0;
  std::size_t pattern_size_ = 0;
};

/// Into the order of their places in one file.
void sort_by_place(std::vector<Mistake>& mistakes);

}  // namespace cgsentry::rule
