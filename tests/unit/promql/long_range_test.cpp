// Ranges of hours and days: what loads, what it costs, and what stays over churn and a reload.
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;
using promql::Engine;
using promql::EngineOptions;

namespace {

/// [1m] lives in six buckets.
EngineOptions small_tiers() {
  EngineOptions options;
  options.exact_samples = 8;
  options.range_buckets = 6;
  return options;
}

std::optional<promql::ParseError> refusal(const std::string& text) {
  Engine engine;
  const auto query = engine.add(*promql::parse(text));
  return query ? std::nullopt : std::optional(query.error());
}

std::size_t bytes_of(const std::string& expression, std::size_t rows, Duration step, int ticks) {
  ScriptedSamples samples(rows);
  Engine engine;
  const auto query = add(engine, expression);
  for (std::size_t row = 0; row < rows; ++row) {
    samples.add_row({{"id", std::to_string(row)}});
  }
  std::size_t found = 0;
  for (int tick = 0; tick < ticks; ++tick) {
    for (std::size_t row = 0; row < rows; ++row) {
      samples.set("x_total", row, tick);
    }
    const Sample& sample = samples.tick(step);
    engine.append(sample);
    found = engine.evaluate(query, sample.time).elements.size();
  }
  CHECK(found == rows);
  CHECK(engine.overruns() == 0);
  return engine.memory_bytes();
}

}  // namespace

TEST_CASE("ranges of days load on a live node, and their memory is bounded") {
  constexpr std::size_t kRows = 1'000;
  const std::size_t plain = bytes_of("increase(x_total[1m])", kRows, 1s, 20);
  const auto bytes = [&](const std::string& expression) {
    const std::size_t all = bytes_of(expression, kRows, 12h, 20);
    INFO(expression << ": " << all << " bytes");
    CHECK(all < plain + 30'000 * kRows);
    return all;
  };
  CHECK(bytes("avg_over_time(x_total[7d])") < 6'000'000);
  CHECK(bytes("increase(x_total[7d])") < 14'000'000);
  CHECK(bytes("predict_linear(x_total[7d], 3600)") < 14'000'000);
  CHECK(bytes("last_over_time(x_total[7d])") < 1'000'000);
}

TEST_CASE("memory of a long range is fixed once it was filled, however rows come and go") {
  ScriptedSamples samples(4);
  Engine engine(small_tiers());
  const auto query = add(engine, "increase(x_total[1m])");
  const auto churn = [&](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      static int id = 0;
      const auto row = samples.add_row({{"id", std::to_string(++id)}});
      samples.set("x_total", row, 1);
      engine.append(samples.tick());
      samples.set("x_total", row, 3);
      const Sample& sample = samples.tick();
      engine.append(sample);
      CHECK(engine.evaluate(query, sample.time).elements.size() == 1);
      samples.remove_row(row);
      engine.append(samples.tick());
    }
  };
  churn(50);
  const std::size_t before = engine.memory_bytes();
  churn(300);
  CHECK(engine.memory_bytes() <= before + 1'000);
}

TEST_CASE("what needs every sample of a long range is refused with its place") {
  CHECK(refusal("1 + quantile_over_time(0.9,\n usage[7d])") ==
        promql::ParseError{2, 2,
                           "quantile_over_time() needs every sample of its range, and this looks "
                           "back further than 90000 samples, which is the limit"});
  CHECK(refusal("quantile_over_time(0.9, usage[6h])") == std::nullopt);
  CHECK(refusal("rate(cpu_total[7d])") == std::nullopt);
  CHECK(refusal("absent_over_time(usage[30d])") == std::nullopt);
  CHECK(refusal("rate(cpu_total[1h] offset 7d)").value_or(promql::ParseError{}).column == 6);
}

TEST_CASE("absent_over_time of a long range") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  samples.add_row({{"id", "/db"}});
  Engine engine(small_tiers());
  const auto query = add(engine, R"(absent_over_time({__name__=~"a|b", id="/web"}[1m]))");
  samples.set("a", 0, 1);
  samples.set("b", 0, 1);
  samples.set("a", 1, 1);
  const auto now = [&] {
    const Sample& sample = samples.tick();
    engine.append(sample);
    return values(engine, query, sample.time);
  };
  CHECK(now().empty());
  samples.clear("a", 0);
  samples.clear("b", 0);
  for (int i = 1; i < 60; ++i) {
    CHECK(now().empty());
  }
  CHECK(now() == Values{{R"({id="/web"})", 1}});
}

TEST_CASE("steps of a subquery over a week are kept, and need no tier") {
  OneQuery q("max_over_time(usage[7d:5m]) - min_over_time(usage[7d:5m])");
  q.samples.add_row({{"id", "/web"}});
  Values last;
  for (int i = 0; i < 8 * 288; ++i) {
    q.samples.set("usage", 0, i);
    last = q.tick(5min);
  }
  CHECK(last == Values{{R"({id="/web"})", 7 * 288 - 1}});
  CHECK(q.engine.memory_bytes() < 4'000'000);
}

TEST_CASE("a subquery over a long range") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  Engine engine(small_tiers());
  const auto query = add(engine, "max_over_time(increase(x_total[1m])[2m:10s])");
  Values last;
  for (int i = 0; i < 400; ++i) {
    samples.set("x_total", 0, i < 200 ? 2 * i : 200 + i);
    const Sample& sample = samples.tick();
    engine.append(sample);
    last = values(engine, query, sample.time);
    if (i == 250) {
      CHECK_THAT(last.at(R"({id="/web"})"), Catch::WithinRel(120.0, 1e-9));
    }
  }
  CHECK_THAT(last.at(R"({id="/web"})"), Catch::WithinRel(60.0, 1e-9));
}

TEST_CASE("long ranges go over to the rules after a reload, unless their row is another") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  const auto db = samples.add_row({{"id", "/db"}});
  Engine old(small_tiers());
  add(old, "sum_over_time(x_total[1m])");
  const auto set = [&](double value) {
    samples.set("x_total", 0, value);
    samples.set("x_total", 1, value);
  };
  for (int i = 0; i < 45; ++i) {
    set(1);
    old.append(samples.tick());
  }
  Engine fresh(small_tiers());
  const auto same = add(fresh, "sum_over_time(x_total[1m])");
  const auto added = add(fresh, "count_over_time(x_total[1m])");
  fresh.take_over(old);
  samples.remove_row(db);
  samples.add_row({{"id", "/young"}});
  set(2);
  const Sample& sample = samples.tick();
  fresh.append(sample);
  CHECK(values(fresh, same, sample.time) ==
        Values{{R"({id="/web"})", 47}, {R"({id="/young"})", 2}});
  // What the other range did not keep is not there: a new one begins with the samples at hand.
  const double count = values(fresh, added, sample.time).at(R"({id="/web"})");
  CHECK(count >= 1);
  CHECK(count < 10);
}

TEST_CASE("long ranges of recorded series: values stay after the end, and over a reload") {
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  const auto build = [](Engine& engine) {
    add(engine, "noise * 2");
    const auto source = add(engine, "usage * 2");
    const auto what = engine.add_record(source, promql::RecordShape{"double", {}, {}, 1}, {});
    return std::pair(what, add(engine, "sum_over_time(double[1m])"));
  };
  Engine old(small_tiers());
  const auto [record, query] = build(old);
  Timestamp now{};
  const auto tick = [&](Engine& engine, promql::RecordId what) {
    const Sample& sample = samples.tick();
    now = sample.time;
    engine.append(sample);
    CHECK(engine.record(what, now) == "");
  };
  samples.set("usage", 0, 1);
  for (int i = 0; i < 30; ++i) {
    tick(old, record);
  }
  CHECK(values(old, query, now) == Values{{R"({id="/web"})", 60}});
  samples.clear("usage", 0);
  for (int i = 0; i < 20; ++i) {
    tick(old, record);
  }
  CHECK(values(old, query, now) == Values{{R"({id="/web"})", 60}});
  Engine fresh(small_tiers());
  const auto [record_again, query_again] = build(fresh);
  fresh.take_over(old);
  samples.set("usage", 0, 3);
  tick(fresh, record_again);
  CHECK(values(fresh, query_again, now) == Values{{R"({id="/web"})", 66}});
  samples.clear("usage", 0);
  for (int i = 0; i < 45; ++i) {
    tick(fresh, record_again);
  }
  CHECK(values(fresh, query_again, now) == Values{{R"({id="/web"})", 6}});
  for (int i = 0; i < 60; ++i) {
    tick(fresh, record_again);
  }
  CHECK(values(fresh, query_again, now).empty());
}

TEST_CASE("with a history every range has its samples") {
  EngineOptions options = small_tiers();
  options.history = 1h;
  ScriptedSamples samples;
  samples.add_row({{"id", "/web"}});
  Engine engine(options);
  const auto query = add(engine, "count_over_time(x[1m])");
  samples.set("x", 0, 1);
  for (int i = 0; i < 95; ++i) {
    const Sample& sample = samples.tick();
    engine.append(sample);
    CHECK(values(engine, query, sample.time) ==
          Values{{R"({id="/web"})", std::min(i + 1.0, 60.0)}});
  }
}
