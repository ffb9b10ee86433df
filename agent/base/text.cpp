#include "base/text.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>

namespace cgsentry::text {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t kHashSuffixBytes = 9;                // "~" and 8 hex digits

struct Decoded {
  std::uint32_t code_point = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// One code point from the front of `bytes` (not empty). Follows the table of well-formed sequences
// of the Unicode standard (3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view bytes) {
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
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < kSmallest[length] || code_point > 0x10FFFF || surrogate) {
    return {};
  }
  return {code_point, length, true};
}

bool is_forbidden(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool bidirectional = c == 0x061C || c == 0x200E || c == 0x200F ||
                             (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || separator || bidirectional;
}

// FNV-1a, 32 bits: only tells cut names apart, not a defence against collisions.
std::uint32_t hash_of(std::string_view bytes) {
  std::uint32_t hash = 2166136261U;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
  }
  return hash;
}

// Up to `max_bytes` of cleaned text, never half a code point.
std::string clean_prefix(std::string_view bytes, std::size_t max_bytes, bool& cut) {
  std::string out;
  cut = false;
  while (!bytes.empty()) {
    const Decoded next = decode(bytes);
    const bool keep = next.valid && !is_forbidden(next.code_point);
    const std::string_view piece = keep ? bytes.substr(0, next.bytes) : kReplacement;
    if (out.size() + piece.size() > max_bytes) {
      cut = true;
      break;
    }
    out += piece;
    bytes.remove_prefix(next.bytes);
  }
  return out;
}

}  // namespace

std::string clean(std::string_view bytes, std::size_t max_bytes) {
  bool cut = false;
  std::string out = clean_prefix(bytes, max_bytes, cut);
  if (!cut || max_bytes < kHashSuffixBytes) {
    return out;
  }
  out = clean_prefix(bytes, max_bytes - kHashSuffixBytes, cut);
  return out + fmt::format("~{:08x}", hash_of(bytes));
}

void append_json(std::string& out, std::string_view utf8) {
  bool cut = false;
  out += '"';
  for (const char c : clean_prefix(utf8, std::numeric_limits<std::size_t>::max(), cut)) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  out += '"';
}

}  // namespace cgsentry::text
