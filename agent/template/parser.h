// Tokens to tree, with the checks that need no values: names, nesting, arguments of keywords,
// and that what is queried is known now.
//
// Tested by tests/unit/template/parser_test.cpp.
#pragma once

#include <memory>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "template/ast.h"
#include "template/template.h"

namespace cgsentry::templates {

[[nodiscard]] tl::expected<std::shared_ptr<const Tree>, ParseError> parse_tree(
    std::string_view text, const std::vector<std::string_view>& variables);

}  // namespace cgsentry::templates
