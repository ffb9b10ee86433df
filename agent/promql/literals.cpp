// Numbers, durations and strings as PromQL writes them. Declared in lexer.h and parser.h.
// Tested by tests/unit/promql/parser_test.cpp.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/duration.h"
#include "promql/lexer.h"
#include "promql/parser.h"

namespace cgsentry::promql {

namespace {

std::optional<std::uint64_t> parse_integer(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// Bytes of the UTF-8 sequence at `text[at]`, or 0 when it is not valid.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(at);
  const auto follows = [&](std::size_t i) { return (byte(at + i) & 0xC0U) == 0x80U; };
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first < 0xE0) {
    return follows(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first < 0xF0) {
    const unsigned second = byte(at + 1);
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    const unsigned second = byte(at + 1);
    const bool out_of_range = (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
    return follows(1) && follows(2) && follows(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

/// Resolves the escape that starts after the backslash at `at`; moves `at` behind it.
bool unescape(std::string_view body, std::size_t& at, char quote, std::string& out) {
  if (at >= body.size()) {
    return false;
  }
  const char c = body[at++];
  constexpr std::string_view kNames = "abfnrtv\\";
  constexpr std::string_view kBytes = "\a\b\f\n\r\t\v\\";
  if (const std::size_t named = kNames.find(c); named != std::string_view::npos) {
    out += kBytes[named];
    return true;
  }
  if (c == quote) {
    out += quote;
    return true;
  }
  const bool octal = c >= '0' && c <= '7';
  const std::size_t digits = octal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  const std::size_t from = octal ? at - 1 : at;
  if (digits == 0 || from + digits > body.size()) {
    return false;
  }
  const auto value = parse_integer(body.substr(from, digits), octal ? 8 : 16);
  if (!value) {
    return false;
  }
  at = from + digits;
  const auto code = static_cast<std::uint32_t>(*value);
  if (octal || c == 'x') {
    out += static_cast<char>(code);
    return code <= 0xFF;
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    return false;
  }
  append_utf8(out, code);
  return true;
}

constexpr std::int64_t kLongestMs = std::numeric_limits<std::int64_t>::max() / 1'000'000;

}  // namespace

bool unquote(std::string_view quoted, std::string& out) {
  out.clear();
  const char quote = quoted.front();
  const std::string_view body = quoted.substr(1, quoted.size() - 2);
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] == '\\' && quote != '`') {
      ++at;
      if (!unescape(body, at, quote, out)) {
        return false;
      }
      continue;
    }
    const std::size_t length = utf8_length(body, at);
    if (length == 0) {
      return false;
    }
    out += body.substr(at, length);
    at += length;
  }
  return true;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      return false;
    }
    at += length;
  }
  return true;
}

std::optional<double> parse_number(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  const std::string_view view = digits;
  if (view.size() == 3 && (view[0] == 'i' || view[0] == 'I')) {
    return std::numeric_limits<double>::infinity();
  }
  if (view.size() == 3 && (view[0] == 'n' || view[0] == 'N')) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const bool zero_first = view.size() > 1 && view[0] == '0';
  if (zero_first && (view[1] == 'x' || view[1] == 'X')) {
    const auto value = parse_integer(view.substr(2), 16);
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
  }
  // As in Go, a leading zero makes an integer octal when its digits allow it.
  if (zero_first && view.find_first_not_of("01234567") == std::string_view::npos) {
    if (const auto value = parse_integer(view, 8)) {
      return static_cast<double>(*value);
    }
  }
  double value = 0;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), value);
  if (error != std::errc() || end != view.data() + view.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    const auto seconds = parse_number(text);
    if (!seconds || *seconds * 1e3 >= static_cast<double>(kLongestMs)) {
      return std::nullopt;
    }
    return Duration(static_cast<std::int64_t>(std::llround(*seconds * 1e9)));
  }
  return cgsentry::parse_duration(text);
}

}  // namespace cgsentry::promql
