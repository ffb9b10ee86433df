// canonical_text() of plan.h: every node with all that its value depends on, parentheses aside.
#include <fmt/format.h>

#include <bit>

#include "promql/functions.h"
#include "promql/plan.h"
#include "promql/typecheck.h"

namespace cgsentry::promql {

namespace {

/// Texts are written with their length, so that no text can look like the end of one.
std::string text(std::string_view value) {
  return fmt::format("{}:{}", value.size(), value);
}

std::string texts(const std::vector<std::string>& values) {
  std::string out = "(";
  for (const std::string& value : values) {
    out += text(value) + ",";
  }
  return out + ")";
}

std::string shift(Duration offset, const AtModifier& at) {
  return fmt::format("~{}@{}:{}", offset.count(), static_cast<int>(at.kind),
                     at.since_epoch.count());
}

struct Writer {
  std::string operator()(const NumberLiteral& node) const {
    return fmt::format("#{:x}", std::bit_cast<std::uint64_t>(node.value));
  }
  std::string operator()(const StringLiteral& node) const { return text(node.value); }
  std::string operator()(const VectorSelector& node) const {
    std::string out = "{";
    for (const Matcher& matcher : node.matchers) {
      out += fmt::format("{}{}{},", text(matcher.label), static_cast<int>(matcher.op),
                         text(matcher.value));
    }
    return out + "}" + shift(node.offset, node.at);
  }
  std::string operator()(const MatrixSelector& node) const {
    return fmt::format("{}[{}]", (*this)(node.selector), node.range.count());
  }
  std::string operator()(const Subquery& node) const {
    return fmt::format("{}[{}:{}]{}", canonical_text(*node.expr), node.range.count(),
                       node.step.value_or(Duration{}).count(), shift(node.offset, node.at));
  }
  std::string operator()(const Call& node) const {
    std::string out = fmt::format("{}(", node.function->name);
    for (const ExprPtr& argument : node.args) {
      out += canonical_text(*argument) + ",";
    }
    return out + ")";
  }
  std::string operator()(const Aggregate& node) const {
    return fmt::format("{}{}{}({},{})", symbol(node.op), node.without ? "!" : "",
                       texts(node.grouping), node.param ? canonical_text(*node.param) : "",
                       canonical_text(*node.expr));
  }
  std::string operator()(const Binary& node) const {
    return fmt::format("({} {}{} {}{}{}{} {})", canonical_text(*node.lhs), symbol(node.op),
                       node.return_bool ? "?" : "", static_cast<int>(node.matching.cardinality),
                       node.matching.on ? "on" : "ignoring", texts(node.matching.labels),
                       texts(node.matching.include), canonical_text(*node.rhs));
  }
  std::string operator()(const Unary& node) const {
    return (node.negate ? "-" : "") + canonical_text(*node.expr);
  }
  std::string operator()(const Paren& node) const { return canonical_text(*node.expr); }
};

}  // namespace

std::string canonical_text(const Expr& expr) {
  return std::visit(Writer{}, expr.node);
}

}  // namespace cgsentry::promql
