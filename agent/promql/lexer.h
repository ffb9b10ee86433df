// Text to tokens, as Prometheus' lexer cuts them.
//
// In: the expression. Out: all tokens and an end token, or the first mistake. What a character
// means depends on where it stands: inside {} every word is a label name, inside [] a colon
// separates the range from the step. Tested by tests/unit/promql/parser_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "promql/ast.h"
#include "promql/parser.h"

namespace cgsentry::promql {

enum class TokenKind : std::uint8_t {
  end,
  identifier,
  metric_identifier,
  number,
  duration,
  string,
  left_paren,
  right_paren,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  comma,
  colon,
  at,
  assign,
  regex_match,
  regex_no_match,  // = =~ !~; != is `operator_`
  operator_,       // Token::binary says which
  aggregator,      // Token::aggregate says which
  offset,
  by,
  without,
  on,
  ignoring,
  group_left,
  group_right,
  bool_,
  start,
  end_keyword,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  // as written; views the lexed text
  std::size_t offset = 0;
  BinaryOp binary = BinaryOp::add;
  AggregateOp aggregate = AggregateOp::sum;
};

[[nodiscard]] tl::expected<std::vector<Token>, ParseError> lex(std::string_view text);

/// The one-based place of byte `offset` of `text`.
[[nodiscard]] Position position_at(std::string_view text, std::size_t offset);

/// What stands between the quotes of a string token, escapes resolved; false on a bad escape.
[[nodiscard]] bool unquote(std::string_view quoted, std::string& out);

/// Whether this is UTF-8 all through.
[[nodiscard]] bool is_utf8(std::string_view text);

/// The value of a number token; none when it is out of range.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

}  // namespace cgsentry::promql
