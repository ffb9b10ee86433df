// See scalars.h.
#include "promql/scalars.h"

#include <limits>

#include "promql/operators.h"

namespace cgsentry::promql {

void ScalarOfVector::compute(const Moment& moment, Series& out) {
  const Series& vector = vector_->at(moment);
  if (out.take_error(vector)) {
    return;
  }
  out.add(0, vector.size() == 1 ? vector.values.front() : std::numeric_limits<double>::quiet_NaN());
}

void ScalarBinary::compute(const Moment& moment, Series& out) {
  for (Node* side : {lhs_, rhs_}) {
    if (out.take_error(side->at(moment))) {
      return;
    }
  }
  with_operator(op_, [&](auto apply) {
    out.add(0, static_cast<double>(apply(lhs_->scalar_at(moment), rhs_->scalar_at(moment))));
  });
}

void ScalarNegation::compute(const Moment& moment, Series& out) {
  const Series& inner = inner_->at(moment);
  if (out.take_error(inner)) {
    return;
  }
  out.add(0, -inner.values.front());
}

}  // namespace cgsentry::promql
