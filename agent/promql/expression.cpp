// Walks the tree of an expression: its selectors, and how far they look back. Declared in parser.h.
// Tested by tests/unit/promql/parser_test.cpp.
#include <algorithm>
#include <utility>

#include "model/labels.h"
#include "promql/matchers.h"
#include "promql/parser.h"

namespace cgsentry::promql {

namespace {

struct Walk {
  std::vector<SelectorUse>& uses;

  void visit(const ExprPtr& expr) const {
    if (expr) {
      std::visit([&](const auto& node) { (*this)(node, expr->position); }, expr->node);
    }
  }

  void operator()(const NumberLiteral&, Position) const {}
  void operator()(const StringLiteral&, Position) const {}
  void operator()(const VectorSelector& node, Position position) const {
    use(node, Duration{}, position);
  }
  void operator()(const MatrixSelector& node, Position position) const {
    use(node.selector, node.range, position);
  }
  /// {__name__="x"} names a metric too.
  void use(const VectorSelector& node, Duration window, Position position) const {
    std::string metric;
    for (const Matcher& matcher : node.matchers) {
      if (matcher.label == kMetricName && matcher.op == MatchOp::equal) {
        metric = matcher.value;
      }
    }
    uses.push_back(SelectorUse{std::move(metric), node.matchers, window, position});
  }
  void operator()(const Subquery& node, Position) const { visit(node.expr); }
  void operator()(const Call& node, Position) const {
    for (const ExprPtr& arg : node.args) {
      visit(arg);
    }
  }
  void operator()(const Aggregate& node, Position) const {
    visit(node.param);
    visit(node.expr);
  }
  void operator()(const Binary& node, Position) const {
    visit(node.lhs);
    visit(node.rhs);
  }
  void operator()(const Unary& node, Position) const { visit(node.expr); }
  void operator()(const Paren& node, Position) const { visit(node.expr); }
};

struct LookBack {
  Duration operator()(const NumberLiteral&) const { return {}; }
  Duration operator()(const StringLiteral&) const { return {}; }
  Duration operator()(const VectorSelector& node) const {
    return std::max(node.offset, Duration{});
  }
  Duration operator()(const MatrixSelector& node) const {
    return node.range + (*this)(node.selector);
  }
  Duration operator()(const Subquery& node) const {
    return node.range + std::max(node.offset, Duration{}) + of(node.expr);
  }
  Duration operator()(const Call& node) const {
    Duration most{};
    for (const ExprPtr& arg : node.args) {
      most = std::max(most, of(arg));
    }
    return most;
  }
  Duration operator()(const Aggregate& node) const {
    return std::max(of(node.expr), of(node.param));
  }
  Duration operator()(const Binary& node) const { return std::max(of(node.lhs), of(node.rhs)); }
  Duration operator()(const Unary& node) const { return of(node.expr); }
  Duration operator()(const Paren& node) const { return of(node.expr); }
  Duration of(const ExprPtr& expr) const {
    return expr ? std::visit(*this, expr->node) : Duration{};
  }
};

}  // namespace

Duration Expression::look_back() const {
  return LookBack{}.of(root_);
}

std::vector<SelectorUse> Expression::selectors() const {
  std::vector<SelectorUse> uses;
  Walk{uses}.visit(root_);
  return uses;
}

std::size_t Expression::pattern_size() const {
  std::size_t size = 0;
  for (const SelectorUse& use : selectors()) {
    for (const Matcher& matcher : use.matchers) {
      if (matcher.op == MatchOp::regex || matcher.op == MatchOp::not_regex) {
        size += compiled_size(matcher.value);
      }
    }
  }
  return size;
}

}  // namespace cgsentry::promql
