// The recursive walk from tree to nodes. Private to the plan.
//
// A node that cannot be made here leaves the first mistake, with its place; the walk then ends with
// null pointers. Nodes are given to the plan, inputs first.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "promql/ast.h"
#include "promql/functions.h"
#include "promql/plan.h"
#include "promql/range_source.h"

namespace cgsentry::promql {

class Plan::Compiler {
 public:
  Compiler(Plan& plan, Duration delay) : plan_(plan), delay_(delay) {}

  /// Null on a mistake.
  Node* compile(const Expr& expr);
  [[nodiscard]] const std::optional<ParseError>& mistake() const { return mistake_; }

 private:
  Node* make(const Expr& expr);
  Node* make_selector(const VectorSelector& selector, const Expr& at, bool gives_time);
  Node* make_call(const Call& call, const Expr& expr);
  Node* make_value_call(const Call& call);
  Node* make_range_call(const Call& call);
  /// The shape of the tiers that the function of this range is computed from, when it is.
  [[nodiscard]] std::optional<window::TierShape> tier_shape(FunctionId id, const Expr& range) const;
  bool check_every_sample(const Call& call, const Expr& range);
  Node* make_long_range(FunctionId id, const Expr& range, const window::TierShape& shape,
                        Node* parameter);
  Node* make_label_call(const Call& call);
  Node* make_absent(const Call& call, bool of_range);
  Node* make_timestamp(const Call& call);
  Node* make_histogram(const Call& call);
  Node* make_aggregate(const Aggregate& aggregate, const Expr& expr);
  Node* make_binary(const Binary& binary);
  Node* make_unary(const Unary& unary);

  /// What a range function reads; null on a mistake.
  std::unique_ptr<RangeSource> source_of(const Expr& range, FunctionId id);
  std::unique_ptr<RangeSource> make_subquery(const Subquery& subquery, const Expr& at,
                                             FunctionId id);
  /// Of the season that the function wants of a range, when it does.
  [[nodiscard]] std::optional<Duration> season_lag(FunctionId id, Duration offset,
                                                   const AtModifier& at) const;
  [[nodiscard]] bool check_shift(const AtModifier& at, const Expr& expr);
  [[nodiscard]] bool check_length(std::size_t samples, const Expr& expr);
  [[nodiscard]] Duration need_of(Duration range, Duration offset) const;
  [[nodiscard]] std::string key_of(const Expr& expr) const;
  Selection& select(const VectorSelector& selector, Duration need);
  void note_reads(const std::vector<const Selection*>& reads);

  std::nullptr_t refuse(const Expr& at, std::string message);
  template <typename T, typename... Arguments>
  Node* keep(Arguments&&... arguments) {
    plan_.nodes_.push_back(std::make_unique<T>(std::forward<Arguments>(arguments)...));
    plan_.nodes_.back()->set_reads(reads_);
    return plan_.nodes_.back().get();
  }

  Plan& plan_;
  Duration delay_;
  std::vector<const Selection*> reads_;  // of the sub-expression at hand, up to here
  std::size_t subquery_depth_ = 0;
  std::optional<ParseError> mistake_;
};

}  // namespace cgsentry::promql
