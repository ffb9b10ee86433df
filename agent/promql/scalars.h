// Nodes that are one number: literals, time(), scalar(v), and arithmetic between scalars.
#pragma once

#include "promql/ast.h"
#include "promql/node.h"

namespace cgsentry::promql {

class NumberNode final : public ScalarNode {
 public:
  NumberNode(SymbolTable& symbols, double value) : ScalarNode(symbols), value_(value) {}

 private:
  void compute(const Moment&, Series& out) override { out.add(0, value_); }
  double value_;
};

/// time(): the moment of evaluation, in seconds since 1970.
class TimeNode final : public ScalarNode {
 public:
  using ScalarNode::ScalarNode;

 private:
  void compute(const Moment& moment, Series& out) override { out.add(0, to_seconds(moment.time)); }
};

/// scalar(v): the value of the only element, NaN when there are none or several.
class ScalarOfVector final : public ScalarNode {
 public:
  explicit ScalarOfVector(Node& vector) : ScalarNode(vector.domain().symbols()), vector_(&vector) {}

 private:
  void compute(const Moment& moment, Series& out) override;
  Node* vector_;
};

/// Arithmetic and `bool` comparisons.
class ScalarBinary final : public ScalarNode {
 public:
  ScalarBinary(BinaryOp op, Node& lhs, Node& rhs)
      : ScalarNode(lhs.domain().symbols()), op_(op), lhs_(&lhs), rhs_(&rhs) {}

 private:
  void compute(const Moment& moment, Series& out) override;
  BinaryOp op_;
  Node* lhs_;
  Node* rhs_;
};

class ScalarNegation final : public ScalarNode {
 public:
  explicit ScalarNegation(Node& inner) : ScalarNode(inner.domain().symbols()), inner_(&inner) {}

 private:
  void compute(const Moment& moment, Series& out) override;
  Node* inner_;
};

}  // namespace cgsentry::promql
