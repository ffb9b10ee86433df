// The catalogue: THE list of metrics, with type, unit, constant labels, help and where each number
// comes from. One metric has one name from here to the JSON line; docs/metrics.md is checked
// against it. Tested by tests/unit/model/metric_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/sample.h"

namespace cgsentry {

/// What a metric is measured on: which table of the sample holds it.
enum class Subject : std::uint8_t { container, workload, agent };

/// Which probe or file feeds it. When that is not there, the metric is absent, not zero.
enum class Source : std::uint8_t {
  sched,           // BPF, sched_switch
  network,         // BPF, cgroup_skb
  processes,       // BPF, process hooks
  oom,             // BPF mark_victim and memory.events
  walk_cpu,        // the kernel's own totals, by the walk or from cpu.stat
  walk_bandwidth,  // cpu controller
  walk_memory,     // memory controller
  walk_pressure,   // PSI
  walk_pids,       // pids controller
  stat_memory,     // memory.stat, read every ten ticks
  stat_io,         // io.stat, read every ten ticks
  tree,            // the cgroup tree itself
  agent,           // the agent about itself
};

/// One column of a table: a metric with one set of constant labels.
struct MetricInfo {
  std::string_view name;
  MetricType type;
  Subject subject;
  Source source;
  /// At most two constant labels beside the row's; empty names are unused.
  std::array<std::array<std::string_view, 2>, 2> labels;
  std::string_view help;  // one sentence, with the unit
};

/// Index of a column in the catalogue. In the catalogue's order.
enum class Metric : std::uint8_t {
  cpu_usage,
  cpu_user,
  cpu_system,
  cpu_periods,
  cpu_throttled_periods,
  cpu_throttled,
  cpu_quota,
  cpu_period,
  cpu_run,
  cpu_switches,
  run_queue_wait,
  run_queue_waits,
  memory_usage,
  memory_working_set,
  memory_peak,
  memory_swap,
  memory_limit,
  memory_high_events,
  memory_max_events,
  memory_oom_events,
  memory_oom_kill_events,
  oom_events,
  memory_cache,
  memory_rss,
  memory_mapped_file,
  memory_page_faults,
  memory_major_page_faults,
  pressure_cpu_waiting,
  pressure_cpu_stalled,
  pressure_memory_waiting,
  pressure_memory_stalled,
  pressure_io_waiting,
  pressure_io_stalled,
  processes,
  pids_limit,
  processes_forked,
  processes_executed,
  processes_exited_ok,
  processes_exited_failed,
  processes_exited_signal,
  fs_read_bytes,
  fs_write_bytes,
  fs_reads,
  fs_writes,
  network_receive_bytes,
  network_receive_packets,
  network_transmit_bytes,
  network_transmit_packets,
  last_seen,
  start_time,
  frozen,
  restarts,
  count_,
};

inline constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::count_);

/// All metrics of containers and workloads, indexed by Metric.
[[nodiscard]] std::span<const MetricInfo, kMetrics> catalogue();

[[nodiscard]] inline const MetricInfo& info(Metric metric) {
  return catalogue()[static_cast<std::size_t>(metric)];
}

/// A metric of the agent about itself. Its columns depend on the host and the configuration (one
/// per probe, one per sink), so only the names are listed here.
struct AgentMetric {
  std::string_view name;
  std::string_view help;
};
[[nodiscard]] std::span<const AgentMetric> agent_catalogue();

/// The run-queue wait histogram follows the catalogue's columns in the container table:
/// container_cpu_run_queue_wait_seconds_bucket{le="..."}, cumulative, one column for each bound and
/// one for +Inf. Its sum and count are the two run-queue metrics above. The bounds are every fourth
/// power of two of nanoseconds (1 µs to 1 s), because the kernel side counts in powers of two.
inline constexpr std::string_view kWaitHistogram = "container_cpu_run_queue_wait_seconds_bucket";
inline constexpr std::array<std::uint64_t, 11> kWaitBoundsNs = {
    1ULL << 10, 1ULL << 12, 1ULL << 14, 1ULL << 16, 1ULL << 18, 1ULL << 20,
    1ULL << 22, 1ULL << 24, 1ULL << 26, 1ULL << 28, 1ULL << 30};

}  // namespace cgsentry
