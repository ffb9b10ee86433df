#include "kernel/walk.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "base/fd.h"

namespace cgsentry::kernel {

namespace {

constexpr std::uint64_t kNoQuota = std::numeric_limits<std::uint64_t>::max();
/// The kernel's PIDS_MAX is one more than the highest possible number of pids, 2^22.
constexpr std::uint64_t kNoPidsLimit = (1ULL << 22) + 1;

BandwidthTotals bandwidth_of(const cgs_walk_row& row) {
  return {.periods = row.periods,
          .throttled_periods = row.throttled_periods,
          .throttled_ns = row.throttled_ns,
          .period_ns = row.period_ns,
          .quota_ns = row.quota_ns == kNoQuota ? std::nullopt : std::optional(row.quota_ns)};
}

MemoryTotals memory_of(const cgs_walk_row& row, std::uint64_t page_bytes) {
  MemoryTotals memory;
  memory.current_bytes = row.memory_pages * page_bytes;
  memory.peak_bytes = row.memory_peak_pages * page_bytes;
  memory.swap_bytes = row.swap_pages * page_bytes;
  memory.inactive_file_bytes = row.inactive_file_pages * page_bytes;
  // "No limit" is PAGE_COUNTER_MAX: LONG_MAX bytes in whole pages.
  const std::uint64_t no_limit_pages = std::numeric_limits<std::int64_t>::max() / page_bytes;
  if (row.memory_limit_pages < no_limit_pages) {
    memory.limit_bytes = row.memory_limit_pages * page_bytes;
  }
  memory.high_events = row.memory_high_events;
  memory.max_events = row.memory_max_events;
  memory.oom_events = row.oom_events;
  memory.oom_kill_events = row.oom_kill_events;
  return memory;
}

/// abi.h has the kernel's order.
PressureTotals pressure_of(const cgs_walk_row& row) {
  return {.io_waiting_ns = row.pressure_ns[0],
          .io_stalled_ns = row.pressure_ns[1],
          .memory_waiting_ns = row.pressure_ns[2],
          .memory_stalled_ns = row.pressure_ns[3],
          .cpu_waiting_ns = row.pressure_ns[4],
          .cpu_stalled_ns = row.pressure_ns[5]};
}

}  // namespace

/// The kernel's mul_u64_u64_div_u64: the product of two times in nanoseconds needs 128 bits.
__extension__ using Wide = unsigned __int128;

void ScaledCpu::update(std::uint64_t run_ns, std::uint64_t raw_user_ns,
                       std::uint64_t raw_system_ns) {
  if (user_ns + system_ns >= run_ns) {
    return;
  }
  std::uint64_t system = raw_system_ns;
  if (raw_system_ns == 0) {
    system = 0;
  } else if (raw_user_ns == 0) {
    system = run_ns;
  } else {
    const auto wide = static_cast<Wide>(raw_system_ns) * run_ns;
    system = static_cast<std::uint64_t>(wide / (raw_system_ns + raw_user_ns));
  }
  system = std::max(std::min(system, run_ns), system_ns);
  std::uint64_t user = run_ns - system;
  if (user < user_ns) {
    user = user_ns;
    system = run_ns - user;
  }
  user_ns = user;
  system_ns = system;
}

Walk::Walk(int link_fd, std::span<const cgs_walk_row> rows, __u64* sequence)
    : page_bytes_(static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))),
      link_fd_(link_fd),
      rows_(rows),
      sequence_(sequence) {}

Status Walk::run() {
  ++*sequence_;
  const Fd iterator(bpf_iter_create(link_fd_));
  if (!iterator.valid()) {
    return system_failure("bpf_iter_create", "walk");
  }
  // The program writes nothing into the file, so one read normally runs all of it.
  std::array<char, 64> nothing{};
  while (true) {
    const ssize_t bytes = ::read(iterator.get(), nothing.data(), nothing.size());
    if (bytes == 0) {
      return {};
    }
    // EAGAIN: the kernel pauses after a million objects; EINTR: a signal came.
    if (bytes < 0 && errno != EAGAIN && errno != EINTR) {
      return system_failure("read", "walk");
    }
  }
}

const cgs_walk_row* Walk::row(std::uint32_t slot) const {
  const cgs_walk_row& row = rows_[slot];
  return row.sequence == *sequence_ && row.cgroup_id != 0 ? &row : nullptr;
}

std::optional<CgroupTotals> Walk::totals(std::uint32_t slot) const {
  const cgs_walk_row* found = row(slot);
  if (found == nullptr) {
    return std::nullopt;
  }
  std::optional<CgroupTotals> totals(std::in_place);
  totals->frozen = found->frozen != 0;
  if (found->parts & CGS_WALK_CPU) {
    totals->cpu = {found->cpu_ns, found->cpu_user_ns, found->cpu_system_ns};
  }
  if (found->parts & CGS_WALK_BANDWIDTH) {
    totals->bandwidth = bandwidth_of(*found);
  }
  if (found->parts & CGS_WALK_MEMORY) {
    totals->memory = memory_of(*found, page_bytes_);
  }
  if (found->parts & CGS_WALK_PRESSURE) {
    totals->pressure = pressure_of(*found);
  }
  if (found->parts & CGS_WALK_PIDS) {
    totals->pids = {found->pids, found->pids_limit < kNoPidsLimit ? std::optional(found->pids_limit)
                                                                  : std::nullopt};
  }
  return totals;
}

std::optional<std::uint64_t> Walk::same_since(std::uint32_t slot) const {
  const cgs_walk_row* found = row(slot);
  return found == nullptr ? std::nullopt : std::optional<std::uint64_t>(found->changed_sequence);
}

std::uint64_t Walk::inactive_file_bytes(std::uint32_t slot) const {
  const cgs_walk_row* found = row(slot);
  return found == nullptr ? 0 : found->inactive_file_pages * page_bytes_;
}

}  // namespace cgsentry::kernel
