// What a live node makes of the expressions of a unit test file: live_values FILE
//
// Feeds the file's series tick by tick into an engine without a history, as `run` does, evaluates
// every expression in every tick, and prints each expression's values at its time: "case N", then a
// line "    + LABELS VALUE" per series, or "    ! MESSAGE". An expression that a live node refuses
// gives "    ? MESSAGE". For expressions.py, which compares the values with promtool's.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "command/series_feed.h"
#include "command/unit_test_file.h"
#include "promql/engine.h"
#include "window/column.h"

namespace {

using namespace cgsentry;

/// A live sampler has no stale markers: a value is there or it is not.
void drop_stale(Sample& sample) {
  for (Table& table : sample.tables) {
    for (Column& column : table.columns) {
      for (std::size_t row = 0; row < column.values.size(); ++row) {
        if (column.present[row] != 0 && window::is_stale(column.values[row])) {
          column.clear(row);
        }
      }
    }
  }
}

void print(std::size_t number, const promql::Vector& vector) {
  fmt::print("case {}\n", number);
  if (!vector.ok()) {
    fmt::print("    ! {}\n", vector.error);
  }
  for (const promql::Element& element : vector.elements) {
    fmt::print("    + {} {}\n", element.labels.to_string(), element.value);
  }
}

/// The numbers of the expressions by their queries; tells of those that were refused.
std::map<std::size_t, promql::QueryId> add_all(promql::Engine& engine,
                                               const command::UnitTest& test) {
  std::map<std::size_t, promql::QueryId> queries;
  for (std::size_t number = 0; number < test.expression_tests.size(); ++number) {
    if (const auto query = engine.add(test.expression_tests[number].expression)) {
      queries.emplace(number, *query);
    } else {
      fmt::print("case {}\n    ? {}\n", number, query.error().message);
    }
  }
  return queries;
}

void run(const command::UnitTest& test) {
  promql::Engine engine(test.interval);
  const auto queries = add_all(engine, test);
  command::SeriesFeed feed(test.start);
  feed.add(test.series, test.interval);
  feed.feed(Timestamp::max(), [&](const Sample& fed) {
    Sample sample = fed;
    drop_stale(sample);
    engine.append(sample);
    for (const auto& [number, query] : queries) {
      const promql::Vector& vector = engine.evaluate(query, sample.time);
      if (sample.time == test.start + test.expression_tests[number].eval_time) {
        print(number, vector);
      }
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: live_values FILE\n");
    return 2;
  }
  try {
    std::ifstream file(argv[1]);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto read = command::read_unit_test_file(text, argv[1]);
    if (!read) {
      fmt::print(stderr, "{}:{}: {}\n", argv[1], read.error().front().line,
                 read.error().front().message);
      return 2;
    }
    for (const command::UnitTest& test : read->tests) {
      run(test);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "live_values: {}\n", error.what());
    return 1;
  }
  return 0;
}
