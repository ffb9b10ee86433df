// See scalars.h.
#include "promql/scalars.h"

#include <limits>

#include "promql/operators.h"

namespace cgsentry::promql {

void ScalarOfVector::compute(const Moment& moment, Series& out) {
  const Series& vector = vector_->at(moment);
  if (vector.failed()) {
    out.fail(vector.error);
    return;
  }
  out.add(0, vector.size() == 1 ? vector.values.front() : std::numeric_limits<double>::quiet_NaN());
}

void ScalarBinary::compute(const Moment& moment, Series& out) {
  for (Node* side : {lhs_, rhs_}) {
    if (const Series& series = side->at(moment); series.failed()) {
      out.fail(series.error);
      return;
    }
  }
  with_operator(op_, [&](auto apply) {
    out.add(0, static_cast<double>(apply(lhs_->scalar_at(moment), rhs_->scalar_at(moment))));
  });
}

void ScalarNegation::compute(const Moment& moment, Series& out) {
  const Series& inner = inner_->at(moment);
  if (inner.failed()) {
    out.fail(inner.error);
    return;
  }
  out.add(0, -inner.values.front());
}

}  // namespace cgsentry::promql
