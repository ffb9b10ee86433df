// Stands up everything that measures on this host: the data path and the sampler over it.
//
// Throws SetupError when nothing can be measured. What a probe could not have is in notes(), one
// line each, for the log at start. Thread: the loop.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cgroup/mount.h"
#include "kernel/data_path.h"
#include "model/labels.h"
#include "sampler/sampler.h"

namespace cgsentry::sampler {

class Collector {
 public:
  struct Options {
    std::string cgroup_root;  // empty: found among the mounts
    std::uint32_t slots = 2048;
    std::vector<std::string> disabled_probes;
    /// That series of containers have besides their own; an own one of the same name counts.
    Labels series_labels;
  };

  Collector(const Options& options, Timestamp now);

  [[nodiscard]] Sampler& sampler() { return sampler_; }
  [[nodiscard]] kernel::DataPath& data_path() { return path_; }
  /// What is missing here and why; empty on a host that has it all.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  cgroup::Mount mount_;
  kernel::DataPath path_;
  Sampler sampler_;
};

}  // namespace cgsentry::sampler
