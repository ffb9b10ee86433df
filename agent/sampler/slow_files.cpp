#include "sampler/slow_files.h"

#include <optional>
#include <utility>

namespace cgsentry::sampler {

namespace {

void put(ContainerColumns& columns, Metric metric, std::uint32_t slot,
         const std::optional<std::uint64_t>& value) {
  if (value) {
    columns.put(metric, slot, static_cast<double>(*value));
  }
}

}  // namespace

void SlowFiles::read(std::uint64_t tick, std::uint32_t slot, bool active, const std::string& path,
                     ContainerColumns& columns) {
  Turn& turn = turns_[slot];
  const bool first = turn.last == 0;
  turn.idle = turn.idle && !active;
  if (!first && (tick % kTicks != slot % kTicks || (turn.idle && tick - turn.last < kIdleTicks))) {
    return;
  }
  turn.last = tick;
  if (first) {
    const std::string folder = root_ + path;
    files_.insert_or_assign(slot, Files{cgroup::KeptFile(folder + "/memory.stat"),
                                        cgroup::KeptFile(folder + "/io.stat")});
  }
  const bool settled = read(files_.at(slot), slot, columns);
  turn.idle = settled && !first;
}

void SlowFiles::forget(std::uint32_t slot) {
  turns_[slot] = {};
  files_.erase(slot);
}

bool SlowFiles::read(Files& files, std::uint32_t slot, ContainerColumns& columns) {
  bool settled = true;
  if (const auto text = files.memory.read()) {
    const cgroup::MemoryStat stat = cgroup::parse_memory_stat(*text);
    put(columns, Metric::memory_rss, slot, stat.anon_bytes);
    put(columns, Metric::memory_cache, slot, stat.file_bytes);
    put(columns, Metric::memory_mapped_file, slot, stat.file_mapped_bytes);
    put(columns, Metric::memory_page_faults, slot, stat.page_faults);
    put(columns, Metric::memory_major_page_faults, slot, stat.major_page_faults);
    settled = stat == std::exchange(files.memory_stat, stat) &&
              stat.dirty_bytes.value_or(0) + stat.writeback_bytes.value_or(0) == 0;
  }
  if (const auto text = files.io.read()) {
    const cgroup::IoStat stat = cgroup::parse_io_stat(*text);
    put(columns, Metric::fs_read_bytes, slot, stat.read_bytes);
    put(columns, Metric::fs_write_bytes, slot, stat.write_bytes);
    put(columns, Metric::fs_reads, slot, stat.reads);
    put(columns, Metric::fs_writes, slot, stat.writes);
    settled = stat == std::exchange(files.io_stat, stat) && settled;
  }
  return settled;
}

}  // namespace cgsentry::sampler
