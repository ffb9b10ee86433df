// Tests sink/json_line: the alert line is one valid line, and its fields are the contract.
#include "sink/json_line.h"

#include <clocale>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "support/catch.h"
#include "support/golden.h"
#include "support/transitions.h"

using namespace cgsentry;
using nlohmann::json;

namespace {

std::string line_of(const Transition& transition) {
  std::string line = "left over from the line before";
  sink::write_json_line(transition, line);
  return line;
}

/// Parses, after checking what must hold for every line.
json parse(const Transition& transition) {
  const std::string line = line_of(transition);
  REQUIRE(line.size() <= sink::kMaxLineBytes);
  REQUIRE(line.find('\n') == line.size() - 1);
  for (const char c : line.substr(0, line.size() - 1)) {
    REQUIRE(static_cast<unsigned char>(c) >= 0x20);
  }
  return json::parse(line);
}

}  // namespace

TEST_CASE("a firing line is as in the golden file") {
  const std::string line = line_of(test::firing());
  CHECK(line == test::golden("sink/firing.jsonl", line));
}

TEST_CASE("a resolved line is as in the golden file") {
  const std::string line = line_of(test::resolved());
  CHECK(line == test::golden("sink/resolved.jsonl", line));
}

TEST_CASE("a line of a gone container, degraded and unjournaled, is as in the golden file") {
  Transition transition = test::resolved();
  transition.alert.reason = ResolveReason::gone;
  transition.alert.degraded = true;
  transition.alert.evidence.clear();
  transition.unjournaled = true;
  const std::string line = line_of(transition);
  CHECK(line == test::golden("sink/gone_degraded.jsonl", line));
}

TEST_CASE("a line has an end and a reason only when the alert is resolved") {
  CHECK_FALSE(parse(test::firing()).contains("endsAt"));
  CHECK_FALSE(parse(test::firing()).contains("reason"));
  CHECK(parse(test::resolved()).at("endsAt") == "2026-11-24T12:01:30.250Z");
  CHECK(parse(test::resolved()).at("reason") == "cleared");
}

TEST_CASE("hostile names come back as the sanitizer's text, on one line") {
  const auto [name, expected] = GENERATE(table<std::string, std::string>({
      {"a\"b\\c", "a\"b\\c"},
      {"a\nb\r", "a\uFFFDb\uFFFD"},
      {"\x1b[2J\x1b]0;x\x07", "\uFFFD[2J\uFFFD]0;x\uFFFD"},
      {"\xff\xfe{}", "\uFFFD\uFFFD{}"},
      {"a\u2028b\u202Ec", "a\uFFFDb\uFFFDc"},
      {"}],\"status\":\"resolved\"", "}],\"status\":\"resolved\""},
  }));
  Transition transition = test::firing();
  transition.alert.labels.set("name", name);
  transition.alert.annotations.set("summary", name);
  transition.alert.generator_url = name;
  transition.node = name;
  transition.key = name;
  const json line = parse(transition);
  CHECK(line.at("labels").at("name") == expected);
  CHECK(line.at("annotations").at("summary") == expected);
  CHECK(line.at("generatorURL") == expected);
  CHECK(line.at("node") == expected);
  CHECK(line.at("key") == expected);
  CHECK(line.at("status") == "firing");
}

TEST_CASE("a hostile label name cannot add fields") {
  Transition transition = test::firing();
  transition.alert.labels.set("x\":1},\"status\":\"resolved\n", "v");
  CHECK(parse(transition).at("status") == "firing");
}

TEST_CASE("a name of 4,000 bytes is cut and still tells apart") {
  Transition first = test::firing(std::string(3999, 'x') + "1");
  Transition second = test::firing(std::string(3999, 'x') + "2");
  const std::string cut = parse(first).at("labels").at("name");
  CHECK(cut.size() == 1024);
  CHECK(parse(second).at("labels").at("name") != cut);
}

TEST_CASE("a value that JSON has no number for is a string, every other one comes back exactly") {
  Transition transition = test::firing();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [value, expected] :
       {std::pair<double, json>{std::numeric_limits<double>::quiet_NaN(), "NaN"},
        {infinity, "+Inf"},
        {-infinity, "-Inf"}}) {
    transition.alert.value = value;
    CHECK(parse(transition).at("value") == expected);
  }
  for (const double value : {0.0, -0.0, 0.1, 5.0, 1e300, 5e-324, 1.7976931348623157e308, -2.5e-7}) {
    transition.alert.value = value;
    CHECK(parse(transition).at("value").get<double>() == value);
  }
}

TEST_CASE("a locale with a decimal comma changes nothing") {
  const std::string before = line_of(test::firing());
  const std::string old = std::setlocale(LC_ALL, nullptr);
  // Not installed everywhere; the line must be the same either way.
  std::setlocale(LC_ALL, "de_DE.UTF-8");
  const std::string during = line_of(test::firing());
  std::setlocale(LC_ALL, old.c_str());
  CHECK(during == before);
}

TEST_CASE("evidence is put in as an object on one line") {
  Transition transition = test::firing();
  transition.alert.evidence = "{\n  \"culprit\": \"b\xc3\xa9\\u001b\\n\"\n}";
  CHECK(parse(transition).at("evidence").at("culprit") == "b\u00e9\x1b\n");
}

TEST_CASE("evidence that is no JSON object or longer than 4 KB is left out, and the line says so") {
  std::string grows_when_escaped = "{\"a\":\"";
  for (int i = 0; i < 1500; ++i) {
    grows_when_escaped += "\u00e9";
  }
  grows_when_escaped += "\"}";
  REQUIRE(grows_when_escaped.size() < sink::kMaxEvidenceBytes);
  const std::string evidence = GENERATE_COPY(
      std::string("{\"a\":"), std::string("[1]"), std::string("{}}"), std::string("x\n"),
      "{\"a\":\"" + std::string(5000, 'x') + "\"}", grows_when_escaped, std::string(4000, '['));
  Transition transition = test::firing();
  transition.alert.evidence = evidence;
  const json line = parse(transition);
  CHECK_FALSE(line.contains("evidence"));
  CHECK(line.at("truncated") == true);
}

TEST_CASE("deeply nested evidence is taken without harm") {
  std::string evidence;
  for (int i = 0; i < 600; ++i) {
    evidence += "{\"a\":";
  }
  evidence += "1" + std::string(600, '}');
  Transition transition = test::firing();
  transition.alert.evidence = evidence;
  CHECK(parse(transition).contains("evidence"));
}

TEST_CASE("a line that gets too long loses annotations before labels, and says so") {
  Transition transition = test::firing();
  for (int i = 0; i < 10; ++i) {
    transition.alert.annotations.set("note" + std::to_string(i), std::string(4000, 'y'));
  }
  const json line = parse(transition);
  CHECK(line.at("labels").at("name") == "web");
  CHECK(line.at("annotations").at("summary") == "Container web uses 93% of its CPU limit");
  CHECK(line.at("annotations").at("note0").get<std::string>().size() == 256);
  CHECK_FALSE(line.contains("evidence"));
  CHECK(line.at("truncated") == true);
}

TEST_CASE("no set of labels makes a line longer than its bound") {
  Transition transition = test::firing();
  transition.node = std::string(4000, '"');
  transition.key = std::string(4000, '\\');
  transition.alert.generator_url = std::string(4000, '"');
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(1000 + i);
    transition.alert.labels.set(number + std::string(4000, '"'), std::string(4000, '\\'));
    transition.alert.annotations.set(number, std::string(4000, '"'));
  }
  const json line = parse(transition);
  CHECK(line.at("truncated") == true);
  CHECK(line.at("fingerprint").get<std::string>().size() == 16);
}
