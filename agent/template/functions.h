// The functions of templates: Go's built-in ones and Prometheus'.
//
// Looked up by name at parse time; called with values, give a value or say what is wrong. `and` and
// `or` are known here but evaluated by evaluate.cpp, because they stop early. What upstream has and
// this room does not is known by name too, so that the mistake can say so.
// Tested by tests/unit/template/functions_test.cpp.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/clock.h"
#include "template/value.h"

namespace cgsentry::templates {

/// A value, or one sentence about what is wrong with the arguments.
using Outcome = tl::expected<Value, std::string>;

inline constexpr std::string_view kQuery = "query";

/// What some functions ask of the render that calls them.
struct Surroundings {
  std::string external_url;
  Timestamp now{};
  std::function<Outcome(const std::string& expression)> query;
};

struct Function {
  std::string_view name;
  std::size_t least = 0;  // arguments
  std::size_t most = 0;
  // One of the two; none for `and` and `or`.
  Outcome (*call)(std::span<const Value> arguments) = nullptr;
  Outcome (*call_in)(const Surroundings&, std::span<const Value> arguments) = nullptr;
};

inline constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

/// Null when there is none of that name.
[[nodiscard]] const Function* find_function(std::string_view name);

/// True for a function of Prometheus or Go that exists there and not here.
[[nodiscard]] bool is_known_elsewhere(std::string_view name);

}  // namespace cgsentry::templates
