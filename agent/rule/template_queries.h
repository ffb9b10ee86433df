// What templates query: expressions that are known when rules are loaded, evaluated when an alert
// is told.
//
// In: the fields of rules, before the engine's first sample. Out: the elements of one query at the
// moment of the last evaluation. Equal texts of all rules are one query. Thread: the loop.
// Tested by tests/unit/rule/template_queries_test.cpp.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "promql/engine.h"
#include "rule/rule_spec.h"

namespace cgsentry::rule {

class TemplateQueries {
 public:
  /// `engine` must outlive this.
  explicit TemplateQueries(promql::Engine& engine) : engine_(engine) {}

  /// Adds what the rule's labels and annotations query. `refuse` is told what cannot be evaluated.
  void add(const RuleSpec& rule, const std::function<void(Place, std::string)>& refuse);

  /// Only of what was added.
  [[nodiscard]] tl::expected<std::vector<templates::QueryElement>, std::string> ask(
      const std::string& expression, Timestamp now);

 private:
  promql::Engine& engine_;
  std::map<std::string, promql::QueryId> queries_;
};

}  // namespace cgsentry::rule
