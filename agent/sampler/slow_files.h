// memory.stat and io.stat, which the walk cannot see.
//
// A container that does something has its files read every tenth tick, spread evenly, so that no
// tick pays for all. One that does nothing is left alone once a reading has found what the one
// before had found: without a task that runs, and without pages that wait to be written, the files
// change only when somebody else takes its memory, which its usage shows, so they are read every
// ten minutes. Owns two kept descriptors per shown container. Between two readings the values stay
// as they are, so a rate over less than 20 s of these metrics moves in steps (docs/metrics.md says
// so). Thread: the loop. Tested by tests/unit/sampler/slow_files_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cgroup/files.h"
#include "sampler/container_row.h"

namespace cgsentry::sampler {

class SlowFiles {
 public:
  static constexpr std::uint64_t kTicks = 10;
  static constexpr std::uint64_t kIdleTicks = 600;

  SlowFiles(std::string cgroup_root, std::uint32_t slots)
      : root_(std::move(cgroup_root)), turns_(slots) {}

  /// Reads the container's files when it is its turn, and at its first tick. `active`: something
  /// was counted for it since the tick before.
  void read(std::uint64_t tick, std::uint32_t slot, bool active, const std::string& path,
            ContainerColumns& columns);
  /// The container is gone.
  void forget(std::uint32_t slot);

 private:
  struct Turn {
    std::uint64_t last = 0;  // tick of the last reading; 0: none yet
    bool idle = false;       // since before the last reading
  };
  struct Files {
    cgroup::KeptFile memory;
    cgroup::KeptFile io;
    cgroup::MemoryStat memory_stat{};
    cgroup::IoStat io_stat{};
  };

  /// True when nothing differs from the reading before and nothing is on its way to a disk.
  [[nodiscard]] static bool read(Files& files, std::uint32_t slot, ContainerColumns& columns);

  std::string root_;
  std::vector<Turn> turns_;  // by slot
  std::unordered_map<std::uint32_t, Files> files_;
};

}  // namespace cgsentry::sampler
