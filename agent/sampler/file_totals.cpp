#include "sampler/file_totals.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "sampler/container_row.h"

namespace cgsentry::sampler {

namespace {

constexpr std::uint64_t kNsPerUs = 1'000;
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

/// "max" stays the biggest number.
std::uint64_t to_ns(std::uint64_t us) {
  return us == kMax ? kMax : us * kNsPerUs;
}

std::uint64_t to_pages(std::uint64_t bytes) {
  return bytes / static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t number_in(cgroup::KeptFile& file) {
  const auto text = file.read();
  return text ? cgroup::parse_number(*text).value_or(0) : 0;
}

std::uint64_t key_in(std::string_view text, std::string_view key) {
  return cgroup::parse_keyed(text, key).value_or(0);
}

}  // namespace

FileTotals::Files FileTotals::open(const std::string& folder) {
  const auto file = [&](const char* name) { return cgroup::KeptFile(folder + "/" + name); };
  return {file("cpu.stat"),        file("cpu.max"),      file("cpu.pressure"),
          file("memory.pressure"), file("io.pressure"),  file("memory.current"),
          file("memory.max"),      file("memory.peak"),  file("memory.swap.current"),
          file("memory.events"),   file("memory.stat"),  file("pids.current"),
          file("pids.max"),        file("cgroup.events")};
}

const cgs_walk_row* FileTotals::read(std::uint32_t slot, const std::string& path) {
  auto files = files_.find(slot);
  if (files == files_.end()) {
    files = files_.emplace(slot, open(root_ + path)).first;
  }
  row_ = {};
  const auto events = files->second[cgroup_events].read();
  if (!events) {
    return nullptr;
  }
  row_.populated = key_in(*events, "populated") != 0;
  row_.frozen = key_in(*events, "frozen") != 0;
  read_cpu(files->second);
  read_pressure(files->second);
  read_memory(files->second);
  read_pids(files->second);
  return &row_;
}

void FileTotals::read_cpu(Files& files) {
  if (const auto text = files[cpu_stat].read()) {
    row_.parts |= CGS_WALK_CPU;
    row_.cpu_ns = to_ns(key_in(*text, "usage_usec"));
    row_.cpu_user_ns = to_ns(key_in(*text, "user_usec"));
    row_.cpu_system_ns = to_ns(key_in(*text, "system_usec"));
    row_.periods = key_in(*text, "nr_periods");
    row_.throttled_periods = key_in(*text, "nr_throttled");
    row_.throttled_ns = to_ns(key_in(*text, "throttled_usec"));
  }
  const auto text = files[cpu_max].read();
  if (const auto limit = text ? cgroup::parse_cpu_max(*text) : std::nullopt) {
    row_.parts |= CGS_WALK_BANDWIDTH;
    row_.quota_ns = to_ns(limit->quota_us);
    row_.period_ns = to_ns(limit->period_us);
  }
}

void FileTotals::read_pressure(Files& files) {
  // The walk's order: io, memory, cpu; some before full.
  std::size_t at = 0;
  for (const File file : {io_pressure, memory_pressure, cpu_pressure}) {
    const auto text = files[file].read();
    if (const auto pressure = text ? cgroup::parse_pressure(*text) : std::nullopt) {
      row_.parts |= CGS_WALK_PRESSURE;
      row_.pressure_ns[at] = to_ns(pressure->some_us);
      row_.pressure_ns[at + 1] = to_ns(pressure->full_us);
    }
    at += 2;
  }
}

void FileTotals::read_memory(Files& files) {
  const auto current = files[memory_current].read();
  if (!current) {
    return;
  }
  row_.parts |= CGS_WALK_MEMORY;
  row_.memory_pages = to_pages(cgroup::parse_number(*current).value_or(0));
  // A limit of "max" becomes the kernel's own biggest number of pages.
  row_.memory_limit_pages = to_pages(std::min<std::uint64_t>(
      number_in(files[memory_max]), std::numeric_limits<std::int64_t>::max()));
  row_.memory_peak_pages = to_pages(number_in(files[memory_peak]));
  row_.swap_pages = to_pages(number_in(files[memory_swap]));
  if (const auto text = files[memory_stat].read()) {
    const auto inactive = cgroup::parse_memory_stat(*text).inactive_file_bytes;
    row_.lru_pages[kInactiveFile] = to_pages(inactive.value_or(0));
  }
  if (const auto text = files[memory_events].read()) {
    row_.memory_high_events = key_in(*text, "high");
    row_.memory_max_events = key_in(*text, "max");
    row_.oom_events = key_in(*text, "oom");
    row_.oom_kill_events = key_in(*text, "oom_kill");
  }
}

void FileTotals::read_pids(Files& files) {
  if (const auto text = files[pids_current].read()) {
    row_.parts |= CGS_WALK_PIDS;
    row_.pids = cgroup::parse_number(*text).value_or(0);
    row_.pids_limit = number_in(files[pids_max]);
  }
}

}  // namespace cgsentry::sampler
