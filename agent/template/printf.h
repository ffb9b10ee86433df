// Go's fmt.Sprintf over template values, with Go's texts for what is wrong in a format
// ("%!d(string=x)").
//
// Supported: flags + - # space 0, width, precision, * for both, %[n] argument indexes, the verbs
// v T t d b o O x X c q U e E f F g G s. Widths and precisions above 1,000 are refused as Go
// refuses those above a million. Pure. Tested by tests/unit/template/printf_test.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "template/value.h"

namespace cgsentry::templates {

/// Stops at `max_bytes` or soon after, which the caller must check.
[[nodiscard]] std::string go_printf(std::string_view format, std::span<const Value> arguments,
                                    std::size_t max_bytes);

/// Go's fmt.Sprint: a space between two operands that are both no strings.
[[nodiscard]] std::string go_print(std::span<const Value> arguments, std::size_t max_bytes);
/// Go's fmt.Sprintln: always a space between, and a newline.
[[nodiscard]] std::string go_println(std::span<const Value> arguments, std::size_t max_bytes);

}  // namespace cgsentry::templates
