// Template text to tokens: what stands between actions, and the words inside of them.
//
// In: the text of a template. Out: tokens with their places, or the first mistake. Comments and
// trim markers are resolved here. Pure. Tested by tests/unit/template/parser_test.cpp.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "template/ast.h"
#include "template/template.h"

namespace cgsentry::templates {

struct Token {
  enum class Kind : std::uint8_t {
    text,
    open,   // {{
    close,  // }}
    dot,
    field,       // .name
    variable,    // $name
    identifier,  // function, keyword, true, false, nil
    number,
    string,     // in double quotes; text is unquoted
    character,  // 'x'; text is the code point in decimal
    pipe,
    left_paren,
    right_paren,
    declare,  // :=
    assign,   // =
    comma,
    end,
  };
  Kind kind = Kind::end;
  Place place;
  std::string text;           // without the dot of a field and the $ of a variable
  bool space_before = false;  // only inside of actions
};

[[nodiscard]] tl::expected<std::vector<Token>, ParseError> tokenize(std::string_view text);

}  // namespace cgsentry::templates
