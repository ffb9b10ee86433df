// Series of a unit test as Samples, in the order of time.
//
//   web_up{job="x"} 1 _ 2  ──► start: 1   start + interval: absent   start + 2 intervals: 2
//
// Every metric name is a table, every series of it a row. Series of different intervals may come
// together: a sample has the values of all that are due at its time. No sample is fed twice.
// Tested by tests/unit/command/series_feed_test.cpp.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "command/unit_test_file.h"
#include "model/sample.h"

namespace cgsentry::command {

class SeriesFeed {
 public:
  explicit SeriesFeed(Timestamp start) : start_(start) {}

  /// Series with a value every `interval`. They must outlive the feed. Before the first feed().
  void add(const std::vector<InputSeries>& series, Duration interval);

  /// Gives the samples up to `until`, that one included, to `take`.
  void feed(Timestamp until, const std::function<void(const Sample&)>& take);

 private:
  /// Where a series has its value.
  struct Cell {
    const SeriesValues* values = nullptr;
    std::size_t table = 0;
    std::size_t row = 0;
  };
  struct Stream {
    Duration interval{};
    std::vector<Cell> cells;
    std::size_t count = 0;  // values of the longest series
    std::size_t next = 0;
  };

  [[nodiscard]] Timestamp due(const Stream& stream) const;
  /// When the next sample is; none at the end.
  [[nodiscard]] std::optional<Timestamp> next_time() const;
  void fill(Stream& stream);

  Timestamp start_;
  Sample sample_;
  std::uint64_t last_serial_ = 0;
  std::vector<Stream> streams_;
};

}  // namespace cgsentry::command
