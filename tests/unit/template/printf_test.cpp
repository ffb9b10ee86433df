// Tests template/printf: verbs, flags and Go's complaints inside of the text. What the golden file
// compares with Prometheus is not repeated.
#include "template/printf.h"

#include <string>
#include <vector>

#include "support/catch.h"

using namespace cgsentry;
using templates::Value;

namespace {

constexpr std::size_t kPlenty = 1 << 20;

std::string print(std::string_view format, const std::vector<Value>& arguments = {}) {
  return templates::go_printf(format, arguments, kPlenty);
}

Value integer(std::int64_t number) {
  return Value(number);
}

}  // namespace

TEST_CASE("floats take the verbs of floats") {
  CHECK(print("%.1f|%.0f|%.3g|%.2e", {Value(2.25), Value(0.5), Value(1234.5), Value(1234.5)}) ==
        "2.2|0|1.23e+03|1.23e+03");
  CHECK(print("%6.2f|%-7.1f|%07.2f|%+.1f", {Value(3.14159), Value(2.5), Value(-1.5), Value(1.5)}) ==
        "  3.14|2.5    |-001.50|+1.5");
  CHECK(print("%d", {Value(1.5)}) == "%!d(float64=1.5)");
  CHECK(print("%s", {Value(1.5)}) == "%!s(float64=1.5)");
}

TEST_CASE("integers take the verbs of integers, to the smallest one") {
  CHECK(print("%d|%x|%o|%b", {integer(-5), integer(-255), integer(8), integer(5)}) ==
        "-5|-ff|10|101");
  CHECK(print("%d", {integer(INT64_MIN)}) == "-9223372036854775808");
  CHECK(print("%c%c", {integer(0x1F6A2), integer(-1)}) == "\U0001F6A2\uFFFD");
  CHECK(print("%f", {integer(3)}) == "%!f(int=3)");
}

TEST_CASE("strings are measured in runes and quoted as Go does") {
  CHECK(print("%4s|%-4s|%.1s", {Value("\u00e9"), Value("\u00e9"), Value("\u00e9a")}) ==
        "   \u00e9|\u00e9   |\u00e9");
  CHECK(print("%q|%x", {Value("a\"\n"), Value("\xff"
                                              "a")}) == "\"a\\\"\\n\"|ff61");
  CHECK(print("%t", {Value("true")}) == "%!t(string=true)");
}

TEST_CASE("a format that does not fit its arguments says so in the text") {
  CHECK(print("%d %d", {integer(1)}) == "1 %!d(MISSING)");
  CHECK(print("a", {integer(1), Value("x")}) == "a%!(EXTRA int=1, string=x)");
  CHECK(print("%", {}) == "%!(NOVERB)");
  CHECK(print("100%% %!", {}) == "100% %!!(MISSING)");
  CHECK(print("%[3]d %[x]d", {integer(1)}) == "%!d(BADINDEX) %!d(BADINDEX)");
  CHECK(print("%v", {Value()}) == "<nil>");
  CHECK(print("%d", {Value()}) == "%!d(<nil>)");
}

TEST_CASE("widths and precisions have a bound") {
  CHECK(print("%1000s", {Value("a")}).size() == 1000);
  CHECK(print("%1001s", {Value("a")}) == "%!(BADWIDTH)a");
  CHECK(print("%99999999999999999999d", {integer(1)}) == "%!(BADWIDTH)1");
  CHECK(print("%.2000f", {Value(1.5)}).starts_with("%!(BADPREC)"));
  CHECK(print("%*d", {integer(INT64_MIN), integer(1)}) == "%!(BADWIDTH)1");
  CHECK(print("%*d", {Value("x"), integer(1)}) == "%!(BADWIDTH)1");
}

TEST_CASE("the output stops soon after its bound") {
  std::string format;
  for (int i = 0; i < 1000; ++i) {
    format += "%1000d";
  }
  const std::vector<Value> arguments(1000, integer(1));
  CHECK(templates::go_printf(format, arguments, 5000).size() <= 6000);
  const std::vector<Value> texts(1000, Value(std::string(1000, 'x')));
  CHECK(templates::go_print(texts, 5000).size() <= 7000);
  CHECK(templates::go_println(texts, 5000).size() <= 7000);
}

TEST_CASE("print puts a space between two that are no strings") {
  CHECK(templates::go_print(std::vector{integer(1), Value(2.5), Value("a"), Value("b")}, kPlenty) ==
        "1 2.5a"
        "b");
  CHECK(templates::go_println(std::vector{Value("a"), integer(1)}, kPlenty) == "a 1\n");
}
