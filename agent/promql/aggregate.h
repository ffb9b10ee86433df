// sum, avg, count, min, max, group, stddev and stdvar: one value per group.
//
// Tested by tests/unit/promql/aggregate_test.cpp.
#pragma once

#include <vector>

#include "promql/ast.h"
#include "promql/grouping.h"
#include "promql/kahan.h"
#include "promql/node.h"

namespace cgsentry::promql {

class AggregateNode final : public Node {
 public:
  AggregateNode(const Aggregate& aggregate, Node& input);
  Domain& domain() override { return grouping_.domain(); }
  [[nodiscard]] Names names() const override { return grouping_.names(); }

 private:
  /// What a group has gathered in this moment; which of it depends on the operator.
  struct Group {
    Entry entry = 0;
    double count = 0;
    double value = 0;
    double mean = 0;
    KahanSum sum;
    KahanMean average;
  };

  void compute(const Moment& moment, Series& out) override;
  void add(Group& group, double value) const;
  [[nodiscard]] double result(const Group& group) const;

  AggregateOp op_;
  Node* input_;
  Grouping grouping_;
  Marks index_;  // of a group's entry in groups_
  std::vector<Group> groups_;
};

}  // namespace cgsentry::promql
