// What is usual for each row of one column at a time of the day, from up to seven days before.
//
//   one sample in 30 s ──► open quarter ──► ring of 8 days of quarters ──► Band at a time
//                          ends so far      two numbers per row and quarter
//
// A quarter is (k · 15 min, (k + 1) · 15 min] on the agent's time line; 96 make a day of 24 hours,
// whatever the wall clock or a time zone does. Of the first finite sample after each multiple of
// 30 s it keeps the second least and the second largest, so that one foreign value is nothing, and
// what lasts for a minute or so is. A quarter with fewer than 10 samples, and that in which a row's
// first sample lies, count as missing.
//
//   day       of a day before, at the quarter of a time: from the least low to the greatest high of
//             that quarter and the two beside it; missing when the quarter itself is
//   band      from the lower median of the days' lows to the upper median of their highs: a value
//             is in it when at least half of the days reached as far. One day is enough.
//   moved     of one of the last 8 quarters: how far both of its ends lie above their band, or
//             below it, the nearer one; else, and when anything is missing, 0
//   shift     as far as at least 5 of the 8 have moved, else 0: the level of today
//   of()      the band + shift
//
// Only what lies before the quarter of a time is looked at, so what is open now hides nothing of
// itself. Numbers are kept as float: 1 part in 16 million off. Memory: 30 bytes a row, and 768 more
// for each day, so 6.2 KB at most; in blocks of 64 rows of which at least one has lived through a
// whole quarter. A tick costs one comparison, every 30th one visit of each row, and the first
// look_at() in a quarter goes through 99 quarters of each row.
//
// Thread: the loop. Tested by tests/property/window/season_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "window/blocks.h"
#include "window/column.h"

namespace cgsentry::window {

struct Band {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] bool known() const { return low <= high; }
};

class Season {
 public:
  /// Takes samples that are at least `lag` old only, for ranges that end so long ago.
  explicit Season(Duration lag);

  [[nodiscard]] Duration lag() const { return lag_; }
  /// Takes the samples of the column up to `now` - lag that it has not seen.
  void follow(const Column& column, Timestamp now);
  /// Forgets everything about `row`.
  void forget(std::size_t row);
  /// Takes what `old` knows of a row. Once per row, before the first follow().
  void adopt(const Season& old, std::size_t theirs, std::size_t mine);

  /// What follows is asked of this time.
  void look_at(Timestamp time);
  /// Not known before a day has passed.
  [[nodiscard]] Band of(std::size_t row) const;

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  using Index = std::int32_t;  // of a quarter; 61,000 years of them
  static constexpr Index kNever = std::numeric_limits<Index>::max();
  static constexpr Index kQuartersADay = 96;
  static constexpr Index kDays = 7;
  static constexpr Index kRing = (kDays + 1) * kQuartersADay;
  static constexpr std::size_t kRecent = 8;  // quarters that tell the level of today

  using Row64 = std::array<float, kLanes>;
  /// The low end, and the high end with its sign turned: what holds for one holds for the other.
  using Ends = std::array<Row64, 2>;
  using Day = std::array<Ends, kQuartersADay>;
  struct Block {
    Block();
    std::array<Index, kLanes> since;  // the first quarter that counts; kNever: no sample yet
    Ends least;                       // of the open quarter, of both signs
    Ends second;
    std::array<std::uint8_t, kLanes> counts;
    Ends usual;  // what of() tells
    std::array<std::unique_ptr<Day>, kDays + 1> days;
  };

  /// Everything is missing in it.
  [[nodiscard]] static std::unique_ptr<Day> make_day();
  Block& block_of(std::size_t row);
  /// Null when there is nothing of it.
  [[nodiscard]] const Ends* quarter(const Block& block, Index index) const;
  void take(Block& block, const double* values) const;
  void close_quarter();
  void write(Block& block) const;
  void judge(Block& block, Index index) const;
  [[nodiscard]] Row64 day_end(const Block& block, Index index, std::size_t side) const;
  [[nodiscard]] Row64 band_end(const Block& block, Index index, std::size_t side) const;
  [[nodiscard]] Row64 moved(const Block& block, Index index) const;
  [[nodiscard]] Row64 shift(const Block& block, Index index) const;

  Duration lag_;
  Blocks<Block> blocks_;
  std::vector<Index> held_;  // which quarter a place of the ring holds
  Timestamp fed_until_ = Timestamp::min();
  std::int64_t turn_;  // of 30 s, the last in which a sample was taken
  Index open_ = kNever;
  Index judged_ = kNever;  // the quarter that of() tells of
};

}  // namespace cgsentry::window
