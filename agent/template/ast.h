// The tree of a parsed template. Immutable once parsed.
//
// In: parser.cpp. Out: evaluate.cpp walks it. Tested by tests/unit/template/parser_test.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "template/template.h"
#include "template/value.h"

namespace cgsentry::templates {

struct Function;  // functions.h

/// From 1; columns in bytes.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

struct Pipeline;

/// One word of a command, with the fields that are asked of it: $labels.name, (f x).name, .Value.
struct Operand {
  enum class Kind : std::uint8_t { dot, variable, constant, function, pipeline };
  Kind kind = Kind::dot;
  Place place;
  std::string name;  // variable (without "$"; "" is the root) or function
  Value constant;
  const Function* function = nullptr;  // lives for ever
  std::shared_ptr<const Pipeline> pipeline;
  std::vector<std::string> fields;
};

/// A value, or a function and its arguments.
struct Command {
  std::vector<Operand> words;  // not empty
};

struct Pipeline {
  Place place;
  std::vector<std::string> variables;  // on the left of := or =
  bool assigns = false;                // =, to variables that exist
  std::vector<Command> commands;       // not empty
};

struct Node;

struct Block {
  std::vector<Node> nodes;
};

struct Node {
  enum class Kind : std::uint8_t { text, action, condition, with, range, break_, continue_ };
  Kind kind = Kind::text;
  Place place;
  std::string text;
  Pipeline pipeline;  // of all but text, break_ and continue_
  Block body;
  Block otherwise;  // `else`
};

struct Tree {
  Block root;
  std::vector<QueryText> queries;  // in the order of the text
};

}  // namespace cgsentry::templates
