// The labels and annotations of a rule: names, and texts that may be templates.
//
// In: the map of a rule or a group in its file. Out: fields sorted by name, and the mistakes at
// their places. Setup only. Tested by tests/unit/rule/rule_file_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "promql/parser.h"
#include "rule/scalar_places.h"
#include "template/template.h"
#include "yaml/fields.h"

namespace cgsentry::rule {

/// One file as it was read.
struct SourceFile {
  std::string name;  // for messages
  std::string text;
};

/// An expression that a template queries. Of a vector or a number.
struct FieldQuery {
  promql::Expression expression;
  Place place;  // of the template
};

/// A label or an annotation.
struct TemplatedField {
  std::string name;
  std::string text;                          // as written
  std::optional<templates::Template> value;  // none: the text is the value
  Place place;                               // of the text
  std::vector<FieldQuery> queries;           // of `value`
};

enum class FieldKind : std::uint8_t {
  label,
  recorded_label,  // of a recording rule: never a template
  annotation,
};

/// `map` is null when the key is absent.
[[nodiscard]] std::vector<TemplatedField> read_fields(const yaml::Node* map, FieldKind kind,
                                                      const SourceFile& file,
                                                      yaml::Mistakes& mistakes);

/// `own`, and those of the group that it does not have.
[[nodiscard]] std::vector<TemplatedField> merge(const std::vector<TemplatedField>& group,
                                                std::vector<TemplatedField> own);

/// As in Prometheus 3, any text that is not empty is a name.
[[nodiscard]] bool is_name(const std::string& text);

/// A name as messages show it.
[[nodiscard]] std::string quoted(std::string_view name);

}  // namespace cgsentry::rule
