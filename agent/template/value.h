// A value inside a template: what `$value`, `.Labels` and every function's result are.
//
// The types are those that Go's templates see at these places, because they decide how a value is
// printed and compared: {{ 1 }} is an int, {{ 1.0 }} a float64. Label sets are borrowed from the
// caller for the time of one render. Tested by tests/unit/template/value_test.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/labels.h"

namespace cgsentry::templates {

struct Value;
using List = std::vector<Value>;
/// The fields of a struct: to ask for one that is not there is an error.
using Fields = std::map<std::string, Value, std::less<>>;

struct Value {
  /// Go's nil, bool, int, float64, string, map[string]string (a missing key reads as ""), slice
  /// and struct. Pointers to labels are borrowed and never null.
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, const Labels*,
                            std::shared_ptr<const List>, std::shared_ptr<const Fields>>;
  Data data;

  Value() = default;
  explicit Value(bool truth) : data(truth) {}
  explicit Value(std::int64_t number) : data(number) {}
  explicit Value(double number) : data(number) {}
  explicit Value(std::string text) : data(std::move(text)) {}
  explicit Value(std::string_view text) : data(std::string(text)) {}
  explicit Value(const char* text) : data(std::string(text)) {}
  explicit Value(const Labels& labels) : data(&labels) {}
  explicit Value(List list) : data(std::make_shared<const List>(std::move(list))) {}
  explicit Value(Fields fields) : data(std::make_shared<const Fields>(std::move(fields))) {}

  template <typename T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data);
  }
};

/// What `if` and `and` make of it: false, 0, nil and everything empty are false.
[[nodiscard]] bool is_true(const Value& value);

/// Go's name of its type: "float64", "map[string]string".
[[nodiscard]] std::string_view type_name(const Value& value);

/// As Go's %v prints it; at most `max_bytes`, cut without a mark.
[[nodiscard]] std::string to_text(const Value& value, std::size_t max_bytes);

}  // namespace cgsentry::templates
