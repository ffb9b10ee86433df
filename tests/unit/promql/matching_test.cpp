// Operators between vectors: which series meet, what labels come out, and what is an error.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;

namespace {

/// limit{id,pod}, usage{id,pod}, owner{pod,team}: two containers of pod p, one of pod q.
struct Fleet {
  Fleet() {
    const auto add = [&](const std::string& id, const std::string& pod, double usage,
                         double limit) {
      const auto row = samples.add_row({{"id", id}, {"pod", pod}});
      samples.set("usage", row, usage);
      samples.set("limit", row, limit);
    };
    add("a", "p", 1, 10);
    add("b", "p", 2, 4);
    add("c", "q", 3, 3);
    for (const auto& [pod, team] : {std::pair{"p", "red"}, std::pair{"q", "blue"}}) {
      samples.set("owner", samples.add_row({{"pod", pod}, {"team", team}}), 1);
    }
  }
  ScriptedSamples samples;
};

std::string failure(const std::string& text) {
  Fleet fleet;
  promql::Engine engine;
  const auto query = add(engine, text);
  engine.append(fleet.samples.tick());
  return engine.evaluate(query, fleet.samples.now()).error;
}

Values result(const std::string& text) {
  Fleet fleet;
  return at_once(text, fleet.samples);
}

}  // namespace

TEST_CASE("arithmetic joins equal labels and drops the name") {
  CHECK(result("usage / limit") == Values{{R"({id="a", pod="p"})", 0.1},
                                          {R"({id="b", pod="p"})", 0.5},
                                          {R"({id="c", pod="q"})", 1}});
}

TEST_CASE("a comparison filters the left side and keeps its name") {
  CHECK(result("usage >= limit") == Values{{R"(usage{id="c", pod="q"})", 3}});
  CHECK(result("limit <= usage") == Values{{R"(limit{id="c", pod="q"})", 3}});
  CHECK(result("usage >= bool limit").at(R"({id="a", pod="p"})") == 0);
  CHECK(result("2 < usage") == Values{{R"(usage{id="c", pod="q"})", 3}});
  CHECK(result("usage > bool 2").at(R"({id="c", pod="q"})") == 1);
}

TEST_CASE("on and ignoring choose what is compared") {
  CHECK(result("usage + on (id) limit").at(R"({id="a"})") == 11);
  CHECK(result("usage + ignoring (pod) limit").at(R"({id="a"})") == 11);
  CHECK(result("usage > on (id) limit * 0.6") == Values{{R"({id="c"})", 3}});
}

TEST_CASE("group_left keeps the many side and takes labels from the other") {
  CHECK(result("usage * on (pod) group_left (team) owner") ==
        Values{{R"({id="a", pod="p", team="red"})", 1},
               {R"({id="b", pod="p", team="red"})", 2},
               {R"({id="c", pod="q", team="blue"})", 3}});
  CHECK(
      result("owner * on (pod) group_right (team) usage").at(R"({id="c", pod="q", team="blue"})") ==
      3);
  CHECK(result("usage * on (pod) group_left owner").at(R"({id="a", pod="p"})") == 1);
}

TEST_CASE("ambiguous matches are errors that say where") {
  CHECK_THAT(failure("owner * on (pod) usage"), Catch::Contains("duplicate series") &&
                                                    Catch::Contains("right") &&
                                                    Catch::Contains(R"(pod="p")"));
  CHECK_THAT(failure("usage * on (pod) owner"), Catch::Contains("group_left"));
  CHECK_THAT(failure(R"({__name__=~"usage|limit"} * 2)"), Catch::Contains("same labels"));
}

TEST_CASE("set operators look at labels only") {
  CHECK(result("usage and limit > 3").size() == 2);
  CHECK(result("usage unless limit > 3") == Values{{R"(usage{id="c", pod="q"})", 3}});
  CHECK(result("usage and on (pod) owner{team=\"blue\"}").size() == 1);
  CHECK(result("usage > 2 or limit > 5") ==
        Values{{R"(usage{id="c", pod="q"})", 3}, {R"(limit{id="a", pod="p"})", 10}});
}

TEST_CASE("a union goes on through other operators") {
  CHECK(result("(usage > 2 or limit > 5) * 2") ==
        Values{{R"({id="c", pod="q"})", 6}, {R"({id="a", pod="p"})", 20}});
  CHECK(result("sum(usage > 2 or limit > 5)") == Values{{"{}", 13}});
  CHECK(result("sum by (pod) (usage or owner)").at(R"({pod="p"})") == 4);
}

TEST_CASE("pairs are looked up anew when one side becomes another series") {
  OneQuery q("usage * on (pod) group_left (team) owner");
  q.samples.set("usage", q.samples.add_row({{"id", "a"}, {"pod", "p"}}), 2);
  const auto owner = q.samples.add_row({{"pod", "p"}, {"team", "red"}});
  q.samples.set("owner", owner, 1);
  CHECK(q.tick() == Values{{R"({id="a", pod="p", team="red"})", 2}});
  q.samples.remove_row(owner);
  REQUIRE(q.samples.add_row({{"pod", "p"}, {"team", "blue"}}) == owner);
  q.samples.set("owner", owner, 1);
  CHECK(q.tick() == Values{{R"({id="a", pod="p", team="blue"})", 2}});
}

TEST_CASE("pairs that are remembered are those that a new engine would find") {
  const std::string text =
      GENERATE("usage / on (pod) group_left limit", "limit - on (pod) group_right usage",
               "usage > bool on (pod) group_left limit", "usage{first=\"yes\"} / on (pod) limit");
  CAPTURE(text);
  constexpr std::size_t kPods = 10;
  constexpr std::size_t kRows = 80;  // more than a block; the first are limits, the rest usages
  OneQuery q(text, kRows);
  std::mt19937 random(1);  // NOLINT: the same churn every time
  std::vector<std::string> pods;
  for (std::size_t i = 0; i < kRows; ++i) {
    const bool first = i >= kPods && i < 2 * kPods;
    pods.push_back(std::to_string(i % kPods));
    q.samples.add_row({{"id", std::to_string(i)}, {"pod", pods[i]}, {"first", first ? "yes" : ""}});
  }
  for (int tick = 0; tick < 60; ++tick) {
    // Two change places: the same rows have values, but of other series.
    const std::size_t base = random() % 3 * kPods;
    const std::size_t a = base + random() % kPods;
    const std::size_t b = base + random() % kPods;
    std::swap(pods[a], pods[b]);
    for (const std::size_t i : {a, b}) {
      q.samples.remove_row(i);
      const bool first = i >= kPods && i < 2 * kPods;
      q.samples.add_row({{"id", std::to_string(i) + "," + std::to_string(tick)},
                         {"pod", pods[i]},
                         {"first", first ? "yes" : ""}});
    }
    for (std::size_t i = 0; i < kRows; ++i) {
      const auto value = static_cast<double>(random() % 100);
      q.samples.set(i < kPods ? "limit" : "usage", i, value);
    }
    if (random() % 4 == 0) {
      q.samples.clear(random() % 2 == 0 ? "limit" : "usage", random() % kRows);
    }
    const Sample& sample = q.samples.tick();
    q.engine.append(sample);
    promql::Engine fresh;
    const promql::QueryId query = add(fresh, text);
    fresh.append(sample);
    CHECK(values(q.engine, q.query, sample.time) == values(fresh, query, sample.time));
  }
}
