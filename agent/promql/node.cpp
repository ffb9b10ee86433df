// See node.h.
#include "promql/node.h"

#include <limits>

namespace cgsentry::promql {

const Series& Node::at(const Moment& moment) {
  if (moment != moment_) {
    moment_ = moment;
    series_.clear();
    compute(moment, series_);
  }
  return series_;
}

double Node::scalar_at(const Moment& moment) {
  const Series& series = at(moment);
  return series.values.empty() ? std::numeric_limits<double>::quiet_NaN() : series.values.front();
}

std::size_t Node::memory_bytes() const {
  return series_.entries.capacity() * sizeof(Entry) + series_.values.capacity() * sizeof(double);
}

}  // namespace cgsentry::promql
