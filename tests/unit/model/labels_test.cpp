// Tests model/labels: sorted, unique, no empty values, stable fingerprint.
#include "model/labels.h"

#include "support/catch.h"

using cgsentry::Labels;

TEST_CASE("labels are sorted whatever order they came in") {
  CHECK(Labels{{"b", "2"}, {"a", "1"}} == Labels{{"a", "1"}, {"b", "2"}});
  CHECK(Labels{{"b", "2"}, {"a", "1"}}.to_string() == R"({a="1", b="2"})");
}

TEST_CASE("an empty value is no label") {
  Labels labels{{"a", "1"}, {"b", ""}};
  CHECK(labels.size() == 1);
  labels.set("a", "");
  CHECK(labels.empty());
  CHECK(labels.get("a").empty());
}

TEST_CASE("set replaces") {
  Labels labels{{"a", "1"}};
  labels.set("a", "2");
  CHECK(labels.get("a") == "2");
  CHECK(labels.size() == 1);
}

TEST_CASE("complete adds what is missing and replaces nothing") {
  Labels labels{{"b", "own"}};
  labels.complete({{"a", "1"}, {"b", "other"}});
  CHECK(labels == Labels{{"a", "1"}, {"b", "own"}});
}

TEST_CASE("the fingerprint tells apart what only differs in where a name ends") {
  CHECK(Labels{{"a", "bc"}}.fingerprint() != Labels{{"ab", "c"}}.fingerprint());
  CHECK(Labels{{"a", "b"}, {"c", "d"}}.fingerprint() ==
        Labels{{"c", "d"}, {"a", "b"}}.fingerprint());
}

TEST_CASE("to_string puts the metric's name first and escapes values") {
  CHECK(Labels{{"__name__", "up"}, {"a", "x\"y\\z\n"}}.to_string() == "up{a=\"x\\\"y\\\\z\\n\"}");
}
