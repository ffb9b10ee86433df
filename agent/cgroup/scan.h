// Reads the whole cgroup tree from its directories: at start, and after events were lost.
//
// A cgroup's id is the inode number of its directory (kernfs, 64-bit hosts). Folders that vanish
// meanwhile are left out. Tested by tests/unit/cgroup/scan_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroup/tree.h"

namespace cgsentry::cgroup {

inline constexpr std::size_t kMaxScanned = 262144;
inline constexpr int kMaxDepth = 64;

/// All cgroups below and including `root`, parents before children. Fails when `root` cannot be
/// opened.
[[nodiscard]] Result<std::vector<Found>> scan(const std::string& root);

/// The name of the child of `path` (below `root`) with this id; empty when it is gone. For names
/// that are too long for an event.
[[nodiscard]] std::string child_name(const std::string& root, const std::string& path,
                                     std::uint64_t cgroup_id);

}  // namespace cgsentry::cgroup
