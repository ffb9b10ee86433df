// What rule files cost beside another evaluator: compare_bench [--paced] CONTAINERS TICKS FILE...
//
// --paced: a second passes before each tick, as in life, so that caches are as cold.
//
// Feeds the rules with the node of healthy_node.h until every window is full, then measures so many
// ticks. Out: one line of JSON with means over the ticks, CPU time of the thread, for compare.py in
// prometheus_compare/. No kernel and no root needed.
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "figures.h"
#include "healthy_node.h"
#include "interrupt.h"
#include "rule/rule_set.h"

namespace {

using namespace cgsentry;
using bench::cpu_ns;

// Longer than the ranges that are compared, which are 5 minutes and 1 minute back.
constexpr int kWindowTicks = 380;

std::string read(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw std::runtime_error(path + " cannot be read");
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

long resident_bytes() {
  std::ifstream file("/proc/self/statm");
  long total = 0;
  long resident = 0;
  file >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

void measure(std::size_t size, int ticks, bool paced, const std::vector<rule::SourceFile>& files) {
  auto rules = rule::load(files);
  if (!rules) {
    throw std::runtime_error(rules.error().front().to_string());
  }
  bench::HealthyNode node(size);
  double append_ns = 0;
  double worst_ns = 0;
  std::vector<double> evaluate_ns;
  std::size_t breaches = 0;
  for (int i = -kWindowTicks; i < ticks; ++i) {
    bench::stop_if_interrupted();
    if (paced && i >= 0) {
      ::sleep(1);
    }
    const Sample& sample = node.tick();
    const double start = cpu_ns();
    rules->append(sample);
    const double appended = cpu_ns();
    for (const RuleResult& result : rules->evaluate(sample.time, false)) {
      breaches += i < 0 ? 0 : result.breaches.size();
    }
    if (i >= 0) {
      const double end = cpu_ns();
      append_ns += appended - start;
      evaluate_ns.push_back(end - appended);
      worst_ns = std::max(worst_ns, end - start);
    }
  }
  double total = 0;
  for (const double each : evaluate_ns) {
    total += each;
  }
  fmt::print(R"({{"rules": {}, "append_ns": {:.0f}, "evaluate_ns": {:.0f}, "median_ns": {:.0f}, )"
             R"("worst_tick_ns": {:.0f}, "breaches": {}, "failures": {}, "engine_bytes": {}, )"
             R"("resident_bytes": {}}})"
             "\n",
             rules->rules().size(), append_ns / ticks, total / ticks, bench::median(evaluate_ns),
             worst_ns, breaches, rules->failures(), rules->memory_bytes(), resident_bytes());
}

}  // namespace

int main(int argc, char** argv) {
  bench::hold_interrupts();
  try {
    const bool paced = argc > 1 && std::string_view(argv[1]) == "--paced";
    argv += paced ? 1 : 0;
    argc -= paced ? 1 : 0;
    if (argc < 4) {
      throw std::runtime_error("usage: compare_bench [--paced] CONTAINERS TICKS FILE...");
    }
    std::vector<rule::SourceFile> files;
    for (int i = 3; i < argc; ++i) {
      files.push_back({argv[i], read(argv[i])});
    }
    measure(std::stoul(argv[1]), std::stoi(argv[2]), paced, files);
  } catch (const std::exception& error) {
    fmt::print(stderr, "compare_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
