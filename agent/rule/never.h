// Finds expressions that cannot have a value, whatever is measured.
//
//   x > 5 and x < 3      the bounds of one vector exclude each other; chained too: x > 5 < 3
//   vector(1) > 2        a constant that does not meet its own comparison
//   sum(x > 5 < 3) + y   and what can have no value without them
//
// Bounds are numbers that stand in the text. Nothing is told of NaN, of `!=` and of vectors that
// are matched on some labels only. Pure. Tested by tests/unit/rule/never_test.cpp.
#pragma once

#include <optional>
#include <string>

#include "promql/parser.h"

namespace cgsentry::rule {

struct Never {
  promql::Position position;  // of the part that has no value
  std::string reason;
};

[[nodiscard]] std::optional<Never> never_has_a_value(const promql::Expression& expression);

}  // namespace cgsentry::rule
