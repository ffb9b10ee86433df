// Tests template/functions and template/compare inside of templates: types that do not fit are
// errors with a place, never a silent difference.
#include "template/functions.h"

#include <cmath>
#include <string>

#include "support/catch.h"
#include "support/templates.h"

using namespace cgsentry;
using test::render;

namespace {

std::string error(std::string_view text, const Labels& labels = {}, double value = 0) {
  return test::rendered(text, labels, value).error;
}

}  // namespace

TEST_CASE("values of two types do not compare") {
  CHECK(render("{{ gt $value 1.0 }}", {}, 2) == "true");
  CHECK(error("{{ gt $value 1 }}", {}, 2) ==
        "1:4: error calling gt: incompatible types for comparison: float64 and int");
  CHECK(error("{{ eq $labels.name 1 }}", {{"name", "1"}}) ==
        "1:4: error calling eq: incompatible types for comparison: string and int");
  CHECK(error("{{ lt true false }}") ==
        "1:4: error calling lt: incompatible types for comparison: bool and bool");
  CHECK(error("{{ eq $labels $labels }}") ==
        "1:4: error calling eq: invalid type for comparison: map[string]string and "
        "map[string]string");
}

TEST_CASE("comparisons with NaN are those of Go") {
  const double nan = std::nan("");
  CHECK(render("{{ eq $value $value }} {{ lt $value 1.0 }} {{ gt $value 1.0 }}", {}, nan) ==
        "false false true");
}

TEST_CASE("numbers may come as text, and what is no number is an error") {
  CHECK(render(R"({{ "1536" | humanize1024 }} {{ humanize 2000 }})") == "1.5ki 2k");
  CHECK(error(R"({{ humanize "12 MB" }})") ==
        R"(1:4: error calling humanize: "12 MB" is not a number)");
  CHECK(error("{{ humanize $labels }}") ==
        "1:4: error calling humanize: can't convert map[string]string to float");
  CHECK(error("{{ humanizeTimestamp $value }}", {}, 1e300) ==
        "1:4: error calling humanizeTimestamp: 1e+300 cannot be represented as a nanoseconds "
        "timestamp since it overflows int64");
}

TEST_CASE("text functions take text only") {
  CHECK(error("{{ toUpper $value }}") ==
        "1:4: error calling toUpper: wrong type for value; expected string; got float64");
  CHECK(error(R"({{ reReplaceAll "a" 1 "b" }})") ==
        "1:4: error calling reReplaceAll: wrong type for value; expected string; got int");
  CHECK(error("{{ printf $value }}") ==
        "1:4: error calling printf: wrong type for value; expected string; got float64");
  CHECK(error(R"({{ match "(" "a" }})").starts_with("1:4: error calling match: error parsing"));
}

TEST_CASE("index and len take what has items") {
  CHECK(render(R"({{ index $labels "name" }}|{{ index $labels "none" }}|{{ len $labels }})",
               {{"name", "web"}}) == "web||1");
  CHECK(error("{{ index $labels 1 }}") ==
        "1:4: error calling index: wrong type for value; expected string; got int");
  CHECK(error("{{ index $value 1 }}") ==
        "1:4: error calling index: can't index item of type float64");
  CHECK(error("{{ len $value }}") == "1:4: error calling len: len of type float64");
}

TEST_CASE("and and or stop at the argument that decides") {
  CHECK(render(R"({{ and "" (humanize "x") }}|{{ or "a" (humanize "x") }})") == "|a");
  CHECK(error(R"({{ and "a" (humanize "x") }})") ==
        R"(1:13: error calling humanize: "x" is not a number)");
}

TEST_CASE("every function that is known elsewhere is not known here, and the other way round") {
  CHECK(templates::is_known_elsewhere("args"));
  CHECK(templates::find_function("args") == nullptr);
  CHECK_FALSE(templates::is_known_elsewhere("humanize"));
  CHECK(templates::find_function("humanize") != nullptr);
}
