// Many live containers for tick_bench: cgroups that look like Docker's under the systemd driver,
// each with a process in it. Most sleep; some wake ten times a second, as idle services do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/own_cgroup.h"

namespace cgsentry::bench {

class Fleet {
 public:
  /// Every `wakers_every`-th process wakes ten times a second. Make it before anything big is
  /// mapped: each process starts as a copy of this one.
  Fleet(std::size_t size, std::size_t wakers_every);

  [[nodiscard]] std::size_t size() const { return cgroups_.size(); }
  /// Of each container's folder.
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }

 private:
  test::OwnCgroup parent_;
  std::vector<std::unique_ptr<test::OwnCgroup>> cgroups_;
  std::vector<std::string> paths_;
};

/// Opens, reads and closes the files of these folders that carry the numbers of a tick, as far as
/// this host has them. Returns the number of files read.
std::size_t read_files(const std::vector<std::string>& folders,
                       const std::vector<std::string>& files);

/// Those of the files with a tick's numbers that exist in `folder`.
[[nodiscard]] std::vector<std::string> files_of(const std::string& folder);

}  // namespace cgsentry::bench
