#include "promql/typecheck.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "model/labels.h"
#include "promql/functions.h"
#include "promql/lexer.h"
#include "promql/matchers.h"

namespace cgsentry::promql {

namespace {

using Checked = std::optional<TypeMistake>;

Checked expect(const Expr& expr, ValueType wanted, std::string_view context) {
  if (expr.type == wanted) {
    return std::nullopt;
  }
  return TypeMistake{&expr, fmt::format("expected type {} in {}, got {}", type_name(wanted),
                                        context, type_name(expr.type))};
}

Checked check_count(const Call& call) {
  const Function& function = *call.function;
  const std::size_t most = function.arg_count;
  const std::size_t given = call.args.size();
  if (function.variadic == 0) {
    if (given == most) {
      return std::nullopt;
    }
    return TypeMistake{nullptr, fmt::format("expected {} argument(s) in call to \"{}\", got {}",
                                            most, function.name, given)};
  }
  const std::size_t optional =
      function.variadic < 0 ? 1U : static_cast<unsigned>(function.variadic);
  if (given < most - optional) {
    return TypeMistake{nullptr,
                       fmt::format("expected at least {} argument(s) in call to \"{}\", got {}",
                                   most - optional, function.name, given)};
  }
  if (function.variadic > 0 && given > most) {
    return TypeMistake{
        nullptr, fmt::format("expected at most {} argument(s) in call to \"{}\", got {}", most,
                             function.name, given)};
  }
  return std::nullopt;
}

const std::string& text_of(const Expr& expr) {
  return std::get<StringLiteral>(unwrap(expr).node).value;
}

/// Since Prometheus 3 any UTF-8 can be a label's name.
bool can_be_label(const std::string& name) {
  return !name.empty() && is_utf8(name);
}

/// The names of labels in label_replace() and label_join().
Checked check_label_names(const Call& call) {
  if (!can_be_label(text_of(*call.args[1]))) {
    return TypeMistake{call.args[1].get(),
                       fmt::format("invalid destination label name in {}()", call.function->name)};
  }
  for (std::size_t i = 3; call.function->id == FunctionId::label_join && i < call.args.size();
       ++i) {
    if (!can_be_label(text_of(*call.args[i]))) {
      return TypeMistake{call.args[i].get(), "invalid source label name in label_join()"};
    }
  }
  return std::nullopt;
}

/// Arguments that are text must make sense before the rule runs.
Checked check_texts(const Call& call) {
  if (call.function->id == FunctionId::label_replace) {
    if (auto mistake = check_regex(text_of(*call.args[4])); !mistake.empty()) {
      return TypeMistake{call.args[4].get(), fmt::format("invalid regular expression in "
                                                         "label_replace(): {}",
                                                         mistake)};
    }
  }
  const bool names_label =
      call.function->id == FunctionId::label_replace || call.function->id == FunctionId::label_join;
  return names_label ? check_label_names(call) : std::nullopt;
}

bool takes_number(AggregateOp op) {
  return op == AggregateOp::topk || op == AggregateOp::bottomk || op == AggregateOp::quantile ||
         op == AggregateOp::limitk || op == AggregateOp::limit_ratio;
}

}  // namespace

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::scalar:
      return "scalar";
    case ValueType::vector:
      return "instant vector";
    case ValueType::matrix:
      return "range vector";
    case ValueType::string:
      return "string";
  }
  return "?";
}

std::optional<TypeMistake> check_call(const Call& call) {
  if (auto mistake = check_count(call)) {
    return mistake;
  }
  const std::string context = fmt::format("call to function \"{}\"", call.function->name);
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const std::size_t slot = std::min<std::size_t>(i, call.function->arg_count - 1U);
    if (auto mistake = expect(*call.args[i], call.function->args[slot], context)) {
      return mistake;
    }
  }
  return check_texts(call);
}

std::optional<TypeMistake> check_aggregate(const Aggregate& aggregate) {
  if (auto mistake = expect(*aggregate.expr, ValueType::vector, "aggregation expression")) {
    return mistake;
  }
  if (takes_number(aggregate.op)) {
    return expect(*aggregate.param, ValueType::scalar, "aggregation parameter");
  }
  if (aggregate.op != AggregateOp::count_values) {
    return std::nullopt;
  }
  if (auto mistake = expect(*aggregate.param, ValueType::string, "aggregation parameter")) {
    return mistake;
  }
  if (!can_be_label(text_of(*aggregate.param))) {
    return TypeMistake{aggregate.param.get(), "invalid label name in count_values"};
  }
  return std::nullopt;
}

std::optional<TypeMistake> check_binary(const Binary& binary) {
  const auto operand = [](const Expr& e) {
    return e.type == ValueType::scalar || e.type == ValueType::vector;
  };
  for (const Expr* side : {binary.lhs.get(), binary.rhs.get()}) {
    if (!operand(*side)) {
      return TypeMistake{side,
                         "binary expression must contain only scalar and instant vector types"};
    }
  }
  const bool vectors =
      binary.lhs->type == ValueType::vector && binary.rhs->type == ValueType::vector;
  const bool scalars =
      binary.lhs->type == ValueType::scalar && binary.rhs->type == ValueType::scalar;
  const Matching& matching = binary.matching;
  if (binary.return_bool && !is_comparison(binary.op)) {
    return TypeMistake{nullptr, "bool modifier can only be used on comparison operators"};
  }
  if (is_comparison(binary.op) && !binary.return_bool && scalars) {
    return TypeMistake{nullptr, "comparisons between scalars must use BOOL modifier"};
  }
  if (is_set_op(binary.op) && !vectors) {
    return TypeMistake{nullptr, fmt::format("set operator \"{}\" not allowed in binary scalar "
                                            "expression",
                                            symbol(binary.op))};
  }
  if (!vectors && (matching.on || !matching.labels.empty() ||
                   matching.cardinality == Cardinality::many_to_one ||
                   matching.cardinality == Cardinality::one_to_many)) {
    return TypeMistake{nullptr, "vector matching only allowed between instant vectors"};
  }
  if (is_set_op(binary.op) && matching.cardinality != Cardinality::many_to_many) {
    return TypeMistake{nullptr,
                       fmt::format("no grouping allowed for \"{}\" operation", symbol(binary.op))};
  }
  for (const std::string& label : matching.labels) {
    if (matching.on && std::ranges::count(matching.include, label) != 0) {
      return TypeMistake{nullptr, fmt::format("label \"{}\" must not occur in ON and GROUP clause "
                                              "at once",
                                              label)};
    }
  }
  return std::nullopt;
}

std::optional<TypeMistake> check_selector(const VectorSelector& selector) {
  bool named = !selector.name.empty();
  bool narrows = false;
  for (const Matcher& matcher : selector.matchers) {
    const bool regex = matcher.op == MatchOp::regex || matcher.op == MatchOp::not_regex;
    if (regex) {
      if (auto mistake = check_regex(matcher.value); !mistake.empty()) {
        return TypeMistake{
            nullptr, fmt::format("invalid regular expression \"{}\": {}", matcher.value, mistake)};
      }
    }
    narrows = narrows || !CompiledMatcher(matcher).matches("");
  }
  if (!named && !narrows) {
    return TypeMistake{nullptr, "vector selector must contain at least one non-empty matcher"};
  }
  return std::nullopt;
}

bool is_label_name(std::string_view name) {
  const auto good = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, good);
}

std::string_view symbol(BinaryOp op) {
  constexpr std::array<std::string_view, 16> kSymbols{"+",     "-",   "*",  "/",     "%", "^",
                                                      "atan2", "==",  "!=", ">",     "<", ">=",
                                                      "<=",    "and", "or", "unless"};
  return kSymbols[static_cast<std::size_t>(op)];
}

std::string_view symbol(AggregateOp op) {
  constexpr std::array<std::string_view, 14> kSymbols{
      "sum",    "avg",  "count",   "min",          "max",      "group",  "stddev",
      "stdvar", "topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio"};
  return kSymbols[static_cast<std::size_t>(op)];
}

}  // namespace cgsentry::promql
