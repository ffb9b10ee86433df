// Is a task that never leaves its CPU accounted while it runs? open_slice_bench [--quick]
//
// One task spins for 10 s under SCHED_FIFO, so that nothing takes its CPU away. Every second the
// rows of the sched program, open slice included, are compared with what the scheduler itself says:
//   * /proc/PID/schedstat, which the kernel brings up to date at each timer tick only (4 ms at 250
//     Hz, so a second can differ by 0.4 % without anybody being wrong);
//   * the task's CPU clock (clock_getcpuclockid), which is exact at any moment.
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "base/duration.h"
#include "figures.h"
#include "interrupt.h"
#include "kernel/host/host.h"
#include "support/own_cgroup.h"

namespace {

using namespace cgsentry;

/// The last CPU that this process may use; the bench itself keeps away from it.
int last_cpu() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ::sched_getaffinity(0, sizeof(allowed), &allowed);
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) {
      last = cpu;
    }
  }
  return last;
}

int spin(int cpu) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(static_cast<std::size_t>(cpu), &own);
  ::sched_setaffinity(0, sizeof(own), &own);
  sched_param parameters{};
  parameters.sched_priority = 1;
  if (::sched_setscheduler(0, SCHED_FIFO, &parameters) != 0) {
    return 1;
  }
  volatile bool forever = true;
  while (forever) {
  }
  return 0;
}

struct Reading {
  double rows_s = 0;
  double schedstat_s = 0;
  double clock_s = 0;
  std::uint64_t switches = 0;  // of the task, by /proc/PID/status
};

double clock_s(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    throw std::runtime_error("the task's CPU clock");
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double schedstat_s(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  double run_ns = 0;
  if (!(file >> run_ns)) {
    throw std::runtime_error("the spinner is gone (SCHED_FIFO refused?)");
  }
  return run_ns / 1e9;
}

std::uint64_t switches_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::uint64_t sum = 0;
  for (std::string key; file >> key;) {
    if (key == "voluntary_ctxt_switches:" || key == "nonvoluntary_ctxt_switches:") {
      std::uint64_t count = 0;
      file >> count;
      sum += count;
    }
  }
  return sum;
}

Reading read(kernel::DataPath& path, const SystemClock& clock, std::uint32_t slot, pid_t pid) {
  Reading reading;
  path.rows().begin_tick(clock.monotonic_at(clock.now()));
  reading.clock_s = clock_s(pid);
  reading.schedstat_s = schedstat_s(pid);
  reading.rows_s = to_seconds(Duration(path.rows().read(slot).totals.sched.run_ns));
  reading.switches = switches_of(pid);
  return reading;
}

double percent_off(double value, double reference) {
  return 100 * (value - reference) / reference;
}

int measure(int seconds) {
  const int cpu = last_cpu();
  test::OwnCgroup cgroup(test::cgroup_root(), "cgsentry-bench-spin-" + std::to_string(::getpid()));
  kernel::DataPath path(
      {64, test::cgroup_root(), {"lifecycle", "network", "processes", "oom", "walk"}});
  const auto slot = path.slots().assign(cgroup.id(), true);
  if (!slot) {
    throw std::runtime_error("no slot");
  }
  const SystemClock clock;
  const pid_t spinner = cgroup.start([cpu] { return spin(cpu); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // until its slice has begun

  fmt::print("{:>6} {:>12} {:>14} {:>14} {:>12} {:>12} {:>9}\n", "second", "rows", "schedstat",
             "CPU clock", "off schedstat", "off clock", "switches");
  double worst_schedstat = 0;
  double worst_clock = 0;
  int unbroken = 0;
  Reading last = read(path, clock, *slot, spinner);
  auto deadline = std::chrono::steady_clock::now();
  for (int second = 1; second <= seconds; ++second) {
    bench::stop_if_interrupted();
    std::this_thread::sleep_until(deadline += std::chrono::seconds(1));
    const Reading now = read(path, clock, *slot, spinner);
    const double rows = now.rows_s - last.rows_s;
    const double off_schedstat = percent_off(rows, now.schedstat_s - last.schedstat_s);
    const double off_clock = percent_off(rows, now.clock_s - last.clock_s);
    fmt::print("{:>6} {:>10.6f} s {:>12.6f} s {:>12.6f} s {:>+11.3f} % {:>+10.3f} % {:>9}\n",
               second, rows, now.schedstat_s - last.schedstat_s, now.clock_s - last.clock_s,
               off_schedstat, off_clock, now.switches - last.switches);
    worst_schedstat = std::max(worst_schedstat, std::abs(off_schedstat));
    worst_clock = std::max(worst_clock, std::abs(off_clock));
    unbroken += now.switches == last.switches ? 1 : 0;
    last = now;
  }
  fmt::print("\nseconds without any switch: {} of {}\n", unbroken, seconds);
  bench::print_verdict("largest error against schedstat", fmt::format("{:.2f} %", worst_schedstat),
                       "<= 2 %", worst_schedstat <= 2);
  bench::print_verdict("largest error against the CPU clock", fmt::format("{:.2f} %", worst_clock),
                       "<= 2 %", worst_clock <= 2);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bench::hold_interrupts();
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  try {
    return measure(quick ? 2 : 10);
  } catch (const std::exception& error) {
    fmt::print(stderr, "open_slice_bench: {}\n", error.what());
    return 1;
  }
}
