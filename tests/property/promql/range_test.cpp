// Tests the fast paths of range functions (ends of dense runs, 64 lanes side by side) against their
// definitions over plain lists of samples: the same engine, random series with resets, holes,
// births.
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <optional>

#include "promql/engine.h"
#include "promql/functions.h"
#include "promql/range_functions.h"
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::promql;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kRows = 12;  // enough for the lanes of one block
constexpr Duration kRange = 5s;

struct Case {
  const char* function;
  const char* expression;
  double parameter = 0;
  double second = 0;
};
constexpr Case kCases[] = {
    {"cgs_time_to", "cgs_time_to(3000, x_total[5s])", 3000},
    {"cgs_anomaly", "cgs_anomaly(x_total[5s])"},
    {"double_exponential_smoothing", "double_exponential_smoothing(x_total[5s], 0.4, 0.2)", 0.4,
     0.2},
    {"mad_over_time", "mad_over_time(x_total[5s])"},
    {"rate", "rate(x_total[5s])"},
    {"increase", "increase(x_total[5s])"},
    {"delta", "delta(x_total[5s])"},
    {"irate", "irate(x_total[5s])"},
    {"idelta", "idelta(x_total[5s])"},
    {"avg_over_time", "avg_over_time(x_total[5s])"},
    {"sum_over_time", "sum_over_time(x_total[5s])"},
    {"count_over_time", "count_over_time(x_total[5s])"},
    {"min_over_time", "min_over_time(x_total[5s])"},
    {"max_over_time", "max_over_time(x_total[5s])"},
    {"last_over_time", "last_over_time(x_total[5s])"},
    {"stddev_over_time", "stddev_over_time(x_total[5s])"},
    {"stdvar_over_time", "stdvar_over_time(x_total[5s])"},
    {"quantile_over_time", "quantile_over_time(0.3, x_total[5s])", 0.3},
    {"changes", "changes(x_total[5s])"},
    {"resets", "resets(x_total[5s])"},
    {"deriv", "deriv(x_total[5s])"},
    {"predict_linear", "predict_linear(x_total[5s], 60)", 60},
};

bool counts_from_birth(std::string_view function) {
  return function == "rate" || function == "increase" || function == "irate";
}

struct Recorded {
  std::optional<Timestamp> born;
  std::vector<Point> points;
};

std::optional<double> defined(const Case& function, const Recorded& row, Timestamp now) {
  std::vector<Point> inside;
  for (const Point& point : row.points) {
    if (point.time > now - kRange && point.time <= now) {
      inside.push_back(point);
    }
  }
  if (inside.empty()) {
    return std::nullopt;
  }
  if (counts_from_birth(function.function) && row.born && *row.born > now - kRange &&
      *row.born < inside.front().time) {
    inside.insert(inside.begin(), Point{*row.born, 0});
  }
  return range_function(find_function(function.function)->id)(
      inside, RangeArguments{{now - kRange, now}, now, function.parameter, function.second});
}

/// `scale`: the largest value of the series, to which rounding is relative when differences cancel.
bool same(double a, double b, double scale) {
  return a == b || (std::isnan(a) && std::isnan(b)) ||
         std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) + 1e-12 * scale;
}

double scale_of(const Recorded& row, const Case& function) {
  double scale = 0;
  for (const Point& point : row.points) {
    scale = std::fmax(scale, std::abs(point.value));
  }
  return scale * std::max(1.0, function.parameter);
}

void compare(Engine& engine, const std::vector<QueryId>& queries,
             const std::map<std::string, Recorded>& rows, Timestamp now) {
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const Vector& vector = engine.evaluate(queries[i], now);
    RC_ASSERT(vector.ok());
    std::map<std::string, double> got;
    for (const Element& element : vector.elements) {
      got[std::string(element.labels.get("id"))] = element.value;
    }
    for (const auto& [id, row] : rows) {
      const auto expected = defined(kCases[i], row, now);
      const auto at = got.find(id);
      if (expected.has_value() != (at != got.end()) ||
          (expected && !same(*expected, at->second, scale_of(row, kCases[i])))) {
        RC_FAIL(std::string(kCases[i].expression) + " of " + id + ": expected " +
                (expected ? std::to_string(*expected) : "none") + ", got " +
                (at != got.end() ? std::to_string(at->second) : "none"));
      }
    }
  }
}

}  // namespace

TEST_CASE("every range function equals its definition, however it is computed") {
  REQUIRE(rc::check([] {
    Engine engine;
    std::vector<QueryId> queries;
    for (const Case& each : kCases) {
      queries.push_back(*engine.add(*parse(each.expression)));
    }
    test::ScriptedSamples samples(kRows + 4);
    std::map<std::string, Recorded> recorded;
    std::vector<double> value(kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
      const std::string id = std::to_string(row);
      std::optional<Timestamp> born;
      if (*rc::gen::arbitrary<bool>()) {
        born = test::kFirstTick - *rc::gen::inRange(1, 4) * 1s;
      }
      samples.add_row({{"id", id}}, born);
      recorded[id].born = born;
    }
    const int ticks = *rc::gen::inRange(1, 12);
    for (int tick = 0; tick < ticks; ++tick) {
      std::vector<std::pair<std::size_t, double>> now_there;
      for (std::size_t row = 0; row < kRows; ++row) {
        switch (*rc::gen::inRange(0, 14)) {
          case 0:
            samples.clear("x_total", row);
            continue;
          case 1:
            value[row] = 0;
            break;
          case 2:
            break;
          case 3:
            value[row] = row == 3 ? std::nan("") : value[row] + 0.1;
            break;
          default:
            value[row] += *rc::gen::inRange(0, 1000);
        }
        samples.set("x_total", row, value[row]);
        now_there.emplace_back(row, value[row]);
      }
      const Sample& sample = samples.tick(*rc::gen::inRange(1, 3) * 1s);
      for (const auto& [row, v] : now_there) {
        recorded[std::to_string(row)].points.push_back({sample.time, v});
      }
      engine.append(sample);
      compare(engine, queries, recorded, sample.time);
    }
  }));
}
