#include "sampler/slow_files.h"

#include <optional>

namespace cgsentry::sampler {

namespace {

void put(ContainerColumns& columns, Metric metric, std::uint32_t slot,
         const std::optional<std::uint64_t>& value) {
  if (value) {
    columns.put(metric, slot, static_cast<double>(*value));
  }
}

}  // namespace

void SlowFiles::read(std::uint64_t tick, std::uint32_t slot, const std::string& path,
                     ContainerColumns& columns) {
  auto files = files_.find(slot);
  const bool first = files == files_.end();
  if (!first && tick % kTicks != slot % kTicks) {
    return;
  }
  if (first) {
    const std::string folder = root_ + path;
    files = files_
                .emplace(slot, Files{cgroup::KeptFile(folder + "/memory.stat"),
                                     cgroup::KeptFile(folder + "/io.stat")})
                .first;
  }
  if (const auto text = files->second.memory.read()) {
    const cgroup::MemoryStat stat = cgroup::parse_memory_stat(*text);
    put(columns, Metric::memory_rss, slot, stat.anon_bytes);
    put(columns, Metric::memory_cache, slot, stat.file_bytes);
    put(columns, Metric::memory_mapped_file, slot, stat.file_mapped_bytes);
    put(columns, Metric::memory_page_faults, slot, stat.page_faults);
    put(columns, Metric::memory_major_page_faults, slot, stat.major_page_faults);
  }
  if (const auto text = files->second.io.read()) {
    const cgroup::IoStat stat = cgroup::parse_io_stat(*text);
    put(columns, Metric::fs_read_bytes, slot, stat.read_bytes);
    put(columns, Metric::fs_write_bytes, slot, stat.write_bytes);
    put(columns, Metric::fs_reads, slot, stat.reads);
    put(columns, Metric::fs_writes, slot, stat.writes);
  }
}

}  // namespace cgsentry::sampler
