// What a tick costs the agent: tick_bench [--quick]
//
// Stands up the agent's own collector and the shipped rules over a fleet of live containers and
// ticks once a second of nothing else, for 100, 1,000 and 5,000 containers, each in a process of
// its own. CPU time is the thread's own (CLOCK_THREAD_CPUTIME_ID), system calls and the walk
// included. In the same run, in turns with the ticks, the same containers' files are opened, read
// and closed.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "figures.h"
#include "fleet.h"
#include "interrupt.h"
#include "kernel/host/host.h"
#include "rule/rule_set.h"
#include "sampler/collector.h"

namespace {

using namespace cgsentry;

struct Plan {
  std::vector<std::size_t> sizes{100, 1000, 5000};
  int ticks = 40;
};
constexpr int kQuickTicks = 3;
/// The first ticks give every container its row, and read all of its files, which then are read in
/// turns (slow_files.h).
constexpr int kWarmTicks = 15;
constexpr std::size_t kWakersEvery = 10;

/// CPU time of this thread so far, in ms.
double cpu_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// "VmRSS", "VmHWM" and the like, in MiB.
double memory_mib(std::string_view field) {
  std::ifstream file("/proc/self/status");
  double kib = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field)) {
      kib = std::stod(line.substr(field.size() + 1));
    }
  }
  return kib / 1024;
}

/// One stage of the tick over all rounds.
struct Stage {
  std::string_view name;
  std::vector<double> ms;
};

template <typename Work>
void timed(Stage& stage, const Work& work) {
  const double before = cpu_ms();
  work();
  stage.ms.push_back(cpu_ms() - before);
}

struct Stages {
  Stage events{"drain of the events", {}};
  Stage sample{"sample", {}};
  Stage rules{"windows and rules", {}};
  Stage walk{"  of which the walk (run once more)", {}};
  Stage files{"files: open, read, close", {}};
};

rule::RuleSet shipped_rules() {
  const char* folder = std::getenv("CGSENTRY_RULES");
  const std::string path =
      std::string(folder != nullptr ? folder : CGSENTRY_RULES_DIR) + "/containers.yaml";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto rules = rule::load({{path, text}});
  if (!rules) {
    throw std::runtime_error("the shipped rules do not load");
  }
  return *std::move(rules);
}

void tick(sampler::Collector& collector, rule::RuleSet& rules, const SystemClock& clock,
          Stages& stages) {
  const Timestamp now = clock.now();
  const Duration monotonic = clock.monotonic_at(now);
  timed(stages.events, [&] {
    collector.sampler().note(
        collector.data_path().events().drain(now.time_since_epoch() - monotonic));
  });
  const Sample* sample = nullptr;
  timed(stages.sample, [&] { sample = &collector.sampler().take(now, monotonic); });
  timed(stages.rules, [&] {
    rules.append(*sample);
    static_cast<void>(rules.evaluate(now, sample->blind));
  });
}

void report(std::size_t size, const Stages& stages, std::size_t files, double rss_before_mib) {
  fmt::print("\n{} containers, {} ticks, one container in {} wakes 10 times a second\n", size,
             stages.sample.ms.size(), kWakersEvery);
  for (const Stage* stage :
       {&stages.events, &stages.sample, &stages.walk, &stages.rules, &stages.files}) {
    const bench::Figure ms = bench::figure_of(stage->ms);
    fmt::print("  {:<40} {:>9.3f} ms ({:.3f} .. {:.3f}) {:>10.0f} ns per container\n", stage->name,
               ms.median, ms.low, ms.high, ms.median * 1e6 / static_cast<double>(size));
  }
  const double tick_ms = bench::median(stages.events.ms) + bench::median(stages.sample.ms) +
                         bench::median(stages.rules.ms);
  const double ratio = bench::median(stages.files.ms) / tick_ms;
  fmt::print("  {:<40} {:>9.1f} MiB, peak {:.1f} MiB, {:.1f} MiB before the agent's parts\n",
             "memory (RSS)", memory_mib("VmRSS:"), memory_mib("VmHWM:"), rss_before_mib);
  fmt::print("  {:<40} {:>9}\n", "files per container", files);
  if (size == 1000) {
    bench::print_verdict("tick at 1,000", fmt::format("{:.2f} ms", tick_ms), "<= 1.5 ms",
                         tick_ms <= 1.5);
    bench::print_verdict("files / tick at 1,000", fmt::format("{:.0f} x", ratio), ">= 50 x",
                         ratio >= 50);
    bench::print_verdict("RSS at 1,000", fmt::format("{:.1f} MiB", memory_mib("VmRSS:")),
                         "<= 30 MB", memory_mib("VmRSS:") * 1.048576 <= 30);
  } else {
    fmt::print("  {:<40} {:>9.2f} ms, files / tick {:.0f} x\n", "tick", tick_ms, ratio);
  }
}

void measure(std::size_t size, int ticks) {
  const bench::Fleet fleet(size, kWakersEvery);
  const double rss_before_mib = memory_mib("VmRSS:");
  const SystemClock clock;
  // Room for the host's own cgroups beside the fleet's.
  const auto slots = static_cast<std::uint32_t>(std::max<std::size_t>(2048, size * 3 / 2));
  sampler::Collector collector({test::cgroup_root(), slots, {}}, clock.now());
  rule::RuleSet rules = shipped_rules();
  const std::vector<std::string> files = bench::files_of(fleet.paths().front());
  Stages stages;
  for (int i = -kWarmTicks; i < ticks; ++i) {
    bench::stop_if_interrupted();
    if (i == 0) {
      stages = {};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    tick(collector, rules, clock, stages);
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    timed(stages.walk, [&] {
      if (auto* walk = collector.data_path().walk()) {
        static_cast<void>(walk->run());
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    timed(stages.files, [&] { bench::read_files(fleet.paths(), files); });
  }
  if (collector.sampler().containers() < size) {
    throw std::runtime_error("not every container has a row");
  }
  report(size, stages, files.size(), rss_before_mib);
}

/// In a process of its own, so that the memory of one size does not count to the next.
int measure_alone(std::size_t size, int ticks) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 0;
    try {
      measure(size, ticks);
    } catch (const std::exception& error) {
      fmt::print(stderr, "tick_bench: {}\n", error.what());
      code = 1;
    }
    std::fflush(stdout);
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void raise_limits() {
  for (const auto resource : {RLIMIT_NOFILE, RLIMIT_NPROC}) {
    rlimit limit{};
    ::getrlimit(resource, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(resource, &limit);
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::hold_interrupts();
  raise_limits();
  Plan plan;
  if (argc > 1 && std::string_view(argv[1]) == "--quick") {
    plan = {{argc > 2 ? std::stoul(argv[2]) : 100}, argc > 3 ? std::stoi(argv[3]) : kQuickTicks};
  }
  for (const std::size_t size : plan.sizes) {
    if (const int code = measure_alone(size, plan.ticks); code != 0) {
      return code;
    }
  }
  return 0;
}
