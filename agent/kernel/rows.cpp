#include "kernel/rows.h"

#include <algorithm>
#include <atomic>

namespace cgsentry::kernel {

namespace {

template <typename T>
T load(const T& value) {
  return std::atomic_ref(const_cast<T&>(value)).load(std::memory_order_acquire);
}

/// A writer that holds the row longer than this is one that was descheduled in a virtual machine.
constexpr int kSequenceTries = 64;

}  // namespace

SchedTotals& SchedTotals::operator+=(const SchedTotals& other) {
  run_ns += other.run_ns;
  switches += other.switches;
  wait_ns += other.wait_ns;
  wait_count += other.wait_count;
  for (std::size_t i = 0; i < wait_buckets.size(); ++i) {
    wait_buckets[i] += other.wait_buckets[i];
  }
  return *this;
}

NetworkTotals& NetworkTotals::operator+=(const NetworkTotals& other) {
  receive_bytes += other.receive_bytes;
  receive_packets += other.receive_packets;
  transmit_bytes += other.transmit_bytes;
  transmit_packets += other.transmit_packets;
  return *this;
}

ProcessTotals& ProcessTotals::operator+=(const ProcessTotals& other) {
  forks += other.forks;
  execs += other.execs;
  exits += other.exits;
  exits_failed += other.exits_failed;
  exits_signaled += other.exits_signaled;
  return *this;
}

SlotTotals& SlotTotals::operator+=(const SlotTotals& other) {
  network += other.network;
  processes += other.processes;
  oom_victims += other.oom_victims;
  sched += other.sched;
  return *this;
}

Rows::Rows(Tables tables)
    : tables_(tables),
      cpus_(static_cast<std::uint32_t>(tables.cpus.size())),
      open_(tables.cpus.size()),
      open_slots_(tables.oom_victims.size()),
      activity_(tables.oom_victims.size()),
      totals_(tables.oom_victims.size()),
      last_(tables.oom_victims.size()) {}

void Rows::begin_tick(Duration monotonic_now) {
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    open_slots_[open_[cpu].slot] = false;
  }
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    open_[cpu] = open_slice(cpu, monotonic_now);
    open_slots_[open_[cpu].slot] = true;
  }
}

Rows::OpenSlice Rows::open_slice(std::uint32_t cpu, Duration monotonic_now) const {
  const cgs_cpu_row& state = tables_.cpus[cpu];
  for (int i = 0; i < kSequenceTries; ++i) {
    const std::uint64_t before = load(state.sequence);
    if (before % 2 != 0) {
      continue;
    }
    OpenSlice slice;
    slice.slot = load(state.slot);
    const std::uint64_t cgroup_id = load(state.cgroup_id);
    const std::uint64_t start_ns = load(state.start_ns);
    const std::int64_t offset_ns = load(state.monotonic_offset_ns);
    slice.closed_ns = load(tables_.sched[row(slice.slot, cpu)].run_ns);
    if (load(state.sequence) != before) {
      continue;
    }
    const std::int64_t run_ns =
        monotonic_now.count() - offset_ns - static_cast<std::int64_t>(start_ns);
    if (cgroup_id == 0 || start_ns == 0 || run_ns < 0) {
      return {};  // idle, or switched since `monotonic_now`
    }
    slice.open_ns = static_cast<std::uint64_t>(run_ns);
    return slice;
  }
  return {};  // switching all the time: its slices are short, so nothing to speak of is missing
}

SlotReading Rows::read(std::uint32_t slot) {
  SlotTotals& totals = totals_[slot];
  Activity& last = activity_[slot];
  const std::uint64_t packets = without_task(slot);
  const std::uint64_t sum = packets + activity(slot);
  const bool same = sum == last.sum && !open_slots_[slot];
  if (same && last.settled) {
    return {totals, 0};
  }
  last = {sum, packets, same};
  unsigned changed = read_sched(slot, totals.sched) ? kSchedPart : 0U;
  if (const NetworkTotals now = network(slot); now != totals.network) {
    totals.network = now;
    changed |= kNetworkPart;
  }
  if (const ProcessTotals now = processes(slot); now != totals.processes) {
    totals.processes = now;
    changed |= kProcessPart;
  }
  if (const std::uint64_t now = load(tables_.oom_victims[slot]); now != totals.oom_victims) {
    totals.oom_victims = now;
    changed |= kOomPart;
  }
  return {totals, changed};
}

/// All of these only grow, so the sum stays the same only if all of them do. Time on a CPU moves
/// with a switch or in an open slice, time waited with the count of waits.
std::uint64_t Rows::activity(std::uint32_t slot) const {
  std::uint64_t sum = 0;
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    const cgs_sched_row& sched = tables_.sched[row(slot, cpu)];
    const cgs_process_row& processes = tables_.processes[row(slot, cpu)];
    sum += load(sched.switches) + load(sched.wait_count);
    sum += load(processes.forks) + load(processes.execs) + load(processes.exits);
  }
  return sum;
}

/// Bytes move with packets.
std::uint64_t Rows::without_task(std::uint32_t slot) const {
  std::uint64_t sum = load(tables_.oom_victims[slot]);
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    const cgs_network_row& network = tables_.network[row(slot, cpu)];
    sum += load(network.receive_packets) + load(network.transmit_packets);
  }
  return sum;
}

bool Rows::read_sched(std::uint32_t slot, SchedTotals& totals) {
  std::uint64_t run_ns = 0;
  std::uint64_t switches = 0;
  std::uint64_t wait_ns = 0;
  std::uint64_t wait_count = 0;
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    const cgs_sched_row& counters = tables_.sched[row(slot, cpu)];
    const OpenSlice& open = open_[cpu];
    run_ns += open.slot == slot && open.open_ns != 0 ? open.closed_ns + open.open_ns
                                                     : load(counters.run_ns);
    switches += load(counters.switches);
    wait_ns += load(counters.wait_ns);
    wait_count += load(counters.wait_count);
  }
  const bool waited = wait_count != totals.wait_count;
  const bool changed =
      waited || run_ns > totals.run_ns || switches != totals.switches || wait_ns != totals.wait_ns;
  if (waited) {
    read_buckets(slot, totals);
  }
  // The run queue's clock and CLOCK_MONOTONIC drift by parts per million between two readings of
  // their offset, so an open slice can look longer than it turns out to be.
  totals.run_ns = std::max(totals.run_ns, run_ns);
  totals.switches = switches;
  totals.wait_ns = wait_ns;
  totals.wait_count = wait_count;
  return changed;
}

void Rows::read_buckets(std::uint32_t slot, SchedTotals& totals) {
  Buckets sums{};
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    const cgs_sched_row& counters = tables_.sched[row(slot, cpu)];
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += counters.wait_buckets[i];
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    totals.wait_buckets[i] += static_cast<std::uint32_t>(sums[i] - last_[slot][i]);
    last_[slot][i] = sums[i];
  }
}

NetworkTotals Rows::network(std::uint32_t slot) const {
  NetworkTotals totals;
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    const cgs_network_row& counters = tables_.network[row(slot, cpu)];
    totals.receive_bytes += load(counters.receive_bytes);
    totals.receive_packets += load(counters.receive_packets);
    totals.transmit_bytes += load(counters.transmit_bytes);
    totals.transmit_packets += load(counters.transmit_packets);
  }
  return totals;
}

ProcessTotals Rows::processes(std::uint32_t slot) const {
  ProcessTotals totals;
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    const cgs_process_row& counters = tables_.processes[row(slot, cpu)];
    totals.forks += load(counters.forks);
    totals.execs += load(counters.execs);
    totals.exits += load(counters.exits);
    totals.exits_failed += load(counters.exits_failed);
    totals.exits_signaled += load(counters.exits_signaled);
  }
  return totals;
}

void Rows::clear(std::uint32_t slot) {
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    tables_.sched[row(slot, cpu)] = {};
    tables_.network[row(slot, cpu)] = {};
    tables_.processes[row(slot, cpu)] = {};
  }
  tables_.oom_victims[slot] = 0;
  activity_[slot] = {};
  totals_[slot] = {};
  last_[slot] = {};
}

}  // namespace cgsentry::kernel
