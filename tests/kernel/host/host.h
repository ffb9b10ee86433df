// The data path and a sampler on the kernel that runs the tests.
#pragma once

#include <ctime>
#include <optional>
#include <string>

#include "cgroup/mount.h"
#include "kernel/data_path.h"
#include "sampler/sampler.h"

namespace cgsentry::test {

/// Where the tests may make cgroups of their own. The tests need root and cgroup2; without them
/// they fail, because a kernel test that is skipped proves nothing.
inline std::string cgroup_root() {
  const auto mount = cgroup::find_mount();
  if (!mount) {
    throw std::runtime_error("cgroup2 is not mounted");
  }
  return mount->path;
}

/// Everything that `run` has below the pipeline. Containers are cgroups whose name begins with
/// "cgsentry-test".
class Host {
 public:
  explicit Host(std::vector<std::string> disabled = {}, std::uint32_t slots = 1024)
      : path({slots, cgroup_root(), std::move(disabled)}) {
    sampler::Inputs inputs;
    inputs.slots = &path.slots();
    inputs.rows = &path.rows();
    inputs.losses = path.losses();
    inputs.cgroup_root = cgroup_root();
    inputs.sched = path.up("sched");
    inputs.network = path.up("network");
    inputs.processes = path.up("processes");
    inputs.oom = path.up("oom");
    inputs.walk = path.walk();
    const auto closed = [](std::string_view text) {
      return text.substr(text.rfind('/') + 1).starts_with("cgsentry-test");
    };
    sampler.emplace(inputs,
                    sampler::Sampler::Names{closed,
                                            [](const std::string& text) {
                                              return Labels{{"id", text}};
                                            },
                                            [](std::string_view text) { return text == "/"; }},
                    slots, clock.now());
    sampler->scan(clock.now());
  }

  const Sample& tick() {
    const Timestamp now = clock.now();
    const Duration monotonic = clock.monotonic_at(now);
    sampler->note(path.events().drain(now.time_since_epoch() - monotonic));
    return sampler->take(now, monotonic);
  }

  SystemClock clock;
  kernel::DataPath path;
  std::optional<sampler::Sampler> sampler;
};

}  // namespace cgsentry::test
