// Reads Prometheus rule files: text to typed rules, with every mistake at its place.
//
//   in:  the bytes of a file
//   out: groups of rules whose expressions and templates are parsed, or all mistakes of the file
//
// The format is that of Prometheus 3.5: groups with name, interval, limit, query_offset, labels and
// rules; alerting rules with alert, expr, for, keep_firing_for, labels, annotations; recording
// rules with record, expr, labels. Durations are Prometheus' ("1m30s"). Unknown keys are mistakes.
// Setup only; throws nothing. Tested by tests/unit/rule/rule_file_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.h"
#include "promql/parser.h"
#include "rule/scalar_places.h"
#include "template/template.h"
#include "yaml/mistake.h"

namespace cgsentry::rule {

using yaml::Mistake;

/// One file as it was read.
struct SourceFile {
  std::string name;  // for messages
  std::string text;
};

/// A label or an annotation of a rule.
struct TemplatedField {
  std::string name;
  std::string text;  // as written
  templates::Template value;
};

/// One rule. `name` is that of the alert or of the recorded metric.
struct RuleSpec {
  enum class Kind : std::uint8_t { alerting, recording };
  Kind kind = Kind::alerting;
  std::string name;
  promql::Expression expression;
  Duration hold{};  // `for`
  Duration keep_firing_for{};
  std::vector<TemplatedField> labels;       // of the group too; sorted by name
  std::vector<TemplatedField> annotations;  // sorted by name
  Place place;                              // of the rule in its file
  ScalarPlaces expression_places;           // of the expression's text
};

struct GroupSpec {
  std::string name;
  std::optional<Duration> interval;  // none: every tick
  std::size_t limit = 0;             // results that one rule may have; 0: no limit
  Duration query_offset{};
  std::vector<RuleSpec> rules;
  Place place;
};

struct RuleFile {
  std::string name;
  std::vector<GroupSpec> groups;
};

/// A duration as rule files write it: "1m30s" or "0"; none on a mistake.
[[nodiscard]] std::optional<Duration> read_duration(std::string_view text);

[[nodiscard]] tl::expected<RuleFile, std::vector<Mistake>> read_rule_file(const SourceFile& file);

}  // namespace cgsentry::rule
