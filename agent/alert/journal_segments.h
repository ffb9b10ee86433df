// The journal's files: two segments of bounded size, appended to and synced.
//
//   DIRECTORY/lock      held while an agent runs, so that two do not write at once
//   DIRECTORY/current   appended to; when it is full it becomes `previous`
//   DIRECTORY/previous  the segment before; overwritten by the next rotation
//   DIRECTORY/unreadable  what was found in the place of a segment and was none of ours
//
// Invariants: append() returns success only when the bytes are on the disk; after a failure the
// next append() first cuts what may have been half written. Whatever the files hold, open() comes
// to an end and the journal goes on: damage costs records, never the agent.
// Thread: one at a time. Tested by tests/unit/alert/journal_segments_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "alert/disk.h"
#include "alert/journal_record.h"

namespace cgsentry::alert {

/// What open() found.
struct OpenReport {
  std::uint64_t records = 0;
  std::uint64_t skipped = 0;  // damaged records between sound ones
  std::size_t cut_bytes = 0;  // a torn tail
  bool set_aside = false;     // `current` was none of ours and is now `unreadable`
};

class Segments {
 public:
  /// `disk` must outlive this. `max_bytes` is for both segments together.
  Segments(std::string directory, std::size_t max_bytes, Disk& disk);

  /// Locks, reads both segments (oldest record first, `visit` may be empty), cuts a torn tail. May
  /// be called again after a failure.
  [[nodiscard]] Result<OpenReport> open(const Visit& visit);

  /// Framed records, the last of which has `last_sequence`. Opens first when that has failed.
  [[nodiscard]] Status append(std::string_view records, std::uint64_t last_sequence);

  /// Of the newest record there is, or was before a rotation. 0 when there is none.
  [[nodiscard]] std::uint64_t last_sequence() const { return last_sequence_; }

 private:
  [[nodiscard]] Status take_lock();
  [[nodiscard]] Status scan_previous(const Visit& visit, OpenReport& report);
  [[nodiscard]] Status scan_current(const Visit& visit, OpenReport& report);
  [[nodiscard]] Status start_segment();
  [[nodiscard]] Status rotate();
  [[nodiscard]] Status write_synced(std::string_view bytes);
  [[nodiscard]] std::string path(const char* name) const;

  const std::string directory_;
  const std::size_t segment_bytes_;
  Disk& disk_;
  Fd lock_;
  Fd current_;
  std::size_t good_bytes_ = 0;  // of `current`: on the disk and sound
  bool tail_unsure_ = false;    // there may be more than good_bytes_
  std::uint64_t last_sequence_ = 0;
};

}  // namespace cgsentry::alert
