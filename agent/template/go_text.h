// Numbers and strings as Go writes them: the bytes of strconv, which Prometheus' templates show.
//
// Pure; locale-free. Tested by tests/unit/template/go_text_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cgsentry::templates {

/// Go's strconv.FormatFloat(value, verb, precision, 64) for the verbs e, E, f, g, G, x and X.
/// `precision` < 0 asks for the fewest digits that give the same number back. Bounded by 400 bytes
/// and the precision.
[[nodiscard]] std::string format_float(double value, char verb, int precision);

/// Go's strconv.ParseFloat; none on a mistake. "Inf", "NaN", hexadecimal and "_" as in Go.
[[nodiscard]] std::optional<double> parse_float(std::string_view text);

/// Go's strconv.Quote. Which code points beyond ASCII are printable is decided by blocks (controls,
/// format characters, surrogates, private use are not), not by Go's full table.
[[nodiscard]] std::string quote(std::string_view bytes);

/// One code point at the front of `bytes`, which is not empty. Invalid bytes are U+FFFD, one each.
struct Rune {
  std::uint32_t code_point = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};
[[nodiscard]] Rune front_rune(std::string_view bytes);
[[nodiscard]] std::size_t count_runes(std::string_view bytes);
void append_rune(std::string& out, std::uint32_t code_point);

/// The longest prefix of at most `max_bytes` that does not end inside a code point.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t max_bytes);

}  // namespace cgsentry::templates
