// See node.h.
#include "promql/node.h"

#include <algorithm>
#include <limits>

#include "promql/selection.h"

namespace cgsentry::promql {

const Series& Node::at(const Moment& moment) {
  const std::uint64_t version = this->version();
  if (moment != moment_ || version != version_) {
    moment_ = moment;
    version_ = version;
    series_.clear();
    compute(moment, series_);
  }
  return series_;
}

double Node::scalar_at(const Moment& moment) {
  const Series& series = at(moment);
  return series.values.empty() ? std::numeric_limits<double>::quiet_NaN() : series.values.front();
}

void Node::keep_recorded_reads() {
  std::erase_if(reads_, [](const Selection* selection) { return !selection->has_recorded(); });
  reads_.shrink_to_fit();
}

std::uint64_t Node::version() const {
  std::uint64_t version = 0;
  for (const Selection* selection : reads_) {
    version += selection->version();
  }
  return version;
}

Duration Node::latest_delay() const {
  Duration latest{};
  for (const Selection* selection : reads_) {
    latest = std::max(latest, selection->latest_delay());
  }
  return latest;
}

std::size_t Node::memory_bytes() const {
  return series_.entries.capacity() * sizeof(Entry) + series_.values.capacity() * sizeof(double);
}

}  // namespace cgsentry::promql
