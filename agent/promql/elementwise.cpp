// See elementwise.h.
#include "promql/elementwise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "promql/operators.h"

namespace cgsentry::promql {

namespace {

Relabel nameless(Node& input) {
  return Relabel::without_name(input.domain(), input.names());
}

/// A threshold is seldom crossed: so many values are asked at once, without a branch.
constexpr std::size_t kChunk = 32;

template <typename Holds>
bool any_of_chunk(const double* values, const Holds& holds) {
  unsigned any = 0;
  for (std::size_t i = 0; i < kChunk; ++i) {
    any |= static_cast<unsigned>(holds(values[i]));
  }
  return any != 0;
}

}  // namespace

ValueNode::ValueNode(FunctionId id, Node& input, std::array<Node*, 2> parameters)
    : id_(id),
      function_(value_function(id)),
      input_(&input),
      parameters_(parameters),
      relabel_(nameless(input)) {}

void ValueNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  if (out.take_error(input)) {
    return;
  }
  std::array<double, 2> given{id_ == FunctionId::round ? 1.0 : 0.0, 0.0};
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (parameters_[i] == nullptr) {
      continue;
    }
    const Series& parameter = parameters_[i]->at(moment);
    if (out.take_error(parameter)) {
      return;
    }
    given[i] = parameter.values.front();
  }
  const ValueArguments arguments{given[0], given[1]};
  if (id_ == FunctionId::clamp && arguments.second < arguments.first) {
    return;
  }
  for (std::size_t i = 0; i < input.size(); ++i) {
    out.add(input.entries[i], function_(input.values[i], arguments));
  }
  relabel_.apply(out);
}

NamelessNode::NamelessNode(Node& input) : input_(&input), relabel_(nameless(input)) {}

void NamelessNode::compute(const Moment& moment, Series& out) {
  out = input_->at(moment);
  change(out.values, moment);
  relabel_.apply(out);
}

void NegationNode::change(std::vector<double>& values, const Moment&) const {
  for (double& value : values) {
    value = -value;
  }
}

void NowNode::change(std::vector<double>& values, const Moment& moment) const {
  std::ranges::fill(values, to_seconds(moment.time));
}

void SortNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  out.error = input.error;
  std::vector<std::size_t> order(input.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const double x = input.values[a];
    const double y = input.values[b];
    if (std::isnan(x) || std::isnan(y)) {
      return !std::isnan(x) && std::isnan(y);
    }
    return descending_ ? x > y : x < y;
  });
  for (const std::size_t i : order) {
    out.add(input.entries[i], input.values[i]);
  }
}

VectorScalarNode::VectorScalarNode(Shape shape, Node& vector, Node& scalar)
    : shape_(shape),
      vector_(&vector),
      scalar_(&scalar),
      relabel_(shape.filters() ? Relabel(vector.domain()) : nameless(vector)) {}

void VectorScalarNode::compute(const Moment& moment, Series& out) {
  const Series& vector = vector_->at(moment);
  const Series& scalar = scalar_->at(moment);
  if (out.take_error(vector) || out.take_error(scalar)) {
    return;
  }
  if (shape_.filters()) {
    filter(vector, scalar.values.front(), out);
    return;
  }
  map(vector, scalar.values.front(), out);
  relabel_.apply(out);
}

void VectorScalarNode::filter(const Series& vector, double scalar, Series& out) const {
  const double* values = vector.values.data();
  with_operator(shape_.op, [&](auto apply) {
    const auto holds = [&](double value) {
      return shape_.vector_left ? apply(value, scalar) != 0 : apply(scalar, value) != 0;
    };
    for (std::size_t from = 0; from < vector.size(); from += kChunk) {
      const std::size_t end = std::min(from + kChunk, vector.size());
      if (end - from == kChunk && !any_of_chunk(values + from, holds)) {
        continue;
      }
      for (std::size_t i = from; i < end; ++i) {
        if (holds(values[i])) {
          out.add(vector.entries[i], values[i]);
        }
      }
    }
  });
}

void VectorScalarNode::map(const Series& vector, double scalar, Series& out) const {
  out.entries = vector.entries;
  out.values.resize(vector.size());
  with_operator(shape_.op, [&](auto apply) {
    for (std::size_t i = 0; i < vector.size(); ++i) {
      const double value = vector.values[i];
      out.values[i] =
          static_cast<double>(shape_.vector_left ? apply(value, scalar) : apply(scalar, value));
    }
  });
}

}  // namespace cgsentry::promql
