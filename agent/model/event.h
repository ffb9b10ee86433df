// What happened between two ticks and cannot be seen in a counter: who died, and of what.
//
// Events come from the kernel through a ring buffer, wake the loop at once, and become alert
// evidence and counters. Plain values; the kernel's own layout is bpf/abi.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace cgsentry {

struct Event {
  enum class Kind { cgroup_made, cgroup_removed, oom_kill, process_died };
  Kind kind = Kind::cgroup_made;
  Timestamp time{};
  std::uint64_t cgroup_id = 0;
  std::uint64_t parent_id = 0;  // cgroup_made
  std::uint32_t slot = 0;
  std::string name;             // last path component, or the process's comm; raw bytes
  std::uint32_t pid = 0;        // oom_kill, process_died
  std::uint32_t exit_code = 0;  // process_died
  std::uint32_t signal = 0;     // process_died; 0 when it ended by itself
  std::uint64_t rss_bytes = 0;  // oom_kill: the victim's
};

}  // namespace cgsentry
