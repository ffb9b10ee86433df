// memory.stat and io.stat, which the walk cannot see: each container's every tenth tick.
//
// Costs one pread per file and ten ticks, spread evenly, so that no tick pays for all. Owns two
// kept descriptors per shown container. Between two readings the values stay as they are, so a
// rate over less than 20 s of these metrics moves in steps (docs/metrics.md says so).
// Thread: the loop. Tested by tests/unit/sampler/slow_files_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "cgroup/files.h"
#include "sampler/container_row.h"

namespace cgsentry::sampler {

class SlowFiles {
 public:
  static constexpr std::uint64_t kTicks = 10;

  explicit SlowFiles(std::string cgroup_root) : root_(std::move(cgroup_root)) {}

  /// Reads the container's files when it is its turn, and at its first tick.
  void read(std::uint64_t tick, std::uint32_t slot, const std::string& path,
            ContainerColumns& columns);
  /// The container is gone.
  void forget(std::uint32_t slot) { files_.erase(slot); }

 private:
  struct Files {
    cgroup::KeptFile memory;
    cgroup::KeptFile io;
  };

  std::string root_;
  std::unordered_map<std::uint32_t, Files> files_;
};

}  // namespace cgsentry::sampler
