// Tests template/template and template/evaluate: keys that are not there, bounds of a render, and
// that nothing which a container chose becomes part of the template.
#include "template/template.h"

#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "support/catch.h"
#include "support/templates.h"

using namespace cgsentry;
using templates::kMaxOutputBytes;
using test::render;
using test::rendered;

namespace {

Labels many_labels(int count) {
  Labels labels;
  for (int i = 0; i < count; ++i) {
    labels.set("label_" + std::to_string(i), "value");
  }
  return labels;
}

const Labels kHostile{
    {"a", R"({{ .Value }}{{ end }})"}, {"b", "quote\"back\\slash'tick`"},
    {"c", "line\nnext\r\ttab"},        {"d", "%d%s%!%[1]d"},
    {"e", "\xff\xc0\xaf\xed\xa0\x80"}, {"f", "<script>&amp;</script>"},
};

}  // namespace

TEST_CASE("a label that is not there is empty, and a field that is not there an error") {
  CHECK(render("[{{ $labels.none }}][{{ .Labels.none }}][{{ $externalLabels.none }}]") == "[][][]");
  CHECK(render("{{ if $labels.none }}a{{ else }}b{{ end }}") == "b");
  const auto field = rendered("a {{ .Nope }} b");
  CHECK(field.text == "a ");
  CHECK(field.error == "1:6: can't evaluate field Nope in type struct");
  CHECK(rendered("{{ $value.name }}").error == "1:4: can't evaluate field name in type float64");
  CHECK(rendered("{{ $labels.name.first }}").error ==
        "1:4: can't evaluate field first in type string");
}

TEST_CASE("an error keeps the text before it and says where it was") {
  const auto result =
      rendered("one\n{{ $value }} two {{ humanize $labels.name }} three", {{"name", "web"}}, 7);
  CHECK(result.text == "one\n7 two ");
  CHECK(result.error == R"(2:21: error calling humanize: "web" is not a number)");
  CHECK_FALSE(result.ok());
}

TEST_CASE("range goes over labels only") {
  CHECK(rendered("{{ range $value }}{{ end }}").error == "1:1: range can't iterate over float64");
  CHECK(rendered("{{ range $labels.name }}{{ end }}", {{"name", "web"}}).error ==
        "1:1: range can't iterate over string");
}

TEST_CASE("variables live as long as their block, and = reaches the outer one") {
  CHECK(render("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}") == "21");
  CHECK(render("{{ $x := 1 }}{{ range $labels }}{{ $x = . }}{{ end }}{{ $x }}",
               {{"a", "b"}, {"c", "d"}}) == "d");
}

TEST_CASE("HTML, quotes and backslashes pass as they are") {
  const std::string text = R"(<b class="x">'&amp;' \n %d</b>)";
  CHECK(render(text) == text);
  CHECK(render("{{ $labels.name }}", {{"name", text}}) == text);
  CHECK(render(R"({{ "<i>\"&" }})") == R"(<i>"&)");
}

TEST_CASE("a value that looks like a template is text") {
  CHECK(render("{{ $labels.a }}", kHostile, 7) == "{{ .Value }}{{ end }}");
  CHECK(render(R"({{ printf "%s" $labels.a }}{{ print $labels.a | toLower }})", kHostile, 7) ==
        "{{ .Value }}{{ end }}{{ .value }}{{ end }}");
  CHECK(render("{{ range $labels }}{{ . }}{{ end }}", {{"a", "{{ break }}"}, {"b", "x"}}) ==
        "{{ break }}x");
}

TEST_CASE("a value cannot steer printf, a pattern or a replacement beyond its own text") {
  CHECK(render(R"({{ printf "%s" $labels.d }})", kHostile) == "%d%s%!%[1]d");
  // As a format it can only complain.
  CHECK(render("{{ printf $labels.d }}", kHostile) ==
        "%!d(MISSING)%!s(MISSING)%!!(MISSING)%!d(BADINDEX)");
  CHECK(rendered(R"({{ reReplaceAll $labels.x "" "a" }})", {{"x", "(((("}})
            .error.starts_with("1:4: error calling reReplaceAll: error parsing regexp: "));
  CHECK(render(R"({{ reReplaceAll "a" $labels.x "a" }})", {{"x", "$9${name}$"}}) == "$");
}

TEST_CASE("a quoted value stays inside its quotes") {
  for (const Label& label : kHostile) {
    const std::string text = render(R"({{ printf "%q" $labels.x }})", {{"x", label.value}});
    INFO(text);
    CHECK(text.front() == '"');
    CHECK(text.back() == '"');
    CHECK(text.find_first_of("\n\r\t") == std::string::npos);
    const std::string inner = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < inner.size(); i += inner[i] == '\\' ? 2 : 1) {
      CHECK(inner[i] != '"');
    }
  }
}

TEST_CASE("whatever a value holds, the text is one JSON string on one line") {
  const std::string text =
      render("{{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}{{ $labels }}", kHostile);
  std::string json;
  text::append_json(json, text);
  CHECK(json.find('\n') == std::string::npos);
  CHECK(nlohmann::json::parse(json).is_string());
}

TEST_CASE("invalid UTF-8 goes through every function without harm") {
  const Labels labels{{"x", "a\xff\xe4\xbd"}};
  CHECK(render("{{ $labels.x }}", labels) == "a\xff\xe4\xbd");
  CHECK(render(R"({{ printf "%q %.2s" $labels.x $labels.x }})", labels) ==
        "\"a\\xff\\xe4\\xbd\" a\xff");
  CHECK(render("{{ urlquery $labels.x }}", labels) == "a%FF%E4%BD");
  CHECK(render("{{ toUpper $labels.x | title | stripPort | len }}", labels) == "4");
  CHECK(rendered("{{ humanize $labels.x }}", labels).error ==
        R"(1:4: error calling humanize: "a\xff\xe4\xbd" is not a number)");
}

TEST_CASE("an error that quotes a value has a bound too") {
  const Labels labels{{"x", std::string(10'000, '(')}};
  CHECK(rendered(R"({{ reReplaceAll $labels.x "" "a" }})", labels).error.size() < 320);
  CHECK(rendered("{{ humanize $labels.x }}", labels).error.size() < 320);
}

TEST_CASE("a render has a bound on its bytes and keeps what fits") {
  const Labels labels{{"x", std::string(2 * kMaxOutputBytes, 'x')}};
  const auto whole = rendered("{{ $labels.x }}", labels);
  CHECK(whole.text.size() == kMaxOutputBytes);
  CHECK(whole.error == "1:1: the text is too long");
  const auto shorter = rendered("abc{{ $value }}", {}, 12345, 6);
  CHECK(shorter.text == "abc123");
  CHECK(shorter.error == "1:4: the text is too long");
  CHECK(rendered("ab\u00e9", {}, 0, 3).text == "ab");
  // Nobody can ask for more.
  CHECK(rendered("{{ $labels.x }}", labels, 0, 1 << 30).text.size() == kMaxOutputBytes);
}

TEST_CASE("a value on the way has the same bound") {
  const Labels labels{{"x", std::string(kMaxOutputBytes, 'x')}};
  CHECK(rendered("{{ print $labels.x $labels.x | len }}", labels).error ==
        "1:4: the result of print is too long");
  // Doubling a variable in a loop ends there.
  const auto doubled =
      rendered("{{ $x := \"x\" }}{{ range $labels }}{{ $x = print $x $x }}{{ end }}{{ len $x }}",
               many_labels(60));
  CHECK(doubled.error == "1:43: the result of print is too long");
}

TEST_CASE("a render has a bound on its steps") {
  const std::string nested =
      "{{ range $labels }}{{ range $labels }}{{ range $labels }}{{ range $labels }}"
      "{{ end }}{{ end }}{{ end }}{{ end }}";
  CHECK(test::rendered(nested, many_labels(3)).ok());
  CHECK_THAT(rendered(nested, many_labels(50)).error,
             Catch::EndsWith("the template takes too many steps"));
  std::string wide = "{{ or 0";
  for (std::size_t i = 0; i < templates::kMaxSteps; ++i) {
    wide += " 0";
  }
  CHECK_THAT(rendered(wide + " }}").error, Catch::EndsWith("the template takes too many steps"));
}

TEST_CASE("the scope of an alert has the same under $ and under the dot") {
  const Labels labels{{"name", "web"}};
  const Labels external{{"node", "n1"}};
  const auto scope = templates::alert_scope({labels, 0.5, external, "http://n1"});
  const auto both = test::parsed(
      "{{ $labels.name }} {{ .Labels.name }} {{ $value }} {{ .Value }} {{ $externalLabels.node }} "
      "{{ .ExternalLabels.node }} {{ $externalURL }} {{ .ExternalURL }}");
  CHECK(both.render(scope).text == "web web 0.5 0.5 n1 n1 http://n1 http://n1");
  // One template serves many alerts.
  CHECK(both.render(scope).text == both.render(scope).text);
}
