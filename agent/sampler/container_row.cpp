#include "sampler/container_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace cgsentry::sampler {

namespace {

constexpr double kNsPerSecond = 1e9;
constexpr double kNsPerUs = 1e3;

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns) / kNsPerSecond;
}
double number(std::uint64_t count) {
  return static_cast<double>(count);
}

Labels constant_labels(const MetricInfo& metric) {
  Labels labels;
  for (const auto& [name, value] : metric.labels) {
    if (!name.empty()) {
      labels.set(name, value);
    }
  }
  return labels;
}

}  // namespace

ContainerColumns::ContainerColumns(Table& table) : table_(table) {
  for (std::size_t i = 0; i < kMetrics; ++i) {
    const MetricInfo& metric = catalogue()[i];
    if (metric.subject == Subject::container) {
      columns_[i] =
          table_.add_column(std::string(metric.name), metric.type, constant_labels(metric));
    }
  }
  for (const std::uint64_t bound : kWaitBoundsNs) {
    wait_bounds_.push_back(table_.add_column(std::string(kWaitHistogram), MetricType::counter,
                                             {{"le", fmt::format("{}", seconds(bound))}}));
  }
  wait_bounds_.push_back(
      table_.add_column(std::string(kWaitHistogram), MetricType::counter, {{"le", "+Inf"}}));
}

void ContainerColumns::put(Metric metric, std::uint32_t row, double value) {
  table_.columns[columns_[static_cast<std::size_t>(metric)]].set(row, value);
}

void ContainerColumns::clear(Metric metric, std::uint32_t row) {
  table_.columns[columns_[static_cast<std::size_t>(metric)]].clear(row);
}

void ContainerColumns::put_sched(std::uint32_t row, const kernel::SchedTotals& totals) {
  put(Metric::cpu_run, row, seconds(totals.run_ns));
  put(Metric::cpu_switches, row, number(totals.switches));
  put(Metric::run_queue_wait, row, seconds(totals.wait_ns));
  put(Metric::run_queue_waits, row, number(totals.wait_count));
  std::uint64_t below = 0;
  std::size_t bucket = 0;
  for (std::size_t i = 0; i < kWaitBoundsNs.size(); ++i) {
    // Bucket b of the kernel counts waits below 2^(b+8) ns.
    for (; 1ULL << (bucket + 8) <= kWaitBoundsNs[i]; ++bucket) {
      below += totals.wait_buckets[bucket];
    }
    table_.columns[wait_bounds_[i]].set(row, number(below));
  }
  // A wait is in its bucket before it is in the count.
  table_.columns[wait_bounds_.back()].set(row, number(std::max(below, totals.wait_count)));
}

void ContainerColumns::put_network(std::uint32_t row, const kernel::NetworkTotals& totals) {
  put(Metric::network_receive_bytes, row, number(totals.receive_bytes));
  put(Metric::network_receive_packets, row, number(totals.receive_packets));
  put(Metric::network_transmit_bytes, row, number(totals.transmit_bytes));
  put(Metric::network_transmit_packets, row, number(totals.transmit_packets));
}

void ContainerColumns::put_processes(std::uint32_t row, const kernel::ProcessTotals& totals) {
  const std::uint64_t bad = totals.exits_failed + totals.exits_signaled;
  put(Metric::processes_forked, row, number(totals.forks));
  put(Metric::processes_executed, row, number(totals.execs));
  // The three rows of counters are not read at one instant.
  put(Metric::processes_exited_ok, row, number(totals.exits - std::min(bad, totals.exits)));
  put(Metric::processes_exited_failed, row, number(totals.exits_failed));
  put(Metric::processes_exited_signal, row, number(totals.exits_signaled));
}

void ContainerColumns::put_totals(std::uint32_t row, const kernel::CgroupTotals& totals,
                                  const kernel::ScaledCpu& cpu) {
  if (totals.cpu) {
    put(Metric::cpu_usage, row, seconds(totals.cpu->run_ns));
    put(Metric::cpu_user, row, seconds(cpu.user_ns));
    put(Metric::cpu_system, row, seconds(cpu.system_ns));
    put(Metric::frozen, row, totals.frozen ? 1 : 0);
  }
  if (totals.bandwidth) {
    put_bandwidth(row, *totals.bandwidth);
  }
  if (totals.memory) {
    put_memory(row, *totals.memory);
  }
  if (totals.pressure) {
    put_pressure(row, *totals.pressure);
  }
  if (totals.pids) {
    put(Metric::processes, row, number(totals.pids->current));
    if (totals.pids->limit) {
      put(Metric::pids_limit, row, number(*totals.pids->limit));
    } else {
      clear(Metric::pids_limit, row);
    }
  }
}

void ContainerColumns::put_bandwidth(std::uint32_t row, const kernel::BandwidthTotals& totals) {
  put(Metric::cpu_periods, row, number(totals.periods));
  put(Metric::cpu_throttled_periods, row, number(totals.throttled_periods));
  put(Metric::cpu_throttled, row, seconds(totals.throttled_ns));
  put(Metric::cpu_period, row, number(totals.period_ns) / kNsPerUs);
  if (totals.quota_ns) {
    put(Metric::cpu_quota, row, number(*totals.quota_ns) / kNsPerUs);
  } else {
    clear(Metric::cpu_quota, row);
  }
}

void ContainerColumns::put_memory(std::uint32_t row, const kernel::MemoryTotals& totals) {
  put(Metric::memory_usage, row, number(totals.current_bytes));
  put(Metric::memory_working_set, row,
      number(totals.current_bytes - std::min(totals.current_bytes, totals.inactive_file_bytes)));
  put(Metric::memory_peak, row, number(totals.peak_bytes));
  put(Metric::memory_swap, row, number(totals.swap_bytes));
  // cAdvisor's way to say "no limit".
  put(Metric::memory_limit, row, number(totals.limit_bytes.value_or(0)));
  put(Metric::memory_high_events, row, number(totals.high_events));
  put(Metric::memory_max_events, row, number(totals.max_events));
  put(Metric::memory_oom_events, row, number(totals.oom_events));
  put(Metric::memory_oom_kill_events, row, number(totals.oom_kill_events));
}

void ContainerColumns::put_pressure(std::uint32_t row, const kernel::PressureTotals& totals) {
  put(Metric::pressure_io_waiting, row, seconds(totals.io_waiting_ns));
  put(Metric::pressure_io_stalled, row, seconds(totals.io_stalled_ns));
  put(Metric::pressure_memory_waiting, row, seconds(totals.memory_waiting_ns));
  put(Metric::pressure_memory_stalled, row, seconds(totals.memory_stalled_ns));
  put(Metric::pressure_cpu_waiting, row, seconds(totals.cpu_waiting_ns));
  put(Metric::pressure_cpu_stalled, row, seconds(totals.cpu_stalled_ns));
}

}  // namespace cgsentry::sampler
