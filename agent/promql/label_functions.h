// Nodes about labels: label_replace, label_join, absent and absent_over_time.
//
// Tested by tests/unit/promql/label_functions_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "promql/ast.h"
#include "promql/node.h"
#include "promql/range_source.h"
#include "promql/relabel.h"

namespace cgsentry::promql {

/// label_replace(v, dst, replacement, src, regex), the texts in this order.
[[nodiscard]] Transform label_replacement(SymbolTable& symbols,
                                          const std::vector<std::string>& texts);
/// label_join(v, dst, separator, src…).
[[nodiscard]] Transform label_joining(SymbolTable& symbols, const std::vector<std::string>& texts);

/// Changes labels of each element; two that fall together are an error.
class RelabelNode final : public Node {
 public:
  RelabelNode(Node& input, Transform transform)
      : input_(&input), relabel_(Relabel::interned(input.domain(), std::move(transform))) {}
  Domain& domain() override { return relabel_.domain(); }
  /// The destination may be the metric's name.
  [[nodiscard]] Names names() const override { return Names::mixed; }

 private:
  void compute(const Moment& moment, Series& out) override;
  Node* input_;
  Relabel relabel_;
};

/// One element of fixed labels.
class FixedLabels final : public Domain {
 public:
  FixedLabels(SymbolTable& symbols, const Labels& labels);
  void labels(Entry, LabelSet& out) const override { out = labels_; }
  [[nodiscard]] std::size_t entry_end() const override { return 1; }

 private:
  LabelSet labels_;
};

/// The labels that absent() can tell from its argument: those of its equality matchers.
[[nodiscard]] Labels labels_of_absent(const Expr& argument);

/// absent(v): 1 when v is empty.
class AbsentNode final : public Node {
 public:
  AbsentNode(Node& input, const Labels& labels)
      : input_(&input), domain_(input.domain().symbols(), labels) {}
  Domain& domain() override { return domain_; }
  [[nodiscard]] Names names() const override { return Names::none; }

 private:
  void compute(const Moment& moment, Series& out) override;
  Node* input_;
  FixedLabels domain_;
};

/// absent_over_time(v[r]): 1 when the range holds no sample.
class AbsentRangeNode final : public Node {
 public:
  AbsentRangeNode(std::unique_ptr<RangeSource> source, const Labels& labels)
      : source_(std::move(source)), domain_(source_->domain().symbols(), labels) {}
  Domain& domain() override { return domain_; }
  [[nodiscard]] Names names() const override { return Names::none; }

 private:
  void compute(const Moment& moment, Series& out) override;
  std::unique_ptr<RangeSource> source_;
  FixedLabels domain_;
  std::vector<window::Point> points_;
};

}  // namespace cgsentry::promql
