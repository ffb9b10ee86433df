// Which container has which row of the sample, and when a slot may be used again.
//
// Occupies and releases the rows of the table "container"; the row's index is the slot's number. A
// slot goes through
//
//   free -> waiting -> live -> closing -> draining -> free
//
//   waiting   its path still has a row: the container was restarted between two ticks, and two
//             series with the same labels would confuse every rule. It waits one tick; its
//             counters lose nothing, because they count from its birth.
//   closing   the cgroup is gone; the row shows the final numbers for one tick.
//   draining  the row is free; a CPU may still hold the slot for two ticks.
//
// Invariants: two live rows never have the same path. Thread: the loop. Tested by
// tests/unit/sampler/roster_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "cgroup/tree.h"
#include "model/labels.h"
#include "model/sample.h"

namespace cgsentry::sampler {

class Roster {
 public:
  enum class Phase : std::uint8_t { free, waiting, live, closing, draining };

  using LabelsOf = std::function<Labels(const std::string& path)>;
  /// Zeroes a slot's rows and gives it back.
  using Recycle = std::function<void(std::uint32_t slot)>;

  /// `table` has one row per slot and outlives this.
  Roster(Table& table, LabelsOf labels_of, Recycle recycle);

  /// One step a tick: what departed before is released, what came is shown.
  void advance(std::vector<cgroup::Member> arrivals, std::span<const cgroup::Departure> departures);

  /// Slots with a row in this tick, closing ones included.
  [[nodiscard]] const std::vector<std::uint32_t>& shown() const { return shown_; }
  /// Those that got their row in this tick.
  [[nodiscard]] const std::vector<std::uint32_t>& appeared() const { return appeared_; }
  /// Those that show their final numbers in this tick.
  [[nodiscard]] const std::vector<std::uint32_t>& closing() const { return closing_; }
  [[nodiscard]] Phase phase(std::uint32_t slot) const { return entries_[slot].phase; }
  /// The member that has, or last had, the slot.
  [[nodiscard]] const cgroup::Member& member(std::uint32_t slot) const {
    return entries_[slot].member;
  }
  /// When the cgroup went, for closing slots.
  [[nodiscard]] Timestamp departed_at(std::uint32_t slot) const {
    return entries_[slot].departed_at;
  }

 private:
  struct Entry {
    Phase phase = Phase::free;
    bool departed = false;
    std::uint8_t grace_ticks = 0;
    cgroup::Member member;
    Timestamp departed_at{};
  };

  void release_closed();
  void recycle_drained();
  void depart(const cgroup::Departure& departure);
  void show(std::uint32_t slot);

  Table& table_;
  LabelsOf labels_of_;
  Recycle recycle_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> shown_;
  std::vector<std::uint32_t> appeared_;
  std::vector<std::uint32_t> closing_;
  std::vector<std::uint32_t> waiting_;
  std::vector<std::uint32_t> draining_;
  std::unordered_set<std::string> paths_;  // of shown rows
  std::uint64_t last_serial_ = 0;
};

}  // namespace cgsentry::sampler
