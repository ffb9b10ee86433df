// Reads the counters of one slot out of the mapped [slot][cpu] arrays: a sum over the CPUs.
//
// A task that runs without a switch is not in any row yet: what it has used so far is the open
// slice of its CPU, added here from the CPU's state row under its sequence counter. One snapshot of
// the open slices serves all slots of a tick.
//
// All totals only grow for as long as a slot belongs to the same container. Thread: the loop.
// Tested by tests/unit/kernel/rows_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "abi.h"
#include "base/clock.h"

namespace cgsentry::kernel {

struct SchedTotals {
  std::uint64_t run_ns = 0;
  std::uint64_t switches = 0;
  std::uint64_t wait_ns = 0;
  std::uint64_t wait_count = 0;
  /// Bucket i: waits below 2^(i+8) ns; the last one takes the rest. Not cumulative.
  std::array<std::uint64_t, CGS_WAIT_BUCKETS> wait_buckets{};

  SchedTotals& operator+=(const SchedTotals& other);
};

struct NetworkTotals {
  std::uint64_t receive_bytes = 0;
  std::uint64_t receive_packets = 0;
  std::uint64_t transmit_bytes = 0;
  std::uint64_t transmit_packets = 0;

  NetworkTotals& operator+=(const NetworkTotals& other);
};

struct ProcessTotals {
  std::uint64_t forks = 0;
  std::uint64_t execs = 0;
  std::uint64_t exits = 0;
  std::uint64_t exits_failed = 0;
  std::uint64_t exits_signaled = 0;

  ProcessTotals& operator+=(const ProcessTotals& other);
};

class Rows {
 public:
  struct Tables {
    std::span<cgs_sched_row> sched;
    std::span<const cgs_cpu_row> cpus;
    std::span<cgs_network_row> network;
    std::span<cgs_process_row> processes;
    std::span<std::uint64_t> oom_victims;
  };

  explicit Rows(Tables tables);

  /// Takes the snapshot of open slices. `monotonic_now` is CLOCK_MONOTONIC, read before the call.
  void begin_tick(Duration monotonic_now);

  [[nodiscard]] SchedTotals sched(std::uint32_t slot);
  [[nodiscard]] NetworkTotals network(std::uint32_t slot) const;
  [[nodiscard]] ProcessTotals processes(std::uint32_t slot) const;
  [[nodiscard]] std::uint64_t oom_victims(std::uint32_t slot) const;

  /// Zeroes all rows of a slot whose cgroup is gone, before the slot is recycled.
  void clear(std::uint32_t slot);

 private:
  /// The slice that is open on one CPU, with the closed time of the same row at that moment.
  struct OpenSlice {
    std::uint32_t slot = CGS_SLOT_UNATTRIBUTED;
    std::uint64_t closed_ns = 0;
    std::uint64_t open_ns = 0;
  };
  /// The kernel's bucket counters have 32 bits; differences widen them.
  struct Widened {
    std::array<std::uint32_t, CGS_WAIT_BUCKETS> last{};
    std::array<std::uint64_t, CGS_WAIT_BUCKETS> total{};
  };

  [[nodiscard]] OpenSlice open_slice(std::uint32_t cpu, Duration monotonic_now) const;
  [[nodiscard]] std::size_t row(std::uint32_t slot, std::uint32_t cpu) const {
    return std::size_t{slot} * cpus_ + cpu;
  }

  Tables tables_;
  std::uint32_t cpus_;
  std::vector<OpenSlice> open_;             // one per CPU
  std::vector<std::uint64_t> last_run_ns_;  // one per slot: totals never go back
  std::vector<Widened> buckets_;            // one per slot
};

}  // namespace cgsentry::kernel
