// The alert journal: a transition is on the disk before anyone is told of it.
//
//   loop:           append() gives each transition its sequence number and queues it
//   journal thread: writes the queue's content, one fsync for all of it, then calls `release` for
//                   each transition, in order
//
// An alert is never held back by a broken disk. A failed write or fsync is counted and logged, and
// the transitions are released marked `unjournaled`. A disk that neither works nor fails (a hung
// fsync) is noticed by the loop, which then releases them itself in the same order: when the queue
// is full (append), when the oldest has waited for `stall_limit` (watch), or at the end (stop).
// So the journal loses no transition while the agent lives.
//
// Thread: append, watch, stop: the loop's; stats: any. `release` is called on the journal thread or
// on the loop, never on both at once, and must not block or throw.
// Tested by tests/unit/alert/journal_test.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alert/disk.h"
#include "base/clock.h"
#include "model/alert.h"

namespace cgsentry::alert {

struct JournalOptions {
  /// Where the segments are kept; created when absent. Empty: in memory only, which survives
  /// nothing but takes the same way through the same thread.
  std::string directory;
  std::size_t max_bytes = std::size_t{16} << 20;  // of both segments together
  std::size_t queue_capacity = 8'192;             // transitions
  Duration stall_limit = std::chrono::seconds(3);
};

/// Only grow, except `queued` and `healthy`. Without a directory both of the first stay 0.
struct JournalStats {
  std::uint64_t journaled = 0;    // written and synced
  std::uint64_t unjournaled = 0;  // released without
  std::uint64_t errors = 0;       // failed attempts to write or open
  std::uint64_t last_sequence = 0;
  std::size_t queued = 0;
  bool healthy = true;  // the last attempt to write worked
};

using Release = std::function<void(const Transition&)>;

class Journal {
 public:
  /// Opens the segments, cuts a torn tail and continues the sequence. Throws SetupError for what
  /// the user must mend (permissions, another agent has the journal); a disk that is full, broken
  /// or read-only is an error like any later one.
  Journal(JournalOptions options, std::unique_ptr<Disk> disk, Release release);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Sets `sequence` of each and queues copies (without `rule`, which may not cross threads).
  void append(std::vector<Transition>& transitions);
  /// Once a tick: looks for a stalled disk.
  void watch(Timestamp now);
  /// Writes and releases what is queued. What the disk has not taken by `deadline` is released
  /// unjournaled. True when the journal thread has ended.
  bool stop(std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] JournalStats stats() const;

 private:
  struct Shared;
  static void run(Shared& shared);

  std::shared_ptr<Shared> shared_;  // the thread keeps it when it has to be left behind
};

}  // namespace cgsentry::alert
