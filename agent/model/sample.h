// A Sample: everything that one tick measured, as plain columns.
//
//   Table "container"        column 0   column 1   ...
//     row 0 {id="/docker/…"}   1.25       4096
//     row 1 (free)              -          -
//     row 2 {id="/web"}        0.50      absent
//
// A table has one row per thing measured (a container, a workload, the node) and one column per
// metric and set of constant labels. A series is (table, column, row); its labels are the row's
// labels, the column's labels and the metric's name. All rows of a table share the tick's time.
//
// Written by sampler/ (or by the rule test runner), read by window/, promql/ and serve/.
// Rows and columns keep their index for life, so readers may remember indexes; they look again
// when `generation` has changed. Thread: the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"

namespace cgsentry {

enum class MetricType { counter, gauge };

/// One metric over all rows of its table.
struct Column {
  std::string metric;  // "container_cpu_usage_seconds_total"
  Labels labels;       // constant labels beside the row's, such as {cpu="total"}
  MetricType type = MetricType::gauge;
  std::vector<double> values;         // one per row, in the metric's own unit
  std::vector<std::uint8_t> present;  // one per row, 0 or 1: absent is not NaN and not zero

  void set(std::size_t row, double value) {
    values[row] = value;
    present[row] = 1;
  }
  void clear(std::size_t row) { present[row] = 0; }
};

/// The identity of one row.
struct Row {
  Labels labels;
  /// Unique over the life of the agent and never reused; 0 means that the row is free. A reader
  /// that sees another serial than before looks at another thing and forgets the old one.
  std::uint64_t serial = 0;
  /// The agent saw this thing begin, so its counters stood at zero at `born_at`. Windows use that
  /// as a first sample: a counter that is 1 at first sight has increased by 1.
  bool seen_born = false;
  Timestamp born_at{};

  [[nodiscard]] bool live() const { return serial != 0; }
};

struct Table {
  std::string name;
  std::vector<Row> rows;  // size is the table's capacity; fixed
  std::vector<Column> columns;
  /// Grows whenever a row comes or goes, a row's labels change, or a column is added.
  std::uint64_t generation = 0;

  Table() = default;
  Table(std::string table_name, std::size_t capacity)
      : name(std::move(table_name)), rows(capacity) {}

  /// The new column's index. All of its values are absent.
  std::size_t add_column(std::string metric, MetricType type, Labels labels = {});
  /// Occupies row `row`, which must be free.
  void occupy(std::size_t row, Row identity);
  /// Frees row `row` and clears its values.
  void release(std::size_t row);
};

struct Sample {
  Timestamp time{};
  /// Since the sample before; the true time, not the nominal interval. Zero in the first.
  Duration elapsed{};
  /// True when events or counters were lost since the sample before, so that the absence of a
  /// breach proves nothing: resolves are withheld.
  bool blind = false;
  std::vector<Table> tables;  // indexes are fixed once sampling has begun
};

}  // namespace cgsentry
