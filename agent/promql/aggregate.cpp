// See aggregate.h.
#include "promql/aggregate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/labels.h"

namespace cgsentry::promql {

namespace {

Names names_of(const Aggregate& aggregate) {
  const bool by_name =
      !aggregate.without && std::ranges::count(aggregate.grouping, kMetricName) != 0;
  return by_name ? Names::mixed : Names::none;
}

}  // namespace

Grouping::Grouping(const Aggregate& aggregate, Node& input)
    : names_(names_of(aggregate)),
      groups_(input.domain().symbols()),
      map_(input.domain(), groups_,
           transform_of(counting_labels(input.domain().symbols(), aggregate.grouping,
                                        !aggregate.without))) {}

AggregateNode::AggregateNode(const Aggregate& aggregate, Node& input)
    : op_(aggregate.op), input_(&input), grouping_(aggregate, input) {}

void AggregateNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  if (out.take_error(input)) {
    return;
  }
  index_.start(grouping_.domain().entry_end());
  groups_.clear();
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Entry entry = grouping_(input.entries[i]);
    if (!index_.has(entry)) {
      index_.set(entry, static_cast<std::uint32_t>(groups_.size()));
      groups_.emplace_back().entry = entry;
    }
    add(groups_[index_.value(entry)], input.values[i]);
  }
  for (const Group& group : groups_) {
    out.add(group.entry, result(group));
  }
}

void AggregateNode::add(Group& group, double value) const {
  const bool first = group.count == 0;
  group.count += 1;
  switch (op_) {
    case AggregateOp::sum:
      group.sum.add(value);
      break;
    case AggregateOp::avg:
      group.average.add(value);
      break;
    case AggregateOp::min:
      group.value = first || value < group.value || std::isnan(group.value) ? value : group.value;
      break;
    case AggregateOp::max:
      group.value = first || value > group.value || std::isnan(group.value) ? value : group.value;
      break;
    case AggregateOp::stddev:
    case AggregateOp::stdvar: {
      // Welford's algorithm.
      if (first && !std::isfinite(value)) {
        group.value = std::numeric_limits<double>::quiet_NaN();
      }
      const double delta = value - group.mean;
      group.mean += delta / group.count;
      group.value += delta * (value - group.mean);
      break;
    }
    default:
      break;  // count and group look at no value
  }
}

double AggregateNode::result(const Group& group) const {
  switch (op_) {
    case AggregateOp::sum:
      return group.sum.value();
    case AggregateOp::avg:
      return group.average.value();
    case AggregateOp::count:
      return group.count;
    case AggregateOp::group:
      return 1;
    case AggregateOp::stddev:
      return std::sqrt(group.value / group.count);
    case AggregateOp::stdvar:
      return group.value / group.count;
    default:
      return group.value;
  }
}

}  // namespace cgsentry::promql
