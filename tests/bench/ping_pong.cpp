#include "ping_pong.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/fd.h"
#include "kernel/host/host.h"

namespace cgsentry::bench {

namespace {

constexpr std::size_t kMaxTasks = 2 * CPU_SETSIZE;

struct Pipe {
  Fd out;
  Fd in;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2");
  }
  return {Fd(ends[0]), Fd(ends[1])};
}

}  // namespace

PingPong::PingPong()
    : parent_(test::cgroup_root(), "cgsentry-bench-pong-" + std::to_string(::getpid())) {
  void* shared = ::mmap(nullptr, sizeof(Count) * kMaxTasks, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    throw std::runtime_error("mmap");
  }
  counts_ = static_cast<Count*>(shared);
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ::sched_getaffinity(0, sizeof(allowed), &allowed);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) {
      add_pair(cpu);
    }
  }
}

PingPong::~PingPong() {
  cgroups_.clear();
  ::munmap(counts_, sizeof(Count) * kMaxTasks);
}

void PingPong::add_pair(std::size_t cpu) {
  const Pipe there = make_pipe();
  const Pipe back = make_pipe();
  for (const auto& [in, out] :
       {std::pair{there.out.get(), back.in.get()}, std::pair{back.out.get(), there.in.get()}}) {
    Count& count = counts_[tasks_];
    cgroups_.push_back(
        std::make_unique<test::OwnCgroup>(parent_.path(), "task-" + std::to_string(tasks_)));
    cgroups_.back()->start(
        [cpu, in = in, out = out, &count]() -> int { pass_on(cpu, in, out, count); });
    ++tasks_;
  }
  if (::write(there.in.get(), "x", 1) != 1) {
    throw std::runtime_error("write to a pipe");
  }
}

void PingPong::pass_on(std::size_t cpu, int in, int out, Count& count) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(cpu, &own);
  ::sched_setaffinity(0, sizeof(own), &own);
  char byte = 0;
  while (::read(in, &byte, 1) == 1) {
    count.passes.fetch_add(1, std::memory_order_relaxed);
    if (::write(out, &byte, 1) != 1) {
      break;
    }
  }
  ::_exit(1);
}

std::vector<std::uint64_t> PingPong::cgroup_ids() const {
  std::vector<std::uint64_t> ids;
  for (const auto& cgroup : cgroups_) {
    ids.push_back(cgroup->id());
  }
  return ids;
}

std::uint64_t PingPong::passes() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < tasks_; ++i) {
    sum += counts_[i].passes.load(std::memory_order_relaxed);
  }
  return sum;
}

std::uint64_t PingPong::cpu_ns() const {
  std::ifstream file(parent_.path() + "/cpu.stat");
  std::string key;
  std::uint64_t usage_usec = 0;
  if (!(file >> key >> usage_usec) || key != "usage_usec") {
    throw std::runtime_error("no usage_usec in cpu.stat");
  }
  return usage_usec * 1000;
}

}  // namespace cgsentry::bench
