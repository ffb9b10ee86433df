// Tests `query` and what belongs to it: what must be known at parse time, and what a render makes
// of the elements.
#include <map>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/templates.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using templates::QueryElement;
using test::mistake;

namespace {

const Timestamp kNow{1'700'000'000s};

/// Two containers for "up", nothing for "none", too many for "many", and an error else.
templates::Rendered rendered(std::string_view text, int* asked = nullptr) {
  const Labels none;
  const Labels labels{{"name", "db"}};
  templates::AlertData data{labels, 7, none, "https://node:9190/cg/s?x=/y", {}, kNow};
  data.query = [&](const std::string& expression,
                   Timestamp now) -> tl::expected<std::vector<QueryElement>, std::string> {
    CHECK(now == kNow);
    if (asked != nullptr) {
      ++*asked;
    }
    if (expression == "up") {
      return std::vector<QueryElement>{{{{"__name__", "up"}, {"name", "web"}}, 1.5},
                                       {{{"__value__", "v"}, {"name", "db"}}, 2}};
    }
    if (expression == "none") {
      return std::vector<QueryElement>{};
    }
    if (expression == "many") {
      return std::vector<QueryElement>(templates::kMaxQueryElements + 1);
    }
    return tl::unexpected(std::string("two series match"));
  };
  return test::parsed(text).render(templates::alert_scope(data));
}

std::string render(std::string_view text) {
  templates::Rendered result = rendered(text);
  INFO(text);
  CHECK(result.error == "");
  return std::move(result.text);
}

std::string error(std::string_view text) {
  return rendered(text).error;
}

}  // namespace

TEST_CASE("a query's elements have labels and a value") {
  CHECK(render(R"({{ query "up" | first | value }})") == "1.5");
  CHECK(render(R"({{ query "up" | first | label "name" }})") == "web");
  CHECK(render(R"({{ query "up" | first | label "none" }}|)") == "|");
  CHECK(render(R"({{ range query "up" }}{{ .Labels.name }}={{ .Value }} {{ end }})") ==
        "web=1.5 db=2 ");
  CHECK(render(R"({{ range $i, $s := query "up" }}{{ $i }}{{ strvalue $s }};{{ end }})") ==
        "0;1v;");
  CHECK(render(R"({{ range query "up" | sortByLabel "name" }}{{ . | label "name" }} {{ end }})") ==
        "db web ");
  CHECK(render(R"({{ len (query "up") }} {{ (index (query "up") 1).Value }})") == "2 2");
  CHECK(render(R"({{ (query "up" | first).Labels.name }})") == "web");
  CHECK(render(R"({{ query "up" | first }})") == "{map[__name__:up name:web] 1.5}");
}

TEST_CASE("a query without elements is empty, and has no first") {
  CHECK(render(R"({{ with query "none" }}some{{ else }}none{{ end }})") == "none");
  CHECK(render(R"({{ if query "up" }}some{{ end }})") == "some");
  CHECK(error(R"({{ query "none" | first }})") ==
        "1:19: error calling first: first() called on vector with no elements");
}

TEST_CASE("what a query needs must be a constant text") {
  CHECK(mistake(R"({{ query $labels.name }})") == "1:10: query needs a constant text here");
  CHECK(mistake(R"({{ printf "up{n='%s'}" $labels.name | query }})") ==
        "1:4: query needs a constant text here");
  CHECK(mistake(R"({{ "up" | toLower | query }})") == "1:11: query needs a constant text here");
  CHECK(mistake(R"({{ query 1 }})") == "1:10: query needs a constant text here");
  CHECK(mistake(R"({{ query ("up") }})") == "1:10: query needs a constant text here");
  CHECK(mistake(R"({{ $q := "up" }}{{ query $q }})") == "1:26: query needs a constant text here");
  CHECK(mistake("{{ query }}") == "1:4: wrong number of arguments for query: 0");
}

TEST_CASE("a template tells what it queries, with the places") {
  const auto parsed = test::parsed("{{ query \"up\" }}\n{{ if true }}{{ `a b` | query }}{{ end }}");
  CHECK(parsed.queries() == std::vector<templates::QueryText>{{1, 10, "up"}, {2, 17, "a b"}});
  CHECK(test::parsed("{{ $value }}").queries().empty());
}

TEST_CASE("queries are bounded, in a template and in what they give") {
  std::string text;
  for (std::size_t i = 0; i < templates::kMaxQueries; ++i) {
    text += R"({{ query "up" }})";
  }
  CHECK(mistake(text) == "");
  CHECK(mistake(text + R"({{ query "up" }})").ends_with("a template has at most 32 queries"));
  CHECK(error(R"({{ query "many" }})") ==
        "1:4: error calling query: the result has more than 10000 elements");
}

TEST_CASE("an expression is evaluated once in a render, however often it is asked for") {
  int asked = 0;
  const auto twice = rendered(
      R"({{ range query "up" }}{{ len (query "up") }}{{ end }}{{ query "none" | len }})", &asked);
  CHECK(twice.text == "220");
  CHECK(asked == 2);
}

TEST_CASE("an evaluation that fails, and none to be had, are errors of the render") {
  CHECK(error(R"(a {{ query "bad" }})") == "1:6: error calling query: two series match");
  CHECK(test::rendered(R"({{ query "up" }})").error ==
        "1:4: error calling query: there is nothing to query here");
}

TEST_CASE("what belongs to queries takes nothing else") {
  CHECK(error("{{ first $value }}") ==
        "1:4: error calling first: wrong type for value; expected list; got float64");
  CHECK(error("{{ value . }}") ==
        "1:4: error calling value: wrong type for value; expected sample; got struct");
  CHECK(error("{{ strvalue $labels }}") ==
        "1:4: error calling strvalue: wrong type for value; expected sample; got "
        "map[string]string");
  CHECK(error(R"({{ query "up" | first | label 1 }})") ==
        "1:25: error calling label: wrong type for value; expected string; got int");
  CHECK(error(R"({{ query "up" | label "name" }})") ==
        "1:17: error calling label: wrong type for value; expected sample; got list");
  CHECK(error(R"({{ sortByLabel "name" $value }})") ==
        "1:4: error calling sortByLabel: wrong type for value; expected list; got float64");
  CHECK(error(R"({{ sortByLabel 1 (query "up") }})") ==
        "1:4: error calling sortByLabel: wrong type for value; expected string; got int");
}

TEST_CASE("where the agent is reached, and the moment") {
  CHECK(render("{{ externalURL }} {{ pathPrefix }}") == "https://node:9190/cg/s?x=/y /cg/s");
  CHECK(render("{{ now | humanizeTimestamp }}") == "2023-11-14 22:13:20 +0000 UTC");
}

TEST_CASE("times and durations") {
  CHECK(render("{{ toTime 1.5 }}") == "1970-01-01 00:00:01.5 +0000 UTC");
  CHECK(error("{{ parseDuration \"NaN\" | toTime }}") ==
        R"(1:4: error calling parseDuration: not a valid duration string: "NaN")");
  CHECK(error(R"({{ "NaN" | toTime }})") == "1:12: error calling toTime: value is NaN or Inf");
  CHECK(error("{{ toTime 1e300 }}").starts_with("1:4: error calling toTime: 1e+300 cannot be"));
  CHECK(error("{{ toTime true }}") == "1:4: error calling toTime: can't convert bool to float");
  CHECK(render(R"({{ parseDuration "1h30m" }} {{ parseDuration "-500ms" }})") == "5400 -0.5");
  CHECK(error("{{ parseDuration 1 }}") ==
        "1:4: error calling parseDuration: wrong type for value; expected string; got int");
}
