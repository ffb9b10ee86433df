// The evaluator on a live node: what it says about series that come, go, pause and restart.
#include "promql/engine.h"

#include "promql/functions.h"
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;

TEST_CASE("a selector gives the newest value of each series") {
  OneQuery q("usage");
  const auto web = q.samples.add_row({{"id", "/web"}});
  const auto db = q.samples.add_row({{"id", "/db"}});
  q.samples.set("usage", web, 1);
  q.samples.set("usage", db, 2);
  CHECK(q.tick() == Values{{R"(usage{id="/db"})", 2}, {R"(usage{id="/web"})", 1}});
  q.samples.set("usage", web, 3);
  CHECK(q.tick() == Values{{R"(usage{id="/db"})", 2}, {R"(usage{id="/web"})", 3}});
}

TEST_CASE("a value that is absent in the newest sample is stale at once") {
  OneQuery q("usage");
  const auto web = q.samples.add_row({{"id", "/web"}});
  q.samples.set("usage", web, 1);
  CHECK(q.tick().size() == 1);
  q.samples.clear("usage", web);
  CHECK(q.tick().empty());
}

TEST_CASE("matchers look at the labels of rows and of columns") {
  ScriptedSamples samples;
  const auto web = samples.add_row({{"id", "/web"}});
  const auto db = samples.add_row({{"id", "/db"}});
  for (const auto row : {web, db}) {
    samples.set("failures", row, 1, {{"type", "minor"}});
    samples.set("failures", row, 2, {{"type", "major"}});
  }
  CHECK(at_once(R"(failures{type="major",id=~"/w.*"})", samples) ==
        Values{{R"(failures{id="/web", type="major"})", 2}});
  CHECK(at_once(R"(failures{type!="major",id!="/web"})", samples) ==
        Values{{R"(failures{id="/db", type="minor"})", 1}});
  CHECK(at_once(R"(failures{pod="",id="/db",type!~"mi.*"})", samples).size() == 1);
  CHECK(at_once(R"({__name__=~"fail.*",type="minor"})", samples).size() == 2);
}

TEST_CASE("rate extrapolates over the whole range and divides by true time") {
  OneQuery q("rate(cpu_total[4s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  double cpu = 100;
  for (int i = 0; i < 4; ++i) {
    q.samples.set("cpu_total", web, cpu += 0.5);
    q.tick();
  }
  q.samples.set("cpu_total", web, cpu += 0.5);
  CHECK(q.tick().at(R"({id="/web"})") == Approx(0.5));
  // A late tick: its increase belongs to three seconds.
  q.samples.set("cpu_total", web, cpu += 1.5);
  CHECK(q.tick(3s).at(R"({id="/web"})") == Approx(0.5));
}

TEST_CASE("a counter that goes down began anew") {
  OneQuery q("increase(cpu_total[10s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  Values last;
  for (const double value : {10.0, 20.0, 5.0, 8.0}) {
    q.samples.set("cpu_total", web, value);
    last = q.tick();
  }
  // 10 + 5 + 3 over three seconds, extrapolated by half a distance to the front.
  CHECK(last.at(R"({id="/web"})") == Approx(18.0 * 3.5 / 3));
}

TEST_CASE("a counter whose birth was seen began at zero") {
  OneQuery q("increase(oom_total[1m])");
  q.samples.add_row({{"id", "/old"}});
  q.samples.set("oom_total", 0, 7);
  CHECK(q.tick().empty());  // one sample of something that is older than we are says nothing
  const auto young = q.samples.add_row({{"id", "/young"}}, q.samples.now() + 200ms);
  q.samples.set("oom_total", young, 1);
  const Values values = q.tick();
  CHECK(values.at(R"({id="/young"})") == Approx(1));
  CHECK(values.at(R"({id="/old"})") == 0);
}

TEST_CASE("a gauge has no birth at zero") {
  OneQuery q("delta(usage[1m])");
  const auto web = q.samples.add_row({{"id", "/web"}}, kFirstTick - 1s);
  q.samples.set("usage", web, 5);
  CHECK(q.tick().empty());
}

TEST_CASE("a removed row is gone at once, and its successor starts with nothing") {
  OneQuery q("max_over_time(usage[1m])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  q.samples.set("usage", web, 9);
  CHECK(q.tick().at(R"({id="/web"})") == 9);
  q.samples.remove_row(web);
  CHECK(q.tick().empty());
  REQUIRE(q.samples.add_row({{"id", "/db"}}) == web);
  q.samples.set("usage", web, 2);
  CHECK(q.tick() == Values{{R"({id="/db"})", 2}});
}

TEST_CASE("a row that gets another label is another series") {
  OneQuery q("sum by (name) (usage)");
  const auto row = q.samples.add_row({{"id", "/a"}, {"name", "first"}});
  q.samples.set("usage", row, 1);
  CHECK(q.tick() == Values{{R"({name="first"})", 1}});
  q.samples.remove_row(row);
  q.samples.add_row({{"id", "/a"}, {"name", "second"}});
  q.samples.set("usage", row, 1);
  CHECK(q.tick() == Values{{R"({name="second"})", 1}});
}

TEST_CASE("offset looks back, and shares the window") {
  OneQuery q("usage - usage offset 2s");
  const auto web = q.samples.add_row({{"id", "/web"}});
  for (const double value : {1.0, 2.0}) {
    q.samples.set("usage", web, value);
    CHECK(q.tick().empty());
  }
  q.samples.set("usage", web, 10);
  CHECK(q.tick().at(R"({id="/web"})") == 9);
}

TEST_CASE("a gap in a range leaves the values around it") {
  OneQuery q("count_over_time(usage[1m])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  q.samples.set("usage", web, 1);
  q.tick();
  q.samples.clear("usage", web);
  q.tick();
  q.samples.set("usage", web, 1);
  CHECK(q.tick().at(R"({id="/web"})") == 2);
}

TEST_CASE("time() is the moment of evaluation") {
  ScriptedSamples samples;
  CHECK(at_once("time()", samples) == Values{{"{}", 1'000'000}});
  CHECK(at_once("vector(1) + 2 ^ 3", samples) == Values{{"{}", 9}});
}

TEST_CASE("absent tells the labels that it looked for") {
  OneQuery q(R"(absent(usage{id="/web",name=~".+"}))");
  const auto web = q.samples.add_row({{"id", "/web"}, {"name", "web"}});
  CHECK(q.tick() == Values{{R"({id="/web"})", 1}});
  q.samples.set("usage", web, 1);
  CHECK(q.tick().empty());
}

TEST_CASE("a failed evaluation is a value, and the next tick can be good again") {
  OneQuery q("usage * on() limit");
  const auto web = q.samples.add_row({{"id", "/web"}});
  const auto db = q.samples.add_row({{"id", "/db"}});
  q.samples.set("usage", web, 2);
  q.samples.set("limit", web, 3);
  q.samples.set("limit", db, 4);
  CHECK_THAT(q.error(), Catch::Contains("duplicate series"));
  q.samples.clear("limit", db);
  CHECK(q.tick() == Values{{"{}", 6}});
}

TEST_CASE("what cannot be evaluated on a live node is refused with its place") {
  const auto refusal = [](const std::string& text) {
    promql::EngineOptions options;
    options.max_samples = 1'000;
    promql::Engine engine(options);
    const auto query = engine.add(*promql::parse(text));
    REQUIRE(!query);
    return query.error();
  };
  CHECK(refusal("1 + usage @ 100").message.find("fixed time") != std::string::npos);
  CHECK(refusal("1 +\n rate(usage[1m] offset 1h)") ==
        promql::ParseError{2, 7, "this looks back further than 1000 samples, which is the limit"});
  CHECK(refusal("max_over_time(usage[1d:1s])").column == 15);
  CHECK(refusal("max_over_time((usage @ end())[5s:1s])").column == 16);
}

TEST_CASE("what needs native histograms is refused with its place") {
  for (const char* function : {"histogram_avg", "histogram_count", "histogram_stddev",
                               "histogram_stdvar", "histogram_sum"}) {
    const std::string text = "1 +\n  " + std::string(function) + "(usage)";
    promql::Engine engine;
    const auto query = engine.add(*promql::parse(text));
    REQUIRE(!query);
    CHECK(query.error() ==
          promql::ParseError{2, 3,
                             std::string(function) +
                                 "() needs native histograms, which this agent does not have"});
  }
}

TEST_CASE("every function of Prometheus 3.5 that is not experimental is known") {
  for (const char* name : {"abs",
                           "absent",
                           "absent_over_time",
                           "acos",
                           "acosh",
                           "asin",
                           "asinh",
                           "atan",
                           "atanh",
                           "avg_over_time",
                           "ceil",
                           "changes",
                           "clamp",
                           "clamp_max",
                           "clamp_min",
                           "cos",
                           "cosh",
                           "count_over_time",
                           "day_of_month",
                           "day_of_week",
                           "day_of_year",
                           "days_in_month",
                           "deg",
                           "delta",
                           "deriv",
                           "exp",
                           "floor",
                           "histogram_avg",
                           "histogram_count",
                           "histogram_fraction",
                           "histogram_quantile",
                           "histogram_stddev",
                           "histogram_stdvar",
                           "histogram_sum",
                           "hour",
                           "idelta",
                           "increase",
                           "irate",
                           "label_join",
                           "label_replace",
                           "last_over_time",
                           "ln",
                           "log10",
                           "log2",
                           "max_over_time",
                           "min_over_time",
                           "minute",
                           "month",
                           "pi",
                           "predict_linear",
                           "present_over_time",
                           "quantile_over_time",
                           "rad",
                           "rate",
                           "resets",
                           "round",
                           "scalar",
                           "sgn",
                           "sin",
                           "sinh",
                           "sort",
                           "sort_desc",
                           "sqrt",
                           "stddev_over_time",
                           "stdvar_over_time",
                           "sum_over_time",
                           "tan",
                           "tanh",
                           "time",
                           "timestamp",
                           "vector",
                           "year"}) {
    INFO(name);
    const promql::Function* function = promql::find_function(name);
    REQUIRE(function != nullptr);
    CHECK_FALSE(function->experimental);
  }
}

TEST_CASE("factors of smoothing that make no sense fail the evaluation") {
  OneQuery q("double_exponential_smoothing(usage[5s], 1, 0.5)");
  q.samples.set("usage", q.samples.add_row({{"id", "/web"}}), 1);
  CHECK(q.error() == "the smoothing factor must lie between 0 and 1, got 1");
  OneQuery other("double_exponential_smoothing(usage[5s], 0.5, 0)");
  other.samples.set("usage", other.samples.add_row({{"id", "/web"}}), 1);
  CHECK(other.error() == "the trend factor must lie between 0 and 1, got 0");
}

TEST_CASE("memory is the same after thousands of rows have come and gone") {
  OneQuery q("sum by (id) (rate(cpu_total[5s])) / on (id) group_left (name) usage > 0");
  const auto churn = [&](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      static int id = 0;
      const std::string name = std::to_string(++id);
      const auto row = q.samples.add_row({{"id", "/" + name}, {"name", name}});
      q.samples.set("cpu_total", row, 1);
      q.samples.set("usage", row, 1);
      q.tick();
      q.samples.set("cpu_total", row, 2);
      CHECK(q.tick().size() == 1);
      q.samples.remove_row(row);
      CHECK(q.tick().empty());
    }
  };
  churn(50);
  const std::size_t before = q.engine.memory_bytes();
  churn(500);
  CHECK(q.engine.memory_bytes() <= before + 1'000);
}

TEST_CASE("ticks far closer than the interval overrun a window, and that is counted") {
  OneQuery q("sum_over_time(usage[10s])");
  const auto web = q.samples.add_row({{"id", "/web"}});
  q.samples.set("usage", web, 1);
  for (int i = 0; i < 100; ++i) {
    q.tick(100ms);
  }
  CHECK(q.engine.overruns() > 0);
}

TEST_CASE("with a history the lookback and stale markers work as in Prometheus") {
  promql::EngineOptions options;
  options.history = 1h;
  promql::Engine engine(options);
  const auto now = add(engine, "usage");
  const auto fixed = add(engine, "usage @ 1000000");
  ScriptedSamples samples;
  const auto web = samples.add_row({{"id", "/web"}});
  samples.set("usage", web, 5);
  engine.append(samples.tick());
  samples.clear("usage", web);
  engine.append(samples.tick(2min));
  CHECK(values(engine, now, samples.now()).size() == 1);
  CHECK(values(engine, now, samples.now() + 4min).empty());
  samples.set("usage", web, promql::stale_marker());
  engine.append(samples.tick());
  CHECK(values(engine, now, samples.now()).empty());
  CHECK(values(engine, fixed, samples.now()).size() == 1);
}
