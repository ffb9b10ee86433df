// An engine that takes over from another one goes on with its windows.
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;
using promql::Engine;

namespace {

void set_both(ScriptedSamples& samples, double value) {
  samples.set("cpu_total", 0, value);
  samples.set("usage", 1, 2 * value);
}

}  // namespace

TEST_CASE("windows go over, shorter and longer ones, with the rows that are still the same") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  samples.add_row({{"id", "/db"}});
  const auto gone = samples.add_row({{"id", "/gone"}});
  Engine old;
  add(old, "rate(cpu_total[8s]) + rate(usage[2s])");
  samples.set("cpu_total", gone, 5);
  for (int i = 0; i < 12; ++i) {
    set_both(samples, i);
    old.append(samples.tick());
  }
  Engine fresh;
  const auto same = add(fresh, "sum_over_time(cpu_total[8s])");
  const auto shorter = add(fresh, "count_over_time(cpu_total{id!=\"/db\"}[4s])");
  const auto longer = add(fresh, "count_over_time(usage[20s])");
  const auto new_name = add(fresh, "count_over_time(other[8s])");
  fresh.take_over(old);
  samples.remove_row(gone);
  REQUIRE(samples.add_row({{"id", "/young"}}) == gone);
  samples.set("cpu_total", gone, 1);
  set_both(samples, 12);
  samples.set("other", 0, 1);
  const Sample& sample = samples.tick();
  fresh.append(sample);
  CHECK(values(fresh, same, sample.time) ==
        Values{{R"({id="/web"})", 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12}, {R"({id="/young"})", 1}});
  CHECK(values(fresh, shorter, sample.time) ==
        Values{{R"({id="/web"})", 4}, {R"({id="/young"})", 1}});
  const double kept = values(fresh, longer, sample.time).at(R"({id="/db"})");
  CHECK(kept >= 3);  // what the shorter window held, and this one
  CHECK(values(fresh, new_name, sample.time) == Values{{R"({id="/web"})", 1}});
  for (int i = 13; i < 40; ++i) {
    set_both(samples, i);
    const Sample& next = samples.tick();
    fresh.append(next);
    CHECK(values(fresh, longer, next.time).at(R"({id="/db"})") == std::min(kept + i - 12, 20.0));
  }
  CHECK(fresh.overruns() == 0);
}

TEST_CASE("what a window took before is free once a shorter one took over") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  set_both(samples, 1);
  Engine large;
  add(large, "rate(cpu_total[1h])");
  large.append(samples.tick());
  Engine small;
  add(small, "rate(cpu_total[10s])");
  small.take_over(large);
  small.append(samples.tick());
  CHECK(small.memory_bytes() < large.memory_bytes() + 100'000);
  CHECK(small.memory_bytes() < 200'000);
}

TEST_CASE("recorded series go over when the rule is the same") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  samples.add_row({{"id", "/db"}});
  const auto build = [](Engine& engine, const std::string& extra) {
    add(engine, "noise * 2");  // other numbers for the same strings
    if (!extra.empty()) {
      add(engine, extra);
    }
    const auto kept = engine.add_record(add(engine, "usage > 3"), {"kept", 1s, {}, 7}, {});
    const auto lost = engine.add_record(add(engine, "usage"), {"lost", 1s, {}, extra.size()}, {});
    return std::pair(kept, lost);
  };
  Engine old;
  const auto [kept, lost] = build(old, "");
  add(old, "rate(kept[5s]) + rate(lost[5s])");
  const auto feed = [&](Engine& engine, auto first, auto second, int i) {
    set_both(samples, i);
    const Sample& sample = samples.tick();
    engine.append(sample);
    CHECK(engine.record(first, sample.time) == "");
    CHECK(engine.record(second, sample.time) == "");
    return sample.time;
  };
  for (int i = 0; i < 5; ++i) {
    feed(old, kept, lost, i);
  }
  Engine fresh;
  const auto [still_kept, still_lost] =
      build(fresh, R"(vector(1) or label_replace(z, "a", "b", "", ""))");
  const auto before = add(fresh, "count_over_time(kept[5s])");
  const auto count_lost = add(fresh, "count_over_time(lost[5s])");
  const auto reader = add(fresh, "kept");
  fresh.take_over(old);
  CHECK(fresh.reads(before, still_kept));
  CHECK_FALSE(fresh.reads(before, still_lost));
  CHECK(values(fresh, before, samples.now()) == Values{{R"({id="/db"})", 3}});
  CHECK(values(fresh, count_lost, samples.now()).empty());
  const Timestamp now = feed(fresh, still_kept, still_lost, 1);
  CHECK(values(fresh, reader, now).empty());  // 2 is not above 3: the series ends
  CHECK(values(fresh, before, now) == Values{{R"({id="/db"})", 3}});
  Timestamp last = now;
  for (int i = 0; i < 10; ++i) {
    last = feed(fresh, still_kept, still_lost, 1);
  }
  CHECK(values(fresh, before, last).empty());
  CHECK(values(fresh, count_lost, last).size() == 1);
}

TEST_CASE("the steps of a subquery go over") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  samples.add_row({{"id", "/db"}});
  const std::string text = "sum_over_time((usage * 2)[5s:1s])";
  Engine old;
  add(old, text);
  for (int i = 0; i < 6; ++i) {
    set_both(samples, i);
    old.append(samples.tick());
  }
  Engine fresh;
  add(fresh, "usage{id=\"/web\"} or vector(3)");
  const auto query = add(fresh, text);
  const auto other = add(fresh, "sum_over_time((usage * 2)[4s:1s])");
  fresh.take_over(old);
  for (int i = 6; i < 20; ++i) {
    set_both(samples, i);
    const Sample& sample = samples.tick();
    fresh.append(sample);
    CHECK(values(fresh, query, sample.time) ==
          Values{{R"({id="/db"})", 4 * (i + i - 1 + i - 2 + i - 3 + i - 4)}});
    CHECK(values(fresh, other, sample.time).size() == 1);
  }
}
