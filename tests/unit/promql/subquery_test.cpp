// Subqueries on a live node: steps on a fixed grid, kept as a window of their own.
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;

TEST_CASE("a subquery sees the values at its steps") {
  OneQuery q("max_over_time(usage[10s:5s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  // Steps are multiples of 5 s; the peak is between two of them.
  const std::vector<double> usage{1, 1, 9, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  std::vector<double> seen;
  for (const double value : usage) {
    q.samples.set("usage", web, value);
    seen.push_back(q.tick().at(R"({id="/web"})"));
  }
  CHECK(seen == std::vector<double>{1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2});
  CHECK(q.tick().at(R"({id="/web"})") == 1);  // (5 s, 15 s]: the step at 5 s has left
}

TEST_CASE("the inner expression keeps no more history than it needs itself") {
  promql::Engine lean;
  add(lean, "max_over_time(rate(cpu_total[2s])[10m:10s])");
  promql::Engine fat;
  add(fat, "rate(cpu_total[10m])");
  ScriptedSamples samples;
  samples.set("cpu_total", samples.add_row({{"id", "/web"}}), 1);
  for (int i = 0; i < 20; ++i) {
    const Sample& sample = samples.tick();
    lean.append(sample);
    fat.append(sample);
  }
  CHECK(lean.memory_bytes() * 4 < fat.memory_bytes());
}

TEST_CASE("a subquery goes on over a late tick") {
  OneQuery q("count_over_time(usage[1m:1s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  q.samples.set("usage", web, 1);
  q.tick();
  CHECK(q.tick(10s).at(R"({id="/web"})") == 11);
}

TEST_CASE("series that only their name keeps apart are told from each other over all steps") {
  OneQuery q("max_over_time((x > 5 or ignoring (k) x * 1)[4s:1s])");
  const auto row = q.samples.add_row({{"id", "/web"}});
  q.samples.set("x", row, 1);  // without its name, by the right side
  CHECK(q.tick().size() == 1);
  q.samples.set("x", row, 9);  // with its name, by the left side
  CHECK(q.error().find("the same labels") != std::string::npos);
}

TEST_CASE("series leave a subquery with their row") {
  OneQuery q("sum_over_time(sum by (id) (usage)[1m:1s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  const auto db = q.samples.add_row({{"id", "/db"}});
  q.samples.set("usage", web, 1);
  q.samples.set("usage", db, 1);
  q.tick();
  CHECK(q.tick().size() == 2);
  q.samples.remove_row(web);
  CHECK(q.tick() == Values{{R"({id="/db"})", 3}});
}

TEST_CASE("a series that the inner expression gives up keeps its past") {
  OneQuery q("count_over_time((usage > 1)[1m:1s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  for (const double value : {2.0, 0.0, 3.0}) {
    q.samples.set("usage", web, value);
    q.tick();
  }
  CHECK(q.tick().at(R"({id="/web"})") == 3);
}

TEST_CASE("subqueries nest") {
  OneQuery q("max_over_time(sum_over_time(usage[2s:1s])[4s:1s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  Values last;
  for (const double value : {1.0, 5.0, 6.0, 1.0, 1.0}) {
    q.samples.set("usage", web, value);
    last = q.tick();
  }
  CHECK(last.at(R"({id="/web"})") == 11);
}

TEST_CASE("with a history steps are worked out for any moment") {
  promql::EngineOptions options;
  options.history = 1h;
  promql::Engine engine(options);
  const auto query = add(engine, "sum_over_time(usage[3s:1s])");
  ScriptedSamples samples;
  const auto web = samples.add_row({{"id", "/web"}});
  for (int i = 0; i < 10; ++i) {
    samples.set("usage", web, i);
    engine.append(samples.tick());
  }
  const auto sum_at = [&](Duration after) {
    return values(engine, query, kFirstTick + after).at(R"({id="/web"})");
  };
  CHECK(sum_at(9s) == 24);
  CHECK(sum_at(4s) == 9);
  CHECK(sum_at(5s) == 12);
  CHECK(sum_at(9s) == 24);
}
