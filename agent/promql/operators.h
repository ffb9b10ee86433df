// The binary operators as functions of two numbers, chosen once per column instead of per value.
#pragma once

#include <cmath>

#include "promql/ast.h"

namespace cgsentry::promql {

/// visit(f) with f(a, b) of an arithmetic operator (a double) or a comparison (a bool). Set
/// operators have none.
template <typename Visit>
void with_operator(BinaryOp op, Visit visit) {
  switch (op) {
    case BinaryOp::add:
      return visit([](double a, double b) { return a + b; });
    case BinaryOp::subtract:
      return visit([](double a, double b) { return a - b; });
    case BinaryOp::multiply:
      return visit([](double a, double b) { return a * b; });
    case BinaryOp::divide:
      return visit([](double a, double b) { return a / b; });
    case BinaryOp::modulo:
      return visit([](double a, double b) { return std::fmod(a, b); });
    case BinaryOp::power:
      return visit([](double a, double b) { return std::pow(a, b); });
    case BinaryOp::atan2:
      return visit([](double a, double b) { return std::atan2(a, b); });
    case BinaryOp::equal:
      return visit([](double a, double b) { return a == b; });
    case BinaryOp::not_equal:
      return visit([](double a, double b) { return a != b; });
    case BinaryOp::greater:
      return visit([](double a, double b) { return a > b; });
    case BinaryOp::less:
      return visit([](double a, double b) { return a < b; });
    case BinaryOp::greater_equal:
      return visit([](double a, double b) { return a >= b; });
    case BinaryOp::less_equal:
      return visit([](double a, double b) { return a <= b; });
    case BinaryOp::and_:
    case BinaryOp::or_:
    case BinaryOp::unless:
      return;
  }
}

}  // namespace cgsentry::promql
