// Tests template/text_functions: replacing as Go's regexp does, hosts and escapes.
#include "template/text_functions.h"

#include <string>

#include "support/catch.h"

using namespace cgsentry::templates;

namespace {

std::string replace(std::string_view pattern, std::string_view replacement, std::string_view text) {
  const auto replaced = replace_all(pattern, replacement, text, 1 << 20);
  REQUIRE(replaced);
  return *replaced;
}

}  // namespace

TEST_CASE("a replacement names groups by number and by name, the longest name first") {
  CHECK(replace("(a)(b)", "$2$1", "xabx") == "xbax");
  CHECK(replace("(?P<word>b+)", "<${word}>", "abbc") == "a<bb>c");
  CHECK(replace("(a)", "$1x", "a") == "");  // the group "1x", which does not exist
  CHECK(replace("(a)", "${1}x", "a") == "ax");
  CHECK(replace("a", "$$1 $ ${", "a") == "$1 $ ${");
  CHECK(replace("(a)|(b)", "[$2]", "ab") == "[][b]");
  CHECK(replace("a", "\\1", "a") == "\\1");
}

TEST_CASE("empty matches count once, and not behind a match") {
  CHECK(replace("b*", "-", "abbc") == "-a-c-");
  CHECK(replace("", "-", "\u00e9a") == "-\u00e9-a-");
  CHECK(replace("x*", "-", "") == "-");
  CHECK(replace("^", ">", "a\nb") == ">a\nb");
}

TEST_CASE("a bad pattern is an error, not an exception") {
  CHECK(replace_all("(", "", "a", 100).error().starts_with("error parsing regexp: "));
  CHECK(matches("[", "a").error().starts_with("error parsing regexp: "));
  CHECK_FALSE(replace_all("(a)\\1", "", "aa", 100));  // RE2 has no back references
}

TEST_CASE("replacing stops soon after its bound") {
  const auto replaced = replace_all("a", std::string(1000, 'x'), std::string(10'000, 'a'), 5000);
  REQUIRE(replaced);
  CHECK(replaced->size() < 5000 + 1000 + 10'000);
}

TEST_CASE("a pattern takes text that is no UTF-8") {
  CHECK(replace("b", "x",
                "\xff"
                "b\xfe") ==
        "\xff"
        "x\xfe");
  CHECK(matches("b",
                "\xff"
                "b")
            .value());
}

TEST_CASE("ports and domains are cut from what is a host") {
  CHECK(strip_port("web:80") == "web");
  CHECK(strip_port("[::1]:80") == "::1");
  CHECK(strip_port("::1") == "::1");
  CHECK(strip_port("[::1") == "[::1");
  CHECK(strip_domain("web.example.org:80") == "web:80");
  CHECK(strip_domain("10.0.0.1:80") == "10.0.0.1:80");
  CHECK(strip_domain("[::1]:80") == "[::1]:80");
  CHECK(strip_domain("") == "");
}

TEST_CASE("case changes touch ASCII only") {
  CHECK(to_upper("stra\u00dfe") == "STRA\u00dfE");
  CHECK(to_lower("\u00c9A") == "\u00c9a");
  CHECK(title("hello big-world") == "Hello Big-World");
}

TEST_CASE("html and urlquery escape what is theirs") {
  CHECK(escape_html("<a b=\"c\">'&") == "&lt;a b=&#34;c&#34;&gt;&#39;&amp;");
  CHECK(escape_query("a b&c/\u00e9~") == "a+b%26c%2F%C3%A9~");
}
