#include "model/metric.h"

namespace cgsentry {

namespace {

constexpr MetricType kCounter = MetricType::counter;
constexpr MetricType kGauge = MetricType::gauge;
constexpr Subject kContainer = Subject::container;

using Constant = std::array<std::array<std::string_view, 2>, 2>;
constexpr Constant kNone{};

constexpr Constant with(std::string_view name, std::string_view value) {
  return Constant{{{name, value}, {}}};
}
constexpr Constant fault(std::string_view type) {
  return Constant{{{"failure_type", type}, {"scope", "hierarchy"}}};
}

constexpr std::array<MetricInfo, kMetrics> kCatalogue{{
    {"container_cpu_usage_seconds_total", kCounter, kContainer, Source::walk_cpu,
     with("cpu", "total"), "CPU time used, in seconds."},
    {"container_cpu_user_seconds_total", kCounter, kContainer, Source::walk_cpu, kNone,
     "CPU time used in user mode, in seconds."},
    {"container_cpu_system_seconds_total", kCounter, kContainer, Source::walk_cpu, kNone,
     "CPU time used in the kernel, in seconds."},
    {"container_cpu_cfs_periods_total", kCounter, kContainer, Source::walk_bandwidth, kNone,
     "Quota periods in which the container wanted to run."},
    {"container_cpu_cfs_throttled_periods_total", kCounter, kContainer, Source::walk_bandwidth,
     kNone, "Quota periods in which the container was throttled."},
    {"container_cpu_cfs_throttled_seconds_total", kCounter, kContainer, Source::walk_bandwidth,
     kNone, "Time for which the run queues of the container were throttled, in seconds."},
    {"container_spec_cpu_quota", kGauge, kContainer, Source::walk_bandwidth, kNone,
     "CPU quota of one period, in microseconds. Absent without a quota."},
    {"container_spec_cpu_period", kGauge, kContainer, Source::walk_bandwidth, kNone,
     "Length of a quota period, in microseconds."},
    {"container_cpu_run_seconds_total", kCounter, kContainer, Source::sched, kNone,
     "Time on a CPU as the scheduler's hook saw it, interrupts included, in seconds."},
    {"container_cpu_switches_total", kCounter, kContainer, Source::sched, kNone,
     "Times that a task of the container left a CPU."},
    {"container_cpu_run_queue_wait_seconds_total", kCounter, kContainer, Source::sched, kNone,
     "Time that tasks were ready but did not run, own throttling included, in seconds."},
    {"container_cpu_run_queue_waits_total", kCounter, kContainer, Source::sched, kNone,
     "Times that a task waited in a run queue."},
    {"container_memory_usage_bytes", kGauge, kContainer, Source::walk_memory, kNone,
     "Memory charged, page cache included, in bytes."},
    {"container_memory_working_set_bytes", kGauge, kContainer, Source::walk_memory, kNone,
     "Memory charged without the inactive file pages, in bytes."},
    {"container_memory_max_usage_bytes", kGauge, kContainer, Source::walk_memory, kNone,
     "Highest memory charge, in bytes."},
    {"container_memory_swap", kGauge, kContainer, Source::walk_memory, kNone,
     "Swap used, in bytes."},
    {"container_spec_memory_limit_bytes", kGauge, kContainer, Source::walk_memory, kNone,
     "Memory limit, in bytes. 0 without a limit."},
    {"container_memory_events_total", kCounter, kContainer, Source::walk_memory,
     with("event", "high"), "Events of the memory controller, by the kernel's names."},
    {"container_memory_events_total", kCounter, kContainer, Source::walk_memory,
     with("event", "max"), "Events of the memory controller, by the kernel's names."},
    {"container_memory_events_total", kCounter, kContainer, Source::walk_memory,
     with("event", "oom"), "Events of the memory controller, by the kernel's names."},
    {"container_memory_events_total", kCounter, kContainer, Source::walk_memory,
     with("event", "oom_kill"), "Events of the memory controller, by the kernel's names."},
    {"container_oom_events_total", kCounter, kContainer, Source::oom, kNone,
     "Processes of the container that the OOM killer killed."},
    {"container_memory_cache", kGauge, kContainer, Source::stat_memory, kNone,
     "Page cache, in bytes."},
    {"container_memory_rss", kGauge, kContainer, Source::stat_memory, kNone,
     "Anonymous memory, in bytes."},
    {"container_memory_mapped_file", kGauge, kContainer, Source::stat_memory, kNone,
     "Files mapped into memory, in bytes."},
    {"container_memory_failures_total", kCounter, kContainer, Source::stat_memory, fault("pgfault"),
     "Page faults."},
    {"container_memory_failures_total", kCounter, kContainer, Source::stat_memory,
     fault("pgmajfault"), "Page faults."},
    {"container_pressure_cpu_waiting_seconds_total", kCounter, kContainer, Source::walk_pressure,
     kNone, "Time in which some task waited for a CPU, in seconds."},
    {"container_pressure_cpu_stalled_seconds_total", kCounter, kContainer, Source::walk_pressure,
     kNone, "Time in which all tasks waited for a CPU, in seconds."},
    {"container_pressure_memory_waiting_seconds_total", kCounter, kContainer, Source::walk_pressure,
     kNone, "Time in which some task waited for memory, in seconds."},
    {"container_pressure_memory_stalled_seconds_total", kCounter, kContainer, Source::walk_pressure,
     kNone, "Time in which all tasks waited for memory, in seconds."},
    {"container_pressure_io_waiting_seconds_total", kCounter, kContainer, Source::walk_pressure,
     kNone, "Time in which some task waited for I/O, in seconds."},
    {"container_pressure_io_stalled_seconds_total", kCounter, kContainer, Source::walk_pressure,
     kNone, "Time in which all tasks waited for I/O, in seconds."},
    {"container_processes", kGauge, kContainer, Source::walk_pids, kNone,
     "Tasks of the container, as the pids controller counts them."},
    {"container_spec_pids_limit", kGauge, kContainer, Source::walk_pids, kNone,
     "Limit of tasks. Absent without a limit."},
    {"container_processes_forked_total", kCounter, kContainer, Source::processes, kNone,
     "Processes started by fork."},
    {"container_processes_executed_total", kCounter, kContainer, Source::processes, kNone,
     "Programs started by exec."},
    {"container_processes_exited_total", kCounter, kContainer, Source::processes,
     with("cause", "ok"), "Processes that ended, by how."},
    {"container_processes_exited_total", kCounter, kContainer, Source::processes,
     with("cause", "failed"), "Processes that ended, by how."},
    {"container_processes_exited_total", kCounter, kContainer, Source::processes,
     with("cause", "signal"), "Processes that ended, by how."},
    {"container_fs_reads_bytes_total", kCounter, kContainer, Source::stat_io, kNone,
     "Bytes read from block devices."},
    {"container_fs_writes_bytes_total", kCounter, kContainer, Source::stat_io, kNone,
     "Bytes written to block devices."},
    {"container_fs_reads_total", kCounter, kContainer, Source::stat_io, kNone,
     "Reads from block devices."},
    {"container_fs_writes_total", kCounter, kContainer, Source::stat_io, kNone,
     "Writes to block devices."},
    {"container_network_receive_bytes_total", kCounter, kContainer, Source::network,
     with("interface", "all"), "Bytes received by sockets, network layer and above."},
    {"container_network_receive_packets_total", kCounter, kContainer, Source::network,
     with("interface", "all"), "Packets received by sockets."},
    {"container_network_transmit_bytes_total", kCounter, kContainer, Source::network,
     with("interface", "all"), "Bytes sent by sockets, network layer and above."},
    {"container_network_transmit_packets_total", kCounter, kContainer, Source::network,
     with("interface", "all"), "Packets sent by sockets."},
    {"container_last_seen", kGauge, kContainer, Source::tree, kNone,
     "When the container was last seen, in seconds since 1970."},
    {"container_start_time_seconds", kGauge, kContainer, Source::tree, kNone,
     "When the container's cgroup was made, in seconds since 1970. Absent when it is older than "
     "the agent."},
    {"container_frozen", kGauge, kContainer, Source::walk_cpu, kNone,
     "1 while the container is frozen."},
    {"container_restarts_total", kCounter, Subject::workload, Source::tree, kNone,
     "Times that a workload came back after its last process had failed or been killed."},
}};

constexpr std::array kAgentCatalogue{
    AgentMetric{"cgsentry_ticks_total", "Ticks, early ones included."},
    AgentMetric{"cgsentry_ticks_missed_total", "Deadlines that passed without a tick."},
    AgentMetric{"cgsentry_tick_lateness_seconds", "How late the last tick began, in seconds."},
    AgentMetric{"cgsentry_tick_duration_seconds", "How long the last tick took, in seconds."},
    AgentMetric{"cgsentry_containers", "Rows of containers, services and slices."},
    AgentMetric{"cgsentry_rows_refused_total", "Cgroups for which there was no slot."},
    AgentMetric{"cgsentry_events_lost_total", "Kernel events that were lost, by cause."},
    AgentMetric{"cgsentry_unattributed_run_seconds_total",
                "CPU time that could not be given to a cgroup, in seconds."},
    AgentMetric{"cgsentry_walk_failures_total", "Walks over the cgroup tree that failed."},
    AgentMetric{"cgsentry_probe_up", "1 when a probe is loaded and attached."},
    AgentMetric{"cgsentry_rule_failures_total", "Evaluations of rules that failed."},
    AgentMetric{"cgsentry_rules_reload_failed",
                "1 when the rules could not be read again, so that the old ones stay."},
    AgentMetric{"cgsentry_recorded_refused_total",
                "Recorded series that found no room, one per series and evaluation."},
    AgentMetric{"cgsentry_window_overruns_total",
                "Samples that a window dropped although a rule still wanted them."},
    AgentMetric{"cgsentry_alerts_firing", "Alerts that fire."},
    AgentMetric{"cgsentry_alerts_pending", "Alerts that wait for their `for`."},
    AgentMetric{"cgsentry_alerts_refused_total", "Breaches beyond the limit of alerts."},
    AgentMetric{"cgsentry_journal_errors_total", "System calls of the journal that failed."},
    AgentMetric{"cgsentry_journal_unjournaled_total",
                "Transitions that were told without being on the disk."},
    AgentMetric{"cgsentry_sink_delivered_total", "Transitions that a sink delivered."},
    AgentMetric{"cgsentry_sink_failures_total", "Transitions that a receiver refused."},
    AgentMetric{"cgsentry_sink_dropped_total", "Transitions that found a sink's queue full."},
    AgentMetric{"cgsentry_sink_queue", "Transitions that wait in a sink's queue."},
};

}  // namespace

std::span<const AgentMetric> agent_catalogue() {
  return kAgentCatalogue;
}

std::span<const MetricInfo, kMetrics> catalogue() {
  return kCatalogue;
}

}  // namespace cgsentry
