// Text to tree: the whole grammar of Prometheus 3.5's float PromQL, with its type checks.
//
// In: an expression as it stands in a rule file. Out: an Expression, or the first mistake with line
// and column. What Prometheus marks experimental is a mistake, but for
// double_exponential_smoothing(), mad_over_time() and limitk(). Pure; any thread. Input is bounded
// (kMaxExpressionBytes, kMaxExpressionDepth), so hostile text neither hangs nor overflows the
// stack. Tested by tests/unit/promql/parser_test.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "promql/ast.h"

namespace cgsentry::promql {

inline constexpr std::size_t kMaxExpressionBytes = 64 * 1024;
inline constexpr std::size_t kMaxExpressionDepth = 250;
/// =~ and !~ in one expression: a pattern of few bytes can be a program of a quarter megabyte.
inline constexpr std::size_t kMaxExpressionPatterns = 200;

/// Where and what; the message is one sentence without a full stop.
struct ParseError {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
  friend bool operator==(const ParseError&, const ParseError&) = default;
};

/// One selector of an expression, as `check` wants to know it.
struct SelectorUse {
  std::string metric;  // "" when the selector names no metric
  std::vector<Matcher> matchers;
  Duration window{};  // of a range selector; zero for an instant one
  Position position;
};

/// A parsed expression. Cheap to copy.
class Expression {
 public:
  Expression(std::string text, ExprPtr root) : text_(std::move(text)), root_(std::move(root)) {}

  /// As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] ValueType type() const { return root_->type; }
  [[nodiscard]] const Expr& root() const { return *root_; }
  /// How far before its evaluation the oldest sample lies that it can look at: ranges, offsets and
  /// subqueries, not the lookback of instant selectors.
  [[nodiscard]] Duration look_back() const;
  /// Instructions of the programs that its patterns compile to, of some 16 bytes each.
  [[nodiscard]] std::size_t pattern_size() const;
  /// All selectors, in the order of the text.
  [[nodiscard]] std::vector<SelectorUse> selectors() const;

 private:
  std::string text_;
  ExprPtr root_;
};

[[nodiscard]] tl::expected<Expression, ParseError> parse(std::string_view text);

/// A PromQL duration such as "1h30m" or "90" (seconds), as rule files use it too; none on a
/// mistake.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// A bare selector such as `up{job="x"}`: the labels of one series, as test files write them.
[[nodiscard]] tl::expected<std::vector<Matcher>, ParseError> parse_series(std::string_view text);

}  // namespace cgsentry::promql
