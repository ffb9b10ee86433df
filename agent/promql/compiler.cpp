// See compiler.h.
#include "promql/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/duration.h"
#include "promql/aggregate.h"
#include "promql/elementwise.h"
#include "promql/functions.h"
#include "promql/histogram.h"
#include "promql/label_functions.h"
#include "promql/long_range_node.h"
#include "promql/range_node.h"
#include "promql/rank.h"
#include "promql/scalars.h"
#include "promql/selector.h"
#include "promql/set_operators.h"
#include "promql/typecheck.h"
#include "promql/vector_binary.h"

namespace cgsentry::promql {

namespace {

const std::string& text_of(const Expr& expr) {
  return std::get<StringLiteral>(unwrap(expr).node).value;
}

/// Steps of the past are the same whenever they are asked for, unless something below has `@
/// start()` or `@ end()`. A text that only looks like it costs time, nothing else.
bool looks_at_query_time(const Expr& expr) {
  const std::string text = canonical_text(expr);
  const auto has = [&](AtModifier::Kind kind) {
    return text.find(fmt::format("@{}:", static_cast<int>(kind))) != std::string::npos;
  };
  return has(AtModifier::Kind::start) || has(AtModifier::Kind::end);
}

}  // namespace

std::nullptr_t Plan::Compiler::refuse(const Expr& at, std::string message) {
  if (!mistake_) {
    mistake_ = ParseError{at.position.line, at.position.column, std::move(message)};
  }
  return nullptr;
}

Node* Plan::Compiler::compile(const Expr& expr) {
  const Expr& inner = unwrap(expr);
  const std::string key = key_of(inner);
  if (const auto known = plan_.known_.find(key); known != plan_.known_.end()) {
    note_reads(known->second->reads());
    return known->second;
  }
  std::vector<const Selection*> outer = std::exchange(reads_, {});
  Node* node = make(inner);
  if (node != nullptr) {
    plan_.known_.emplace(key, node);
  }
  std::swap(reads_, outer);
  note_reads(outer);
  return node;
}

/// Nodes inside and outside of a subquery are never one: the subquery may evaluate its steps, at
/// other times, while the value of the outer one is in use.
std::string Plan::Compiler::key_of(const Expr& expr) const {
  return fmt::format("{}~{}~{}", canonical_text(expr), delay_.count(), subquery_depth_);
}

void Plan::Compiler::note_reads(const std::vector<const Selection*>& reads) {
  for (const Selection* selection : reads) {
    if (std::ranges::find(reads_, selection) == reads_.end()) {
      reads_.push_back(selection);
    }
  }
}

Selection& Plan::Compiler::select(const VectorSelector& selector, Duration need) {
  Selection& selection = plan_.store_->select(selector, need);
  note_reads({&selection});
  return selection;
}

Node* Plan::Compiler::make(const Expr& expr) {
  struct Visitor {
    Compiler& compiler;
    const Expr& expr;
    Node* operator()(const NumberLiteral& node) const {
      return compiler.keep<NumberNode>(*compiler.plan_.symbols_, node.value);
    }
    Node* operator()(const StringLiteral&) const {
      return compiler.refuse(expr, "a text is not a value that can be evaluated");
    }
    Node* operator()(const VectorSelector& node) const {
      return compiler.make_selector(node, expr, false);
    }
    Node* operator()(const MatrixSelector&) const {
      return compiler.refuse(expr, "a range vector must be the argument of a function");
    }
    Node* operator()(const Subquery&) const {
      return compiler.refuse(expr, "a subquery must be the argument of a function");
    }
    Node* operator()(const Call& node) const { return compiler.make_call(node, expr); }
    Node* operator()(const Aggregate& node) const { return compiler.make_aggregate(node, expr); }
    Node* operator()(const Binary& node) const { return compiler.make_binary(node); }
    Node* operator()(const Unary& node) const { return compiler.make_unary(node); }
    Node* operator()(const Paren& node) const { return compiler.compile(*node.expr); }
  };
  return std::visit(Visitor{*this, expr}, expr.node);
}

bool Plan::Compiler::check_shift(const AtModifier& at, const Expr& expr) {
  if (plan_.options_.history || at.kind == AtModifier::Kind::none) {
    return true;
  }
  if (at.kind == AtModifier::Kind::timestamp) {
    refuse(expr, "`@` with a fixed time is not supported on a live node");
    return false;
  }
  if (subquery_depth_ > 0) {
    refuse(expr, "`@` inside of a subquery is not supported on a live node");
    return false;
  }
  return true;
}

bool Plan::Compiler::check_length(std::size_t samples, const Expr& expr) {
  if (samples <= plan_.options_.max_samples || plan_.options_.history) {
    return true;
  }
  refuse(expr, fmt::format("this looks back further than {} samples, which is the limit",
                           plan_.options_.max_samples));
  return false;
}

/// A subquery's inner expression is evaluated at steps that may be one tick old.
Duration Plan::Compiler::need_of(Duration range, Duration offset) const {
  return range + std::max(offset, Duration{}) + delay_ + 2 * plan_.options_.interval;
}

Node* Plan::Compiler::make_selector(const VectorSelector& selector, const Expr& at,
                                    bool gives_time) {
  const Duration need = need_of(Duration{}, selector.offset);
  if (!check_shift(selector.at, at) || !check_length(plan_.store_->samples_for(need), at)) {
    return nullptr;
  }
  Selection& selection = select(selector, need);
  return keep<SelectorNode>(selection, TimeShift{selector.offset, selector.at}, plan_.options_,
                            gives_time ? SelectorNode::Gives::time : SelectorNode::Gives::value);
}

Node* Plan::Compiler::make_call(const Call& call, const Expr& expr) {
  SymbolTable& symbols = *plan_.symbols_;
  const FunctionId id = call.function->id;
  if (value_function(id) != nullptr) {
    return make_value_call(call);
  }
  if (range_function(id) != nullptr) {
    return make_range_call(call);
  }
  switch (id) {
    case FunctionId::time:
      return keep<TimeNode>(symbols);
    case FunctionId::pi:
      return keep<NumberNode>(symbols, std::numbers::pi);
    case FunctionId::vector:
      return compile(*call.args[0]);  // a scalar is one element without labels already
    case FunctionId::label_replace:
    case FunctionId::label_join:
      return make_label_call(call);
    case FunctionId::absent:
    case FunctionId::absent_over_time:
      return make_absent(call, id == FunctionId::absent_over_time);
    case FunctionId::timestamp:
      return make_timestamp(call);
    case FunctionId::histogram_quantile:
    case FunctionId::histogram_fraction:
      return make_histogram(call);
    default:
      break;
  }
  const bool sorts = id == FunctionId::sort || id == FunctionId::sort_desc;
  if (!sorts && id != FunctionId::scalar) {
    return refuse(expr, fmt::format("{}() needs native histograms, which this agent does not have",
                                    call.function->name));
  }
  Node* input = compile(*call.args[0]);
  if (input == nullptr) {
    return nullptr;
  }
  return sorts ? keep<SortNode>(*input, id == FunctionId::sort_desc) : keep<ScalarOfVector>(*input);
}

Node* Plan::Compiler::make_value_call(const Call& call) {
  const FunctionId id = call.function->id;
  Node* input = nullptr;
  if (call.args.empty()) {
    input = keep<TimeNode>(*plan_.symbols_);  // hour() is hour(vector(time()))
  } else {
    input = compile(*call.args[0]);
  }
  std::array<Node*, 2> parameters{};
  for (std::size_t i = 1; i < call.args.size(); ++i) {
    parameters[i - 1] = compile(*call.args[i]);
  }
  if (input == nullptr || mistake_) {
    return nullptr;
  }
  return keep<ValueNode>(id, *input, parameters);
}

Node* Plan::Compiler::make_range_call(const Call& call) {
  const FunctionId id = call.function->id;
  const Expr* range = nullptr;
  std::array<Node*, 2> parameters{};
  std::size_t count = 0;
  for (const ExprPtr& argument : call.args) {
    if (argument->type == ValueType::matrix) {
      range = argument.get();
    } else {
      parameters[count++] = compile(*argument);
    }
  }
  if (range == nullptr || mistake_) {
    return nullptr;
  }
  if (const auto shape = tier_shape(id, *range)) {
    return make_long_range(id, *range, *shape, parameters[0]);
  }
  if (!tier_parts(id) && !check_every_sample(call, *range)) {
    return nullptr;
  }
  auto source = source_of(*range, id);
  return source && !mistake_ ? keep<RangeNode>(std::move(source), id, parameters) : nullptr;
}

bool Plan::Compiler::check_every_sample(const Call& call, const Expr& range) {
  const auto* matrix = std::get_if<MatrixSelector>(&unwrap(range).node);
  const std::size_t most = plan_.options_.max_samples;
  if (matrix == nullptr || plan_.options_.history ||
      plan_.store_->samples_for(need_of(matrix->range, matrix->selector.offset)) <= most) {
    return true;
  }
  refuse(unwrap(range),
         fmt::format("{}() needs every sample of its range, and this looks back further than {} "
                     "samples, which is the limit",
                     call.function->name, most));
  return false;
}

std::optional<window::TierShape> Plan::Compiler::tier_shape(FunctionId id,
                                                            const Expr& range) const {
  const auto* matrix = std::get_if<MatrixSelector>(&unwrap(range).node);
  const auto parts = tier_parts(id);
  if (matrix == nullptr || !parts || plan_.options_.history) {
    return std::nullopt;
  }
  const Duration need = need_of(matrix->range, matrix->selector.offset);
  const auto samples = static_cast<std::size_t>(matrix->range / plan_.options_.interval);
  if (samples <= plan_.options_.exact_samples &&
      plan_.store_->samples_for(need) <= plan_.options_.max_samples) {
    return std::nullopt;
  }
  const Duration width = window::bucket_width(matrix->range, plan_.options_.range_buckets);
  return window::TierShape{matrix->range, std::max(matrix->selector.offset, Duration{}) + delay_,
                           width, *parts};
}

Node* Plan::Compiler::make_long_range(FunctionId id, const Expr& range,
                                      const window::TierShape& shape, Node* parameter) {
  const Expr& expr = unwrap(range);
  const VectorSelector& selector = std::get<MatrixSelector>(expr.node).selector;
  const Duration need = need_of(Duration{}, selector.offset);
  if (!check_shift(selector.at, expr) || !check_length(plan_.store_->samples_for(need), expr)) {
    return nullptr;
  }
  Selection& selection = plan_.store_->select(selector, need, {{shape}, {}});
  note_reads({&selection});
  return keep<LongRangeNode>(selection, TimeShift{selector.offset, selector.at}, shape, id,
                             parameter);
}

/// A fixed time has days before it that may have left long ago.
std::optional<Duration> Plan::Compiler::season_lag(FunctionId id, Duration offset,
                                                   const AtModifier& at) const {
  if (id != FunctionId::cgs_anomaly || at.kind != AtModifier::Kind::none) {
    return std::nullopt;
  }
  return std::max(offset, Duration{}) + delay_;
}

std::unique_ptr<RangeSource> Plan::Compiler::source_of(const Expr& range, FunctionId id) {
  const Expr& expr = unwrap(range);
  if (const auto* subquery = std::get_if<Subquery>(&expr.node)) {
    return make_subquery(*subquery, expr, id);
  }
  const auto& matrix = std::get<MatrixSelector>(expr.node);
  const VectorSelector& selector = matrix.selector;
  const Duration need = need_of(matrix.range, selector.offset);
  if (!check_shift(selector.at, expr) || !check_length(plan_.store_->samples_for(need), expr)) {
    return nullptr;
  }
  const std::optional<Duration> lag = season_lag(id, selector.offset, selector.at);
  Selection& selection = select(selector, need);
  if (lag) {
    plan_.store_->select(selector, need, {{}, {*lag}});
  }
  return std::make_unique<SelectorRange>(selection, TimeShift{selector.offset, selector.at},
                                         matrix.range, lag);
}

std::unique_ptr<RangeSource> Plan::Compiler::make_subquery(const Subquery& subquery, const Expr& at,
                                                           FunctionId id) {
  SubqueryRange::Shape shape;
  shape.range = subquery.range;
  shape.step = subquery.step.value_or(plan_.options_.interval);
  shape.shift = {subquery.offset, subquery.at};
  shape.need = need_of(subquery.range, subquery.offset);
  shape.on_demand = plan_.options_.history.has_value();
  shape.volatile_steps = shape.on_demand && looks_at_query_time(*subquery.expr);
  shape.season_lag = season_lag(id, subquery.offset, subquery.at);
  if (shape.on_demand && shape.season_lag) {
    shape.season_lag = Duration{};  // no step is younger than the range
  }
  if (!check_shift(subquery.at, at) ||
      !check_length(static_cast<std::size_t>(shape.need / shape.step), at)) {
    return nullptr;
  }
  ++subquery_depth_;
  Node* inner = compile(*subquery.expr);
  --subquery_depth_;
  if (inner == nullptr) {
    return nullptr;
  }
  const char* season = shape.season_lag ? "~season" : "";
  auto source = std::make_unique<SubqueryRange>(*inner, shape, key_of(at) + season);
  plan_.subqueries_.push_back(source.get());
  return source;
}

Node* Plan::Compiler::make_label_call(const Call& call) {
  Node* input = compile(*call.args[0]);
  if (input == nullptr) {
    return nullptr;
  }
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < call.args.size(); ++i) {
    texts.push_back(text_of(*call.args[i]));
  }
  SymbolTable& symbols = *plan_.symbols_;
  return keep<RelabelNode>(*input, call.function->id == FunctionId::label_replace
                                       ? label_replacement(symbols, texts)
                                       : label_joining(symbols, texts));
}

Node* Plan::Compiler::make_absent(const Call& call, bool of_range) {
  const Labels labels = labels_of_absent(*call.args[0]);
  if (const auto shape = tier_shape(FunctionId::last_over_time, *call.args[0]); of_range && shape) {
    Node* last = make_long_range(FunctionId::last_over_time, *call.args[0], *shape, nullptr);
    return last != nullptr ? keep<AbsentNode>(*last, labels) : nullptr;
  }
  if (of_range) {
    auto source = source_of(*call.args[0], FunctionId::absent_over_time);
    return source ? keep<AbsentRangeNode>(std::move(source), labels) : nullptr;
  }
  Node* input = compile(*call.args[0]);
  return input != nullptr ? keep<AbsentNode>(*input, labels) : nullptr;
}

Node* Plan::Compiler::make_timestamp(const Call& call) {
  const Expr& argument = unwrap(*call.args[0]);
  const auto* selector = std::get_if<VectorSelector>(&argument.node);
  Node* input = selector != nullptr ? make_selector(*selector, argument, true) : compile(argument);
  if (input == nullptr) {
    return nullptr;
  }
  if (selector == nullptr) {
    return keep<NowNode>(*input);
  }
  // The selector gives the times; what is left is to take the name away.
  Node* zero = keep<NumberNode>(*plan_.symbols_, 0.0);
  return keep<VectorScalarNode>(VectorScalarNode::Shape{BinaryOp::add, false, true}, *input, *zero);
}

Node* Plan::Compiler::make_histogram(const Call& call) {
  std::array<Node*, 2> parameters{};
  for (std::size_t i = 0; i + 1 < call.args.size(); ++i) {
    parameters[i] = compile(*call.args[i]);
  }
  Node* input = compile(*call.args.back());
  return input == nullptr || mistake_ ? nullptr
                                      : keep<HistogramNode>(call.function->id, parameters, *input);
}

Node* Plan::Compiler::make_aggregate(const Aggregate& aggregate, const Expr& expr) {
  Node* input = compile(*aggregate.expr);
  const bool counts_values = aggregate.op == AggregateOp::count_values;
  Node* parameter = nullptr;
  if (aggregate.param && !counts_values) {
    parameter = compile(*aggregate.param);
  }
  if (input == nullptr || mistake_) {
    return nullptr;
  }
  switch (aggregate.op) {
    case AggregateOp::topk:
    case AggregateOp::bottomk:
    case AggregateOp::limitk:
      return keep<TopNode>(aggregate, *input, *parameter);
    case AggregateOp::quantile:
      return keep<QuantileNode>(aggregate, *input, *parameter);
    case AggregateOp::count_values:
      return keep<CountValuesNode>(aggregate, *input, text_of(*aggregate.param));
    case AggregateOp::limit_ratio:
      return refuse(expr, "limit_ratio is experimental in Prometheus and not supported");
    default:
      return keep<AggregateNode>(aggregate, *input);
  }
}

Node* Plan::Compiler::make_binary(const Binary& binary) {
  Node* lhs = compile(*binary.lhs);
  Node* rhs = compile(*binary.rhs);
  if (lhs == nullptr || rhs == nullptr) {
    return nullptr;
  }
  const bool left = binary.lhs->type == ValueType::scalar;
  const bool right = binary.rhs->type == ValueType::scalar;
  if (left && right) {
    return keep<ScalarBinary>(binary.op, *lhs, *rhs);
  }
  if (left || right) {
    const VectorScalarNode::Shape shape{binary.op, binary.return_bool, right};
    return right ? keep<VectorScalarNode>(shape, *lhs, *rhs)
                 : keep<VectorScalarNode>(shape, *rhs, *lhs);
  }
  if (binary.op == BinaryOp::or_) {
    return keep<UnionNode>(binary, *lhs, *rhs);
  }
  return is_set_op(binary.op) ? keep<FilterNode>(binary, *lhs, *rhs)
                              : keep<VectorBinaryNode>(binary, *lhs, *rhs);
}

Node* Plan::Compiler::make_unary(const Unary& unary) {
  Node* input = compile(*unary.expr);
  if (input == nullptr || !unary.negate) {
    return input;
  }
  return unary.expr->type == ValueType::scalar ? keep<ScalarNegation>(*input)
                                               : keep<NegationNode>(*input);
}

}  // namespace cgsentry::promql
