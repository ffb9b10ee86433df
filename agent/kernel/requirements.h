// What the agent needs of the kernel and of its own privileges, checked without loading anything.
//
// `doctor` shows all of it at once; `run` refuses to start on the first fatal one. Reads /proc and
// /sys below a root that tests can set. Tested by tests/unit/kernel/requirements_test.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cgsentry::kernel {

struct Requirement {
  std::string name;  // "BTF"
  bool met = false;
  bool fatal = false;  // nothing works without it
  std::string detail;  // what was found, one line
  std::string fix;     // what to do when it is not met, one line
};

/// `root`: "" on a host, a folder with a fake /proc and /sys in tests. `release`: uname -r.
[[nodiscard]] std::vector<Requirement> check_requirements(const std::string& root,
                                                          std::string_view release);

/// The running kernel's release, as uname -r prints it.
[[nodiscard]] std::string kernel_release();

}  // namespace cgsentry::kernel
