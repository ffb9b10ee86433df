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
  std::vector<Mistake> mistakes;  // in the order of the file; a rule that has one is left out
};

[[nodiscard]] RuleFile read_rule_file(const SourceFile& file);

/// Into the order of their places in one file.
void sort_by_place(std::vector<Mistake>& mistakes);

}  // namespace cgsentry::rule
