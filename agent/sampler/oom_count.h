// How many processes of a container the OOM killer has killed, out of two counters that each miss
// something.
//
//   memory.events oom_kill   whole subtree, since the cgroup was made; not after it was removed
//   the mark_victim hook     at once, the last kill before a removal too; only since the agent runs
//
// Invariant: the count never falls while its row lives. Tested by
// tests/unit/sampler/oom_count_test.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace cgsentry::sampler {

class OomCount {
 public:
  /// `kills`: the controller's count, if it can be read now. `victims`: the hook's. Both only grow.
  std::uint64_t update(std::optional<std::uint64_t> kills, std::uint64_t victims) {
    if (kills && !earlier_) {
      earlier_ = *kills - std::min(*kills, victims);
    }
    count_ = std::max({count_, kills.value_or(0), earlier_.value_or(0) + victims});
    return count_;
  }

 private:
  std::optional<std::uint64_t> earlier_;  // kills from before the hook looked
  std::uint64_t count_ = 0;
};

}  // namespace cgsentry::sampler
