// See templated_field.h.
#include "rule/templated_field.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace cgsentry::rule {

namespace {

using yaml::Node;

std::optional<templates::Template> read_template(const Node& node, const SourceFile& file,
                                                 yaml::Mistakes& mistakes) {
  if (node.text.find("{{") == std::string::npos) {
    return std::nullopt;
  }
  auto parsed = templates::Template::parse(node.text, templates::alert_variables());
  if (!parsed) {
    const auto& [line, column, message] = parsed.error();
    const Place place = ScalarPlaces(file.text, node).at(line, column);
    mistakes.add(place.line, place.column, message);
    return std::nullopt;
  }
  return *std::move(parsed);
}

// What the template queries. A mistake's place is exact up to an escape in the query's text.
std::vector<FieldQuery> read_queries(const templates::Template& value, const Node& node,
                                     const SourceFile& file, yaml::Mistakes& mistakes) {
  std::vector<FieldQuery> queries;
  const auto refuse = [&](std::uint32_t line, std::uint32_t column, std::string message) {
    const Place place = ScalarPlaces(file.text, node).at(line, column);
    mistakes.add(place.line, place.column, std::move(message));
  };
  for (const templates::QueryText& query : value.queries()) {
    auto parsed = promql::parse(query.text);
    if (!parsed) {
      const auto& [line, column, message] = parsed.error();
      refuse(query.line + line - 1, line == 1 ? query.column + column : column,
             "in query: " + message);
    } else if (parsed->type() != promql::ValueType::vector &&
               parsed->type() != promql::ValueType::scalar) {
      refuse(query.line, query.column, "query needs a vector or a number");
    } else {
      queries.push_back({*std::move(parsed), {node.line, node.column}});
    }
  }
  return queries;
}

}  // namespace

bool is_name(const std::string& text) {
  return !text.empty() && text::clean(text, text.size()) == text;
}

std::string quoted(std::string_view name) {
  return "`" + text::clean(name, 64) + "`";
}

std::vector<TemplatedField> read_fields(const Node* map, FieldKind kind, const SourceFile& file,
                                        yaml::Mistakes& mistakes) {
  const bool annotation = kind == FieldKind::annotation;
  std::vector<TemplatedField> fields;
  if (map == nullptr) {
    return fields;
  }
  if (map->kind != Node::Kind::map) {
    mistakes.add(*map, std::string(annotation ? "`annotations`" : "`labels`") +
                           " must be a map of names and texts");
  }
  for (const auto& [name, value] : map->entries) {
    if (!is_name(name.text) || (!annotation && name.text == kMetricName)) {
      mistakes.add(name, quoted(name.text) + " cannot be the name of " +
                             (annotation ? "an annotation" : "a label"));
    } else if (value.kind != Node::Kind::scalar && value.kind != Node::Kind::null) {
      mistakes.add(value, quoted(name.text) + " must be a text");
    } else {
      TemplatedField& field = fields.emplace_back(
          TemplatedField{name.text, value.text, std::nullopt, {value.line, value.column}, {}});
      if (kind != FieldKind::recorded_label) {
        field.value = read_template(value, file, mistakes);
      }
      if (field.value && !field.value->queries().empty()) {
        field.queries = read_queries(*field.value, value, file, mistakes);
      }
    }
  }
  std::ranges::sort(fields, {}, &TemplatedField::name);
  return fields;
}

std::vector<TemplatedField> merge(const std::vector<TemplatedField>& group,
                                  std::vector<TemplatedField> own) {
  for (const TemplatedField& field : group) {
    const auto at = std::ranges::lower_bound(own, field.name, {}, &TemplatedField::name);
    if (at == own.end() || at->name != field.name) {
      own.insert(at, field);
    }
  }
  return own;
}

}  // namespace cgsentry::rule
