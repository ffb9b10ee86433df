// See template.h.
#include "template/template.h"

#include <algorithm>

#include "template/ast.h"
#include "template/evaluate.h"
#include "template/parser.h"

namespace cgsentry::templates {

tl::expected<Template, ParseError> Template::parse(std::string_view text,
                                                   const std::vector<std::string_view>& variables) {
  auto tree = parse_tree(text, variables);
  if (!tree) {
    return tl::unexpected(tree.error());
  }
  return Template(std::move(*tree));
}

Rendered Template::render(const Scope& scope, std::size_t max_bytes) const {
  return evaluate(tree_->root, scope, std::min(max_bytes, kMaxOutputBytes));
}

const std::vector<QueryText>& Template::queries() const {
  return tree_->queries;
}

bool Template::is_literal() const {
  return std::ranges::all_of(tree_->root.nodes,
                             [](const Node& node) { return node.kind == Node::Kind::text; });
}

const std::vector<std::string_view>& alert_variables() {
  static const std::vector<std::string_view> kNames{"labels", "externalLabels", "externalURL",
                                                    "value"};
  return kNames;
}

Scope alert_scope(const AlertData& data) {
  Scope scope;
  scope.variables.emplace("labels", data.labels);
  scope.variables.emplace("externalLabels", data.external_labels);
  scope.variables.emplace("externalURL", data.external_url);
  scope.variables.emplace("value", data.value);
  Fields fields;
  fields.emplace("Labels", data.labels);
  fields.emplace("ExternalLabels", data.external_labels);
  fields.emplace("ExternalURL", data.external_url);
  fields.emplace("Value", data.value);
  scope.dot = Value(std::move(fields));
  scope.external_url = data.external_url;
  scope.query = data.query;
  scope.now = data.now;
  return scope;
}

}  // namespace cgsentry::templates
