#include "promql/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace cgsentry::promql {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_alpha(c) || is_digit(c);
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string lower(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

struct Keyword {
  std::string_view word;
  TokenKind kind;
  BinaryOp binary = BinaryOp::add;
  AggregateOp aggregate = AggregateOp::sum;
};

constexpr Keyword aggregator(std::string_view word, AggregateOp op) {
  return Keyword{word, TokenKind::aggregator, BinaryOp::add, op};
}
constexpr Keyword infix(std::string_view word, BinaryOp op) {
  return Keyword{word, TokenKind::operator_, op, AggregateOp::sum};
}
constexpr Keyword plain(std::string_view word, TokenKind kind) {
  return Keyword{word, kind, BinaryOp::add, AggregateOp::sum};
}

constexpr std::array kKeywords{
    infix("and", BinaryOp::and_),
    infix("or", BinaryOp::or_),
    infix("unless", BinaryOp::unless),
    infix("atan2", BinaryOp::atan2),
    aggregator("sum", AggregateOp::sum),
    aggregator("avg", AggregateOp::avg),
    aggregator("count", AggregateOp::count),
    aggregator("min", AggregateOp::min),
    aggregator("max", AggregateOp::max),
    aggregator("group", AggregateOp::group),
    aggregator("stddev", AggregateOp::stddev),
    aggregator("stdvar", AggregateOp::stdvar),
    aggregator("topk", AggregateOp::topk),
    aggregator("bottomk", AggregateOp::bottomk),
    aggregator("count_values", AggregateOp::count_values),
    aggregator("quantile", AggregateOp::quantile),
    aggregator("limitk", AggregateOp::limitk),
    aggregator("limit_ratio", AggregateOp::limit_ratio),
    plain("offset", TokenKind::offset),
    plain("by", TokenKind::by),
    plain("without", TokenKind::without),
    plain("on", TokenKind::on),
    plain("ignoring", TokenKind::ignoring),
    plain("group_left", TokenKind::group_left),
    plain("group_right", TokenKind::group_right),
    plain("bool", TokenKind::bool_),
    plain("start", TokenKind::start),
    plain("end", TokenKind::end_keyword),
    plain("inf", TokenKind::number),
    plain("nan", TokenKind::number),
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (skip_blank()) {
      start_ = at_;
      if (in_braces_) {
        inside_braces();
      } else {
        outside_braces();
      }
    }
    start_ = at_;
    if (in_braces_) {
      fail("unexpected end of input inside braces");
    }
    if (paren_depth_ != 0) {
      fail("unclosed left parenthesis");
    }
    if (in_brackets_) {
      fail("unclosed left bracket");
    }
    emit(TokenKind::end);
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    const Position position = position_at(text_, start_);
    throw ParseError{position.line, position.column, message};
  }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool accept(char c) {
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }
  [[nodiscard]] std::string_view word() const { return text_.substr(start_, at_ - start_); }
  Token& emit(TokenKind kind) {
    return tokens_.emplace_back(Token{kind, word(), start_, BinaryOp::add, AggregateOp::sum});
  }
  void emit(BinaryOp op) { emit(TokenKind::operator_).binary = op; }

  /// False at the end of the text.
  bool skip_blank() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (text_[at_] == '#') {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      } else {
        return true;
      }
    }
    return false;
  }

  void inside_braces() {
    const char c = text_[at_++];
    if (is_alpha(c)) {
      read_word();
      emit(TokenKind::identifier);
    } else if (c == ',') {
      emit(TokenKind::comma);
    } else if (c == '"' || c == '\'' || c == '`') {
      read_string(c);
    } else if (c == '=') {
      emit(accept('~') ? TokenKind::regex_match : TokenKind::assign);
    } else if (c == '!' && accept('~')) {
      emit(TokenKind::regex_no_match);
    } else if (c == '!' && accept('=')) {
      emit(BinaryOp::not_equal);
    } else if (c == '}') {
      in_braces_ = false;
      emit(TokenKind::right_brace);
    } else {
      unexpected(" inside braces");
    }
  }

  void outside_braces() {
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      read_number_or_duration();
      return;
    }
    ++at_;
    if (c == '"' || c == '\'' || c == '`') {
      read_string(c);
    } else if (is_alpha(c) || c == ':') {
      read_keyword(c);
    } else if (!bracket(c)) {
      read_operator(c);
    }
  }

  bool bracket(char c) {
    switch (c) {
      case '(':
        ++paren_depth_;
        emit(TokenKind::left_paren);
        return true;
      case ')':
        if (--paren_depth_ < 0) {
          fail("unexpected right parenthesis ')'");
        }
        emit(TokenKind::right_paren);
        return true;
      case '{':
        in_braces_ = true;
        emit(TokenKind::left_brace);
        return true;
      case '[':
        if (std::exchange(in_brackets_, true)) {
          fail("unexpected left bracket '['");
        }
        emit(TokenKind::left_bracket);
        return true;
      case ']':
        if (!std::exchange(in_brackets_, false)) {
          fail("unexpected right bracket ']'");
        }
        emit(TokenKind::right_bracket);
        return true;
      default:
        return false;
    }
  }

  void read_operator(char c) {
    switch (c) {
      case ',':
        emit(TokenKind::comma);
        return;
      case '@':
        emit(TokenKind::at);
        return;
      case '+':
        return emit(BinaryOp::add);
      case '-':
        return emit(BinaryOp::subtract);
      case '*':
        return emit(BinaryOp::multiply);
      case '/':
        return emit(BinaryOp::divide);
      case '%':
        return emit(BinaryOp::modulo);
      case '^':
        return emit(BinaryOp::power);
      case '<':
        return emit(accept('=') ? BinaryOp::less_equal : BinaryOp::less);
      case '>':
        return emit(accept('=') ? BinaryOp::greater_equal : BinaryOp::greater);
      case '=':
        if (accept('=')) {
          return emit(BinaryOp::equal);
        }
        if (peek() == '~') {
          fail("unexpected character after '=': '~'");
        }
        emit(TokenKind::assign);
        return;
      case '!':
        if (accept('=')) {
          return emit(BinaryOp::not_equal);
        }
        fail(fmt::format("unexpected character after '!': {}", shown(peek())));
      default:
        unexpected("");
    }
  }

  void read_word() {
    while (is_word(peek())) {
      ++at_;
    }
  }

  void read_keyword(char first) {
    if (in_brackets_) {
      if (first == ':') {
        emit(TokenKind::colon);
        return;
      }
      fail(fmt::format("unexpected character: {}, expected ':'", shown(first)));
    }
    while (is_word(peek()) || peek() == ':') {
      ++at_;
    }
    const std::string key = lower(word());
    const auto keyword = std::ranges::find(kKeywords, key, &Keyword::word);
    if (keyword != kKeywords.end()) {
      Token& token = emit(keyword->kind);
      token.binary = keyword->binary;
      token.aggregate = keyword->aggregate;
    } else {
      const bool has_colon = key.find(':') != std::string::npos;
      emit(has_colon ? TokenKind::metric_identifier : TokenKind::identifier);
    }
  }

  void read_string(char quote) {
    while (true) {
      if (at_ >= text_.size() || (quote != '`' && text_[at_] == '\n')) {
        fail(quote == '`' ? "unterminated raw string" : "unterminated quoted string");
      }
      const char c = text_[at_++];
      if (c == quote) {
        break;
      }
      if (c == '\\' && quote != '`') {
        ++at_;
      }
    }
    std::string ignored;
    if (!unquote(word(), ignored)) {
      fail(fmt::format("bad escape sequence or invalid UTF-8 in the string {}", word()));
    }
    emit(TokenKind::string);
  }

  void read_number_or_duration() {
    if (scan_number()) {
      emit(TokenKind::number);
      return;
    }
    at_ = start_;
    while (is_word(peek()) || peek() == '.') {
      ++at_;
    }
    if (!parse_duration(word()) || is_digit(word().back())) {
      fail(fmt::format("bad number or duration syntax: \"{}\"", word()));
    }
    emit(TokenKind::duration);
  }

  /// Digits with single underscores between them; false on a misplaced underscore.
  bool scan_digits(bool (*is_one)(char)) {
    bool last_was_digit = false;
    while (is_one(peek()) || peek() == '_') {
      if (peek() == '_' && !last_was_digit) {
        return false;
      }
      last_was_digit = peek() != '_';
      ++at_;
    }
    return at_ == start_ || text_[at_ - 1] != '_';
  }

  bool scan_number() {
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      at_ += 2;
      accept('_');
      const std::size_t digits = at_;
      return scan_digits(is_hex) && at_ > digits && !is_word(peek()) && peek() != '.';
    }
    if (!scan_digits(is_digit)) {
      return false;
    }
    if (accept('.') && (peek() == '_' || !scan_digits(is_digit))) {
      return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!accept('+')) {
        accept('-');
      }
      if (!is_digit(peek()) || !scan_digits(is_digit)) {
        return false;
      }
    }
    return !is_word(peek()) && peek() != '.';
  }

  static std::string shown(char c) {
    if (c == '\0') {
      return "end of input";
    }
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f ? fmt::format("'{}'", c) : fmt::format("byte {:#04x}", byte);
  }
  [[noreturn]] void unexpected(std::string_view where) const {
    fail(fmt::format("unexpected character{}: {}", where, shown(text_[start_])));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  int paren_depth_ = 0;
  bool in_braces_ = false;
  bool in_brackets_ = false;
  std::vector<Token> tokens_;
};

}  // namespace

tl::expected<std::vector<Token>, ParseError> lex(std::string_view text) {
  try {
    return Lexer(text).run();
  } catch (const ParseError& error) {
    return tl::unexpected(error);
  }
}

Position position_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto newlines = std::ranges::count(before, '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t line_start = last == std::string_view::npos ? 0 : last + 1;
  return Position{static_cast<std::uint32_t>(newlines) + 1,
                  static_cast<std::uint32_t>(before.size() - line_start) + 1};
}

}  // namespace cgsentry::promql
