// Sums over a range that moves along a column, 64 rows side by side: what the range has left behind
// is taken away and what it has reached is added, so a long range costs a tick no more than a short
// one.
//
//   column   … a b c d e f g …
//   last tick   [b c d e f)            sums of 5
//   this tick     [c d e f g)          - b + g
//
// Sums are compensated (kahan.h), so that a large value that was in the range leaves nothing behind
// but its rounding in the last digit of the compensation; and they are made anew every
// kMovesToRebuild moves, when a row's sum is not finite, and when the range jumps. For straight
// lines they are sums of differences to an anchor, with times from the last rebuild: near each
// other, so that little is lost in products. An anchor is the smallest value in the range at the
// last rebuild; a value that is much smaller would drown in it, and asks for another anchor.
//
// Good for rows that have a value at every sample of the range, of a column that only grows at its
// end. Tested against the definitions by tests/property/promql/moving_sums_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "promql/kahan.h"
#include "promql/lanes.h"

namespace cgsentry::promql {

class MovingSums {
 public:
  /// What is summed up: the values, or what a straight line through them is made of.
  enum class Kind : std::uint8_t { values, line };
  static constexpr std::uint32_t kMovesToRebuild = 1'000;

  explicit MovingSums(Kind kind) : kind_(kind) {}

  /// Brings the sums to `range`, which must not be empty. They are right for the rows in `lanes`
  /// (a bit each), which must have a value at every sample of the range.
  void move_to(const LaneRange& range, std::uint64_t lanes);

  /// Kind::values: the sums. Kind::line: of the differences to anchors().
  [[nodiscard]] const KahanLanes& values() const { return values_; }
  [[nodiscard]] const Lanes& anchors() const { return anchors_; }
  /// Of times, in seconds after origin(); of their squares; of each time with its difference.
  [[nodiscard]] double times() const { return times_.value(); }
  [[nodiscard]] double squares() const { return squares_.value(); }
  [[nodiscard]] const KahanLanes& products() const { return products_; }
  [[nodiscard]] Timestamp origin() const { return origin_; }
  /// True when all values of the row in the range are the same.
  [[nodiscard]] bool flat(std::size_t lane) const { return changed_[lane] <= first_; }

 private:
  [[nodiscard]] bool can_move(const LaneRange& range, std::uint64_t lanes) const;
  void rebuild(const LaneRange& range);
  /// Adds the sample, or takes it away.
  template <int kSign>
  void count(const LaneRange& range, window::Sequence sequence);
  void note_changes(const LaneRange& range, window::Sequence sequence);
  void choose_anchors(const LaneRange& range);
  void forget_broken();

  Kind kind_;
  std::uint32_t moves_ = 0;
  window::Sequence first_ = 0;  // the range that is summed up; empty at first
  window::Sequence end_ = 0;
  std::uint64_t good_ = 0;  // rows whose sums are right
  Timestamp origin_{};
  KahanSum times_;
  KahanSum squares_;
  KahanLanes values_;
  KahanLanes products_;
  Lanes anchors_{};
  std::array<window::Sequence, window::kLanes> changed_{};  // last value unlike the one before
};

/// What a function makes of such sums.
using MovingFunction = void (*)(const MovingSums& sums, const LaneRange& range,
                                const RangeArguments& arguments, Lanes& out);

/// Null when the function is not one of such sums.
[[nodiscard]] MovingFunction moving_function(FunctionId id);
/// Of a function that has one.
[[nodiscard]] MovingSums::Kind moving_kind(FunctionId id);

}  // namespace cgsentry::promql
