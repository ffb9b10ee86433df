// Recorded series: what later and earlier queries see of them, and how their rows come and go.
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;
using promql::Engine;
using promql::EngineOptions;
using promql::QueryId;
using promql::RecordId;

namespace {

EngineOptions bounded(std::size_t rows) {
  EngineOptions options;
  options.max_recorded = rows;
  return options;
}

EngineOptions remembering() {
  EngineOptions options;
  options.history = Duration::max();
  return options;
}

/// Containers with a gauge `usage`, and one engine.
struct Host {
  explicit Host(const EngineOptions& options = {}) : engine(options) {}

  QueryId query(const std::string& text) { return add(engine, text); }
  RecordId record(const std::string& metric, const std::string& text,
                  const std::vector<Label>& labels = {}) {
    return engine.add_record(query(text), {metric, 1s, {}, 0}, labels);
  }
  void usage(const std::string& id, double value) {
    if (!rows.contains(id)) {
      rows[id] = samples.add_row({{"id", id}});
    }
    samples.set("usage", rows[id], value);
  }
  void remove(const std::string& id) {
    samples.remove_row(rows[id]);
    rows.erase(id);
  }
  void tick(Duration elapsed = 1s) {
    const Sample& sample = samples.tick(elapsed);
    engine.append(sample);
    now = sample.time;
  }
  Values get(QueryId id) { return values(engine, id, now); }

  ScriptedSamples samples{64};
  Engine engine;
  std::map<std::string, std::size_t> rows;
  Timestamp now{};
};

}  // namespace

TEST_CASE("what is recorded can be selected at the same time, under its name and labels") {
  Host host;
  const auto record =
      host.record("id:usage:twice", "usage * 2", {{"rule", "r"}, {"pod", ""}, {"id", "all"}});
  const auto read = host.query("id:usage:twice");
  const auto filtered = host.query(R"({__name__=~"id:.*",rule="r",id!="web"})");
  const auto other = host.query(R"(id:usage:twice{rule="x"})");
  host.usage("web", 3);
  host.tick();
  REQUIRE(host.engine.record(record, host.now) == "");
  const Values expected{{R"(id:usage:twice{id="all", rule="r"})", 6}};
  CHECK(host.get(read) == expected);
  CHECK(host.get(filtered) == expected);
  CHECK(host.get(other).empty());
}

TEST_CASE("a query before the record sees what was recorded last") {
  Host host;
  const auto before = host.query("sum(rec) + 0");
  const auto record = host.record("rec", "usage");
  const auto after = host.query("sum(rec) + 1");  // shares sum(rec)
  host.usage("web", 1);
  host.tick();
  CHECK(host.get(before).empty());
  CHECK(host.engine.record(record, host.now) == "");
  CHECK(host.get(after) == Values{{"{}", 2}});
  host.usage("web", 5);
  host.tick();
  CHECK(host.get(before) == Values{{"{}", 1}});
  CHECK(host.engine.record(record, host.now) == "");
  CHECK(host.get(after) == Values{{"{}", 6}});
  CHECK(host.get(before) == Values{{"{}", 5}});
}

TEST_CASE("a chain of records hands a value on within a tick, and a loop with each tick") {
  Host host;
  const auto first = host.record("a", "usage + 1");
  const auto second = host.record("b", "a * 10");
  const auto loop = host.record("ticks", "ticks + 1 or vector(1)");
  const auto b = host.query("b");
  const auto ticks = host.query("ticks");
  host.usage("web", 1);
  for (int i = 1; i <= 3; ++i) {
    host.tick();
    for (const RecordId id : {first, second, loop}) {
      CHECK(host.engine.record(id, host.now) == "");
    }
    CHECK(host.get(b) == Values{{R"(b{id="web"})", 20}});
    CHECK(host.get(ticks) == Values{{"ticks{}", i}});
  }
}

TEST_CASE("a rule that labels what it records anew keeps its series apart") {
  Host host;
  const auto grow = host.record("n", R"-(label_replace(n, "l", "${1}x", "l", "(.*)") or usage)-");
  const auto count = host.query("count(n)");
  host.usage("web", 1);
  for (int i = 1; i <= 40; ++i) {
    host.tick();
    REQUIRE(host.engine.record(grow, host.now) == "");
    CHECK(host.get(count) == Values{{"{}", i}});
  }
}

TEST_CASE("a series ends with the first result that does not have it, and stays in ranges") {
  for (const bool history : {false, true}) {
    Host host(history ? remembering() : EngineOptions{});
    const auto record = host.record("busy", "usage > 5");
    const auto now = host.query("busy");
    const auto past = host.query("count_over_time(busy[4s])");
    host.usage("web", 9);
    host.usage("db", 9);
    host.tick();
    CHECK(host.engine.record(record, host.now) == "");
    host.usage("web", 1);
    host.tick();
    CHECK(host.get(now).size() == 2);
    CHECK(host.engine.record(record, host.now) == "");
    CHECK(host.get(now) == Values{{R"(busy{id="db"})", 9}});
    CHECK(host.get(past) == Values{{R"({id="db"})", 2}, {R"({id="web"})", 1}});
    for (int i = 0; i < 3; ++i) {
      host.tick();
      CHECK(host.engine.record(record, host.now) == "");
    }
    CHECK(host.get(past) == Values{{R"({id="db"})", 4}});
    host.usage("web", 7);
    host.tick();
    CHECK(host.engine.record(record, host.now) == "");
    CHECK(host.get(now) == Values{{R"(busy{id="db"})", 9}, {R"(busy{id="web"})", 7}});
    CHECK(host.get(past) == Values{{R"({id="db"})", 4}, {R"({id="web"})", 1}});
  }
}

TEST_CASE("between two results of a slow group the value stays, as far as the lookback goes") {
  Host host;
  const auto record = host.engine.add_record(host.query("usage"), {"slow", 10s, {}, 0}, {});
  const auto read = host.query("slow");
  const auto range = host.query("sum_over_time(slow[1m])");
  for (int i = 0; i < 25; ++i) {
    host.usage("web", i);
    host.tick();
    if (i % 10 == 0) {
      CHECK(host.engine.record(record, host.now) == "");
    }
    CHECK(host.get(read) == Values{{R"(slow{id="web"})", i / 10 * 10}});
  }
  CHECK(host.get(range) == Values{{R"({id="web"})", 0 + 10 + 20}});
  host.tick(6min);
  CHECK(host.get(read).empty());
}

TEST_CASE("two results with the same labels fail the record, and nothing ends") {
  Host host;
  const auto record = host.record("rec", "usage > 1", {{"id", ""}});
  const auto read = host.query("rec");
  host.usage("web", 2);
  host.usage("db", 0);
  host.tick();
  CHECK(host.engine.record(record, host.now) == "");
  host.usage("db", 3);
  host.tick();
  CHECK(host.engine.record(record, host.now) ==
        "vector contains metrics with the same labelset after applying rule labels: rec{}");
  CHECK(host.get(read) == Values{{"rec{}", 2}});
}

TEST_CASE("an expression that fails and a limit record nothing, and nothing ends") {
  Host host;
  const auto fails = host.record("rec", "usage * on () usage");
  const auto limited = host.record("lim", "usage");
  const auto read = host.query("lim");
  host.usage("web", 2);
  host.tick();
  CHECK(host.engine.record(fails, host.now) == "");
  CHECK(host.engine.record(limited, host.now, 1) == "");
  host.usage("db", 3);
  host.tick();
  CHECK(host.engine.record(fails, host.now) != "");
  CHECK(host.engine.record(limited, host.now, 1) == "2 results are more than the limit of 1");
  CHECK(host.get(read) == Values{{R"(lim{id="web"})", 2}});
}

TEST_CASE("recorded rows have a limit, which is counted, and are used again") {
  Host host(bounded(2));
  const auto record = host.record("rec", "usage > 0");
  const auto read = host.query("sum_over_time(rec[2s])");
  for (const char* id : {"a", "b", "c"}) {
    host.usage(id, 1);
  }
  host.tick();
  CHECK(host.engine.record(record, host.now) == "");
  CHECK(host.get(read).size() == 2);
  CHECK(host.engine.refused() == 1);
  host.usage("a", 0);
  host.usage("b", 0);
  for (int i = 0; i < 12; ++i) {
    host.tick();
    CHECK(host.engine.record(record, host.now) == "");
  }
  CHECK(host.get(read) == Values{{R"({id="c"})", 2}});
  const std::uint64_t refused = host.engine.refused();
  host.tick();
  CHECK(host.engine.record(record, host.now) == "");
  CHECK(host.engine.refused() == refused);
}

TEST_CASE("a rate of recorded values, an offset and a subquery read them as any series") {
  for (const bool history : {false, true}) {
    Host host(history ? remembering() : EngineOptions{});
    const auto before = host.query("sum_over_time(total[3s:1s])");
    const auto record = host.record("total", "usage");
    const auto rate = host.query("rate(total[4s])");
    const auto offset = host.query("total offset 2s");
    const auto subquery = host.query("sum_over_time((total + 0)[3s:1s])");
    const auto nested = host.query("max_over_time(sum_over_time(total[2s:1s])[2s:1s])");
    for (int i = 0; i < 8; ++i) {
      host.usage("web", 10 * i);
      host.tick();
      if (i > 2) {
        // The step at this time reads what was recorded a tick ago.
        CHECK(host.get(before) == Values{{R"({id="web"})", 10 * (i - 1 + i - 1 + i - 2)}});
      }
      CHECK(host.engine.record(record, host.now) == "");
      if (i > 3) {
        CHECK(host.get(rate).at(R"({id="web"})") == Approx(10));
        CHECK(host.get(offset) == Values{{R"(total{id="web"})", 10 * (i - 2)}});
        CHECK(host.get(subquery) == Values{{R"({id="web"})", 10 * (i + i - 1 + i - 2)}});
        CHECK(host.get(nested) == Values{{R"({id="web"})", 10 * (i + i - 1)}});
      }
    }
  }
}

TEST_CASE("a query and a record may lie back in time") {
  Host host;
  const auto expression = promql::parse("usage + time() * 0");
  const auto late = host.engine.add(*expression, 3s);
  REQUIRE(late);
  const auto record = host.engine.add_record(*late, {"late", 1s, 3s, 0}, {});
  const auto read = host.query("late");
  const auto when = host.query("time() - timestamp(late)");
  const auto range = host.engine.add(*promql::parse("sum_over_time(usage[2s])"), 3s);
  for (int i = 0; i < 9; ++i) {
    host.usage("web", i);
    host.tick();
    CHECK(host.engine.record(record, host.now - 3s) == "");
    if (i > 4) {
      CHECK(host.get(read) == Values{{R"(late{id="web"})", i - 3}});
      CHECK(host.get(when) == Values{{R"({id="web"})", 3}});
      CHECK(values(host.engine, *range, host.now - 3s) == Values{{R"({id="web"})", i - 3 + i - 4}});
    }
  }
}

TEST_CASE("a series of two rules is kept for the first, and may change hands") {
  for (const bool history : {false, true}) {
    Host host(history ? remembering() : EngineOptions{});
    const auto high = host.record("level", "usage > 5", {{"id", ""}});
    const auto low = host.record("level", "usage <= 5 or usage == 7", {{"id", ""}});
    const auto read = host.query("sum_over_time(level[1s])");
    const auto both = [&] {
      host.tick();
      const std::string first = host.engine.record(high, host.now);
      return first + host.engine.record(low, host.now);
    };
    host.usage("web", 3);
    CHECK(both() == "");
    CHECK(host.get(read) == Values{{"{}", 3}});
    host.usage("web", 9);
    CHECK(both() == "");
    CHECK(host.get(read) == Values{{"{}", 9}});
    host.usage("web", 2);
    CHECK(both() == "");
    CHECK(host.get(read) == Values{{"{}", 2}});
    host.usage("web", 7);  // both, with the same value
    CHECK(both() == "");
    CHECK(host.get(read) == Values{{"{}", 7}});
  }
  Host host;
  const auto one = host.record("rec", "usage", {{"id", ""}});
  const auto two = host.record("rec", "usage + 1", {{"id", ""}});
  const auto read = host.query("rec");
  host.usage("web", 3);
  for (int i = 0; i < 2; ++i) {
    host.tick();
    CHECK(host.engine.record(one, host.now) == "");
    CHECK(host.engine.record(two, host.now) == "another rule records this series too: rec{}");
    CHECK(host.get(read) == Values{{"rec{}", 3}});
  }
}

TEST_CASE("series that were made elsewhere can be recorded") {
  Host host;
  const auto alerts = host.engine.add_record({"ALERTS", 1s, {}, 0});
  CHECK_FALSE(host.engine.selects("ALERTS"));
  const auto read = host.query(R"(ALERTS{alertstate="firing"})");
  CHECK(host.engine.selects("ALERTS"));
  CHECK_FALSE(host.engine.selects("ALERTS_FOR_STATE"));
  host.tick();
  CHECK(host.engine.record(alerts, {{{{"alertname", "A"}, {"alertstate", "pending"}}, 1}},
                           host.now) == "");
  CHECK(host.get(read).empty());
  host.tick();
  CHECK(host.engine.record(alerts, {{{{"alertname", "A"}, {"alertstate", "firing"}}, 1}},
                           host.now) == "");
  CHECK(host.get(read) == Values{{R"(ALERTS{alertname="A", alertstate="firing"})", 1}});
  host.tick();
  CHECK(host.engine.record(alerts, std::vector<promql::Element>{}, host.now) == "");
  CHECK(host.get(read).empty());
}

TEST_CASE("rows that come and go leave nothing behind") {
  Host host;
  const auto record = host.record("rec", "usage");
  const auto read = host.query("sum by (id) (max_over_time(rec[3s]))");
  std::size_t early = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string id = "c" + std::to_string(i);
    host.usage(id, i);
    host.tick();
    REQUIRE(host.engine.record(record, host.now) == "");
    CHECK(host.get(read).at("{id=\"" + id + "\"}") == i);
    host.remove(id);
    early = i == 100 ? host.engine.memory_bytes() : early;
  }
  CHECK(host.engine.memory_bytes() <= early + 1024);
}
