// What the kernel has summed up for one cgroup and everything below it, at one moment.
//
// Filled by the walk, or from files where the walk cannot load, so that everything after it is one
// way. A part that could not be read is absent, not zero. Counters only grow.
#pragma once

#include <cstdint>
#include <optional>

namespace cgsentry::kernel {

struct CpuTotals {
  std::uint64_t run_ns = 0;
  /// The walk's are raw: cpu.stat scales the two so that they add up to the run time.
  std::uint64_t user_ns = 0;
  std::uint64_t system_ns = 0;
};

struct BandwidthTotals {
  std::uint64_t periods = 0;
  std::uint64_t throttled_periods = 0;
  std::uint64_t throttled_ns = 0;
  std::uint64_t period_ns = 0;
  std::optional<std::uint64_t> quota_ns;  // a period; absent without a quota
};

struct MemoryTotals {
  std::uint64_t current_bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t swap_bytes = 0;
  std::uint64_t inactive_file_bytes = 0;
  std::optional<std::uint64_t> limit_bytes;
  std::uint64_t high_events = 0;
  std::uint64_t max_events = 0;
  std::uint64_t oom_events = 0;
  std::uint64_t oom_kill_events = 0;
};

/// Waiting: some task; stalled: all tasks that were not idle.
struct PressureTotals {
  std::uint64_t io_waiting_ns = 0;
  std::uint64_t io_stalled_ns = 0;
  std::uint64_t memory_waiting_ns = 0;
  std::uint64_t memory_stalled_ns = 0;
  std::uint64_t cpu_waiting_ns = 0;
  std::uint64_t cpu_stalled_ns = 0;
};

struct PidsTotals {
  std::uint64_t current = 0;
  std::optional<std::uint64_t> limit;
};

struct CgroupTotals {
  bool frozen = false;
  std::optional<CpuTotals> cpu;
  std::optional<BandwidthTotals> bandwidth;
  std::optional<MemoryTotals> memory;
  std::optional<PressureTotals> pressure;
  std::optional<PidsTotals> pids;
};

}  // namespace cgsentry::kernel
