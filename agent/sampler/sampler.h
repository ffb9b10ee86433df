// Makes one Sample a tick out of the kernel's counters, the cgroup tree and the names.
//
//   events ─► tree ─► roster (who has which row) ─┐
//   rows, walk, files ────────────────────────────┴─► container table ─► Sample
//
// Owns the tree, the roster and the tables; the kernel side is lent. Values of a container only
// grow while its row lives; the last row of a removed container has its final numbers. A value that
// did not change stays where it stands in the table: a container that does nothing costs a look at
// a few cache lines. Identity and reset rules are here and nowhere else. Thread: the loop. Tested
// by tests/unit/sampler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "cgroup/tree.h"
#include "kernel/rows.h"
#include "kernel/slots.h"
#include "kernel/walk.h"
#include "model/event.h"
#include "model/sample.h"
#include "sampler/agent_table.h"
#include "sampler/container_row.h"
#include "sampler/file_totals.h"
#include "sampler/oom_count.h"
#include "sampler/roster.h"
#include "sampler/slow_files.h"
#include "sampler/workloads.h"

namespace cgsentry::sampler {

/// What the sampler reads; everything outlives it. A null or empty part is a probe that is not up:
/// its metrics are absent.
struct Inputs {
  kernel::Slots* slots = nullptr;
  kernel::Rows* rows = nullptr;
  kernel::Walk* walk = nullptr;
  bool sched = false;
  bool network = false;
  bool processes = false;
  bool oom = false;
  /// enum cgs_loss, counted by the programs.
  std::span<const std::uint64_t> losses;
  /// Where cgroup2 is mounted, for scans and files.
  std::string cgroup_root;
  /// Without the memory or io controller there is nothing to read in files.
  bool stat_files = false;
};

class Sampler {
 public:
  struct Names {
    std::function<bool(std::string_view path)> is_closed;
    std::function<Labels(const std::string& path)> labels_of;
    /// A parent of containers: it has no counters of its own tasks.
    std::function<bool(std::string_view path)> is_inner;
  };

  Sampler(Inputs inputs, Names names, std::uint32_t slots, Timestamp started_at);
  ~Sampler();

  /// Reads the whole tree. At start, after the probes are attached.
  void scan(Timestamp now);
  void note(std::span<const Event> events);
  /// `monotonic_now`: CLOCK_MONOTONIC at `now`. The Sample is valid until the next call.
  const Sample& take(Timestamp now, Duration monotonic_now);

  /// True while some live row has these labels' `id`, and for labels without one: what they
  /// measure is no container and cannot go.
  [[nodiscard]] bool has_live(const Labels& series) const;
  [[nodiscard]] std::size_t containers() const { return roster_.shown().size(); }
  /// Cgroups that have a row or will get one at the next tick.
  [[nodiscard]] std::size_t known() const { return tree_.members().size(); }
  /// For registering numbers about the agent, at setup.
  [[nodiscard]] AgentTable& agent() { return agent_; }

 private:
  struct SlotBook;
  /// What a row needs to remember from tick to tick.
  struct Memory {
    bool shown = false;  // its values stand in the table
    bool inner = false;
    bool lost_aliases = false;              // departed_ has what they had counted
    bool walked = false;                    // some walk saw it
    std::uint64_t totals_walk = 0;          // the walk whose totals stand in the table
    std::uint64_t inactive_file_bytes = 0;  // that the working set was made with
    std::uint64_t walk_run_ns = 0;          // sched's run time at the last walk
    std::uint64_t walk_cpu_ns = 0;          // at the last walk
    kernel::ScaledCpu cpu;
    OomCount oom;
    Timestamp last_failure{};  // a process ended with an error or by a signal
  };

  void note_made(const Event& event);
  void rescan_if_lost(Timestamp now);
  [[nodiscard]] bool ended_by_failure(std::uint32_t slot) const;
  void fold(const cgroup::Departure& alias);
  void begin_row(std::uint32_t slot, Timestamp now);
  void fill(std::uint32_t slot, Timestamp now);
  /// Nothing differs from the tick before, and the walk is there to tell.
  [[nodiscard]] bool is_quiet(std::uint32_t slot) const;
  /// True when something differed.
  bool fill_changed(std::uint32_t slot);
  /// What the programs have counted for a container, aliases included. The totals are valid until
  /// the next call.
  [[nodiscard]] kernel::SlotReading read_counters(std::uint32_t slot);
  void put_counters(std::uint32_t slot, const kernel::SlotTotals& totals, unsigned changed);
  /// The kernel's own totals of a slot's owner; empty when it is gone.
  [[nodiscard]] std::optional<kernel::CgroupTotals> totals_of(std::uint32_t slot);
  /// True when the walk's totals of the slot may differ from those in the table, or it is gone.
  [[nodiscard]] bool totals_differ(std::uint32_t slot) const;
  /// Of the container and its aliases, as the walk tells them apart.
  [[nodiscard]] std::uint64_t inactive_file_bytes(std::uint32_t slot) const;
  void put_totals(std::uint32_t slot, const kernel::SlotTotals& counters);
  void put_walked(std::uint32_t slot, kernel::CgroupTotals& totals, std::uint64_t run_ns);
  void finish_cpu(std::uint32_t slot, std::uint64_t run_ns);
  void register_numbers();

  Inputs inputs_;
  Names names_;
  Sample sample_;  // its tables are filled by the four below
  std::unique_ptr<SlotBook> book_;
  cgroup::Tree tree_;
  Roster roster_;
  ContainerColumns columns_;
  SlowFiles slow_files_;
  FileTotals file_totals_;  // only read when there is no walk
  Workloads workloads_;
  AgentTable agent_;
  std::vector<Memory> memory_;                                      // by slot
  std::unordered_map<std::uint32_t, kernel::SlotTotals> departed_;  // of aliases, by member slot
  kernel::SlotTotals sum_;                                          // of a container with aliases
  std::uint64_t tick_ = 0;
  std::uint64_t losses_seen_ = 0;
  std::uint64_t walk_failures_ = 0;
};

}  // namespace cgsentry::sampler
