// The kernel side as one object: programs, their mapped rows, and the readers over them.
//
// Owns everything that BPF gave the agent; destroying it detaches all programs. Setup throws
// SetupError; afterwards it holds no more than memory and three descriptors per program.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernel/events.h"
#include "kernel/mapped.h"
#include "kernel/programs.h"
#include "kernel/rows.h"
#include "kernel/slots.h"
#include "kernel/walk.h"

namespace cgsentry::kernel {

class DataPath {
 public:
  /// Loads and attaches. Scan the tree after it: cgroups born from now on have their slot already,
  /// and the time of the others counts as unattributed until the scan has given them one.
  explicit DataPath(const Programs::Options& options);

  [[nodiscard]] const std::vector<Probe>& probes() const { return programs_.probes(); }
  [[nodiscard]] bool up(std::string_view probe) const { return programs_.up(probe); }

  [[nodiscard]] Slots& slots() { return slots_; }
  [[nodiscard]] Rows& rows() { return rows_; }
  /// Null when the walk is not up.
  [[nodiscard]] Walk* walk() { return walk_ ? &*walk_ : nullptr; }
  [[nodiscard]] Events& events() { return events_; }
  /// By enum cgs_loss.
  [[nodiscard]] std::span<const std::uint64_t> losses() const { return losses_.rows(); }

 private:
  Programs programs_;
  Mapped<cgs_tag> tags_;
  Mapped<cgs_slot> slot_rows_;
  Mapped<std::uint64_t> free_slots_;
  Mapped<cgs_sched_row> sched_rows_;
  Mapped<cgs_cpu_row> cpu_rows_;
  Mapped<cgs_network_row> network_rows_;
  Mapped<cgs_process_row> process_rows_;
  Mapped<std::uint64_t> oom_victims_;
  Mapped<cgs_walk_row> walk_rows_;
  Mapped<std::uint64_t> losses_;
  Slots slots_;
  Rows rows_;
  Events events_;
  std::optional<Walk> walk_;
};

}  // namespace cgsentry::kernel
