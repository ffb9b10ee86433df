// Tests base/text: nothing that a container can put in its name breaks a line or a terminal.
#include "base/text.h"

#include <nlohmann/json.hpp>
#include <string>

#include "support/catch.h"

namespace text = cgsentry::text;

TEST_CASE("clean keeps ordinary UTF-8 as it is") {
  CHECK(text::clean("web-1") == "web-1");
  CHECK(text::clean("容器 naïve 🚢") == "容器 naïve 🚢");
}

TEST_CASE("clean replaces control characters, escapes and bidirectional overrides") {
  CHECK(text::clean("a\x1b[31mb") == "a\uFFFD[31mb");
  CHECK(text::clean("a\nb\tc\x7f") == "a\uFFFDb\uFFFDc\uFFFD");
  CHECK(text::clean("a\u0085b") == "a\uFFFDb");
  CHECK(text::clean("user\u202Etxt.exe") == "user\uFFFDtxt.exe");
  CHECK(text::clean("a\u2028b") == "a\uFFFDb");
}

TEST_CASE("clean replaces bytes that are not UTF-8") {
  CHECK(text::clean("\xff") == "\uFFFD");
  CHECK(text::clean("\xc0\xaf") == "\uFFFD\uFFFD");                      // overlong '/'
  CHECK(text::clean("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");            // surrogate
  CHECK(text::clean("\xf4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // above U+10FFFF
  CHECK(text::clean("ab\xe4\xbd") == "ab\uFFFD\uFFFD");                  // cut short
}

TEST_CASE("clean cuts long names so that different ones stay different") {
  const std::string common(4000, 'x');
  const std::string first = text::clean(common + "1");
  const std::string second = text::clean(common + "2");
  CHECK(first.size() == text::kMaxLabelBytes);
  CHECK(first != second);
  CHECK(text::clean(first) == first);
}

TEST_CASE("clean never cuts inside a code point") {
  std::string name;
  while (name.size() < 300) {
    name += "容";
  }
  CHECK(text::clean(text::clean(name)) == text::clean(name));
  CHECK(text::clean(name).find("\uFFFD") == std::string::npos);
}

TEST_CASE("append_json writes one valid JSON string on one line for every byte") {
  for (int first = 0; first < 256; ++first) {
    for (const int second : {0x22, 0x5c, 0x6e, 0x80, 0xff, 0x0a}) {
      const std::string raw{static_cast<char>(first), static_cast<char>(second)};
      std::string out;
      text::append_json(out, raw);
      CHECK(out.find('\n') == std::string::npos);
      CHECK(nlohmann::json::parse(out).get<std::string>() == text::clean(raw));
    }
  }
}
