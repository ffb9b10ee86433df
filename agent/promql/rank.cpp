// See rank.h.
#include "promql/rank.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "promql/quantile.h"

namespace cgsentry::promql {

const std::vector<Groups::Group>& Groups::of(const Series& input) {
  index_.start(grouping_.domain().entry_end());
  groups_.clear();
  for (std::uint32_t i = 0; i < input.size(); ++i) {
    const Entry entry = grouping_(input.entries[i]);
    if (!index_.has(entry)) {
      index_.set(entry, static_cast<std::uint32_t>(groups_.size()));
      groups_.push_back({entry, {}});
    }
    groups_[index_.value(entry)].members.push_back(i);
  }
  return groups_;
}

TopNode::TopNode(const Aggregate& aggregate, Node& input, Node& k)
    : op_(aggregate.op), input_(&input), k_(&k), groups_(aggregate, input) {}

/// The best first; NaN is the worst in topk and in bottomk.
void TopNode::rank(const Series& input, std::vector<std::uint32_t>& members) const {
  std::ranges::stable_sort(members, [&](std::uint32_t a, std::uint32_t b) {
    const double x = input.values[a];
    const double y = input.values[b];
    if (std::isnan(x) || std::isnan(y)) {
      return !std::isnan(x) && std::isnan(y);
    }
    return op_ == AggregateOp::topk ? x > y : x < y;
  });
}

void TopNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  const Series& k = k_->at(moment);
  if (out.take_error(input) || out.take_error(k)) {
    return;
  }
  const double wanted = k.values.front();
  if (std::isnan(wanted)) {
    out.fail("the number of elements is NaN");
    return;
  }
  if (wanted < 1) {
    return;
  }
  for (const Groups::Group& group : groups_.of(input)) {
    std::vector<std::uint32_t> members = group.members;
    if (op_ != AggregateOp::limitk) {
      rank(input, members);
    }
    const double count = std::min(std::floor(wanted), static_cast<double>(members.size()));
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      out.add(input.entries[members[i]], input.values[members[i]]);
    }
  }
}

QuantileNode::QuantileNode(const Aggregate& aggregate, Node& input, Node& q)
    : input_(&input), q_(&q), groups_(aggregate, input), names_(groups_.grouping().names()) {}

void QuantileNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  const Series& q = q_->at(moment);
  if (out.take_error(input) || out.take_error(q)) {
    return;
  }
  for (const Groups::Group& group : groups_.of(input)) {
    values_.clear();
    for (const std::uint32_t i : group.members) {
      values_.push_back(input.values[i]);
    }
    out.add(group.entry, quantile(q.values.front(), values_));
  }
}

namespace {

/// The shortest text that reads back, never with an exponent: Go's FormatFloat(v, 'f', -1, 64).
std::string plain_number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, std::numeric_limits<double>::max_exponent10 + 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return {text.data(), end.ptr};
}

/// Sets of labels that are kept although the newest moment has no such value.
constexpr std::size_t kMostHeld = 10'000;

}  // namespace

CountValuesNode::CountValuesNode(const Aggregate& aggregate, Node& input, const std::string& label)
    : input_(&input),
      groups_(aggregate, input),
      names_(groups_.grouping().names()),
      label_(input.domain().symbols().acquire(label)),
      domain_(input.domain().symbols()) {}

Entry CountValuesNode::entry_of(Entry group, double value) {
  LabelSet labels;
  groups_.grouping().domain().labels(group, labels);
  const Symbol text = domain_.symbols().acquire(plain_number(value));
  labels.set(label_, text);
  const Entry entry = domain_.acquire(labels);
  domain_.symbols().release(text);
  if (!held_.insert_or_assign(entry, turn_).second) {
    domain_.release(entry);  // one reference is enough
  }
  return entry;
}

void CountValuesNode::release_old() {
  for (auto at = held_.begin(); held_.size() > kMostHeld && at != held_.end();) {
    if (at->second == turn_) {
      ++at;
      continue;
    }
    domain_.release(at->first);
    at = held_.erase(at);
  }
}

void CountValuesNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  if (out.take_error(input)) {
    return;
  }
  ++turn_;
  std::map<Entry, double> counts;
  for (const Groups::Group& group : groups_.of(input)) {
    for (const std::uint32_t i : group.members) {
      counts[entry_of(group.entry, input.values[i])] += 1;
    }
  }
  for (const auto& [entry, count] : counts) {
    out.add(entry, count);
  }
  release_old();
}

}  // namespace cgsentry::promql
