// A selector's series: the columns that it matches, and the rows in them.
//
// In: columns and rows as the store and the recorded tables tell of them. Out: per matched column
// the rows that match, each with its entry. Matchers are looked at only when a row comes or its
// labels change. Thread: the loop. Tested by tests/unit/promql/engine_test.cpp and
// recording_test.cpp.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "model/sample.h"
#include "promql/ast.h"
#include "promql/domain.h"
#include "promql/matchers.h"
#include "window/column.h"
#include "window/season.h"
#include "window/tier.h"

namespace cgsentry::promql {

struct SelectedColumn;

/// What is kept of a column beside its samples.
struct Summaries {
  std::vector<window::TierShape> tiers;
  std::vector<Duration> season_lags;

  /// Those of `other` that are not there yet.
  void add(const Summaries& other);
};

/// The rows of a table and the columns of it that some selector needs.
struct TableState {
  explicit TableState(std::size_t timeline_capacity) : timeline(timeline_capacity) {}

  /// Before the next time is pushed. With a history, rings grow until they hold it; without, true
  /// says that a time which ranges of `need` still want falls out.
  bool make_room(Timestamp now, Duration need, const std::optional<Duration>& history);

  window::Timeline timeline;
  std::uint64_t generation = ~std::uint64_t{0};
  std::size_t known_columns = 0;
  std::vector<std::uint64_t> serials;
  std::vector<LabelSet> labels;  // of the rows; holds references
  std::vector<Timestamp> born;   // when counters stood at zero; Timestamp::min() when not known
  struct Tracked {
    std::size_t column = 0;  // index in the sample's table
    MetricType type = MetricType::gauge;
    std::unique_ptr<window::Column> values;
    std::vector<std::unique_ptr<window::Tier>> tiers;  // of the same values
    std::vector<std::unique_ptr<window::Season>> seasons;

    /// Keeps what is one of these, and makes the others.
    void set_summaries(const Summaries& wanted);
    /// The selection reads from here.
    void lend_to(SelectedColumn& user) const;
    /// The newest values are appended.
    void follow(Timestamp now);
    void forget(std::size_t row);
    [[nodiscard]] std::size_t memory_bytes() const;
  };
  std::vector<Tracked> tracked;
  std::vector<Tracked> heritage;  // of the rules before these, until the columns are linked
};

/// One column that a selector matches, and the rows in it.
struct SelectedColumn {
  const TableState* table = nullptr;
  const window::Column* values = nullptr;
  std::vector<window::Tier*> tiers;
  std::vector<window::Season*> seasons;
  MetricType type = MetricType::gauge;
  Entry base = 0;  // entry of row 0
  std::size_t row_count = 0;
  LabelSet labels;  // the column's own, and the metric's name; holds references
  std::vector<std::size_t> row_matchers;  // those that the column's own labels do not decide
  std::vector<std::uint8_t> matched;      // per row
  std::vector<std::uint32_t> rows;        // the matched rows, ascending
  std::vector<Entry> entries;             // base + row of those

  /// Null when there is none.
  [[nodiscard]] window::Tier* tier(const window::TierShape& shape) const;
  [[nodiscard]] window::Season* season(Duration lag) const;
};

/// A selector's series.
class Selection final : public Domain {
 public:
  Selection(SymbolTable& symbols, const VectorSelector& selector);
  ~Selection() override;

  void labels(Entry entry, LabelSet& out) const override;
  [[nodiscard]] std::size_t entry_end() const override { return next_base_; }
  [[nodiscard]] const std::deque<SelectedColumn>& columns() const { return columns_; }
  /// Every series has the same metric name, so dropping it keeps them apart.
  [[nodiscard]] bool one_name() const { return one_name_; }
  /// Nothing is said against a metric of this name.
  [[nodiscard]] bool may_match(std::string_view metric) const;
  /// Some of the series are recorded by rules.
  [[nodiscard]] bool has_recorded() const { return has_recorded_; }
  /// Grows whenever one of these was recorded.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  /// How long before the evaluation the times of what is recorded may lie.
  [[nodiscard]] Duration latest_delay() const { return latest_delay_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  friend class Store;
  friend class RecordedTable;
  bool add_column(const TableState& table, const Column& column, std::size_t rows);
  void match_row(const TableState& table, std::size_t row);
  void drop_row(const TableState& table, std::size_t row);
  /// Gives a column room for more rows; all of its entries change.
  void widen(SelectedColumn& column, std::size_t rows);
  void rebuild_rows(const TableState& table);
  [[nodiscard]] bool wants(const Column& column, std::vector<std::size_t>& undecided) const;

  std::vector<CompiledMatcher> matchers_;
  bool one_name_ = false;
  std::deque<SelectedColumn> columns_;
  std::vector<SelectedColumn*> by_base_;  // those with rows
  Entry next_base_ = 0;
  Duration need_{};  // how far back its values are wanted
  Summaries summaries_;
  bool has_recorded_ = false;
  std::uint64_t version_ = 0;
  Duration latest_delay_{};
};

}  // namespace cgsentry::promql
