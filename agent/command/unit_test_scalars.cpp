// See unit_test_scalars.h.
#include "command/unit_test_scalars.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/text.h"
#include "command/start_timestamp.h"
#include "promql/lexer.h"
#include "rule/scalar_places.h"

namespace cgsentry::command {

namespace {

std::string quoted(std::string_view text) {
  return "`" + text::clean(text, 64) + "`";
}

/// None when it is not a number of YAML.
std::optional<double> yaml_number(std::string_view text) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  static const std::map<std::string_view, double> kNamed{
      {".inf", kInf},  {".Inf", kInf},   {".INF", kInf},   {".nan", kNan},
      {".NaN", kNan},  {".NAN", kNan},   {"+.inf", kInf},  {"+.Inf", kInf},
      {"+.INF", kInf}, {"-.inf", -kInf}, {"-.Inf", -kInf}, {"-.INF", -kInf},
  };
  if (const auto named = kNamed.find(text); named != kNamed.end()) {
    return named->second;
  }
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  // from_chars knows words as well, which YAML takes for texts.
  const bool digits_only = text.find_first_not_of("0123456789+-.eE") == text.npos;
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && rest == text.data() + text.size();
  return digits_only && whole ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<promql::Expression> UnitTestScalars::expression(const yaml::Node& node) {
  if (!is_text(node)) {
    return std::nullopt;
  }
  auto parsed = promql::parse(node.text);
  if (!parsed) {
    refuse(node, parsed.error());
    return std::nullopt;
  }
  const promql::ValueType type = parsed->type();
  if (type == promql::ValueType::string || type == promql::ValueType::matrix) {
    mistakes_.add(node, "the expression must give a vector or a number");
    return std::nullopt;
  }
  return *std::move(parsed);
}

std::optional<Labels> UnitTestScalars::series(const yaml::Node& node) {
  if (!is_text(node)) {
    return std::nullopt;
  }
  Labels labels;
  if (node.text.empty()) {
    return labels;
  }
  const auto matchers = promql::parse_series(node.text);
  if (!matchers) {
    refuse(node, matchers.error());
    return std::nullopt;
  }
  for (const promql::Matcher& matcher : *matchers) {
    if (labels.has(matcher.label)) {
      mistakes_.add(node, "label " + quoted(matcher.label) + " stands twice");
    }
    labels.set(matcher.label, matcher.value);
  }
  return labels;
}

SeriesValues UnitTestScalars::values(const yaml::Node& node) {
  if (!is_text(node)) {
    return {};
  }
  auto values = parse_series_values(node.text);
  if (!values) {
    const auto [line, column] = promql::position_at(node.text, values.error().offset);
    refuse(node, {line, column, values.error().message});
    return {};
  }
  return *std::move(values);
}

double UnitTestScalars::number(const yaml::Node& node) {
  const bool plain = node.kind == yaml::Node::Kind::scalar && !node.quoted;
  const auto number = plain ? yaml_number(node.text) : std::nullopt;
  if (!number) {
    mistakes_.add(node,
                  "expected a number such as 1.5, .inf, -.inf or .nan, not " + quoted(node.text));
  }
  return number.value_or(0);
}

Timestamp UnitTestScalars::start_timestamp(const yaml::Node& node) {
  const auto start = parse_start_timestamp(node.text);
  if (!start) {
    mistakes_.add(node, "expected a time such as 2026-01-31T12:00:00Z or 1769860800, not " +
                            quoted(node.text));
  }
  return start.value_or(Timestamp{});
}

bool UnitTestScalars::is_text(const yaml::Node& node) {
  if (node.kind != yaml::Node::Kind::scalar) {
    mistakes_.add(node, "expected a text");
  }
  return node.kind == yaml::Node::Kind::scalar;
}

void UnitTestScalars::refuse(const yaml::Node& text, const promql::ParseError& error) {
  const auto place = rule::ScalarPlaces(file_text_, text).at(error.line, error.column);
  mistakes_.add(place.line, place.column, error.message);
}

}  // namespace cgsentry::command
