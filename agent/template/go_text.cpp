// See go_text.h.
#include "template/go_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace cgsentry::templates {

namespace {

/// From this exponent on, Go writes %v and %g without a precision as 1.5e+06, not as 1500000.
constexpr int kShortestExponent = 6;
/// 309 digits before the point of the largest double, sign, point and exponent.
constexpr std::size_t kLongestDouble = 400;

std::string to_chars(double value, std::chars_format format, int precision) {
  std::string out(static_cast<std::size_t>(std::max(precision, 0)) + kLongestDouble, '\0');
  const auto end =
      precision < 0 ? std::to_chars(out.data(), out.data() + out.size(), value, format)
                    : std::to_chars(out.data(), out.data() + out.size(), value, format, precision);
  out.resize(static_cast<std::size_t>(end.ptr - out.data()));
  return out;
}

std::string shortest_general(double value) {
  const std::string scientific = to_chars(value, std::chars_format::scientific, -1);
  const std::size_t mark = scientific.find('e');
  int exponent = 0;
  const char* digits = scientific.data() + mark + 1;
  std::from_chars(*digits == '+' ? digits + 1 : digits, scientific.data() + scientific.size(),
                  exponent);
  if (exponent < -4 || exponent >= kShortestExponent) {
    return scientific;
  }
  return to_chars(value, std::chars_format::fixed, -1);
}

// Go writes 0x1p+00 where to_chars writes 1p+0, and subnormal numbers normalized.
std::string hexadecimal(double value, int precision) {
  const int shift = std::fpclassify(value) == FP_SUBNORMAL ? 64 : 0;
  std::string text = to_chars(std::ldexp(value, shift), std::chars_format::hex, precision);
  text.insert(text.front() == '-' ? 1 : 0, "0x");
  const std::size_t mark = text.find('p') + 1;
  int exponent = 0;
  std::from_chars(text.data() + mark + (text[mark] == '+' ? 1 : 0), text.data() + text.size(),
                  exponent);
  exponent -= shift;
  return fmt::format("{}{}{:02}", text.substr(0, mark), exponent < 0 ? '-' : '+',
                     std::abs(exponent));
}

bool is_printable(std::uint32_t c) {
  const auto in = [&](std::uint32_t first, std::uint32_t last) { return c >= first && c <= last; };
  const bool control = c < 0x20 || in(0x7F, 0xA0) || c == 0xAD;
  const bool format = c == 0x061C || c == 0x1680 || c == 0x180E || in(0x2000, 0x200F) ||
                      in(0x2028, 0x202F) || in(0x205F, 0x206F) || c == 0x3000 || c == 0xFEFF ||
                      in(0xFFF0, 0xFFFB) || in(0xE0000, 0xE0FFF);
  const bool unassigned = in(0xD800, 0xF8FF) || (c & 0xFFFE) == 0xFFFE || c >= 0xF0000;
  return !control && !format && !unassigned;
}

void append_quoted_rune(std::string& out, std::uint32_t c) {
  constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  const std::size_t at = c < 0x80 ? kEscaped.find(static_cast<char>(c)) : kEscaped.npos;
  if (at != kEscaped.npos) {
    out += '\\';
    out += kLetters[at];
  } else if (is_printable(c)) {
    append_rune(out, c);
  } else if (c < 0x80) {
    out += fmt::format("\\x{:02x}", c);
  } else {
    out += c < 0x10000 ? fmt::format("\\u{:04x}", c) : fmt::format("\\U{:08x}", c);
  }
}

// Underscores may stand between digits of a literal with a base prefix; elsewhere they are wrong.
std::optional<std::string> without_underscores(std::string_view text, bool prefixed) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (!prefixed || i + 1 == text.size() || text[i + 1] == '_') {
      return std::nullopt;
    }
  }
  return out;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

}  // namespace

std::string format_float(double value, char verb, int precision) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  std::string text;
  switch (verb) {
    case 'e':
    case 'E':
      text = to_chars(value, std::chars_format::scientific, precision);
      break;
    case 'f':
    case 'F':
      return to_chars(value, std::chars_format::fixed, precision);
    case 'x':
    case 'X':
      text = hexadecimal(value, precision);
      break;
    default:
      text = precision < 0 ? shortest_general(value)
                           : to_chars(value, std::chars_format::general, precision);
  }
  if (verb == 'E' || verb == 'G' || verb == 'X') {
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }
  return text;
}

std::optional<double> parse_float(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const double sign = negative ? -1 : 1;
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    return sign * HUGE_VAL;
  }
  if (equals_ignoring_case(text, "nan")) {
    return std::nan("");
  }
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const auto digits = without_underscores(hex ? text.substr(2) : text, hex);
  // Go wants an exponent in a hexadecimal number; from_chars takes "inf" and signs, Go not here.
  if (!digits || digits->empty() || (hex && digits->find_first_of("pP") == digits->npos) ||
      digits->find_first_of(hex ? "+-" : "iInN") == 0 || digits->starts_with('-')) {
    return std::nullopt;
  }
  double value = 0;
  const char* const end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(
      digits->data(), end, value, hex ? std::chars_format::hex : std::chars_format::general);
  if (stop != end || error != std::errc()) {
    return std::nullopt;
  }
  return sign * value;
}

std::string quote(std::string_view bytes) {
  std::string out = "\"";
  while (!bytes.empty()) {
    const Rune rune = front_rune(bytes);
    if (rune.valid) {
      append_quoted_rune(out, rune.code_point);
    } else {
      out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(bytes.front()));
    }
    bytes.remove_prefix(rune.bytes);
  }
  return out + '"';
}

Rune front_rune(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) {
    return {lead, 1, true};
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) {
    return {};
  }
  std::uint32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) {
      return {};
    }
    code_point = code_point << 6 | (at(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < kSmallest[length] || code_point > 0x10FFFF || surrogate) {
    return {};
  }
  return {code_point, length, true};
}

std::size_t count_runes(std::string_view bytes) {
  std::size_t count = 0;
  for (; !bytes.empty(); bytes.remove_prefix(front_rune(bytes).bytes)) {
    ++count;
  }
  return count;
}

void append_rune(std::string& out, std::uint32_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string_view cut(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return text;
  }
  std::size_t end = max_bytes;
  // A code point has at most three bytes behind its first; anything longer is not UTF-8 anyway.
  for (int back = 0; back < 3 && end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80;
       ++back) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace cgsentry::templates
