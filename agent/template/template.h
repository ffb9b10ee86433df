// Text templates of annotations, rule labels and receivers: the part of Go's text/template that
// Prometheus files use, with Prometheus' functions.
//
//   in:  "{{ $labels.name }} uses {{ $value | humanizePercentage }} of its CPU quota"
//   out: "web uses 93.2% of its CPU quota"
//
// What is not supported (define, template, block, method calls, a query that is put together while
// rendering) is a mistake with line and column at parse(), never a silent difference. render() does
// not throw and is bounded in steps and bytes whatever the values hold; they may be chosen by a
// container. A parsed template is immutable. Thread: any. Tested by tests/unit/template and,
// against Prometheus itself, tests/golden/rule/templates.yaml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"
#include "template/value.h"

namespace cgsentry::templates {

inline constexpr std::size_t kMaxTemplateBytes = 64 * 1024;
inline constexpr std::size_t kMaxTemplateDepth = 50;
/// Bytes that one render may give, and that one value on the way may have.
inline constexpr std::size_t kMaxOutputBytes = 16 * 1024;
/// Actions, operands and turns of a `range` in one render.
inline constexpr std::size_t kMaxSteps = 10'000;
/// `query`s in one template, and elements that one may give: a render holds them all.
inline constexpr std::size_t kMaxQueries = 32;
inline constexpr std::size_t kMaxQueryElements = 10'000;

/// Where (from 1, columns in bytes) and what; the message is one sentence without a full stop.
struct ParseError {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
  friend bool operator==(const ParseError&, const ParseError&) = default;
};

/// The argument of a `query`, and the place of its quote.
struct QueryText {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string text;
  friend bool operator==(const QueryText&, const QueryText&) = default;
};

/// One element of what a query gives.
struct QueryElement {
  Labels labels;
  double value = 0;
};

/// Evaluates an expression that queries() named; an error is one sentence.
using Query = std::function<tl::expected<std::vector<QueryElement>, std::string>(
    const std::string& expression, Timestamp now)>;

/// What a template may use: the dot and variables, by name without "$", and what its functions ask.
struct Scope {
  Value dot;
  std::map<std::string, Value, std::less<>> variables;
  std::string external_url;
  Query query;  // null: there is nothing to query
  Timestamp now{};
};

/// `text` holds what was written before an error stopped it; never more than the bound.
struct Rendered {
  std::string text;
  std::string error;  // empty, or "1:14: wrong type for ..."
  [[nodiscard]] bool ok() const { return error.empty(); }
};

struct Tree;  // ast.h

class Template {
 public:
  /// `variables` are those that the scope of every render() will hold.
  [[nodiscard]] static tl::expected<Template, ParseError> parse(
      std::string_view text, const std::vector<std::string_view>& variables);

  [[nodiscard]] Rendered render(const Scope& scope, std::size_t max_bytes = kMaxOutputBytes) const;

  /// What its `query`s ask for, in the order of the text.
  [[nodiscard]] const std::vector<QueryText>& queries() const;

  /// True when it has no action: the text is the same in every render.
  [[nodiscard]] bool is_literal() const;

 private:
  explicit Template(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}

  std::shared_ptr<const Tree> tree_;
};

/// What Prometheus gives to the templates of an alerting rule.
struct AlertData {
  const Labels& labels;  // borrowed, for as long as the scope
  double value = 0;
  const Labels& external_labels;  // borrowed
  std::string external_url;
  Query query;  // of Scope, as the moment
  Timestamp now{};
};

/// Names of the variables in alert_scope(), for parse().
[[nodiscard]] const std::vector<std::string_view>& alert_variables();
/// $labels, $value, $externalLabels, $externalURL and the dot with the same as fields.
[[nodiscard]] Scope alert_scope(const AlertData& data);

}  // namespace cgsentry::templates
