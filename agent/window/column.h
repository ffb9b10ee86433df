// The recent values of one column: a ring per row, stored in blocks of 64 rows.
//
//   block 0 (rows 0–63)        block 1 (rows 64–127): not allocated, no live row
//   slot 0  v v v … v
//   slot 1  v v v … v          one slot of a block is 64 doubles side by side, so one tick writes
//   …                          them in one go and a window is read as flat loops over rows
//
// Absent, zero and NaN differ: an absent value and a stale marker are NaNs with a bit pattern that
// no measurement has. Per row the column remembers when its unbroken run of values began and when
// it last went down, so most windows need no look at the values between first and last.
//
// Memory follows the live rows. Thread: the loop. Tested by tests/property/window/column_test.cpp.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/clock.h"
#include "window/blocks.h"
#include "window/timeline.h"

namespace cgsentry::window {

/// "This series ended here", as Prometheus' stale marker. Both are quiet NaNs: a compiler may quiet
/// a signalling one (Prometheus' own is 0x7ff0000000000002) when it folds constants, as g++ 12
/// does.
inline constexpr std::uint64_t kStaleBits = 0x7ff8000000000c02ULL;
/// No sample at this time.
inline constexpr std::uint64_t kAbsentBits = 0x7ff8000000000c65ULL;

[[nodiscard]] inline bool is_stale(double value) {
  return std::bit_cast<std::uint64_t>(value) == kStaleBits;
}
[[nodiscard]] inline bool is_absent(double value) {
  return std::bit_cast<std::uint64_t>(value) == kAbsentBits;
}
/// Neither absent nor stale.
[[nodiscard]] inline bool is_value(double value) {
  return !is_stale(value) && !is_absent(value);
}

struct Point {
  Timestamp time{};
  double value = 0;
};

/// What a row has in a range.
struct Run {
  enum class Kind : std::uint8_t {
    empty,   // no values
    dense,   // a value at every sequence of [first, end)
    broken,  // values with holes somewhere in [first, end): look at each
  };
  Kind kind = Kind::empty;
  Sequence first = 0;
  Sequence end = 0;
  /// Dense only: no value is smaller than the one before it. Never said of a column that does not
  /// watch for it.
  bool grows = false;
};

/// Which of the 64 rows of a block have a value at every sequence of a range; a bit per row.
struct WholeRuns {
  std::uint64_t whole = 0;
  std::uint64_t grow = 0;  // of those, as Run::grows
};

/// Whether a column remembers when its values went down. Worth it for counters only.
enum class Watch : std::uint8_t { drops, nothing };

class Column {
 public:
  /// Keeps the values of the newest `capacity` sequences of `timeline`, which must outlive it.
  Column(const Timeline& timeline, std::size_t capacity, Watch watch = Watch::drops);

  /// Stores the newest sequence of the timeline: `values[row]` where `present[row]`. Storing it
  /// again replaces it.
  void append(std::span<const double> values, std::span<const std::uint8_t> present);
  /// The same for a few rows; all others are absent.
  void append(std::span<const std::uint32_t> rows, std::span<const double> values);
  /// Forgets everything about `row`.
  void forget(std::size_t row);
  /// Forgets everything.
  void clear();
  /// Keeps more or fewer sequences from now on; the newest stay.
  void resize(std::size_t capacity);

  /// The oldest sequence that is kept.
  [[nodiscard]] Sequence begin() const {
    const Sequence end = timeline_->end();
    return end > capacity_ ? end - static_cast<Sequence>(capacity_) : 1;
  }
  [[nodiscard]] const Timeline& timeline() const { return *timeline_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  /// Rows that may have values are below this.
  [[nodiscard]] std::size_t row_end() const { return blocks_.row_end(); }

  /// The value of a sequence that is kept; absent when there is none.
  [[nodiscard]] double at(std::size_t row, Sequence sequence) const {
    const Block* block = blocks_.find(row);
    return block ? block->values[(sequence % capacity_) * kLanes + row % kLanes]
                 : std::bit_cast<double>(kAbsentBits);
  }
  [[nodiscard]] Run run(std::size_t row, Range range) const;
  /// The same for all rows of the block of `row`, of a range that begins at or after begin().
  [[nodiscard]] WholeRuns whole_runs(std::size_t row, Range range) const;
  /// The values of a row in a range, oldest first.
  void gather(std::size_t row, const Run& run, std::vector<Point>& out) const;

  /// The 64 values of one sequence of the block of `row`, or null without a block.
  [[nodiscard]] const double* slot(std::size_t row, Sequence sequence) const {
    const Block* block = blocks_.find(row);
    return block ? &block->values[(sequence % capacity_) * kLanes] : nullptr;
  }

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Block {
    explicit Block(std::size_t capacity);
    void follow(std::uint64_t there, Sequence sequence);
    void note_drops(std::uint64_t there, const double* now, const double* last, Sequence sequence);

    std::vector<double> values;
    std::uint64_t live = 0;                    // lanes that had a value in the newest sequence
    std::array<Sequence, kLanes> since{};      // of live lanes: start of the unbroken run up to now
    std::array<Sequence, kLanes> before{};     // last value before that run; 0: none
    std::array<Sequence, kLanes> last_drop{};  // last value smaller than its predecessor; 0: none
    Sequence newest_since = 0;                 // none of `since` is later
    Sequence newest_drop = 0;                  // none of last_drop is later
    Sequence busy = 0;                         // the newest sequence with any value
  };

  Block& block_of(std::size_t row);
  void close_tick(Block& block, std::size_t row, Sequence sequence, std::uint64_t there);

  const Timeline* timeline_;
  std::size_t capacity_;
  Watch watch_;
  Blocks<Block> blocks_;
};

}  // namespace cgsentry::window
