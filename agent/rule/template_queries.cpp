// See template_queries.h.
#include "rule/template_queries.h"

#include <fmt/format.h>

namespace cgsentry::rule {

void TemplateQueries::add(const RuleSpec& rule,
                          const std::function<void(Place, std::string)>& refuse) {
  for (const auto* fields : {&rule.labels, &rule.annotations}) {
    for (const TemplatedField& field : *fields) {
      for (const FieldQuery& query : field.queries) {
        if (queries_.contains(query.expression.text())) {
          continue;
        }
        if (const auto id = engine_.add(query.expression)) {
          queries_.emplace(query.expression.text(), *id);
        } else {
          refuse(query.place, id.error().message);
        }
      }
    }
  }
}

tl::expected<std::vector<templates::QueryElement>, std::string> TemplateQueries::ask(
    const std::string& expression, Timestamp now) {
  const auto query = queries_.find(expression);
  if (query == queries_.end()) {
    return tl::unexpected(std::string("this was not prepared"));
  }
  const promql::Vector& result = engine_.evaluate(query->second, now);
  if (!result.ok()) {
    return tl::unexpected(result.error);
  }
  if (result.elements.size() > templates::kMaxQueryElements) {
    return tl::unexpected(
        fmt::format("the result has more than {} elements", templates::kMaxQueryElements));
  }
  std::vector<templates::QueryElement> elements;
  elements.reserve(result.elements.size());
  for (const promql::Element& element : result.elements) {
    elements.push_back({element.labels, element.value});
  }
  return elements;
}

}  // namespace cgsentry::rule
