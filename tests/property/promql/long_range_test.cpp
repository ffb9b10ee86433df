// Tests ranges that live in tiers against the definitions over plain lists of samples: random
// series with resets, holes, NaN, births and rows that are used again, on a live engine.
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

constexpr std::size_t kRows = 6;
constexpr Duration kRange = 60s;
constexpr Duration kWidth = 10s;

struct Case {
  const char* function;
  const char* expression;
  double parameter = 0;
  bool only_newest = false;  // needs no buckets: exact
  bool whole = false;        // grows with the range when values are not negative
};
constexpr Case kCases[] = {
    {"rate", "rate(x_total[1m])"},
    {"increase", "increase(x_total[1m])"},
    {"delta", "delta(x_total[1m])"},
    {"irate", "irate(x_total[1m])", 0, true},
    {"idelta", "idelta(x_total[1m])", 0, true},
    {"avg_over_time", "avg_over_time(x_total[1m])"},
    {"sum_over_time", "sum_over_time(x_total[1m])", 0, false, true},
    {"count_over_time", "count_over_time(x_total[1m])", 0, false, true},
    {"min_over_time", "min_over_time(x_total[1m])"},
    {"max_over_time", "max_over_time(x_total[1m])", 0, false, true},
    {"last_over_time", "last_over_time(x_total[1m])", 0, true},
    {"present_over_time", "present_over_time(x_total[1m])", 0, true},
    {"stddev_over_time", "stddev_over_time(x_total[1m])"},
    {"stdvar_over_time", "stdvar_over_time(x_total[1m])"},
    {"changes", "changes(x_total[1m])", 0, false, true},
    {"resets", "resets(x_total[1m])", 0, false, true},
    {"deriv", "deriv(x_total[1m])"},
    {"predict_linear", "predict_linear(x_total[1m], 60)", 60},
};

struct Recorded {
  std::optional<Timestamp> born;
  std::vector<Point> points;
};
using Rows = std::map<std::string, Recorded>;

std::vector<Point> after(const Recorded& row, Timestamp start) {
  std::vector<Point> inside;
  for (const Point& point : row.points) {
    if (point.time > start) {
      inside.push_back(point);
    }
  }
  return inside;
}

/// What Prometheus says of the samples after `from`, asked for `interval`.
std::optional<double> defined(const Case& each, const Recorded& row, Timestamp from,
                              Interval interval) {
  std::vector<Point> inside = after(row, from);
  if (inside.empty()) {
    return std::nullopt;
  }
  const std::string_view name = each.function;
  const bool from_birth = name == "rate" || name == "increase" || name == "irate";
  if (from_birth && row.born && *row.born > interval.start && *row.born < inside.front().time) {
    inside.insert(inside.begin(), Point{*row.born, 0});
  }
  return range_function(find_function(name)->id)(
      inside, RangeArguments{interval, interval.end, each.parameter});
}

Timestamp lengthened(Timestamp start) {
  return start - start.time_since_epoch() % kWidth;
}

/// What docs/rules.md promises.
std::optional<double> promised(const Case& each, const Recorded& row, Interval asked) {
  const Timestamp from = lengthened(asked.start);
  if (each.only_newest) {
    return defined(each, row, asked.start, asked);
  }
  const std::vector<Point> inside = after(row, from);
  if (inside.empty() || inside.front().time > asked.start) {
    return defined(each, row, asked.start, asked);
  }
  // A birth before the range that was asked for does not count.
  auto value = defined(each, {std::nullopt, row.points}, from, {from, asked.end});
  const std::string_view name = each.function;
  if (value && (name == "increase" || name == "delta")) {
    *value *= to_seconds(asked.end - asked.start) / to_seconds(asked.end - from);
  }
  return value;
}

bool same(double a, double b, double scale) {
  return a == b || (std::isnan(a) && std::isnan(b)) ||
         std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) + 1e-11 * scale;
}

double scale_of(const Recorded& row, const Case& each) {
  double scale = 0;
  for (const Point& point : row.points) {
    scale = std::fmax(scale, std::abs(point.value));
  }
  return scale * std::max(1.0, each.parameter) *
         (std::string_view(each.function) == "stdvar_over_time" ? std::max(scale, 1.0) : 1.0);
}

std::string shown(std::optional<double> value) {
  return value ? std::to_string(*value) : "none";
}

void compare(const Case& each, const Vector& vector, const Rows& rows, Timestamp now) {
  RC_ASSERT(vector.ok());
  std::map<std::string, double> got;
  for (const Element& element : vector.elements) {
    got[std::string(element.labels.get("id"))] = element.value;
  }
  const Interval asked{now - kRange, now};
  const bool aligned = lengthened(asked.start) == asked.start;
  for (const auto& [id, row] : rows) {
    const auto at = got.find(id);
    const auto expected = promised(each, row, asked);
    const auto exact = defined(each, row, asked.start, asked);
    const double scale = scale_of(row, each);
    if (expected.has_value() != (at != got.end()) ||
        (expected && !same(*expected, at->second, scale)) ||
        (aligned && expected && !same(*exact, at->second, scale))) {
      RC_FAIL(std::string(each.expression) + " of " + id + ": expected " + shown(expected) +
              ", got " + (at != got.end() ? std::to_string(at->second) : "none"));
    }
    if (each.whole && exact && std::isfinite(scale) && !std::isnan(at->second)) {
      const auto longer = defined(each, row, asked.start - kWidth, asked);
      RC_ASSERT(std::isnan(*exact) || at->second >= *exact - 1e-9 * std::abs(*exact));
      RC_ASSERT(std::isnan(*longer) || at->second <= *longer + 1e-9 * std::abs(*longer));
    }
  }
}

struct Fleet {
  test::ScriptedSamples samples{kRows};
  Rows rows;
  std::map<std::size_t, std::string> ids;
  std::vector<double> value = std::vector<double>(kRows);
  int next_id = 0;

  void add() {
    std::optional<Timestamp> born;
    if (*rc::gen::arbitrary<bool>()) {
      born = samples.now() - *rc::gen::inRange(0, 30) * 100ms;
    }
    const std::string id = std::to_string(next_id++);
    const std::size_t row = samples.add_row({{"id", id}}, born);
    ids[row] = id;
    rows[id].born = born;
    value[row] = 0;
  }

  void replace(std::size_t row) {
    samples.remove_row(row);
    rows.erase(ids[row]);
    add();
  }

  const Sample& tick(Duration elapsed) {
    std::vector<std::size_t> there;
    for (std::size_t row = 0; row < kRows; ++row) {
      switch (*rc::gen::inRange(0, 20)) {
        case 0:
        case 1:
          samples.clear("x_total", row);
          continue;
        case 2:
          value[row] = *rc::gen::inRange(0, 3);
          break;
        case 3:
          break;
        case 4:
          value[row] = row == 3 ? std::nan("") : value[row] + 0.1;
          break;
        default:
          value[row] += row == 4 ? 0 : *rc::gen::inRange(0, 1000);
      }
      samples.set("x_total", row, value[row]);
      there.push_back(row);
    }
    const Sample& sample = samples.tick(elapsed);
    for (const std::size_t row : there) {
      rows[ids[row]].points.push_back({sample.time, value[row]});
    }
    return sample;
  }
};

EngineOptions small_tiers() {
  EngineOptions options;
  options.exact_samples = 8;
  options.range_buckets = 6;
  return options;
}

}  // namespace

TEST_CASE("ranges in tiers are those of the definitions, lengthened by less than a bucket") {
  REQUIRE(rc::check([] {
    Engine engine(small_tiers());
    std::vector<QueryId> queries;
    for (const Case& each : kCases) {
      queries.push_back(*engine.add(*parse(each.expression)));
    }
    Fleet fleet;
    for (std::size_t row = 0; row < kRows; ++row) {
      fleet.add();
    }
    const int ticks = *rc::gen::inRange(1, 120);
    for (int tick = 0; tick < ticks; ++tick) {
      const int dice = *rc::gen::inRange(0, 60);
      if (dice < 3) {
        fleet.replace(static_cast<std::size_t>(*rc::gen::inRange<int>(0, kRows)));
      }
      const Duration elapsed = dice == 59 ? 45s : *rc::gen::inRange(1, 5) * 500ms;
      const Sample& sample = fleet.tick(elapsed);
      engine.append(sample);
      for (std::size_t i = 0; i < queries.size(); ++i) {
        if (tick % 3 == 0 || i % 4 == 0) {  // not all at each tick
          compare(kCases[i], engine.evaluate(queries[i], sample.time), fleet.rows, sample.time);
        }
      }
    }
  }));
}

TEST_CASE("a range in the past is that of the same time, when it was evaluated then") {
  REQUIRE(rc::check([] {
    Engine engine(small_tiers());
    const QueryId now = *engine.add(*parse("increase(x_total[1m])"));
    const QueryId past = *engine.add(*parse("increase(x_total[1m] offset 7s)"));
    const QueryId late = *engine.add(*parse("increase(x_total[1m])"), 7s);
    Fleet fleet;
    for (std::size_t row = 0; row < kRows; ++row) {
      fleet.add();
    }
    std::vector<std::map<std::string, double>> seen;
    const auto told = [&](QueryId query, Timestamp at) {
      std::map<std::string, double> values;
      for (const Element& element : engine.evaluate(query, at).elements) {
        values[element.labels.to_string()] = element.value;
      }
      return values;
    };
    for (int tick = 0; tick < 90; ++tick) {
      const Sample& sample = fleet.tick(1s);
      engine.append(sample);
      seen.push_back(told(now, sample.time));
      if (tick >= 7) {
        const auto& before = seen[static_cast<std::size_t>(tick) - 7];
        for (const auto& [id, value] : told(past, sample.time)) {
          RC_ASSERT(before.contains(id) && same(before.at(id), value, 1));
        }
        RC_ASSERT(told(late, sample.time - 7s).size() == before.size());
        RC_ASSERT(told(past, sample.time).size() == before.size());
      }
    }
  }));
}
