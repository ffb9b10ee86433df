// Where each byte of a YAML scalar stands in the file that it came from.
//
// YAML folds, escapes and indents, so a column of an expression is not a column of the file. This
// walks both texts along their bytes that are not blank. Exact for plain, quoted and block scalars;
// behind an escape such as \x41 it is a few bytes off. Pure.
// Tested by tests/unit/rule/scalar_places_test.cpp.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "yaml/node.h"

namespace cgsentry::rule {

/// From 1; columns in bytes.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(const Place&, const Place&) = default;
};

class ScalarPlaces {
 public:
  ScalarPlaces() = default;
  ScalarPlaces(std::string_view file_text, const yaml::Node& scalar);

  /// Where line and column of the scalar's text stand in the file.
  [[nodiscard]] Place at(std::uint32_t line, std::uint32_t column) const;

 private:
  std::vector<std::size_t> line_starts_;  // offsets in the scalar's text
  std::vector<Place> places_;             // of every byte, and of the end
};

}  // namespace cgsentry::rule
