// Where cgroup2 is mounted, and what it can measure there.
//
// A pure host has cgroup2 at /sys/fs/cgroup with its controllers; a hybrid host has it elsewhere
// (often /sys/fs/cgroup/unified), its controllers bound to v1. Reads files below a root that tests
// can set. Tested by tests/unit/cgroup/mount_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cgsentry::cgroup {

struct Mount {
  std::string path;                      // "/sys/fs/cgroup"
  std::string root;                      // the part of the hierarchy that is mounted, "/" on a host
  std::vector<std::string> controllers;  // of cgroup2, in the kernel's order
  bool hybrid = false;                   // v1 hierarchies are mounted too

  [[nodiscard]] bool has(std::string_view controller) const;
};

/// The first cgroup2 mount of /proc/self/mountinfo below `root` ("" on a host). Empty if none.
[[nodiscard]] std::optional<Mount> find_mount(const std::string& root = "");
/// The mount at a path that the configuration names, controllers included.
[[nodiscard]] Mount mount_at(const std::string& path);

/// Pure part of find_mount: the text of mountinfo. Controllers stay empty.
[[nodiscard]] std::optional<Mount> parse_mountinfo(std::string_view mountinfo);

}  // namespace cgsentry::cgroup
