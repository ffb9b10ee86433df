// Aggregations that look at all values of a group together: topk and bottomk, limitk, quantile and
// count_values. What they give depends on values, so it is worked out anew at each moment.
//
// Tested by tests/unit/promql/aggregate_test.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "promql/ast.h"
#include "promql/grouping.h"
#include "promql/node.h"

namespace cgsentry::promql {

/// The elements of a vector by group, in the order of their first element.
class Groups {
 public:
  Groups(const Aggregate& aggregate, Node& input) : grouping_(aggregate, input) {}

  struct Group {
    Entry entry = 0;
    std::vector<std::uint32_t> members;  // indexes in the series
  };
  const std::vector<Group>& of(const Series& input);
  [[nodiscard]] Grouping& grouping() { return grouping_; }

 private:
  Grouping grouping_;
  Marks index_;
  std::vector<Group> groups_;
};

/// topk, bottomk and limitk: up to k elements of each group, as they are.
class TopNode final : public Node {
 public:
  TopNode(const Aggregate& aggregate, Node& input, Node& k);
  Domain& domain() override { return input_->domain(); }
  [[nodiscard]] Names names() const override { return input_->names(); }

 private:
  void compute(const Moment& moment, Series& out) override;
  void rank(const Series& input, std::vector<std::uint32_t>& members) const;
  AggregateOp op_;
  Node* input_;
  Node* k_;
  Groups groups_;
};

/// quantile(q, v)
class QuantileNode final : public Node {
 public:
  QuantileNode(const Aggregate& aggregate, Node& input, Node& q);
  Domain& domain() override { return groups_.grouping().domain(); }
  [[nodiscard]] Names names() const override { return names_; }

 private:
  void compute(const Moment& moment, Series& out) override;
  Node* input_;
  Node* q_;
  Groups groups_;
  Names names_;
  std::vector<double> values_;
};

/// count_values("label", v): how many elements of the group have each value.
class CountValuesNode final : public Node {
 public:
  CountValuesNode(const Aggregate& aggregate, Node& input, const std::string& label);
  Domain& domain() override { return domain_; }
  [[nodiscard]] Names names() const override { return names_; }

 private:
  void compute(const Moment& moment, Series& out) override;
  Entry entry_of(Entry group, double value);
  void release_old();

  Node* input_;
  Groups groups_;
  Names names_;
  Symbol label_;
  InternedDomain domain_;
  /// Sets of labels that this node holds, and the moment (a count) in which each was last met.
  std::map<Entry, std::uint64_t> held_;
  std::uint64_t turn_ = 0;
};

}  // namespace cgsentry::promql
