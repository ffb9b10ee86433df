// The texts and numbers inside of a unit test file: series, values, expressions, times.
//
// In: a scalar of the file. Out: what it means; a mistake in it goes to its place in the file, and
// then the result is empty. Tested by tests/unit/command/unit_test_file_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "command/series_values.h"
#include "model/labels.h"
#include "promql/parser.h"
#include "yaml/fields.h"
#include "yaml/node.h"

namespace cgsentry::command {

class UnitTestScalars {
 public:
  /// Both must outlive this.
  UnitTestScalars(const std::string& file_text, yaml::Mistakes& mistakes)
      : file_text_(file_text), mistakes_(mistakes) {}

  /// A vector or a number; ranges and texts have no samples.
  [[nodiscard]] std::optional<promql::Expression> expression(const yaml::Node& node);
  /// `up{job="x"}`; no text is no labels.
  [[nodiscard]] std::optional<Labels> series(const yaml::Node& node);
  [[nodiscard]] SeriesValues values(const yaml::Node& node);
  /// A number of YAML.
  [[nodiscard]] double number(const yaml::Node& node);
  [[nodiscard]] Timestamp start_timestamp(const yaml::Node& node);

 private:
  [[nodiscard]] bool is_text(const yaml::Node& node);
  /// A mistake within a text.
  void refuse(const yaml::Node& text, const promql::ParseError& error);

  const std::string& file_text_;
  yaml::Mistakes& mistakes_;
};

}  // namespace cgsentry::command
