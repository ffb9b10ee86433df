// See plan.h.
#include "promql/plan.h"

#include <algorithm>

#include "promql/compiler.h"

namespace cgsentry::promql {

Plan::~Plan() {
  // Users go before their inputs, whose domains they listen to.
  while (!nodes_.empty()) {
    nodes_.pop_back();
  }
}

tl::expected<Node*, ParseError> Plan::add(const Expression& expression, Duration delay) {
  Compiler compiler(*this, delay);
  Node* node = compiler.compile(expression.root());
  if (node == nullptr || compiler.mistake()) {
    return tl::unexpected(compiler.mistake().value_or(ParseError{1, 1, "not supported"}));
  }
  return node;
}

void Plan::start() {
  for (const auto& node : nodes_) {
    node->keep_recorded_reads();
  }
}

void Plan::take_over(const Plan& old) {
  for (SubqueryRange* mine : subqueries_) {
    const auto same = std::ranges::find(old.subqueries_, mine->key(), &SubqueryRange::key);
    if (same != old.subqueries_.end()) {
      mine->inherit(**same);
    }
  }
}

void Plan::advance(const Moment& moment) {
  for (SubqueryRange* subquery : subqueries_) {
    subquery->advance(moment);
  }
}

std::size_t Plan::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& node : nodes_) {
    bytes += node->memory_bytes();
  }
  for (const SubqueryRange* subquery : subqueries_) {
    bytes += subquery->memory_bytes();
  }
  return bytes;
}

}  // namespace cgsentry::promql
