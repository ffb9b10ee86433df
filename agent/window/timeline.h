// When the samples of one table were taken: a ring of times, shared by all columns of the table.
//
//   sequence   7      8      9     10          every push gets the next sequence number;
//   time     12:00:00  :01    :02    :03       a column keeps the value of sequence s in slot
//                                              s modulo its own capacity
//
// Invariants: times grow; the newest `capacity()` times are kept. Tested by
// tests/property/window/column_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace cgsentry::window {

/// Number of a sample on its timeline, from 1. At one a second they last for 136 years.
using Sequence = std::uint32_t;

/// Times are divided towards the past, also before 1970.
[[nodiscard]] constexpr std::int64_t floor_divided(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
[[nodiscard]] constexpr std::int64_t floor_modulo(std::int64_t a, std::int64_t b) {
  return a - floor_divided(a, b) * b;
}

/// Samples [first, end) of a timeline.
struct Range {
  Sequence first = 1;
  Sequence end = 1;
  [[nodiscard]] bool empty() const { return first >= end; }
  [[nodiscard]] std::size_t size() const { return empty() ? 0 : end - first; }
};

class Timeline {
 public:
  /// Keeps `capacity` times, at least one.
  explicit Timeline(std::size_t capacity);

  /// `time` must be later than all before. Returns its sequence number.
  Sequence push(Timestamp time);
  /// Makes room for at least `capacity` times; nothing is lost.
  void grow(std::size_t capacity);
  void clear();

  [[nodiscard]] std::size_t capacity() const { return times_.size(); }
  /// One past the newest sequence.
  [[nodiscard]] Sequence end() const { return end_; }
  /// The oldest sequence that is kept.
  [[nodiscard]] Sequence begin() const { return begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  /// `sequence` must be in [begin(), end()).
  [[nodiscard]] Timestamp time(Sequence sequence) const { return times_[sequence % times_.size()]; }
  /// The samples in (after, until].
  [[nodiscard]] Range between(Timestamp after, Timestamp until) const;

  [[nodiscard]] std::size_t memory_bytes() const { return times_.capacity() * sizeof(Timestamp); }

 private:
  /// The first sequence whose time is later than `time`.
  [[nodiscard]] Sequence first_after(Timestamp time) const;

  std::vector<Timestamp> times_;
  Sequence begin_ = 1;
  Sequence end_ = 1;
};

}  // namespace cgsentry::window
