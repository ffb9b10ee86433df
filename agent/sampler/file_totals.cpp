#include "sampler/file_totals.h"

#include <limits>
#include <string_view>

namespace cgsentry::sampler {

namespace {

constexpr std::uint64_t kNsPerUs = 1'000;
/// What the parsers make of "max".
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> limit_of(std::uint64_t number) {
  return number == kMax ? std::nullopt : std::optional(number);
}

std::optional<std::uint64_t> number_in(cgroup::KeptFile& file) {
  const auto text = file.read();
  return text ? cgroup::parse_number(*text) : std::nullopt;
}

std::uint64_t key_in(std::string_view text, std::string_view key) {
  return cgroup::parse_keyed(text, key).value_or(0);
}

std::uint64_t ns_in(std::string_view text, std::string_view key) {
  return key_in(text, key) * kNsPerUs;
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

std::optional<kernel::CgroupTotals> FileTotals::read(std::uint32_t slot, const std::string& path) {
  auto found = files_.find(slot);
  if (found == files_.end()) {
    found = files_.emplace(slot, open(root_ + path)).first;
  }
  Files& files = found->second;
  const auto events = files[cgroup_events].read();
  if (!events) {
    return std::nullopt;
  }
  kernel::CgroupTotals totals;
  totals.frozen = key_in(*events, "frozen") != 0;
  read_cpu(files, totals);
  read_pressure(files, totals);
  read_memory(files, totals);
  read_pids(files, totals);
  return totals;
}

void FileTotals::read_cpu(Files& files, kernel::CgroupTotals& totals) {
  kernel::BandwidthTotals bandwidth;
  if (const auto text = files[cpu_stat].read()) {
    totals.cpu = {ns_in(*text, "usage_usec"), ns_in(*text, "user_usec"),
                  ns_in(*text, "system_usec")};
    bandwidth.periods = key_in(*text, "nr_periods");
    bandwidth.throttled_periods = key_in(*text, "nr_throttled");
    bandwidth.throttled_ns = ns_in(*text, "throttled_usec");
  }
  const auto text = files[cpu_max].read();
  if (const auto limit = text ? cgroup::parse_cpu_max(*text) : std::nullopt) {
    bandwidth.period_ns = limit->period_us * kNsPerUs;
    if (const auto quota_us = limit_of(limit->quota_us)) {
      bandwidth.quota_ns = *quota_us * kNsPerUs;
    }
    totals.bandwidth = bandwidth;
  }
}

void FileTotals::read_pressure(Files& files, kernel::CgroupTotals& totals) {
  kernel::PressureTotals pressure;
  bool any = false;
  const auto read = [&](File file, std::uint64_t& waiting_ns, std::uint64_t& stalled_ns) {
    const auto text = files[file].read();
    if (const auto parsed = text ? cgroup::parse_pressure(*text) : std::nullopt) {
      waiting_ns = parsed->some_us * kNsPerUs;
      stalled_ns = parsed->full_us * kNsPerUs;
      any = true;
    }
  };
  read(io_pressure, pressure.io_waiting_ns, pressure.io_stalled_ns);
  read(memory_pressure, pressure.memory_waiting_ns, pressure.memory_stalled_ns);
  read(cpu_pressure, pressure.cpu_waiting_ns, pressure.cpu_stalled_ns);
  if (any) {
    totals.pressure = pressure;
  }
}

void FileTotals::read_memory(Files& files, kernel::CgroupTotals& totals) {
  const auto current_bytes = number_in(files[memory_current]);
  if (!current_bytes) {
    return;
  }
  kernel::MemoryTotals memory;
  memory.current_bytes = *current_bytes;
  memory.limit_bytes = limit_of(number_in(files[memory_max]).value_or(kMax));
  memory.peak_bytes = number_in(files[memory_peak]).value_or(0);
  memory.swap_bytes = number_in(files[memory_swap]).value_or(0);
  if (const auto text = files[memory_stat].read()) {
    memory.inactive_file_bytes = cgroup::parse_memory_stat(*text).inactive_file_bytes.value_or(0);
  }
  if (const auto text = files[memory_events].read()) {
    memory.high_events = key_in(*text, "high");
    memory.max_events = key_in(*text, "max");
    memory.oom_events = key_in(*text, "oom");
    memory.oom_kill_events = key_in(*text, "oom_kill");
  }
  totals.memory = memory;
}

void FileTotals::read_pids(Files& files, kernel::CgroupTotals& totals) {
  if (const auto current = number_in(files[pids_current])) {
    totals.pids = {*current, limit_of(number_in(files[pids_max]).value_or(kMax))};
  }
}

}  // namespace cgsentry::sampler
