// A YAML file as plain values with their places.
//
// The only door to yaml-cpp: nothing of it is seen outside this room, and none of its exceptions
// leaves it. Hostile input is bounded: size, length of a line, depth, number of nodes; anchors and
// aliases, tags and several documents are refused; a key that stands twice is a mistake. Tested by
// tests/unit/yaml/node_test.cpp, fuzzed by tests/fuzz.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "yaml/mistake.h"

namespace cgsentry::yaml {

/// yaml-cpp may need some 130 bytes for each byte of a file that was made for it.
inline constexpr std::size_t kMaxBytes = std::size_t{2} << 20;
/// A place is a line and a column; nobody writes a line that long, and scanning one costs most.
inline constexpr std::size_t kMaxLineBytes = std::size_t{128} << 10;
inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kMaxNodes = 200'000;

struct Node {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string text;  // of a scalar
  bool quoted = false;
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map, in the order of the file; keys are scalars
};

struct Node::Entry {
  Node key;
  Node value;
};

/// The whole file. `file` is only for messages. An empty file is a null node.
[[nodiscard]] tl::expected<Node, Mistake> load(std::string_view text, const std::string& file);

}  // namespace cgsentry::yaml
