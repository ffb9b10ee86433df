// See series_values.h.
#include "command/series_values.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/text.h"
#include "promql/engine.h"
#include "promql/lexer.h"
#include "window/column.h"

namespace cgsentry::command {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Reads one text from front to back. The first mistake is thrown and caught in the one entry.
class Notation {
 public:
  explicit Notation(std::string_view text) : text_(text) {}

  SeriesValues read() {
    skip_blanks();
    while (!at_end()) {
      read_item();
      if (!at_end() && kBlanks.find(peek()) == kBlanks.npos) {
        refuse("expected a blank before `" + text::clean(text_.substr(at_, 1)) + "`");
      }
      skip_blanks();
    }
    return std::move(values_);
  }

 private:
  void read_item() {
    if (text_.substr(at_).starts_with("{{")) {
      refuse("native histograms are not supported");
    }
    if (accept("_")) {
      repeat(accept("x") ? read_count() : 1, std::nullopt, 0);
      return;
    }
    const double first = read_value();
    const bool sloped = !at_end() && (peek() == '+' || peek() == '-');
    if (sloped && window::is_stale(first)) {
      refuse("`stale` has no slope");
    }
    const double slope = sloped ? read_signed() : 0;
    if (accept("x")) {
      repeat(read_count() + 1, first, slope);  // the value itself, and so many more
    } else if (sloped) {
      refuse("expected `x` and how often, as in 0+10x5");
    } else {
      repeat(1, first, 0);
    }
  }

  double read_value() {
    const std::size_t begin = at_;
    if (!at_end() && is_letter(peek()) && read_word() == "stale") {
      return promql::stale_marker();
    }
    at_ = begin;
    return read_signed();
  }

  /// A number with or without a sign.
  double read_signed() {
    const bool negative = accept("-");
    if (!negative) {
      accept("+");
    }
    const double value = read_number();
    return negative ? -value : value;
  }

  double read_number() {
    const std::size_t begin = at_;
    if (!at_end() && is_letter(peek())) {
      const std::string_view word = read_word();
      const bool named = is_named(word, "inf") || is_named(word, "nan");
      return named ? number(word, begin) : refuse_word(word, begin);
    }
    while (!at_end() && is_part_of_number(begin)) {
      ++at_;
    }
    return number(text_.substr(begin, at_ - begin), begin);
  }

  [[nodiscard]] bool is_part_of_number(std::size_t begin) const {
    const char c = peek();
    const char before = at_ > begin ? text_[at_ - 1] : ' ';
    const bool sign_of_exponent = (c == '+' || c == '-') && (before == 'e' || before == 'E');
    return kDigits.find(c) != kDigits.npos || c == '.' || c == 'e' || c == 'E' || c == '_' ||
           sign_of_exponent;
  }

  double number(std::string_view written, std::size_t begin) {
    const bool well_formed = !written.empty() && written.back() != '_';
    const auto value = well_formed ? promql::parse_number(written) : std::nullopt;
    if (!value) {
      at_ = begin;
      const std::size_t end = std::min(text_.find_first_of(kBlanks, at_), text_.size());
      refuse("expected a number, `_` or `stale`, not `" +
             text::clean(text_.substr(at_, end - at_), 32) + "`");
    }
    return *value;
  }

  double refuse_word(std::string_view word, std::size_t begin) {
    at_ = begin;
    const std::size_t times = word.find('x');
    const bool repeated = is_named(word.substr(0, times), "inf") ||
                          is_named(word.substr(0, times), "nan") || word.starts_with("stalex");
    refuse("unknown word `" + text::clean(word, 32) + "`" +
           (repeated ? ": a word cannot be repeated with x, write it out" : ""));
  }

  std::size_t read_count() {
    const std::size_t end = std::min(text_.find_first_not_of(kDigits, at_), text_.size());
    std::uint64_t count = 0;
    const auto [rest, error] = std::from_chars(text_.data() + at_, text_.data() + end, count);
    if (error == std::errc::result_out_of_range || count > kMaxSeriesValues) {
      refuse_length();
    }
    if (error != std::errc()) {
      refuse("expected how often after `x`");
    }
    at_ = end;
    return count;
  }

  void repeat(std::size_t count, std::optional<double> value, double slope) {
    if (values_.size() + count > kMaxSeriesValues) {
      refuse_length();
    }
    for (std::size_t i = 0; i < count; ++i) {
      values_.push_back(value);
      // Summed up step by step as promtool does, so that the rounding is the same.
      if (value && slope != 0) {
        *value += slope;
      }
    }
  }

  std::string_view read_word() {
    const std::size_t begin = at_;
    while (!at_end() && (is_letter(peek()) || kDigits.find(peek()) != kDigits.npos)) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  static bool is_named(std::string_view word, std::string_view name) {
    return std::ranges::equal(word, name,
                              [](char a, char b) { return a == b || a + ('a' - 'A') == b; });
  }

  bool accept(std::string_view wanted) {
    const bool found = text_.substr(at_).starts_with(wanted);
    at_ += found ? wanted.size() : 0;
    return found;
  }
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return text_[at_]; }

  [[noreturn]] void refuse(std::string message) const {
    throw NotationError{at_, std::move(message)};
  }
  [[noreturn]] void refuse_length() const {
    refuse("a series may have " + std::to_string(kMaxSeriesValues) + " values");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  SeriesValues values_;
};

}  // namespace

tl::expected<SeriesValues, NotationError> parse_series_values(std::string_view text) {
  try {
    return Notation(text).read();
  } catch (const NotationError& error) {
    return tl::unexpected(error);
  }
}

}  // namespace cgsentry::command
