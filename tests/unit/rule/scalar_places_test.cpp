// Every byte of a scalar is found at its place in the file, whatever the style of the scalar.
#include "rule/scalar_places.h"

#include <string>

#include "support/catch.h"

using namespace cgsentry;
using rule::Place;

namespace {

/// Where the first `word` of the value of the file's only key stands, found through the value.
struct Lookup {
  explicit Lookup(std::string file_text) : file(std::move(file_text)) {
    const auto root = yaml::load(file, "f.yaml");
    REQUIRE(root);
    scalar = root->entries.at(0).value;
    places = rule::ScalarPlaces(file, scalar);
  }

  [[nodiscard]] Place of(std::string_view word) const {
    const std::size_t at = scalar.text.find(word);
    REQUIRE(at != std::string::npos);
    const std::string_view before(scalar.text.data(), at);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return places.at(static_cast<std::uint32_t>(lines) + 1,
                     static_cast<std::uint32_t>(at - line_start) + 1);
  }

  std::string file;
  yaml::Node scalar;
  rule::ScalarPlaces places;
};

}  // namespace

TEST_CASE("a plain scalar is found on its line") {
  const Lookup lookup("expr: up  == 0\n");
  CHECK(lookup.of("up") == Place{1, 7});
  CHECK(lookup.of("== 0") == Place{1, 11});
}

TEST_CASE("a plain scalar over several lines is found on each of them") {
  const Lookup lookup("expr: up\n   ==\n\n  0\n");
  CHECK(lookup.of("==") == Place{2, 4});
  CHECK(lookup.of("0") == Place{4, 3});
}

TEST_CASE("single quotes count one byte, and a doubled one two") {
  const Lookup lookup("expr: 'x == ''it'' or y'\n");
  CHECK(lookup.of("x") == Place{1, 8});
  CHECK(lookup.of("it") == Place{1, 15});
  CHECK(lookup.of("y") == Place{1, 23});
}

TEST_CASE("double quotes and their escapes are passed over") {
  const Lookup lookup(R"(expr: "x{a=\"b\"}\n> y\t + z")"
                      "\n");
  CHECK(lookup.of("{") == Place{1, 9});
  CHECK(lookup.of("b") == Place{1, 14});
  CHECK(lookup.of("y") == Place{1, 22});
  CHECK(lookup.of("z") == Place{1, 28});
}

TEST_CASE("an escaped line end is no byte of the text") {
  const Lookup lookup("expr: \"up \\\n   == 0\"\n");
  CHECK(lookup.of("==") == Place{2, 4});
}

TEST_CASE("blocks are found below their head") {
  const Lookup literal("expr: |  # why\n    up\n      == 0\n");
  CHECK(literal.of("up") == Place{2, 5});
  CHECK(literal.of("==") == Place{3, 7});
  const Lookup folded("expr: >-\n\n  up ==\n  0\n");
  CHECK(folded.of("up") == Place{3, 3});
  CHECK(folded.of("0") == Place{4, 3});
}

TEST_CASE("places outside the text are the nearest inside") {
  const Lookup lookup("expr: up\n");
  CHECK(lookup.places.at(1, 99) == Place{1, 9});
  CHECK(lookup.places.at(7, 1) == Place{1, 7});
  CHECK(lookup.places.at(0, 0) == Place{1, 7});
  CHECK(rule::ScalarPlaces().at(3, 4) == Place{1, 1});
}
