// Tests template/go_text: the bytes of Go's strconv.
#include "template/go_text.h"

#include <cmath>
#include <limits>
#include <string>

#include "support/catch.h"

using namespace cgsentry::templates;

TEST_CASE("the shortest digits give the same number back") {
  for (const double value : {0.1, 1.0 / 3, 93.25, 5e-324, 1.7976931348623157e308, -123456789.125}) {
    CHECK(parse_float(format_float(value, 'g', -1)) == value);
    CHECK(parse_float(format_float(value, 'e', -1)) == value);
    CHECK(parse_float(format_float(value, 'x', -1)) == value);
  }
  CHECK(format_float(-0.0, 'g', -1) == "-0");
  CHECK(format_float(0.0001, 'g', -1) == "0.0001");
  CHECK(format_float(0.00001, 'g', -1) == "1e-05");
}

TEST_CASE("numbers are read as Go reads them, to the last byte") {
  CHECK(parse_float("1e3") == 1000.0);
  CHECK(parse_float("+.5") == 0.5);
  CHECK(parse_float("-infinity") == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(parse_float("NaN").value()));
  CHECK(parse_float("0x1p-2") == 0.25);
  for (const std::string text : {"", " 1", "1 ", "1,5", "--1", "+-1", "1e", "0x10", "1_000", "infi",
                                 "nan(1)", "1e999", "1\n", "१"}) {
    INFO(text);
    CHECK_FALSE(parse_float(text));
  }
}

TEST_CASE("a quoted text has no control, no quote and no byte that is not UTF-8") {
  CHECK(quote("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quote("a\nb\t\x1b[31m\x7f") == R"("a\nb\t\x1b[31m\x7f")");
  CHECK(quote("\xff\xc0\xaf") == R"("\xff\xc0\xaf")");
  CHECK(quote("\u00e9\u202e\u00ad") == "\"\u00e9\\u202e\\u00ad\"");
  CHECK(quote(std::string_view("\0", 1)) == R"("\x00")");
}

TEST_CASE("invalid bytes are one rune each") {
  CHECK(count_runes("a\u00e9\U0001F6A2") == 3);
  CHECK(count_runes("\xff\xfe") == 2);
  CHECK(count_runes("\xe4\xbd") == 2);          // cut short
  CHECK(count_runes("\xed\xa0\x80") == 3);      // surrogate
  CHECK(count_runes("\xf4\x90\x80\x80") == 4);  // above U+10FFFF
  CHECK(front_rune("\u00e9x").bytes == 2);
  CHECK_FALSE(front_rune("\xc0\xaf").valid);
}

TEST_CASE("a cut is never inside of a code point") {
  CHECK(cut("abc", 3) == "abc");
  CHECK(cut("abc", 2) == "ab");
  CHECK(cut("a\u00e9", 2) == "a");
  CHECK(cut("\U0001F6A2", 3) == "");
  CHECK(cut("abc", 0) == "");
  // What is not UTF-8 is cut anywhere, so that nothing is shortened to nothing.
  CHECK(cut(std::string(100, '\x80'), 50).size() >= 47);
}
