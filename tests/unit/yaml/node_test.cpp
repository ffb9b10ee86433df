// YAML becomes plain values with places, and hostile YAML a mistake.
#include "yaml/node.h"

#include "support/catch.h"

using namespace cgsentry::yaml;

namespace {

Node loaded(std::string_view text) {
  const auto node = load(text, "f.yaml");
  if (!node) {
    FAIL(node.error().to_string());
  }
  return *node;
}

std::string mistake(std::string_view text) {
  const auto node = load(text, "f.yaml");
  REQUIRE_FALSE(node);
  return node.error().to_string();
}

}  // namespace

TEST_CASE("maps, lists, texts and nulls keep their order and their places") {
  const Node root = loaded("a: 1\nb:\n  - x\n  - 'y z'\nc:\nd: ~\n");
  REQUIRE(root.kind == Node::Kind::map);
  REQUIRE(root.entries.size() == 4);
  CHECK(root.entries[0].key.text == "a");
  CHECK(root.entries[0].value.text == "1");
  CHECK(root.entries[0].value.line == 1);
  CHECK(root.entries[0].value.column == 4);
  const Node& list = root.entries[1].value;
  REQUIRE(list.kind == Node::Kind::list);
  CHECK(list.items[1].text == "y z");
  CHECK(list.items[1].quoted);
  CHECK(list.items[1].line == 4);
  CHECK(list.items[1].column == 5);
  CHECK(root.entries[2].value.kind == Node::Kind::null);
  CHECK(root.entries[3].value.kind == Node::Kind::null);
  CHECK(loaded("").kind == Node::Kind::null);
  CHECK(loaded("# a comment\n").kind == Node::Kind::null);
}

TEST_CASE("a mistake of the syntax has its place") {
  CHECK(mistake("a: [1, 2\nb: 3\n").starts_with("f.yaml:2:"));
  CHECK(mistake("a: 1\n\tb: 2\n").starts_with("f.yaml:2:"));
}

TEST_CASE("a key that stands twice is a mistake") {
  CHECK(mistake("a: 1\nb: 2\na: 3\n") == "f.yaml:3:1: key `a` stands twice");
}

TEST_CASE("anchors, aliases, tags and several documents are refused") {
  CHECK(mistake("a: &x 1\nb: *x\n") == "f.yaml:1:4: anchors are not supported here");
  CHECK(mistake("a: !!python/object 1\n").find("tags are not supported") != std::string::npos);
  CHECK(mistake("a: 1\n---\nb: 2\n").find("more than one document") != std::string::npos);
}

TEST_CASE("hostile files are refused, not followed") {
  CHECK(mistake(std::string(kMaxDepth + 1, '[') + std::string(kMaxDepth + 1, ']'))
            .find("nested too deeply") != std::string::npos);
  CHECK_FALSE(load(std::string(100'000, '['), "f.yaml"));
  CHECK_FALSE(load(std::string(100'000, '{'), "f.yaml"));
  CHECK(mistake(std::string(kMaxBytes + 1, 'a')).find("larger than 2 MB") != std::string::npos);
  CHECK(mistake(std::string("a: \0b", 5)).find("not text") != std::string::npos);
  std::string many = "[";
  for (std::size_t i = 0; i <= kMaxNodes; ++i) {
    many += "1,\n";
  }
  CHECK(mistake(many + "]").find("too many values") != std::string::npos);
  CHECK(mistake("a: 1\nb: [" + std::string(kMaxLineBytes, ',') + "]\n") ==
        "f.yaml:2:1: the line is longer than 128 KB, which is the limit");
  CHECK(load("a: " + std::string(kMaxLineBytes - 3, 'x') + "\n", "f.yaml"));
  CHECK(mistake("? [a, b]\n: c\n").find("plain word") != std::string::npos);
}
