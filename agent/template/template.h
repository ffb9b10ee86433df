// Text templates of annotations, rule labels and receivers: the part of Go's text/template that
// Prometheus files use, with Prometheus' functions.
//
//   in:  "{{ $labels.name }} uses {{ $value | humanizePercentage }} of its CPU quota"
//   out: "web uses 93.2% of its CPU quota"
//
// What is not supported (query and what belongs to it, define, template, block, method calls) is a
// mistake with line and column at parse(), never a silent difference. render() does not throw and
// is bounded in steps and bytes whatever the values hold; they may be chosen by a container.
// A parsed template is immutable. Thread: any.
// Tested by tests/unit/template and, against Prometheus itself, tests/golden/rule/templates.yaml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "model/labels.h"
#include "template/value.h"

namespace cgsentry::templates {

inline constexpr std::size_t kMaxTemplateBytes = 64 * 1024;
inline constexpr std::size_t kMaxTemplateDepth = 50;
/// Bytes that one render may give, and that one value on the way may have.
inline constexpr std::size_t kMaxOutputBytes = 16 * 1024;
/// Actions, operands and turns of a `range` in one render.
inline constexpr std::size_t kMaxSteps = 10'000;

/// Where (from 1, columns in bytes) and what; the message is one sentence without a full stop.
struct ParseError {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
  friend bool operator==(const ParseError&, const ParseError&) = default;
};

/// What a template may use: the dot and variables, by name without "$".
struct Scope {
  Value dot;
  std::map<std::string, Value, std::less<>> variables;
};

/// `text` holds what was written before an error stopped it; never more than the bound.
struct Rendered {
  std::string text;
  std::string error;  // empty, or "1:14: wrong type for ..."
  [[nodiscard]] bool ok() const { return error.empty(); }
};

struct Block;  // ast.h

class Template {
 public:
  /// `variables` are those that the scope of every render() will hold.
  [[nodiscard]] static tl::expected<Template, ParseError> parse(
      std::string_view text, const std::vector<std::string_view>& variables);

  [[nodiscard]] Rendered render(const Scope& scope, std::size_t max_bytes = kMaxOutputBytes) const;

  /// True when it has no action: the text is the same in every render.
  [[nodiscard]] bool is_literal() const;

 private:
  explicit Template(std::shared_ptr<const Block> root) : root_(std::move(root)) {}

  std::shared_ptr<const Block> root_;
};

/// What Prometheus gives to the templates of an alerting rule.
struct AlertData {
  const Labels& labels;  // borrowed, for as long as the scope
  double value = 0;
  const Labels& external_labels;  // borrowed
  std::string external_url;
};

/// Names of the variables in alert_scope(), for parse().
[[nodiscard]] const std::vector<std::string_view>& alert_variables();
/// $labels, $value, $externalLabels, $externalURL and the dot with the same as fields.
[[nodiscard]] Scope alert_scope(const AlertData& data);

}  // namespace cgsentry::templates
