// The text functions of templates: case, regular expressions, host names, escapes.
//
// Case is changed in ASCII only; Prometheus changes all of Unicode. Regular expressions are RE2's,
// as in Go, so hostile text costs linear time. Pure.
// Tested by tests/unit/template/text_functions_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace cgsentry::templates {

[[nodiscard]] std::string to_upper(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text);
/// The first letter of every word in upper case, the others as they are.
[[nodiscard]] std::string title(std::string_view text);

/// "host:80" -> "host"; what is no host and port stays as it is.
[[nodiscard]] std::string strip_port(std::string_view host_port);
/// "web.example.org:80" -> "web:80"; an address stays as it is.
[[nodiscard]] std::string strip_domain(std::string_view host_port);

/// "http://host:80/a/b?c" -> "/a/b", as it is written.
[[nodiscard]] std::string path_of_url(std::string_view url);

/// As Go's template.HTMLEscapeString and url.QueryEscape.
[[nodiscard]] std::string escape_html(std::string_view text);
[[nodiscard]] std::string escape_query(std::string_view text);

/// Go's Regexp.ReplaceAllString: $1 and ${name} in `replacement` stand for groups. Stops at
/// `max_bytes` or soon after. An error is one sentence about the pattern.
[[nodiscard]] tl::expected<std::string, std::string> replace_all(std::string_view pattern,
                                                                 std::string_view replacement,
                                                                 std::string_view text,
                                                                 std::size_t max_bytes);
[[nodiscard]] tl::expected<bool, std::string> matches(std::string_view pattern,
                                                      std::string_view text);

}  // namespace cgsentry::templates
