// Reads the counters of one slot out of the mapped [slot][cpu] arrays: a sum over the CPUs.
//
// A task that runs without a switch is not in any row yet: what it has used so far is the open
// slice of its CPU, added here from the CPU's state row under its sequence counter. One snapshot of
// the open slices serves all slots of a tick.
//
// Most containers do nothing most of the time: a reading says which parts differ from the reading
// before, and what did not change is not looked at further than its first cache line.
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
  bool operator==(const NetworkTotals&) const = default;
};

struct ProcessTotals {
  std::uint64_t forks = 0;
  std::uint64_t execs = 0;
  std::uint64_t exits = 0;
  std::uint64_t exits_failed = 0;
  std::uint64_t exits_signaled = 0;

  ProcessTotals& operator+=(const ProcessTotals& other);
  bool operator==(const ProcessTotals&) const = default;
};

/// All that the programs count for one slot.
struct SlotTotals {
  NetworkTotals network;
  ProcessTotals processes;
  std::uint64_t oom_victims = 0;
  SchedTotals sched;  // the last, because its buckets are read seldom

  SlotTotals& operator+=(const SlotTotals& other);
};

/// Bits of SlotReading::changed.
enum SlotPart : unsigned {
  kSchedPart = 1 << 0,
  kNetworkPart = 1 << 1,
  kProcessPart = 1 << 2,
  kOomPart = 1 << 3,
  kAllParts = (1 << 4) - 1,
};

struct SlotReading {
  /// Valid until the next reading of the slot.
  const SlotTotals& totals;
  /// Which parts differ from the reading before, or from zero.
  unsigned changed = 0;
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

  /// Brings the totals of a slot up to date.
  SlotReading read(std::uint32_t slot);

  /// Nothing was counted for the slot since its last reading, provided that no task of it has run:
  /// a task that did is to be seen in the kernel's own CPU totals. Packets come without one, too.
  [[nodiscard]] bool untouched(std::uint32_t slot) const {
    const Activity& last = activity_[slot];
    return last.settled && !open_slots_[slot] && last.without_task == without_task(slot);
  }

  /// Zeroes all rows of a slot whose cgroup is gone, before the slot is recycled.
  void clear(std::uint32_t slot);

 private:
  /// The slice that is open on one CPU, with the closed time of the same row at that moment.
  struct OpenSlice {
    std::uint32_t slot = CGS_SLOT_UNATTRIBUTED;
    std::uint64_t closed_ns = 0;
    std::uint64_t open_ns = 0;
  };
  /// The kernel's bucket counters have 32 bits; differences to the last ones widen them.
  using Buckets = std::array<std::uint32_t, CGS_WAIT_BUCKETS>;

  struct Activity {
    std::uint64_t sum = 0;
    std::uint64_t without_task = 0;  // the part of it that moves though no task runs
    /// The reading after the sum changed is done, too: whatever was counted together with it shows
    /// by then.
    bool settled = false;
  };

  /// A sum of counters of which one moves whenever any of the slot's does.
  [[nodiscard]] std::uint64_t activity(std::uint32_t slot) const;
  [[nodiscard]] std::uint64_t without_task(std::uint32_t slot) const;
  bool read_sched(std::uint32_t slot, SchedTotals& totals);
  void read_buckets(std::uint32_t slot, SchedTotals& totals);
  [[nodiscard]] NetworkTotals network(std::uint32_t slot) const;
  [[nodiscard]] ProcessTotals processes(std::uint32_t slot) const;
  [[nodiscard]] OpenSlice open_slice(std::uint32_t cpu, Duration monotonic_now) const;
  [[nodiscard]] std::size_t row(std::uint32_t slot, std::uint32_t cpu) const {
    return std::size_t{slot} * cpus_ + cpu;
  }

  Tables tables_;
  std::uint32_t cpus_;
  std::vector<OpenSlice> open_;     // one per CPU
  std::vector<bool> open_slots_;    // by slot: a CPU has a slice of it open
  std::vector<Activity> activity_;  // one per slot, at its last reading
  std::vector<SlotTotals> totals_;  // one per slot
  std::vector<Buckets> last_;       // one per slot
};

}  // namespace cgsentry::kernel
