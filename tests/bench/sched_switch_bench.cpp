// What the sched_switch program costs: sched_switch_bench [--quick]
//
// Compares the product's own handle_sched_switch with an empty program and with the usual design (a
// shared hash), see bpf/variants.bpf.c. Two measurements, both interleaved so that what else runs
// on the machine hits all alike:
//   * time inside the program, by the kernel's own BPF statistics (run_time_ns / run_cnt);
//   * what the switching tasks notice: CPU time and passes of the ping-pong, with the statistics
//     off, the program attached between two stretches without any.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <thread>

#include "base/fd.h"
#include "cgsentry.skel.h"
#include "figures.h"
#include "interrupt.h"
#include "kernel/host/host.h"
#include "kernel/mapped.h"
#include "kernel/programs.h"
#include "kernel/skeleton.h"
#include "kernel/slots.h"
#include "ping_pong.h"
#include "variants.skel.h"

namespace {

using namespace cgsentry;
using bench::Figure;
using Milliseconds = std::chrono::milliseconds;

struct Plan {
  int cost_rounds = 15;
  Milliseconds cost_stretch{200};
  int slowdown_rounds = 41;
  Milliseconds slowdown_stretch{100};
};
constexpr Plan kQuick{3, Milliseconds(40), 3, Milliseconds(20)};
/// After an attach or detach, before measuring.
constexpr Milliseconds kSettle{20};

/// The product's program, loaded and given slots as DataPath does, but not attached.
class Product {
 public:
  Product()
      : programs_(
            {2048, test::cgroup_root(), {"lifecycle", "network", "processes", "oom", "walk"}}),
        tags_(programs_.skeleton().maps.slot_tags),
        slot_rows_(programs_.skeleton().maps.slots),
        free_slots_(programs_.skeleton().maps.free_slots),
        rows_(programs_.skeleton().maps.sched_rows),
        slots_({tags_.rows(), slot_rows_.rows(), free_slots_.rows(),
                &programs_.skeleton().bss->free_slots_put,
                &programs_.skeleton().bss->free_slots_taken},
               1024, nullptr) {}

  [[nodiscard]] bpf_program* program() const {
    return programs_.skeleton().progs.handle_sched_switch;
  }
  /// Without its slot the cgroup would count to nobody, at the price of a hash lookup.
  void know(std::uint64_t cgroup_id) {
    if (!slots_.assign(cgroup_id, true)) {
      throw std::runtime_error("no slot");
    }
  }
  [[nodiscard]] std::uint64_t unattributed_switches() const {
    std::uint64_t sum = 0;
    for (std::uint32_t cpu = 0; cpu < programs_.cpus(); ++cpu) {
      sum += rows_.rows()[cpu].switches;
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t switches() const {
    std::uint64_t sum = 0;
    for (const cgs_sched_row& row : rows_.rows()) {
      sum += row.switches;
    }
    return sum;
  }

 private:
  kernel::Programs programs_;
  kernel::Mapped<cgs_tag> tags_;
  kernel::Mapped<cgs_slot> slot_rows_;
  kernel::Mapped<std::uint64_t> free_slots_;
  kernel::Mapped<cgs_sched_row> rows_;
  kernel::Slots slots_;
};

struct Candidate {
  std::string_view name;
  bpf_program* program = nullptr;  // null: nothing is attached
  std::vector<double> cost_ns;     // one per round
  std::vector<double> cpu_ratio;   // CPU time per pass, against none
  std::vector<double> rate_ratio;  // passes per second, against none
};

/// A cgroup's id is the inode of its directory.
std::uint64_t inode_of(const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) {
    throw std::runtime_error("stat " + folder);
  }
  return status.st_ino;
}

struct LinkDestroy {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Link = std::unique_ptr<bpf_link, LinkDestroy>;

Link attach(const Candidate& candidate) {
  if (candidate.program == nullptr) {
    return {};
  }
  Link link(bpf_program__attach(candidate.program));
  if (!link) {
    throw std::runtime_error("attach " + std::string(candidate.name));
  }
  return link;
}

struct RunStatistics {
  std::uint64_t time_ns = 0;
  std::uint64_t count = 0;
};

RunStatistics run_statistics(const bpf_program* program) {
  bpf_prog_info info{};
  __u32 size = sizeof(info);
  if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) != 0) {
    throw std::runtime_error("program statistics");
  }
  return {info.run_time_ns, info.run_cnt};
}

double cost_of(const Candidate& candidate, Milliseconds stretch) {
  const Link link = attach(candidate);
  const Fd statistics(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!statistics.valid()) {
    throw std::runtime_error("BPF_ENABLE_STATS");
  }
  std::this_thread::sleep_for(kSettle);
  const RunStatistics before = run_statistics(candidate.program);
  std::this_thread::sleep_for(stretch);
  const RunStatistics after = run_statistics(candidate.program);
  return static_cast<double>(after.time_ns - before.time_ns) /
         static_cast<double>(after.count - before.count);
}

struct Speed {
  double cpu_ns_per_pass = 0;
  double passes_per_s = 0;
};

Speed speed_of(const bench::PingPong& load, Milliseconds stretch) {
  std::this_thread::sleep_for(kSettle);
  const auto began = std::chrono::steady_clock::now();
  const std::uint64_t cpu_before = load.cpu_ns();
  const std::uint64_t passes_before = load.passes();
  std::this_thread::sleep_for(stretch);
  const auto cpu_ns = static_cast<double>(load.cpu_ns() - cpu_before);
  const auto passes = static_cast<double>(load.passes() - passes_before);
  const auto elapsed = std::chrono::steady_clock::now() - began;
  return {cpu_ns / passes, passes / std::chrono::duration<double>(elapsed).count()};
}

void measure_cost(std::vector<Candidate>& candidates, const Plan& plan) {
  for (int round = 0; round < plan.cost_rounds; ++round) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      bench::stop_if_interrupted();
      Candidate& candidate = candidates[(i + static_cast<std::size_t>(round)) % candidates.size()];
      if (candidate.program != nullptr) {
        candidate.cost_ns.push_back(cost_of(candidate, plan.cost_stretch));
      }
    }
  }
}

void measure_slowdown(std::vector<Candidate>& candidates, const bench::PingPong& load,
                      const Plan& plan) {
  for (int round = 0; round < plan.slowdown_rounds; ++round) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      bench::stop_if_interrupted();
      Candidate& candidate = candidates[(i + static_cast<std::size_t>(round)) % candidates.size()];
      const Speed before = speed_of(load, plan.slowdown_stretch);
      Link link = attach(candidate);
      const Speed with = speed_of(load, plan.slowdown_stretch);
      link.reset();
      const Speed after = speed_of(load, plan.slowdown_stretch);
      candidate.cpu_ratio.push_back(2 * with.cpu_ns_per_pass /
                                    (before.cpu_ns_per_pass + after.cpu_ns_per_pass));
      candidate.rate_ratio.push_back(2 * with.passes_per_s /
                                     (before.passes_per_s + after.passes_per_s));
    }
  }
}

/// Round by round, because neighbouring measurements share the machine's mood.
std::vector<double> paired(const std::vector<double>& left, const std::vector<double>& right,
                           double (*combine)(double, double)) {
  std::vector<double> values;
  for (std::size_t i = 0; i < left.size(); ++i) {
    values.push_back(combine(left[i], right[i]));
  }
  return values;
}

void report(const std::vector<Candidate>& candidates) {
  fmt::print("{:<14} {:>28} {:>30} {:>30}\n", "program", "ns per run (quartiles)",
             "CPU per pass vs none", "passes per second vs none");
  for (const Candidate& candidate : candidates) {
    const Figure cpu = bench::figure_of(candidate.cpu_ratio);
    const Figure rate = bench::figure_of(candidate.rate_ratio);
    std::string cost = "-";
    if (!candidate.cost_ns.empty()) {
      const Figure ns = bench::figure_of(candidate.cost_ns);
      cost = fmt::format("{:.1f} ({:.1f} .. {:.1f})", ns.median, ns.low, ns.high);
    }
    fmt::print("{:<14} {:>28} {:>30} {:>30}\n", candidate.name, cost,
               fmt::format("{:.3f} ({:.3f} .. {:.3f})", cpu.median, cpu.low, cpu.high),
               fmt::format("{:.3f} ({:.3f} .. {:.3f})", rate.median, rate.low, rate.high));
  }
}

void judge(const Candidate& empty, const Candidate& product, const Candidate& hash) {
  const auto minus = [](double left, double right) { return left - right; };
  const auto over = [](double left, double right) { return left / right; };
  const std::vector<double> product_net = paired(product.cost_ns, empty.cost_ns, minus);
  const std::vector<double> hash_net = paired(hash.cost_ns, empty.cost_ns, minus);
  const Figure net = bench::figure_of(product_net);
  const double gross_ratio = bench::median(paired(product.cost_ns, hash.cost_ns, over));
  const double net_ratio = bench::median(paired(product_net, hash_net, over));
  const double points = 100 * (bench::median(product.cpu_ratio) - bench::median(empty.cpu_ratio));
  fmt::print("\n");
  bench::print_verdict("product over empty (net)", fmt::format("{:.1f} ns", net.median), "<= 35 ns",
                       net.median <= 35);
  fmt::print("  {:<44} {:>7.1f} .. {:.1f} ns\n", "  its quartiles", net.low, net.high);
  fmt::print("  {:<44} {:>11.1f} ns\n", "shared hash over empty (net)", bench::median(hash_net));
  bench::print_verdict("product / shared hash, whole program (gross)",
                       fmt::format("{:.2f}", gross_ratio), "<= 0.45", gross_ratio <= 0.45);
  bench::print_verdict("product / shared hash, both net over empty",
                       fmt::format("{:.2f}", net_ratio), "<= 0.45", net_ratio <= 0.45);
  bench::print_verdict("slowdown beyond the empty program's", fmt::format("{:.1f} points", points),
                       "<= 3 points", points <= 3);
}

int measure(const Plan& plan) {
  bench::PingPong load;
  Product product;
  kernel::Skeleton<variants_bpf> variants;
  if (!variants || variants.load() != 0) {
    throw std::runtime_error("load of the variants");
  }
  for (const std::uint64_t id : load.cgroup_ids()) {
    product.know(id);
  }
  product.know(inode_of(test::cgroup_root()));  // where all else runs
  std::vector<Candidate> candidates{
      {.name = "none"},
      {.name = "empty", .program = variants->progs.measure_empty},
      {.name = "product", .program = product.program()},
      {.name = "shared hash", .program = variants->progs.measure_shared_hash}};
  measure_cost(candidates, plan);
  measure_slowdown(candidates, load, plan);
  fmt::print(
      "ping-pong: {} tasks, {} rounds of cost, {} of slowdown; {:.1f} % of the product's "
      "switches by others\n\n",
      load.cgroup_ids().size(), plan.cost_rounds, plan.slowdown_rounds,
      100 * static_cast<double>(product.unattributed_switches()) /
          static_cast<double>(product.switches()));
  report(candidates);
  judge(candidates[1], candidates[2], candidates[3]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bench::hold_interrupts();
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  try {
    return measure(quick ? kQuick : Plan{});
  } catch (const std::exception& error) {
    fmt::print(stderr, "sched_switch_bench: {}\n", error.what());
    return 1;
  }
}
