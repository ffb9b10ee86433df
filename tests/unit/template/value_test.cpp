// Tests template/value: truth, Go's names of types, and texts that stop at a bound.
#include "template/value.h"

#include <string>

#include "support/catch.h"

using namespace cgsentry;
using templates::Fields;
using templates::List;
using templates::to_text;
using templates::Value;

TEST_CASE("empty values and zeros are false") {
  const Labels none;
  const Labels one{{"a", "b"}};
  for (const Value& value : {Value(), Value(false), Value(std::int64_t{0}), Value(-0.0), Value(""),
                             Value(none), Value(List())}) {
    CHECK_FALSE(is_true(value));
  }
  for (const Value& value : {Value(true), Value(std::int64_t{-1}), Value(0.1), Value("false"),
                             Value(one), Value(List(1)), Value(Fields())}) {
    CHECK(is_true(value));
  }
}

TEST_CASE("a value is printed as Go prints its type") {
  const Labels labels{{"b", "2"}, {"a", "1"}};
  CHECK(to_text(Value(labels), 100) == "map[a:1 b:2]");
  CHECK(to_text(Value(List{Value(1.5), Value("x"), Value()}), 100) == "[1.5 x <no value>]");
  CHECK(to_text(Value(std::int64_t{7}), 100) == "7");
  CHECK(to_text(Value(1e21), 100) == "1e+21");
  CHECK(type_name(Value(labels)) == "map[string]string");
  CHECK(type_name(Value(1.0)) == "float64");
}

TEST_CASE("the text of a value stops at its bound") {
  const Labels labels{{"name", std::string(1000, 'x')}};
  CHECK(to_text(Value(labels), 20).size() == 20);
  CHECK(to_text(Value(std::string(10, 'x') + "\u00e9"), 11) == std::string(10, 'x'));
  CHECK(to_text(Value(List(1'000'000, Value("xxxx"))), 20).size() == 20);
}
