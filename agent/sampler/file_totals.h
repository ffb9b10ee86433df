// The walk's numbers out of files, for kernels on which the walk cannot load.
//
// Reads a dozen files of each container and tick through kept descriptors and gives them in the
// walk's own row, so that everything after it is one way. About 40 µs a container instead of a
// half. Thread: the loop. Tested by tests/unit/sampler/file_totals_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "abi.h"
#include "cgroup/files.h"

namespace cgsentry::sampler {

class FileTotals {
 public:
  explicit FileTotals(std::string cgroup_root) : root_(std::move(cgroup_root)) {}

  /// The row of a cgroup, or null when it is gone. Valid until the next call.
  [[nodiscard]] const cgs_walk_row* read(std::uint32_t slot, const std::string& path);
  void forget(std::uint32_t slot) { files_.erase(slot); }

 private:
  enum File : std::size_t {
    cpu_stat,
    cpu_max,
    cpu_pressure,
    memory_pressure,
    io_pressure,
    memory_current,
    memory_max,
    memory_peak,
    memory_swap,
    memory_events,
    memory_stat,
    pids_current,
    pids_max,
    cgroup_events,
    count_,
  };
  using Files = std::array<cgroup::KeptFile, count_>;

  [[nodiscard]] static Files open(const std::string& folder);
  void read_cpu(Files& files);
  void read_pressure(Files& files);
  void read_memory(Files& files);
  void read_pids(Files& files);

  std::string root_;
  std::unordered_map<std::uint32_t, Files> files_;
  cgs_walk_row row_{};
};

}  // namespace cgsentry::sampler
