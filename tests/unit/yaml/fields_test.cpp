// Typed fields: defaults stay, mistakes are collected with their places.
#include "yaml/fields.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::yaml;
using namespace std::chrono_literals;

namespace {

struct Reading {
  explicit Reading(std::string_view text) : node(*load(text, "f.yaml")), fields(node, mistakes) {}

  std::vector<std::string> told() {
    std::vector<std::string> all;
    for (const Mistake& mistake : mistakes.all()) {
      all.push_back(mistake.to_string());
    }
    return all;
  }

  Node node;
  Mistakes mistakes{"f.yaml"};
  Fields fields;
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("fields that are there are read, the others keep their defaults") {
  Reading r(
      "name: web\nwait: 1m30s\ncount: 7\non: true\nlist: [a, b]\nlabels: {x: y, z: 1}\nno:\n");
  std::string name = "default";
  std::string other = "default";
  std::string null = "default";
  Duration wait{};
  std::uint64_t count = 0;
  bool on = false;
  std::vector<std::string> list;
  std::map<std::string, std::string> labels;
  r.fields.text("name", name);
  r.fields.text("other", other);
  r.fields.text("no", null);
  r.fields.duration("wait", wait, 1s, 1h);
  r.fields.integer("count", count, 1, 10);
  r.fields.boolean("on", on);
  r.fields.texts("list", list);
  r.fields.text_map("labels", labels);
  r.fields.finish();
  CHECK(r.told().empty());
  CHECK(name == "web");
  CHECK(other == "default");
  CHECK(null == "default");
  CHECK(wait == 90s);
  CHECK(count == 7);
  CHECK(on);
  CHECK(list == Told{"a", "b"});
  CHECK(labels == std::map<std::string, std::string>{{"x", "y"}, {"z", "1"}});
}

TEST_CASE("each wrong value is a mistake at its place, and the default stays") {
  Reading r("count: 11\nwait: 5\non: yes\nname: [x]\nlist: x\n");
  std::uint64_t count = 3;
  Duration wait = 2s;
  bool on = false;
  std::string name;
  std::vector<std::string> list;
  r.fields.integer("count", count, 1, 10);
  r.fields.duration("wait", wait, 1s, 1h);
  r.fields.boolean("on", on);
  r.fields.text("name", name);
  r.fields.texts("list", list);
  CHECK(r.told() == Told{"f.yaml:1:8: `count` must be a whole number from 1 to 10, not `11`",
                         "f.yaml:2:7: `wait` must be a duration from 1s to 1h, not `5`",
                         "f.yaml:3:5: `on` must be true or false, not `yes`",
                         "f.yaml:4:7: `name` must be a text", "f.yaml:5:7: `list` must be a list"});
  CHECK(count == 3);
  CHECK(wait == 2s);
}

TEST_CASE("an unknown key is told with the one that was probably meant") {
  Reading r("intervall: 1s\nzzz: 1\n");
  Duration interval = 1s;
  r.fields.duration("interval", interval, 1s, 1h);
  r.fields.finish();
  CHECK(r.told() == Told{"f.yaml:1:1: unknown key `intervall`, did you mean `interval`?",
                         "f.yaml:2:1: unknown key `zzz`"});
}

TEST_CASE("a required key that is absent, and a map that is none, are mistakes") {
  Reading r("a: 1\n");
  CHECK(r.fields.require("b") == nullptr);
  CHECK(r.told() == Told{"f.yaml:1:1: key `b` is missing"});
  Reading list("- 1\n");
  CHECK(list.told() == Told{"f.yaml:1:1: expected a map of keys and values"});
}

TEST_CASE("a foreign byte in a key cannot steer a terminal") {
  Reading r("\"a\\x1b[31m\": 1\n");
  r.fields.finish();
  REQUIRE(r.told().size() == 1);
  CHECK(r.told()[0].find('\x1b') == std::string::npos);
}

TEST_CASE("behind a hundred mistakes the rest is not told") {
  Mistakes mistakes("f.yaml");
  for (std::uint32_t line = 1; line <= kMaxMistakes; ++line) {
    mistakes.add(line, 1, "bad");
  }
  CHECK_THROWS_AS(mistakes.add(7'000, 3, "bad"), Mistakes::TooMany);
  REQUIRE(mistakes.all().size() == kMaxMistakes + 1);
  CHECK(mistakes.all().back().to_string() == "f.yaml:7000:3: there are more mistakes from here on");
}
