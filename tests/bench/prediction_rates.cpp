// How often predictions and anomaly scores are right: prediction_rates [--quick]
//
// Synthetic containers, one value a second for an hour, fixed seeds; no kernel and no root. Each
// kind of container meets each rule, evaluated every second as on the node, with the rule's `for`.
// Prints the share of the containers of a kind for which the rule fired, how many alerts that were
// in an hour, and for those that run into the limit how long before it the first alert came.
// docs/prediction.md has the table. The same seeds give the same table on every machine.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "figures.h"
#include "interrupt.h"
#include "promql/engine.h"

namespace {

using namespace cgsentry;

constexpr double kLimit = 1'000;  // all values are MB

/// One container's history. Every random number comes from its own seed.
class Container {
 public:
  virtual ~Container() = default;
  virtual double value(int second) = 0;
  void seed(std::uint64_t seed) { random_.seed(seed); }

 protected:
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(random_() >> 11U) * 0x1p-53;
  }
  /// Box and Muller, because the library's distributions differ between libraries.
  double normal(double deviation) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
    return deviation * radius * std::cos(2 * std::numbers::pi * uniform(0, 1));
  }

 private:
  std::mt19937_64 random_;
};

class Steady : public Container {
  double value(int) override { return 500 + normal(5); }
};

/// A heap that fills and is collected.
class Sawtooth : public Container {
 public:
  explicit Sawtooth(double leak_per_second) : leak_(leak_per_second) {}

 private:
  double value(int second) override {
    if (second == 0) {
      period_ = uniform(40, 180);
    }
    const double phase = std::fmod(second, period_) / period_;
    return 300 + 250 * phase + leak_ * second + normal(3);
  }
  double leak_;
  double period_ = 0;
};

/// A new version needs 30 % more, from one second to the next.
class Deploy : public Container {
  double value(int second) override {
    if (second == 0) {
      at_ = uniform(1'000, 3'000);
    }
    return (second < at_ ? 500 : 650) + normal(5);
  }
  double at_ = 0;
};

class Daily : public Container {
  double value(int second) override {
    if (second == 0) {
      hour_ = uniform(0, 24);
    }
    return 500 + 250 * std::sin(2 * std::numbers::pi * (hour_ / 24 + second / 86'400.0)) +
           normal(5);
  }
  double hour_ = 0;
};

class Walk : public Container {
  double value(int) override { return at_ = std::clamp(at_ + normal(0.7), 100.0, 950.0); }
  double at_ = 500;
};

/// 300 MB more for 5 to 30 s, every 1 to 10 minutes.
class Bursts : public Container {
  double value(int second) override {
    if (second >= end_) {
      begin_ = second + uniform(60, 600);
      end_ = begin_ + uniform(5, 30);
    }
    return 400 + (second >= begin_ ? 300 : 0) + normal(5);
  }
  double begin_ = 0;
  double end_ = 0;
};

/// A cache that fills and then stays.
class WarmUp : public Container {
  double value(int second) override {
    if (second == 0) {
      begin_ = uniform(400, 1'200);
      constant_ = uniform(60, 400);
    }
    const double since = std::max(0.0, second - begin_);
    return 300 + 450 * (1 - std::exp(-since / constant_)) + normal(4);
  }
  double begin_ = 0;
  double constant_ = 1;
};

/// Begins to leak after some time and reaches the limit within the hour.
class Leak : public Container {
 public:
  explicit Leak(double noise) : noise_(noise) {}

 private:
  double value(int second) override {
    if (second == 0) {
      begin_ = uniform(300, 1'200);
      slope_ = uniform(0.4, 1.5);
    }
    return 300 + std::max(0.0, second - begin_) * slope_ + normal(noise_);
  }
  double noise_;
  double begin_ = 0;
  double slope_ = 0;
};

/// Once in the hour 50 % more, for 20 s.
class Spike : public Container {
  double value(int second) override {
    if (second == 0) {
      at_ = uniform(1'000, 3'000);
    }
    const bool now = second >= at_ && second < at_ + 20;
    return (now ? 750 : 500) + normal(5);
  }
  double at_ = 0;
};

struct Kind {
  std::string_view name;
  bool sick;  // runs into the limit
  std::unique_ptr<Container> (*make)();
};
template <typename T, auto... kArguments>
std::unique_ptr<Container> make() {
  return std::make_unique<T>(kArguments...);
}
constexpr Kind kKinds[] = {
    {"steady, with noise", false, make<Steady>},
    {"heap of a collector", false, make<Sawtooth, 0>},
    {"deploy that needs 30 % more", false, make<Deploy>},
    {"daily pattern", false, make<Daily>},
    {"random walk", false, make<Walk>},
    {"bursts", false, make<Bursts>},
    {"cache that warms up", false, make<WarmUp>},
    {"one spike of 20 s", false, make<Spike>},
    {"leak", true, make<Leak, 5>},
    {"leak, much noise", true, make<Leak, 40>},
    {"heap that leaks", true, [] { return std::unique_ptr<Container>(new Sawtooth(0.2)); }},
};

struct Rule {
  std::string_view name;
  std::string_view expression;
  int for_seconds;
};
constexpr Rule kRules[] = {
    {"predict_linear", "predict_linear(x[5m], 600) > 1000", 60},
    {"cgs_time_to", "cgs_time_to(1000, x[5m]) < 600", 60},
    {"of peaks", "cgs_time_to(1000, max_over_time(x[200s])[15m:10s]) < 600", 60},
    {"smoothed", "x > 1.3 * double_exponential_smoothing(x[5m], 0.05, 0.05)", 5},
    {"z-score", "(x - avg_over_time(x[10m])) / stddev_over_time(x[10m]) > 4", 5},
    {"mad score", "(x - quantile_over_time(0.5, x[10m])) / (1.4826 * mad_over_time(x[10m])) > 8",
     5},
    {"cgs_anomaly", "cgs_anomaly(x[10m]) > 8", 5},
};

struct Outcome {
  int fired = 0;
  int alerts = 0;
  std::vector<double> lead;
};

/// The alerts of one rule for one container.
struct Life {
  int held = 0;  // seconds for which the expression has had a value
  int alerts = 0;
  int first = -1;
};

void measure(const Kind& kind, std::size_t kind_index, std::size_t containers, int seconds,
             std::vector<Outcome>& outcomes) {
  promql::Engine engine;
  std::vector<promql::QueryId> queries;
  for (const Rule& rule : kRules) {
    queries.push_back(*engine.add(*promql::parse(rule.expression)));
  }
  std::vector<std::unique_ptr<Container>> all;
  Sample sample;
  Table& table = sample.tables.emplace_back("container", containers);
  for (std::size_t i = 0; i < containers; ++i) {
    all.push_back(kind.make());
    all.back()->seed(kind_index * 1'000 + i);
    table.occupy(i, Row{{{"n", std::to_string(i)}}, i + 1, false, {}});
  }
  Column& column = table.columns[table.add_column("x", MetricType::gauge, {})];
  std::vector<int> reached(containers, -1);
  std::vector<std::vector<Life>> lives(std::size(kRules), std::vector<Life>(containers));
  for (int second = 0; second < seconds; ++second) {
    bench::stop_if_interrupted();
    sample.time = Timestamp(std::chrono::seconds(1'000'000 + second));
    sample.elapsed = std::chrono::seconds(1);
    for (std::size_t i = 0; i < containers; ++i) {
      const double value = all[i]->value(second);
      column.set(i, value);
      if (value >= kLimit && reached[i] < 0) {
        reached[i] = second;
      }
    }
    engine.append(sample);
    for (std::size_t r = 0; r < std::size(kRules); ++r) {
      std::vector<std::uint8_t> there(containers);
      for (const promql::Element& element : engine.evaluate(queries[r], sample.time).elements) {
        there[std::stoul(std::string(element.labels.get("n")))] = 1;
      }
      for (std::size_t i = 0; i < containers; ++i) {
        Life& life = lives[r][i];
        life.held = there[i] != 0 ? life.held + 1 : 0;
        // What comes after the limit was reached warned nobody.
        if (life.held == kRules[r].for_seconds + 1 && reached[i] < 0) {
          ++life.alerts;
          life.first = life.first < 0 ? second : life.first;
        }
      }
    }
  }
  for (std::size_t r = 0; r < std::size(kRules); ++r) {
    for (std::size_t i = 0; i < containers; ++i) {
      const Life& life = lives[r][i];
      outcomes[r].fired += life.alerts > 0 ? 1 : 0;
      outcomes[r].alerts += life.alerts;
      if (life.first >= 0 && reached[i] >= 0) {
        outcomes[r].lead.push_back(reached[i] - life.first);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::hold_interrupts();
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  const std::size_t containers = quick ? 2 : 40;
  const int seconds = quick ? 300 : 3'600;
  for (const Rule& rule : kRules) {
    fmt::print("{:<16} {}, for {} s\n", rule.name, rule.expression, rule.for_seconds);
  }
  fmt::print(
      "\n{} containers of each kind, an hour; share that fired, alerts per container and hour, and "
      "for\n"
      "those that reach the limit the median time from the first alert to it\n\n{:<28}",
      containers, "");
  for (const Rule& rule : kRules) {
    fmt::print("  {:<16}", rule.name);
  }
  fmt::print("\n");
  for (std::size_t k = 0; k < std::size(kKinds); ++k) {
    std::vector<Outcome> outcomes(std::size(kRules));
    measure(kKinds[k], k, containers, seconds, outcomes);
    fmt::print("{:<28}", kKinds[k].name);
    for (const Outcome& outcome : outcomes) {
      const double of = static_cast<double>(containers);
      std::string cell =
          fmt::format("{:.0f} % {:.1f}", 100 * outcome.fired / of, outcome.alerts / of);
      if (kKinds[k].sick && !outcome.lead.empty()) {
        cell += fmt::format(" {:.0f} s", bench::median(outcome.lead));
      }
      fmt::print("  {:<16}", cell);
    }
    fmt::print("\n");
  }
  return 0;
}
