// The long history of one column in bounded memory: a ring of buckets of equal width per row.
//
//   … ┆ bucket ┆ bucket ┆ bucket ┆ open          all rows share the limits of the buckets, which
//   are
//     │◄─ closed: numbers in a ring │ a Summary  multiples of the width on the agent's time line;
//   begin()                         newest       a bucket is (k·width, (k+1)·width]
//
// A range is lengthened at its old end to the limit of the bucket in which it begins; at its new
// end it is exact. What the closed buckets of the range have in common is merged once when the set
// of them changes, so that a tick costs one merge a row. A bucket holds only the parts that the
// functions of this tier need. Shape::lag lets a tier run behind the samples, for ranges that end
// in the past: the newest sample that it holds is never younger than that.
//
// Without any part it keeps the newest two samples of each row and nothing else.
// Memory follows the rows that had values within the range. Thread: the loop.
// Tested by tests/property/window/tier_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "window/blocks.h"
#include "window/column.h"
#include "window/summary.h"

namespace cgsentry::window {

struct TierShape {
  Duration range{};
  Duration lag{};
  Duration width{};
  Parts parts = 0;
  friend bool operator==(const TierShape&, const TierShape&) = default;
};

/// The widest of a ladder of round widths of which at least `buckets` fit into the range.
[[nodiscard]] Duration bucket_width(Duration range, std::size_t buckets);

/// The newest samples of a row.
struct Newest {
  Timestamp last_time = Timestamp::min();
  Timestamp previous_time = Timestamp::min();  // min(): there is none
  double last = 0;
  double previous = 0;
};

class Tier {
 public:
  explicit Tier(const TierShape& shape);

  [[nodiscard]] const TierShape& shape() const { return shape_; }
  /// Takes the samples of the column up to `now` - lag that it has not seen.
  void follow(const Column& column, Timestamp now);
  /// Forgets everything about `row`.
  void forget(std::size_t row);
  /// Takes what `old`, of the same shape, knows of a row. Once per row, before the first follow().
  void adopt(const Tier& old, std::size_t theirs, std::size_t mine);

  /// What follows is asked of the samples after `start`, lengthened to begin().
  void look_back_to(Timestamp start);
  [[nodiscard]] Timestamp begin() const { return limit_of(oldest_); }
  /// The samples of a row since begin(). Times are rounded down to a power of ten of nanoseconds,
  /// of which at least 429 million make a width.
  [[nodiscard]] Summary of(std::size_t row) const;
  /// Exact. Also of samples before begin().
  [[nodiscard]] Newest newest(std::size_t row) const;
  /// Where x is 0.
  [[nodiscard]] Timestamp origin() const { return origin_; }

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  using Index = std::int64_t;
  struct Block {
    // Of each slot: lanes side by side, member after member.
    std::vector<double> values;
    std::vector<std::uint32_t> counts;
    std::vector<std::uint32_t> times;  // first, last
    std::vector<Summary> open;
    std::vector<Summary> closed;  // of the range
    std::vector<Newest> newest;
    Index busy = 0;  // the newest bucket with any value
  };

  [[nodiscard]] bool has_buckets() const { return shape_.parts != 0; }
  [[nodiscard]] bool has_ends() const { return (shape_.parts & kEnds) != 0; }
  [[nodiscard]] Index index_of(Timestamp time) const;
  [[nodiscard]] Timestamp limit_of(Index index) const {
    return Timestamp(Duration(index * shape_.width.count()));
  }
  [[nodiscard]] std::size_t slot_of(Index index) const;
  [[nodiscard]] Block make_block() const;
  Block& block_of(std::size_t row);
  void take(std::size_t block, const double* values, Timestamp time);
  void close_bucket();
  void write(Block& block, std::size_t slot, std::size_t lane, const Summary& bucket) const;
  [[nodiscard]] Summary read(const Block& block, std::size_t slot, std::size_t lane) const;
  void merge_closed(Block& block) const;

  TierShape shape_;
  std::size_t capacity_ = 0;
  std::int64_t time_unit_ = 1;
  std::vector<double Summary::*> members_;  // that a bucket holds
  std::vector<Index> slot_index_;           // which bucket a slot holds
  Blocks<Block> blocks_;
  Timestamp origin_ = Timestamp::min();
  Timestamp fed_until_ = Timestamp::min();
  Index open_ = 0;
  Index oldest_ = 0;  // of what was merged
  bool merged_ = false;
};

}  // namespace cgsentry::window
