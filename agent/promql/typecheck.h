// The type rules of PromQL: what the grammar allows and Prometheus still refuses.
//
// In: one node whose children were checked already. Out: the mistake, if any, with its message;
// parser.cpp knows the place. Tested by tests/unit/promql/parser_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "promql/ast.h"

namespace cgsentry::promql {

/// "scalar", "instant vector", "range vector" or "string".
[[nodiscard]] std::string_view type_name(ValueType type);

struct TypeMistake {
  /// The child that is wrong, or null when it is the node itself.
  const Expr* at = nullptr;
  std::string message;
};

[[nodiscard]] std::optional<TypeMistake> check_call(const Call& call);
[[nodiscard]] std::optional<TypeMistake> check_aggregate(const Aggregate& aggregate);
[[nodiscard]] std::optional<TypeMistake> check_binary(const Binary& binary);
[[nodiscard]] std::optional<TypeMistake> check_selector(const VectorSelector& selector);

/// A label name that needs no quotes in PromQL.
[[nodiscard]] bool is_label_name(std::string_view name);
/// As written in PromQL: "+", "and", "topk".
[[nodiscard]] std::string_view symbol(BinaryOp op);
[[nodiscard]] std::string_view symbol(AggregateOp op);

}  // namespace cgsentry::promql
