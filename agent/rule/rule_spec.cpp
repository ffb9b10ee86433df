// See rule_spec.h.
#include "rule/rule_spec.h"

#include <string_view>
#include <utility>

namespace cgsentry::rule {

namespace {

using yaml::Fields;
using yaml::Mistakes;
using yaml::Node;

bool has_value(Fields& fields, std::string_view key) {
  const Node* value = fields.find(key);
  return value != nullptr && (value->kind != Node::Kind::scalar || !value->text.empty());
}

RuleSpec::Kind read_kind(const Node& node, Fields& fields, Mistakes& mistakes) {
  const bool alert = has_value(fields, "alert");
  const bool record = has_value(fields, "record");
  const bool is_map = node.kind == Node::Kind::map || node.kind == Node::Kind::null;
  if (alert && record) {
    mistakes.add(*fields.find("record"), "a rule has either `alert` or `record`, not both");
  } else if (!alert && !record && is_map) {
    mistakes.add(node, "a rule needs a name under `alert` or `record`");
  }
  return record && !alert ? RuleSpec::Kind::recording : RuleSpec::Kind::alerting;
}

std::optional<promql::Expression> parse_expression(const Node& node, const SourceFile& file,
                                                   Mistakes& mistakes) {
  auto parsed = promql::parse(node.text);
  if (!parsed) {
    const auto& [line, column, message] = parsed.error();
    const Place place = ScalarPlaces(file.text, node).at(line, column);
    mistakes.add(place.line, place.column, message);
    return std::nullopt;
  }
  // Prometheus loads these two, and then each evaluation fails.
  if (parsed->type() == promql::ValueType::string) {
    mistakes.add(node, "a rule needs a vector or a number, not a text");
  } else if (parsed->type() == promql::ValueType::matrix) {
    mistakes.add(node, "a rule needs a vector or a number, not a range");
  }
  return *std::move(parsed);
}

void check_recording(Fields& fields, const RuleSpec& rule, Mistakes& mistakes) {
  const Node& record = *fields.find("record");
  if (rule.name.find_first_of("{}") != std::string::npos) {
    mistakes.add(record, "the name of a metric has no braces; should they be in `expr`?");
  } else if (record.kind == Node::Kind::scalar && !is_name(rule.name)) {
    mistakes.add(record, quoted(rule.name) + " cannot be the name of a metric");
  }
  const auto refuse = [&](std::string_view key, bool is_set) {
    if (is_set) {
      mistakes.add(*fields.find(key), quoted(key) + " has no meaning in a recording rule");
    }
  };
  refuse("for", rule.hold != Duration::zero());
  refuse("keep_firing_for", rule.keep_firing_for != Duration::zero());
  refuse("annotations", !rule.annotations.empty());
}

/// Everything but the expression, which has no empty state.
void read_rest(Fields& fields, RuleSpec& rule, const std::vector<TemplatedField>& group_labels,
               const SourceFile& file, Mistakes& mistakes) {
  const bool recording = rule.kind == RuleSpec::Kind::recording;
  fields.text(recording ? "record" : "alert", rule.name);
  fields.duration("for", rule.hold, Duration::zero(), kLongestDuration);
  fields.duration("keep_firing_for", rule.keep_firing_for, Duration::zero(), kLongestDuration);
  const FieldKind labels = recording ? FieldKind::recorded_label : FieldKind::label;
  rule.labels = merge(group_labels, read_fields(fields.find("labels"), labels, file, mistakes));
  rule.annotations = read_fields(fields.find("annotations"), FieldKind::annotation, file, mistakes);
  if (recording) {
    check_recording(fields, rule, mistakes);
  }
}

}  // namespace

std::optional<RuleSpec> read_rule(const Node& node, const std::vector<TemplatedField>& group_labels,
                                  const SourceFile& file, Mistakes& mistakes) {
  const std::size_t mistakes_before = mistakes.all().size();
  Fields fields(node, mistakes);
  const RuleSpec::Kind kind = read_kind(node, fields, mistakes);
  std::string text;
  fields.text("expr", text);
  const Node* expr = fields.require("expr");
  auto expression = expr != nullptr && expr->kind == Node::Kind::scalar
                        ? parse_expression(*expr, file, mistakes)
                        : std::nullopt;
  RuleSpec rule{kind,
                {},
                expression.value_or(promql::Expression({}, nullptr)),
                {},
                {},
                {},
                {},
                {node.line, node.column},
                expr == nullptr ? Node() : *expr};
  read_rest(fields, rule, group_labels, file, mistakes);
  fields.finish();
  if (mistakes.all().size() != mistakes_before) {
    return std::nullopt;
  }
  return rule;
}

}  // namespace cgsentry::rule
