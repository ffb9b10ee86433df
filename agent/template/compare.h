// Go's comparisons of template values: eq and lt, from which the others follow.
//
// Values of two types do not compare ({{ gt $value 1 }} is an error, 1.0 is right), as in Go.
// Tested by tests/unit/template/functions_test.cpp.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "template/value.h"

namespace cgsentry::templates {

[[nodiscard]] tl::expected<bool, std::string> equal(const Value& a, const Value& b);
[[nodiscard]] tl::expected<bool, std::string> less(const Value& a, const Value& b);

}  // namespace cgsentry::templates
