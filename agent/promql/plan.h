// From the tree of an expression to nodes that can be evaluated: the plan of all queries of an
// engine.
//
// In: parsed expressions. Out: for each the node that gives its value. Equal sub-expressions become
// one node, equal selectors one selection, and every selector tells the store how far back its
// values are wanted. Setup only; nothing throws. Owns all nodes.
// Tested by tests/unit/promql/engine_test.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "promql/engine.h"
#include "promql/node.h"
#include "promql/store.h"
#include "promql/subquery.h"

namespace cgsentry::promql {

/// An expression as one text in which equal expressions are equal: the key of a shared node.
[[nodiscard]] std::string canonical_text(const Expr& expr);

class Plan {
 public:
  Plan(SymbolTable& symbols, Store& store, const EngineOptions& options)
      : symbols_(&symbols), store_(&store), options_(options) {}
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// It will be evaluated at times that lie `delay` back.
  [[nodiscard]] tl::expected<Node*, ParseError> add(const Expression& expression, Duration delay);
  /// The store has started.
  void start();
  /// Takes the steps of subqueries that are the same.
  void take_over(const Plan& old);

  /// Every sample came: subqueries evaluate their steps, the inner ones first.
  void advance(const Moment& moment);
  /// Distinct nodes of all queries.
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  class Compiler;

  SymbolTable* symbols_;
  Store* store_;
  EngineOptions options_;
  std::vector<std::unique_ptr<Node>> nodes_;  // inputs stand before those who use them
  std::map<std::string, Node*> known_;        // by Compiler::key_of()
  std::vector<SubqueryRange*> subqueries_;    // inner before outer; owned by their range nodes
};

}  // namespace cgsentry::promql
