// See never.h.
#include "rule/never.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>
#include <variant>

#include "promql/functions.h"
#include "promql/plan.h"
#include "promql/typecheck.h"

namespace cgsentry::rule {

namespace {

using promql::Binary;
using promql::BinaryOp;
using promql::Expr;

constexpr double kInf = std::numeric_limits<double>::infinity();

/// The number that an expression is, when it is one whatever is measured.
std::optional<double> constant(const Expr& expr) {
  const Expr& inner = promql::unwrap(expr);
  if (const auto* number = std::get_if<promql::NumberLiteral>(&inner.node)) {
    return number->value;
  }
  if (const auto* unary = std::get_if<promql::Unary>(&inner.node)) {
    const auto value = constant(*unary->expr);
    return value && unary->negate ? std::optional(-*value) : value;
  }
  const auto* binary = std::get_if<Binary>(&inner.node);
  if (binary == nullptr) {
    return std::nullopt;
  }
  const auto lhs = constant(*binary->lhs);
  const auto rhs = constant(*binary->rhs);
  if (!lhs || !rhs) {
    return std::nullopt;
  }
  switch (binary->op) {
    case BinaryOp::add:
      return *lhs + *rhs;
    case BinaryOp::subtract:
      return *lhs - *rhs;
    case BinaryOp::multiply:
      return *lhs * *rhs;
    case BinaryOp::divide:
      return *lhs / *rhs;
    case BinaryOp::power:
      return std::pow(*lhs, *rhs);
    default:
      return std::nullopt;
  }
}

struct Bound {
  double at = 0;
  bool open = false;
  std::string text;  // as it is told: "> 5"
};

/// What the values of a vector must lie between.
struct Bounds {
  std::string of;  // the canonical text of the vector
  Bound low{-kInf, false, ""};
  Bound high{kInf, false, ""};

  void raise(const Bound& bound) {
    if (bound.at > low.at || (bound.at == low.at && bound.open)) {
      low = bound;
    }
  }
  void lower(const Bound& bound) {
    if (bound.at < high.at || (bound.at == high.at && bound.open)) {
      high = bound;
    }
  }
  void narrow(BinaryOp op, double at) {
    const bool open = op == BinaryOp::greater || op == BinaryOp::less;
    const Bound bound{at, open, fmt::format("{} {}", promql::symbol(op), at)};
    if (op == BinaryOp::greater || op == BinaryOp::greater_equal || op == BinaryOp::equal) {
      raise(bound);
    }
    if (op == BinaryOp::less || op == BinaryOp::less_equal || op == BinaryOp::equal) {
      lower(bound);
    }
  }
  [[nodiscard]] bool empty() const {
    return low.at > high.at || (low.at == high.at && (low.open || high.open));
  }
  [[nodiscard]] std::string reason() const {
    if (low.text.empty() || high.text.empty() || low.text == high.text) {
      return "no value is " + (low.text.empty() ? high.text : low.text);
    }
    return fmt::format("no value is both {} and {}", low.text, high.text);
  }
};

/// a > b as b < a.
BinaryOp turned(BinaryOp op) {
  switch (op) {
    case BinaryOp::greater:
      return BinaryOp::less;
    case BinaryOp::less:
      return BinaryOp::greater;
    case BinaryOp::greater_equal:
      return BinaryOp::less_equal;
    case BinaryOp::less_equal:
      return BinaryOp::greater_equal;
    default:
      return op;
  }
}

Bounds bounds_of(const Expr& expr);

Bounds bounds_of_comparison(const Binary& binary, const Expr& expr) {
  const auto left = constant(*binary.lhs);
  const auto right = constant(*binary.rhs);
  if (binary.return_bool || left.has_value() == right.has_value()) {
    return Bounds{promql::canonical_text(expr)};
  }
  Bounds bounds = bounds_of(left ? *binary.rhs : *binary.lhs);
  bounds.narrow(left ? turned(binary.op) : binary.op, left ? *left : *right);
  return bounds;
}

/// Both sides have the same labels, so that an element meets itself.
Bounds bounds_of_both(const Binary& binary) {
  Bounds bounds = bounds_of(*binary.lhs);
  const Bounds other = bounds_of(*binary.rhs);
  const bool by_all_labels = !binary.matching.on && binary.matching.labels.empty();
  if (by_all_labels && bounds.of == other.of) {
    bounds.raise(other.low);
    bounds.lower(other.high);
  }
  return bounds;
}

Bounds bounds_of(const Expr& expr) {
  const Expr& inner = promql::unwrap(expr);
  if (const auto* binary = std::get_if<Binary>(&inner.node)) {
    if (promql::is_comparison(binary->op)) {
      return bounds_of_comparison(*binary, inner);
    }
    if (binary->op == BinaryOp::and_) {
      return bounds_of_both(*binary);
    }
  }
  Bounds bounds{promql::canonical_text(inner)};
  if (const auto* call = std::get_if<promql::Call>(&inner.node);
      call != nullptr && call->function->id == promql::FunctionId::vector) {
    if (const auto value = constant(*call->args[0])) {
      bounds.low = bounds.high = {*value, false, fmt::format("{}", *value)};
    }
  }
  return bounds;
}

std::optional<Never> never(const Expr& expr);

std::optional<Never> never_of(const Binary& binary) {
  auto lhs = never(*binary.lhs);
  if (binary.op == BinaryOp::unless || (lhs && binary.op != BinaryOp::or_)) {
    return lhs;
  }
  auto rhs = never(*binary.rhs);
  return binary.op != BinaryOp::or_ || lhs ? rhs : std::nullopt;
}

std::optional<Never> never(const Expr& expr) {
  const Expr& inner = promql::unwrap(expr);
  if (inner.type != promql::ValueType::vector) {
    return std::nullopt;
  }
  if (const auto* binary = std::get_if<Binary>(&inner.node)) {
    if (auto found = never_of(*binary)) {
      return found;
    }
  }
  if (const Bounds bounds = bounds_of(inner); bounds.empty()) {
    return Never{inner.position, bounds.reason()};
  }
  if (const auto* aggregate = std::get_if<promql::Aggregate>(&inner.node)) {
    return never(*aggregate->expr);
  }
  if (const auto* unary = std::get_if<promql::Unary>(&inner.node)) {
    return never(*unary->expr);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Never> never_has_a_value(const promql::Expression& expression) {
  return never(expression.root());
}

}  // namespace cgsentry::rule
