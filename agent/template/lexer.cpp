// See lexer.h.
#include "template/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "template/go_text.h"

namespace cgsentry::templates {

namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_space(char c) {
  return kSpace.find(c) != kSpace.npos;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

int hex_digit(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  tl::expected<std::vector<Token>, ParseError> run() {
    while (!error_ && at_ < text_.size()) {
      between_actions();
    }
    if (error_) {
      return tl::unexpected(*error_);
    }
    emit(Token::Kind::end, at_);
    return std::move(tokens_);
  }

 private:
  // Text up to the next action, then that action.
  void between_actions() {
    const std::size_t start = at_;
    const std::size_t open = std::min(text_.find("{{", start), text_.size());
    std::size_t end = open;
    const bool trims = text_.substr(open).starts_with("{{-") && open + 3 < text_.size() &&
                       is_space(text_[open + 3]);
    if (trims) {
      while (end > start && is_space(text_[end - 1])) {
        --end;
      }
    }
    if (end > start) {
      emit(Token::Kind::text, start, std::string(text_.substr(start, end - start)));
    }
    at_ = open;
    if (open == text_.size()) {
      return;
    }
    const std::size_t inner = open + (trims ? 3 : 2);
    const std::size_t word =
        std::min(text_.find_first_not_of(trims ? kSpace : "", inner), text_.size());
    if (text_.substr(word).starts_with("/*")) {
      comment(open, word);
    } else {
      emit(Token::Kind::open, open);
      at_ = inner;
      action(open);
    }
  }

  void comment(std::size_t open, std::size_t start) {
    const std::size_t close = text_.find("*/", start + 2);
    if (close == text_.npos) {
      return fail(open, "comment is not closed");
    }
    at_ = close + 2;
    if (!at_close()) {
      return fail(open, "comment ends before the action does");
    }
    leave();
  }

  // True when }} or its trimming form comes next.
  [[nodiscard]] bool at_close() const {
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with("}}") || trims_after();
  }
  [[nodiscard]] bool trims_after() const {
    const std::string_view rest = text_.substr(at_);
    return rest.size() > 3 && is_space(rest[0]) && rest.substr(1).starts_with("-}}");
  }
  void leave() {
    const bool trims = trims_after();
    at_ += trims ? 4 : 2;
    if (trims) {
      at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
    }
  }

  void action(std::size_t open) {
    while (!error_) {
      space_ = false;
      while (at_ < text_.size() && is_space(text_[at_]) && !trims_after()) {
        space_ = true;
        ++at_;
      }
      if (at_ >= text_.size()) {
        return fail(open, "action is not closed");
      }
      if (at_close()) {
        emit(Token::Kind::close, at_);
        return leave();
      }
      word();
    }
  }

  void word() {
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    switch (c) {
      case '|':
        return emit_here(Token::Kind::pipe, 1);
      case '(':
        return emit_here(Token::Kind::left_paren, 1);
      case ')':
        return emit_here(Token::Kind::right_paren, 1);
      case ',':
        return emit_here(Token::Kind::comma, 1);
      case '=':
        return emit_here(Token::Kind::assign, 1);
      case ':':
        return next == '=' ? emit_here(Token::Kind::declare, 2) : fail(at_, "expected :=");
      case '"':
        return string();
      case '`':
        return raw_string();
      case '\'':
        return character();
      case '$':
        return name(Token::Kind::variable, 1);
      default:
        break;
    }
    if (c == '.' && !is_digit(next)) {
      return is_word(next) ? name(Token::Kind::field, 1) : emit_here(Token::Kind::dot, 1);
    }
    if (is_digit(c) || c == '.' || c == '+' || c == '-') {
      return number();
    }
    if (is_word(c)) {
      return name(Token::Kind::identifier, 0);
    }
    fail(at_, fmt::format("unexpected {} in an action", quote(text_.substr(at_, front()))));
  }

  [[nodiscard]] std::size_t front() const { return front_rune(text_.substr(at_)).bytes; }

  void name(Token::Kind kind, std::size_t prefix) {
    std::size_t end = at_ + prefix;
    while (end < text_.size() && is_word(text_[end])) {
      ++end;
    }
    emit(kind, at_, std::string(text_.substr(at_ + prefix, end - at_ - prefix)));
    at_ = end;
  }

  void number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() &&
           (is_word(text_[end]) || text_[end] == '.' ||
            ((text_[end] == '+' || text_[end] == '-') && exponent_before(end)))) {
      ++end;
    }
    emit(Token::Kind::number, at_, std::string(text_.substr(at_, end - at_)));
    at_ = end;
  }
  [[nodiscard]] bool exponent_before(std::size_t sign) const {
    const std::string_view digits = text_.substr(at_, sign - at_);
    const bool hex = digits.find_first_of("xX") != digits.npos;
    const char mark = static_cast<char>(digits.back() | 0x20);
    return hex ? mark == 'p' : mark == 'e';
  }

  void raw_string() {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == text_.npos) {
      return fail(at_, "raw string is not closed");
    }
    emit(Token::Kind::string, at_, std::string(text_.substr(at_ + 1, end - at_ - 1)));
    at_ = end + 1;
  }

  void string() {
    const std::size_t start = at_++;
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') {
      if (!unescape('"', value)) {
        return fail(at_, "unknown escape sequence in a string");
      }
    }
    if (at_ >= text_.size() || text_[at_] == '\n') {
      return fail(start, "string is not closed");
    }
    ++at_;
    emit(Token::Kind::string, start, std::move(value));
  }

  void character() {
    const std::size_t start = at_++;
    std::string value;
    const bool good = at_ < text_.size() && text_[at_] != '\'' && unescape('\'', value) &&
                      at_ < text_.size() && text_[at_] == '\'';
    if (!good) {
      return fail(start, "not a character constant");
    }
    ++at_;
    emit(Token::Kind::character, start, std::to_string(front_rune(value).code_point));
  }

  // One character of a quoted text, escaped or not, onto `out`.
  bool unescape(char quote_mark, std::string& out) {
    if (text_[at_] != '\\') {
      const std::size_t bytes = front();
      out += text_.substr(at_, bytes);
      at_ += bytes;
      return true;
    }
    constexpr std::string_view kLetters = "abfnrtv\\";
    constexpr std::string_view kMeaning = "\a\b\f\n\r\t\v\\";
    const char letter = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (const std::size_t known = kLetters.find(letter); known != kLetters.npos) {
      out += kMeaning[known];
    } else if (letter == quote_mark) {
      out += letter;
    } else {
      return numeric_escape(letter, out);
    }
    at_ += 2;
    return true;
  }

  bool numeric_escape(char letter, std::string& out) {
    const bool octal = letter >= '0' && letter <= '7';
    const std::size_t digits = octal           ? 3
                               : letter == 'x' ? 2
                               : letter == 'u' ? 4
                               : letter == 'U' ? 8
                                               : 0;
    const std::size_t first = at_ + (octal ? 1 : 2);
    if (digits == 0 || first + digits > text_.size()) {
      return false;
    }
    std::uint64_t code = 0;
    for (const char c : text_.substr(first, digits)) {
      const int digit = hex_digit(c);
      if (digit < 0 || (octal && digit > 7)) {
        return false;
      }
      code = code * (octal ? 8 : 16) + static_cast<std::uint64_t>(digit);
    }
    const bool byte = octal || letter == 'x';
    if (code > (byte ? 0xFFU : 0x10FFFFU) || (!byte && code >= 0xD800 && code <= 0xDFFF)) {
      return false;
    }
    if (byte) {
      out += static_cast<char>(code);
    } else {
      append_rune(out, static_cast<std::uint32_t>(code));
    }
    at_ = first + digits;
    return true;
  }

  void emit_here(Token::Kind kind, std::size_t bytes) {
    emit(kind, at_);
    at_ += bytes;
  }
  void emit(Token::Kind kind, std::size_t offset, std::string value = {}) {
    tokens_.push_back({kind, place(offset), std::move(value), space_});
  }
  void fail(std::size_t offset, std::string message) {
    const Place where = place(offset);
    error_ = ParseError{where.line, where.column, std::move(message)};
  }

  // Offsets are asked for in growing order, but for the start of what is not closed.
  Place place(std::size_t offset) {
    if (offset < counted_) {
      counted_ = 0;
      line_ = 1;
      line_start_ = 0;
    }
    for (; counted_ < offset; ++counted_) {
      if (text_[counted_] == '\n') {
        ++line_;
        line_start_ = counted_ + 1;
      }
    }
    return {line_, static_cast<std::uint32_t>(offset - line_start_ + 1)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool space_ = false;
  std::size_t counted_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
  std::vector<Token> tokens_;
  std::optional<ParseError> error_;
};

}  // namespace

tl::expected<std::vector<Token>, ParseError> tokenize(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace cgsentry::templates
