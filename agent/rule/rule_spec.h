// One rule of a rule file, read and checked as Prometheus' own loader does.
//
// In: the rule's map and the labels of its group. Out: the rule, its expression and templates
// parsed, or all of its mistakes at their places. Setup only; throws nothing.
// Tested by tests/unit/rule/rule_file_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "promql/parser.h"
#include "rule/scalar_places.h"
#include "rule/templated_field.h"
#include "yaml/fields.h"

namespace cgsentry::rule {

/// The longest duration that a rule file may name: far from where one and a time together leave 64
/// bits of nanoseconds.
inline constexpr Duration kLongestDuration = std::chrono::hours(100 * 365 * 24);

/// `name` is that of the alert or of the recorded metric.
struct RuleSpec {
  enum class Kind : std::uint8_t { alerting, recording };
  Kind kind = Kind::alerting;
  std::string name;
  promql::Expression expression;  // of a vector or a number
  Duration hold{};                // `for`
  Duration keep_firing_for{};
  std::vector<TemplatedField> labels;       // of the group too; sorted by name
  std::vector<TemplatedField> annotations;  // sorted by name
  Place place;                              // of the rule in its file
  yaml::Node expr;                          // the expression's scalar, for places in it
};

/// None when the rule has a mistake.
[[nodiscard]] std::optional<RuleSpec> read_rule(const yaml::Node& node,
                                                const std::vector<TemplatedField>& group_labels,
                                                const SourceFile& file, yaml::Mistakes& mistakes);

}  // namespace cgsentry::rule
