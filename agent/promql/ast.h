// The typed tree of a PromQL expression: what was written, after names and types were checked.
//
// In: parser.cpp. Out: compiler.cpp takes it; `check` walks its selectors. Nodes are immutable once
// parsed and know where they stand in the text. Every name follows the Prometheus documentation.
// Tested by tests/unit/promql/parser_test.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace cgsentry::promql {

/// One-based place in the expression's text. Columns count bytes.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(const Position&, const Position&) = default;
};

enum class ValueType : std::uint8_t { scalar, vector, matrix, string };

struct Expr;
/// Shared and immutable, so that an Expression is cheap to copy.
using ExprPtr = std::shared_ptr<const Expr>;

enum class MatchOp : std::uint8_t { equal, not_equal, regex, not_regex };

struct Matcher {
  std::string label;  // "__name__" for the metric's name
  MatchOp op = MatchOp::equal;
  std::string value;
};

/// The `@` of a selector or subquery. In an instant evaluation start() and end() are "now".
struct AtModifier {
  enum class Kind : std::uint8_t { none, timestamp, start, end };
  Kind kind = Kind::none;
  Duration since_epoch{};  // for Kind::timestamp
};

struct NumberLiteral {
  double value = 0;
};

struct StringLiteral {
  std::string value;
};

struct VectorSelector {
  std::string name;               // "" when no name was given outside or inside the braces
  std::vector<Matcher> matchers;  // with one for the name, when there is a name
  Duration offset{};
  AtModifier at;
};

/// A selector with a range: x[5m]. The offset and `@` stay with the selector.
struct MatrixSelector {
  VectorSelector selector;
  Duration range{};
};

struct Subquery {
  ExprPtr expr;
  Duration range{};
  std::optional<Duration> step;  // none: the engine's interval
  Duration offset{};
  AtModifier at;
};

struct Function;  // functions.h

struct Call {
  const Function* function = nullptr;
  std::vector<ExprPtr> args;
};

enum class AggregateOp : std::uint8_t {
  sum,
  avg,
  count,
  min,
  max,
  group,
  stddev,
  stdvar,
  topk,
  bottomk,
  count_values,
  quantile,
  limitk,
  limit_ratio,
};

struct Aggregate {
  AggregateOp op = AggregateOp::sum;
  ExprPtr expr;
  ExprPtr param;  // null but for topk, bottomk, count_values, quantile, limitk, limit_ratio
  std::vector<std::string> grouping;
  bool without = false;
};

enum class BinaryOp : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  modulo,
  power,
  atan2,
  equal,
  not_equal,
  greater,
  less,
  greater_equal,
  less_equal,
  and_,
  or_,
  unless,
};
[[nodiscard]] constexpr bool is_comparison(BinaryOp op) {
  return op >= BinaryOp::equal && op <= BinaryOp::less_equal;
}
[[nodiscard]] constexpr bool is_set_op(BinaryOp op) {
  return op >= BinaryOp::and_;
}

enum class Cardinality : std::uint8_t { one_to_one, many_to_one, one_to_many, many_to_many };

/// on/ignoring and group_left/group_right. The default is `ignoring ()`.
struct Matching {
  Cardinality cardinality = Cardinality::one_to_one;
  bool on = false;
  std::vector<std::string> labels;
  std::vector<std::string> include;  // labels taken over from the "one" side
};

struct Binary {
  BinaryOp op = BinaryOp::add;
  ExprPtr lhs;
  ExprPtr rhs;
  bool return_bool = false;
  Matching matching;
};

struct Unary {
  bool negate = false;
  ExprPtr expr;
};

struct Paren {
  ExprPtr expr;
};

struct Expr {
  using Node = std::variant<NumberLiteral, StringLiteral, VectorSelector, MatrixSelector, Subquery,
                            Call, Aggregate, Binary, Unary, Paren>;
  Node node;
  ValueType type = ValueType::scalar;
  Position position;
  std::uint32_t depth = 1;  // levels below and with this node; bounded by the parser
};

/// The expression without the parentheses around it.
[[nodiscard]] inline const Expr& unwrap(const Expr& expr) {
  const Expr* at = &expr;
  while (const auto* paren = std::get_if<Paren>(&at->node)) {
    at = paren->expr.get();
  }
  return *at;
}

}  // namespace cgsentry::promql
