// Tests template/lexer and template/parser: every mistake is told with its line and column when a
// template is read, and what upstream has and the agent does not is refused by name.
#include "template/parser.h"

#include <string>

#include "support/catch.h"
#include "support/templates.h"

using namespace cgsentry;
using test::mistake;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

}  // namespace

TEST_CASE("text without an action is a template") {
  CHECK(mistake("") == "");
  CHECK(mistake("a } }} { $x \" ' ` % \\") == "");
  CHECK(test::parsed("plain }}").is_literal());
  CHECK_FALSE(test::parsed("plain {{ 1 }}").is_literal());
}

TEST_CASE("a mistake is told with line and column, from 1, in bytes") {
  CHECK(mistake("{{ nope }}") == R"(1:4: function "nope" is not defined)");
  CHECK(mistake("one\ntwo {{ $value }}\n  {{ nope }}") == R"(3:6: function "nope" is not defined)");
  CHECK(mistake("{{ $value\n | nope }}") == R"(2:4: function "nope" is not defined)");
  CHECK(mistake("\u00e9{{ nope }}") == R"(1:6: function "nope" is not defined)");
}

TEST_CASE("an action, a comment or a string that is not closed is told at its beginning") {
  CHECK(mistake("a {{ $value") == "1:3: action is not closed");
  CHECK(mistake("a {{ $value }") == R"(1:13: unexpected "}" in an action)");
  CHECK(mistake("\n{{/* b ") == "2:1: comment is not closed");
  CHECK(mistake("{{/* b */ 1 }}") == "1:1: comment ends before the action does");
  CHECK(mistake(R"({{ "abc }})") == "1:4: string is not closed");
  CHECK(mistake("{{ \"a\nb\" }}") == "1:4: string is not closed");
  CHECK(mistake("{{ `abc }}") == "1:4: raw string is not closed");
  CHECK(mistake("{{") == "1:1: action is not closed");
}

TEST_CASE("constants that Go does not know are mistakes") {
  CHECK(mistake(R"({{ "\y" }})") == "1:5: unknown escape sequence in a string");
  CHECK(mistake(R"({{ "\ud800" }})") == "1:5: unknown escape sequence in a string");
  CHECK(mistake(R"({{ "\x4" }})") == "1:5: unknown escape sequence in a string");
  CHECK(mistake("{{ '' }}") == "1:4: not a character constant");
  CHECK(mistake("{{ 'ab' }}") == "1:4: not a character constant");
  CHECK(mistake("{{ 12x }}") == R"(1:4: "12x" is not a number)");
  CHECK(mistake("{{ -Inf }}") == R"(1:4: "-Inf" is not a number)");
  CHECK(mistake("{{ 1:2 }}") == "1:5: expected :=");
}

TEST_CASE("blocks must be closed, once and in order") {
  CHECK(mistake("x{{ if $value }}") == "1:2: there is no {{ end }} for this");
  CHECK(mistake("{{ end }}") == "1:4: unexpected {{ end }}");
  CHECK(mistake("{{ else }}") == "1:4: unexpected {{ else }}");
  CHECK(mistake("{{ if 1 }}{{ else }}{{ else }}{{ end }}") == "1:24: expected {{ end }}");
  CHECK(mistake("{{ if 1 }}a{{ end 2 }}") == R"(1:19: unexpected "2" in end)");
  CHECK(mistake("{{ if }}a{{ end }}") == "1:7: missing value for command");
}

TEST_CASE("break and continue need a range around them") {
  CHECK(mistake("{{ break }}") == "1:4: {{ break }} outside of {{ range }}");
  CHECK(mistake("{{ range $labels }}{{ end }}{{ continue }}") ==
        "1:32: {{ continue }} outside of {{ range }}");
  CHECK(mistake("{{ range $labels }}{{ else }}{{ break }}{{ end }}") ==
        "1:33: {{ break }} outside of {{ range }}");
  CHECK(mistake("{{ range $labels }}{{ if 1 }}{{ break }}{{ end }}{{ end }}") == "");
}

TEST_CASE("actions that are not supported are refused by name") {
  CHECK(mistake(R"({{ define "a" }}{{ end }})") == "1:4: {{ define }} is not supported");
  CHECK(mistake(R"({{ template "a" . }})") == "1:4: {{ template }} is not supported");
  CHECK(mistake(R"({{ block "a" . }}{{ end }})") == "1:4: {{ block }} is not supported");
}

TEST_CASE("functions that Prometheus has and the agent has not are told apart from typos") {
  for (const std::string name : {"args", "toDuration", "js", "slice", "call"}) {
    CHECK(mistake("{{ " + name + " }}") == "1:4: function \"" + name + "\" is not supported here");
  }
  CHECK(mistake("{{ humanise $value }}") == R"(1:4: function "humanise" is not defined)");
}

TEST_CASE("the number of arguments is checked before anything is rendered") {
  CHECK(mistake("{{ humanize }}") == "1:4: wrong number of arguments for humanize: 0");
  CHECK(mistake("{{ humanize 1 2 }}") == "1:4: wrong number of arguments for humanize: 2");
  CHECK(mistake("{{ $value | humanize 1 }}") == "1:13: wrong number of arguments for humanize: 2");
  CHECK(mistake(R"({{ "c" | reReplaceAll "a" }})") ==
        "1:10: wrong number of arguments for reReplaceAll: 2");
  CHECK(mistake("{{ printf \"%s\" humanize }}") ==
        "1:16: wrong number of arguments for humanize: 0");
}

TEST_CASE("a pipe goes into functions, and only functions take arguments") {
  CHECK(mistake("{{ $value | 1 }}") == R"(1:13: non-function value behind "|")");
  CHECK(mistake("{{ $value | $labels.name }}") == R"(1:13: non-function value behind "|")");
  CHECK(mistake("{{ $value 1 }}") == "1:11: can't give an argument to what is not a function");
  CHECK(mistake("{{ | humanize }}") == "1:4: missing value for command");
  CHECK(mistake("{{ 1 | }}") == "1:8: missing value for command");
  CHECK(mistake("{{ (1 }}") == "1:7: unexpected the end of the action");
  CHECK(mistake("{{ 1) }}") == "1:5: unexpected \")\" in operand");
  CHECK(mistake("{{ nil }}") == "1:4: nil is not a command");
}

TEST_CASE("variables must exist before they are used") {
  CHECK(mistake("{{ $x }}") == R"(1:4: undefined variable "$x")");
  CHECK(mistake("{{ $x = 1 }}") == R"(1:4: undefined variable "$x")");
  CHECK(mistake("{{ $x := $x }}") == R"(1:10: undefined variable "$x")");
  CHECK(mistake("{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}") == R"(1:36: undefined variable "$x")");
  CHECK(mistake("{{ range $k, $v := $labels }}{{ else }}{{ $k }}{{ end }}") == "");
  CHECK(mistake("{{ $label.name }}") == R"(1:4: undefined variable "$label")");
  CHECK(mistake("{{ $ }}") == "");
}

TEST_CASE("a template has a bound on its bytes") {
  CHECK(mistake(std::string(templates::kMaxTemplateBytes, 'x')) == "");
  CHECK(mistake(std::string(templates::kMaxTemplateBytes + 1, 'x')) ==
        "1:1: the template is too long");
}

TEST_CASE("a template has a bound on its depth, however it nests") {
  const auto parens = [](std::size_t depth) {
    return "{{ " + repeated("(", depth) + "1" + repeated(")", depth) + " }}";
  };
  CHECK(mistake(parens(templates::kMaxTemplateDepth - 1)) == "");
  CHECK(mistake(parens(templates::kMaxTemplateDepth)) == "1:53: the template is nested too deeply");
  const auto ifs = [](std::size_t depth) {
    return repeated("{{ if 1 }}", depth) + repeated("{{ end }}", depth);
  };
  CHECK(mistake(ifs(templates::kMaxTemplateDepth - 1)) == "");
  CHECK_THAT(mistake(ifs(200)), Catch::EndsWith("the template is nested too deeply"));
  const auto chain = [](std::size_t length) {
    return "{{ if 0 }}" + repeated("{{ else if 0 }}", length) + "{{ end }}";
  };
  CHECK(mistake(chain(40)) == "");
  CHECK_THAT(mistake(chain(3000)), Catch::EndsWith("the template is nested too deeply"));
}

TEST_CASE("bytes that are no UTF-8 are a mistake in an action and text elsewhere") {
  CHECK(mistake("\xff\xfe") == "");
  CHECK(mistake("{{ \"\xff\" }}") == "");
  CHECK(mistake(std::string("{{ \0 }}", 7)) == R"(1:4: unexpected "\x00" in an action)");
  // Foreign letters are words, as in Go.
  CHECK(mistake("{{ \u00e9 }}") == "1:4: function \"\u00e9\" is not defined");
}
