// The load of sched_switch_bench: on each CPU two tasks in two cgroups pass a byte back and forth
// through pipes, so that every switch changes the cgroup. Nothing switches more often.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "support/own_cgroup.h"

namespace cgsentry::bench {

class PingPong {
 public:
  /// A pair on every CPU that this process may use. Starts at once.
  PingPong();
  ~PingPong();
  PingPong(const PingPong&) = delete;
  PingPong& operator=(const PingPong&) = delete;

  /// Of the cgroups that the tasks are in.
  [[nodiscard]] std::vector<std::uint64_t> cgroup_ids() const;
  /// Times that a task got the byte; each is one switch to it.
  [[nodiscard]] std::uint64_t passes() const;
  /// CPU time of all the tasks, from cpu.stat: exact, because they switch all the time.
  [[nodiscard]] std::uint64_t cpu_ns() const;

 private:
  struct alignas(64) Count {
    std::atomic<std::uint64_t> passes;
  };

  void add_pair(std::size_t cpu);
  [[noreturn]] static void pass_on(std::size_t cpu, int in, int out, Count& count);

  Count* counts_ = nullptr;  // shared with the tasks
  std::size_t tasks_ = 0;
  test::OwnCgroup parent_;
  std::vector<std::unique_ptr<test::OwnCgroup>> cgroups_;
};

}  // namespace cgsentry::bench
