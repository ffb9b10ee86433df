// A recorded expression has the same history as a subquery over it: random values and gaps, in an
// engine that is taken over by another one now and then.
#include <rapidcheck.h>

#include <memory>

#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kExpressions[] = {"usage > 2",
                                        "sum(usage)",
                                        "sum by (id) (usage) > 3",
                                        "topk(2, usage)",
                                        "usage * 2",
                                        "count_values(\"v\", usage)",
                                        "max_over_time(usage[3s])",
                                        "-usage"};
constexpr const char* kFunctions[] = {"sum_over_time", "count_over_time", "max_over_time", "delta",
                                      "changes"};

struct Pair {
  promql::QueryId recorded{};
  promql::QueryId subquery{};
};

struct Engine {
  Engine(const promql::EngineOptions& options, const std::string& expression) : engine(options) {
    for (const char* function : kFunctions) {
      const std::string name(function);
      pairs.push_back(
          {add(engine, name + "(rec[5s])"), add(engine, name + "((" + expression + ")[5s:1s])")});
    }
    record = engine.add_record(add(engine, expression), {"rec", 1s, {}, 1}, {});
  }
  promql::Engine engine;
  std::vector<Pair> pairs;
  promql::RecordId record{};
};

}  // namespace

TEST_CASE("a recorded expression has the history of a subquery") {
  REQUIRE(rc::check([] {
    promql::EngineOptions options;
    const bool history = *rc::gen::arbitrary<bool>();
    if (history) {
      options.history = Duration::max();
    }
    const std::string expression = *rc::gen::elementOf(
        std::vector<std::string>(std::begin(kExpressions), std::end(kExpressions)));
    ScriptedSamples samples;
    for (const char* id : {"a", "b", "c", "d"}) {
      samples.add_row({{"id", id}});
    }
    auto engine = std::make_unique<Engine>(options, expression);
    const int ticks = *rc::gen::inRange(1, 25);
    for (int i = 0; i < ticks; ++i) {
      const auto what = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(0, 6));
      for (std::size_t row = 0; row < what.size(); ++row) {
        samples.set("usage", row, what[row]);
        if (what[row] == 0) {
          samples.clear("usage", row);
        }
      }
      const bool reload = !history && i > 0 && *rc::gen::inRange(0, 6) == 0;
      if (reload) {
        auto fresh = std::make_unique<Engine>(options, expression);
        fresh->engine.take_over(engine->engine);
        engine = std::move(fresh);
      }
      const Sample& sample = samples.tick();
      engine->engine.append(sample);
      RC_ASSERT(engine->engine.record(engine->record, sample.time) == "");
      for (const Pair& pair : engine->pairs) {
        RC_ASSERT(values(engine->engine, pair.recorded, sample.time) ==
                  values(engine->engine, pair.subquery, sample.time));
      }
    }
  }));
}
