// The once-a-second walk: runs the iterator that writes the kernel's totals into the walk rows.
//
// The rows are mapped; a row counts only if the last walk wrote it (sequence). The CPU times of a
// row are raw; cpu.stat scales user and system time so that they add up to the run time, and
// ScaledCpu does the same. Thread: the loop. Tested by tests/unit/kernel/walk_test.cpp.
#pragma once

#include <linux/types.h>

#include <cstdint>
#include <optional>
#include <span>

#include "abi.h"
#include "base/result.h"
#include "kernel/totals.h"

namespace cgsentry::kernel {

/// User and system time as cpu.stat shows them. Formula: cputime_adjust() in
/// kernel/sched/cputime.c. Both never go back; their sum is the run time.
struct ScaledCpu {
  std::uint64_t user_ns = 0;
  std::uint64_t system_ns = 0;

  /// `run_ns` is exact, the two others were sampled by the timer tick.
  void update(std::uint64_t run_ns, std::uint64_t raw_user_ns, std::uint64_t raw_system_ns);
};

class Walk {
 public:
  /// `link_fd`: the attached iterator; not owned, must outlive the Walk. `sequence`: the programs'
  /// variable, which each run counts up.
  Walk(int link_fd, std::span<const cgs_walk_row> rows, __u64* sequence);

  /// One pass over the tree, in the caller's time.
  Status run();
  /// Number of the last walk, from 1.
  [[nodiscard]] std::uint64_t sequence() const { return *sequence_; }
  /// Of a slot's owner; empty when the last walk did not see it.
  [[nodiscard]] std::optional<CgroupTotals> totals(std::uint32_t slot) const;
  /// The number of the walk since which totals() says the same, inactive file pages aside; empty
  /// when the last walk did not see the owner.
  [[nodiscard]] std::optional<std::uint64_t> same_since(std::uint32_t slot) const;
  /// The same number as in totals(), 0 when it is not there.
  [[nodiscard]] std::uint64_t inactive_file_bytes(std::uint32_t slot) const;

 private:
  [[nodiscard]] const cgs_walk_row* row(std::uint32_t slot) const;

  std::uint64_t page_bytes_;
  int link_fd_;
  std::span<const cgs_walk_row> rows_;
  __u64* sequence_;
};

}  // namespace cgsentry::kernel
