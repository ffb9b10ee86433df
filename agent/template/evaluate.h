// Walks a template's tree with values and writes its text.
//
// Never throws and always ends: steps and bytes are counted. Tested by
// tests/unit/template/template_test.cpp.
#pragma once

#include <cstddef>

#include "template/ast.h"
#include "template/template.h"

namespace cgsentry::templates {

[[nodiscard]] Rendered evaluate(const Block& root, const Scope& scope, std::size_t max_bytes);

}  // namespace cgsentry::templates
