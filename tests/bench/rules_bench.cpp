// What rules cost: rules_bench [--quick]
//
// Feeds the shipped rules with full samples (every metric of the catalogue present, values that
// move, nothing that breaches) for 100, 1,000 and 5,000 containers, and single expressions of each
// kind at 1,000. CPU time of the thread; no kernel and no root needed. The windows are full before
// anything is measured.
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "figures.h"
#include "healthy_node.h"
#include "interrupt.h"
#include "promql/engine.h"
#include "rule/rule_set.h"

namespace {

using namespace cgsentry;
using bench::cpu_ns;

constexpr int kWindowTicks = 310;  // the longest window of the shipped rules is 5 minutes

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void measure_pack(std::size_t size, int ticks) {
  const std::string path = CGSENTRY_RULES_DIR "/containers.yaml";
  auto rules = rule::load({{path, read(path)}});
  if (!rules) {
    throw std::runtime_error("the shipped rules do not load");
  }
  bench::HealthyNode node(size);
  std::vector<double> append_ns;
  std::vector<double> evaluate_ns;
  std::size_t breaches = 0;
  for (int i = -kWindowTicks; i < ticks; ++i) {
    bench::stop_if_interrupted();
    const Sample& sample = node.tick();
    const double start = cpu_ns();
    rules->append(sample);
    const double appended = cpu_ns();
    for (const RuleResult& result : rules->evaluate(sample.time, false)) {
      breaches += result.breaches.size();
    }
    if (i >= 0) {
      append_ns.push_back(appended - start);
      evaluate_ns.push_back(cpu_ns() - appended);
    }
  }
  const double append = bench::median(append_ns);
  const double evaluate = bench::median(evaluate_ns);
  const double cells = static_cast<double>(rules->alert_rules().size() * size);
  fmt::print(
      "{:>6} containers, {} rules: windows {:>8.1f} us, rules {:>8.1f} us ({:.1f} ns per rule "
      "and container), {:.1f} MiB, {} breaches\n",
      size, rules->alert_rules().size(), append / 1e3, evaluate / 1e3, evaluate / cells,
      static_cast<double>(rules->memory_bytes()) / (1 << 20), breaches);
}

struct Kind {
  std::string_view name;
  std::string_view expression;
  int window_ticks = kWindowTicks;
};
constexpr Kind kKinds[] = {
    {"threshold", "container_memory_usage_bytes > 1e12"},
    {"ratio of gauges", "container_memory_usage_bytes / container_spec_memory_limit_bytes > 2"},
    {"rate[1m]", "rate(container_cpu_user_seconds_total[1m]) > 10"},
    {"ratio of rates",
     "rate(container_cpu_cfs_throttled_periods_total[1m]) / "
     "rate(container_cpu_cfs_periods_total[1m]) "
     "> 2"},
    {"max_over_time[1m]", "max_over_time(container_memory_usage_bytes[1m]) > 1e12"},
    {"avg_over_time[5m]", "avg_over_time(container_memory_usage_bytes[5m]) > 1e12"},
    {"predict_linear[5m]", "predict_linear(container_memory_usage_bytes[5m], 600) > 1e12"},
    {"mad_over_time[5m]", "mad_over_time(container_memory_usage_bytes[5m]) > 1e12"},
    {"smoothing[5m]",
     "double_exponential_smoothing(container_memory_usage_bytes[5m], 0.1, 0.1) > 1e12"},
    {"z-score[5m]",
     "(container_memory_usage_bytes - avg_over_time(container_memory_usage_bytes[5m])) / "
     "stddev_over_time(container_memory_usage_bytes[5m]) > 1e12"},
    {"cgs_time_to[5m]", "cgs_time_to(1e12, container_memory_usage_bytes[5m]) < 1"},
    // A counter grows all the time, so all of the work is done.
    {"cgs_time_to[5m], rising", "cgs_time_to(1e12, container_cpu_user_seconds_total[5m]) < 1"},
    {"cgs_anomaly[5m]", "cgs_anomaly(container_memory_usage_bytes[5m]) > 1e12"},
    {"cgs_anomaly[1h]", "cgs_anomaly(container_memory_usage_bytes[1h]) > 1e12", 3'610},
    {"avg_over_time[6h]", "avg_over_time(container_memory_usage_bytes[6h]) > 1e12"},
    {"increase[1d]", "increase(container_cpu_user_seconds_total[1d]) > 1e12"},
    {"sum by (id)", "sum by (id) (container_memory_usage_bytes) > 1e12"},
    {"topk(5)", "topk(5, container_memory_usage_bytes) > 1e12"},
};

void measure_kind(const Kind& kind, std::size_t size, int ticks) {
  promql::Engine engine;
  const auto query = engine.add(*promql::parse(kind.expression));
  bench::HealthyNode node(size);
  std::vector<double> ns;
  for (int i = -kind.window_ticks; i < ticks; ++i) {
    const Sample& sample = node.tick();
    engine.append(sample);
    const double start = cpu_ns();
    if (!engine.evaluate(*query, sample.time).ok()) {
      throw std::runtime_error("an expression failed");
    }
    if (i >= 0) {
      ns.push_back(cpu_ns() - start);
    }
  }
  fmt::print("  {:<24} {:>8.1f} ns per container\n", kind.name,
             bench::median(ns) / static_cast<double>(size));
}

/// A rate that is recorded and compared afterwards, beside the same rate compared at once.
void measure_recording(std::size_t size, int ticks) {
  promql::Engine engine;
  const std::string rate = "rate(container_cpu_user_seconds_total[1m])";
  const auto record = engine.add_record(*engine.add(*promql::parse(rate)), {"rate", {}, {}, 0}, {});
  const auto query = engine.add(*promql::parse("rate > 10"));
  bench::HealthyNode node(size);
  std::vector<double> ns;
  for (int i = -kWindowTicks; i < ticks; ++i) {
    const Sample& sample = node.tick();
    engine.append(sample);
    const double start = cpu_ns();
    if (!engine.record(record, sample.time).empty() || !engine.evaluate(*query, sample.time).ok()) {
      throw std::runtime_error("an expression failed");
    }
    if (i >= 0) {
      ns.push_back(cpu_ns() - start);
    }
  }
  fmt::print("  {:<24} {:>8.1f} ns per container\n", "recorded rate[1m]",
             bench::median(ns) / static_cast<double>(size));
}

}  // namespace

int main(int argc, char** argv) {
  bench::hold_interrupts();
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  const int ticks = quick ? 5 : 200;
  for (const std::size_t size :
       quick ? std::vector<std::size_t>{100} : std::vector<std::size_t>{100, 1'000, 5'000}) {
    measure_pack(size, ticks);
  }
  fmt::print("\nsingle expressions at {} containers\n", quick ? 100 : 1'000);
  for (const Kind& kind : kKinds) {
    bench::stop_if_interrupted();
    measure_kind(kind, quick ? 100 : 1'000, ticks);
  }
  measure_recording(quick ? 100 : 1'000, ticks);
  return 0;
}
