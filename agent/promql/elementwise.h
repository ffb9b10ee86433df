// Nodes that look at each element of a vector alone: functions of one value, `-v`, sort, and
// operators between a vector and a scalar.
//
// Without the metric's name the entries are those of the input, so nothing is looked up.
#pragma once

#include <array>
#include <vector>

#include "promql/ast.h"
#include "promql/node.h"
#include "promql/relabel.h"
#include "promql/value_functions.h"

namespace cgsentry::promql {

/// f(v, scalars…); the name goes.
class ValueNode final : public Node {
 public:
  /// Unused parameters are null.
  ValueNode(FunctionId id, Node& input, std::array<Node*, 2> parameters);
  Domain& domain() override { return relabel_.domain(); }
  [[nodiscard]] Names names() const override { return Names::none; }

 private:
  void compute(const Moment& moment, Series& out) override;

  FunctionId id_;
  ValueFunction function_;
  Node* input_;
  std::array<Node*, 2> parameters_;
  Relabel relabel_;
};

/// The elements of the input without the name, each with another value.
class NamelessNode : public Node {
 public:
  explicit NamelessNode(Node& input);
  Domain& domain() final { return relabel_.domain(); }
  [[nodiscard]] Names names() const final { return Names::none; }

 private:
  void compute(const Moment& moment, Series& out) final;
  virtual void change(std::vector<double>& values, const Moment& moment) const = 0;
  Node* input_;
  Relabel relabel_;
};

/// -v
class NegationNode final : public NamelessNode {
 public:
  using NamelessNode::NamelessNode;

 private:
  void change(std::vector<double>& values, const Moment& moment) const override;
};

/// timestamp(v) of what is not a selector: the moment of evaluation.
class NowNode final : public NamelessNode {
 public:
  using NamelessNode::NamelessNode;

 private:
  void change(std::vector<double>& values, const Moment& moment) const override;
};

/// sort(v) and sort_desc(v): NaN comes last in both.
class SortNode final : public Node {
 public:
  SortNode(Node& input, bool descending) : input_(&input), descending_(descending) {}
  Domain& domain() override { return input_->domain(); }
  [[nodiscard]] Names names() const override { return input_->names(); }

 private:
  void compute(const Moment& moment, Series& out) override;
  Node* input_;
  bool descending_;
};

/// v op scalar, scalar op v. A comparison without `bool` keeps the elements for which it holds,
/// names included.
class VectorScalarNode final : public Node {
 public:
  struct Shape {
    BinaryOp op = BinaryOp::add;
    bool return_bool = false;
    bool vector_left = true;
    [[nodiscard]] bool filters() const { return is_comparison(op) && !return_bool; }
  };
  VectorScalarNode(Shape shape, Node& vector, Node& scalar);
  Domain& domain() override { return relabel_.domain(); }
  [[nodiscard]] Names names() const override {
    return shape_.filters() ? vector_->names() : Names::none;
  }

 private:
  void compute(const Moment& moment, Series& out) override;
  void filter(const Series& vector, double scalar, Series& out) const;
  void map(const Series& vector, double scalar, Series& out) const;

  Shape shape_;
  Node* vector_;
  Node* scalar_;
  Relabel relabel_;
};

}  // namespace cgsentry::promql
