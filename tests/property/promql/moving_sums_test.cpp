// Sums that move with their range against the definitions over the same samples: long runs, so that
// what leaves the range is taken away many times, with spikes that would drown plain sums, values
// that stay as they are, NaN and infinity that come and go, rows that come late.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include "promql/engine.h"
#include "promql/functions.h"
#include "promql/range_functions.h"
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::promql;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kRows = 70;  // more than a block
constexpr Duration kRange = 20s;

struct Case {
  const char* function;
  const char* expression;
  double parameter = 0;
};
constexpr Case kCases[] = {
    {"sum_over_time", "sum_over_time(x[20s])"},
    {"avg_over_time", "avg_over_time(x[20s])"},
    {"deriv", "deriv(x[20s])"},
    {"predict_linear", "predict_linear(x[20s], 60)", 60},
};

/// One row's next value, of a kind that depends on the row.
double next_value(std::size_t row, double value, std::mt19937_64& random) {
  const std::uint64_t dice = random() % 100;
  switch (row % 7) {
    case 0:  // a leak
      return value + static_cast<double>(dice);
    case 1:  // rests, with a step now and then
      return dice == 0 ? value + 4096 : value;
    case 2:  // spikes
      return dice == 0 ? 1e17 : static_cast<double>(dice);
    case 3:  // small moves far away from zero
      return 1e12 + static_cast<double>(dice) / 64;
    case 4:
      return dice == 0 ? std::numeric_limits<double>::quiet_NaN() : 1.0 + static_cast<double>(dice);
    case 5:
      return dice == 0 ? std::numeric_limits<double>::infinity() : -static_cast<double>(dice);
    default:
      return std::ldexp(static_cast<double>(dice), static_cast<int>(row) - 35);
  }
}

/// What rounding may make of a result: the definitions themselves are that far from the truth.
double slack(const std::vector<Point>& inside, double parameter) {
  double scale = 0;
  for (const Point& point : inside) {
    scale = std::fmax(scale, std::abs(point.value));
  }
  return 1e-13 * scale * std::max(1.0, parameter);
}

bool same(double expected, double got, double slack) {
  return expected == got || (std::isnan(expected) && std::isnan(got)) ||
         std::abs(expected - got) <= slack + 1e-10 * std::abs(expected);
}

}  // namespace

TEST_CASE("sums that move with their range equal the definitions, for long") {
  std::mt19937_64 random(20'251'125);
  Engine engine;
  std::vector<QueryId> queries;
  for (const Case& each : kCases) {
    queries.push_back(test::add(engine, each.expression));
  }
  test::ScriptedSamples samples(kRows);
  for (std::size_t row = 0; row < kRows; ++row) {
    samples.add_row({{"row", std::to_string(row)}});
  }
  std::vector<std::vector<Point>> recorded(kRows);
  std::vector<double> values(kRows);
  std::size_t compared = 0;
  for (int tick = 0; tick < 2'500; ++tick) {
    for (std::size_t row = 0; row < kRows; ++row) {
      const bool absent = row % 11 == 10 && (tick < 300 || tick % 900 == 0);
      if (absent) {
        samples.clear("x", row);
        continue;
      }
      values[row] = next_value(row, values[row], random);
      samples.set("x", row, values[row]);
    }
    const Sample& sample = samples.tick(tick % 50 == 49 ? 1300ms : 1s);
    const Timestamp now = sample.time;
    for (std::size_t row = 0; row < kRows; ++row) {
      if (!(row % 11 == 10 && (tick < 300 || tick % 900 == 0))) {
        recorded[row].push_back({now, values[row]});
      }
      std::erase_if(recorded[row], [&](const Point& p) { return p.time <= now - kRange; });
    }
    engine.append(sample);
    if (tick % 3 == 2 && tick % 700 < 600) {
      continue;  // moves of more than one sample, and jumps
    }
    for (std::size_t i = 0; i < queries.size(); ++i) {
      std::vector<std::optional<double>> got(kRows);
      for (const Element& element : engine.evaluate(queries[i], now).elements) {
        got[std::stoul(std::string(element.labels.get("row")))] = element.value;
      }
      for (std::size_t row = 0; row < kRows; ++row) {
        const std::vector<Point>& inside = recorded[row];
        const RangeArguments arguments{{now - kRange, now}, now, kCases[i].parameter};
        const auto expected =
            inside.empty()
                ? std::nullopt
                : range_function(find_function(kCases[i].function)->id)(inside, arguments);
        INFO(kCases[i].expression << " of row " << row << " at tick " << tick);
        REQUIRE(expected.has_value() == got[row].has_value());
        if (expected) {
          INFO("expected " << *expected << ", got " << *got[row]);
          REQUIRE(same(*expected, *got[row], slack(inside, kCases[i].parameter)));
          ++compared;
        }
      }
    }
  }
  CHECK(compared > 400'000);
}

TEST_CASE("a series of one infinite value has no slope") {
  test::OneQuery deriv("deriv(x[10s])", 16);
  for (std::size_t row = 0; row < 16; ++row) {
    deriv.samples.set("x", deriv.samples.add_row({{"row", std::to_string(row)}}), -INFINITY);
  }
  for (int tick = 0; tick < 12; ++tick) {
    for (const auto& [labels, value] : deriv.tick()) {
      CHECK(std::isnan(value));
    }
  }
}

TEST_CASE("a series that does not move has a slope of zero, whatever it did before") {
  test::OneQuery deriv("deriv(x[10s])", 16);
  for (std::size_t row = 0; row < 16; ++row) {
    deriv.samples.add_row({{"row", std::to_string(row)}});
  }
  for (int tick = 0; tick < 60; ++tick) {
    for (std::size_t row = 0; row < 16; ++row) {
      deriv.samples.set("x", row, tick < 30 ? tick * 0.1 * static_cast<double>(row) : 7.7e9);
    }
    const test::Values values = deriv.tick();
    if (tick > 40) {
      for (const auto& [labels, value] : values) {
        CHECK(value == 0);
      }
    }
  }
}
