#include "fleet.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "base/fd.h"
#include "kernel/host/host.h"

namespace cgsentry::bench {

namespace {

/// What the walk, the rows and the slow files of one container are made of.
constexpr std::array kFiles{
    "cpu.stat",      "cpu.max",        "cpu.pressure",        "memory.pressure",
    "io.pressure",   "memory.current", "memory.max",          "memory.peak",
    "memory.events", "memory.stat",    "memory.swap.current", "io.stat",
    "pids.current",  "pids.max",       "cgroup.events"};

int live(bool wakes) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (true) {
    if (wakes) {
      ::usleep(100'000);
    } else {
      ::pause();
    }
  }
}

/// Gives the cgroups below `folder` every controller that it has itself, as engines do.
void hand_on_controllers(const std::string& folder) {
  std::ifstream there(folder + "/cgroup.controllers");
  for (std::string controller; there >> controller;) {
    std::ofstream(folder + "/cgroup.subtree_control") << "+" + controller;
  }
}

/// 64 hexadecimal digits, as a runtime's container id.
std::string id_of(std::size_t number) {
  return fmt::format("{:016x}{:016x}{:016x}{:016x}", number * 11400714819323198485ULL, number,
                     ~number, number * 2654435761ULL);
}

}  // namespace

Fleet::Fleet(std::size_t size, std::size_t wakers_every)
    : parent_(test::cgroup_root(), "cgsentry-bench-fleet-" + std::to_string(::getpid())) {
  hand_on_controllers(parent_.path());
  for (std::size_t i = 0; i < size; ++i) {
    cgroups_.push_back(
        std::make_unique<test::OwnCgroup>(parent_.path(), "docker-" + id_of(i) + ".scope"));
    paths_.push_back(cgroups_.back()->path());
    cgroups_.back()->start([wakes = i % wakers_every == 0] { return live(wakes); });
  }
}

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> names;
  for (const char* name : kFiles) {
    if (::access((folder + "/" + name).c_str(), R_OK) == 0) {
      names.emplace_back(name);
    }
  }
  return names;
}

std::size_t read_files(const std::vector<std::string>& folders,
                       const std::vector<std::string>& files) {
  std::array<char, 8192> text{};
  std::string path;
  std::size_t count = 0;
  for (const std::string& folder : folders) {
    for (const std::string& file : files) {
      path.assign(folder).append("/").append(file);
      const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (::read(fd.get(), text.data(), text.size()) < 0) {
        throw std::runtime_error("read " + path);
      }
      ++count;
    }
  }
  return count;
}

}  // namespace cgsentry::bench
