// What the engine keeps of the samples: the tables' timelines, the columns that some selector needs
// and the labels of the rows.
//
// In: Samples. Out: for each selector a SelectorDomain and, per matched column, the rows that
// match. Labels and matchers are looked at only when a table's generation has changed, and then
// only for rows that changed. Thread: the loop. Tested by tests/unit/promql/engine_test.cpp.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "model/sample.h"
#include "promql/domain.h"
#include "promql/engine.h"
#include "promql/matchers.h"
#include "window/column.h"

namespace cgsentry::promql {

struct TableState {
  explicit TableState(std::size_t timeline_capacity) : timeline(timeline_capacity) {}

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
  };
  std::vector<Tracked> tracked;
};

/// One column that a selector matches, and the rows in it.
struct SelectedColumn {
  const TableState* table = nullptr;
  const window::Column* values = nullptr;
  MetricType type = MetricType::gauge;
  Entry base = 0;  // entry of row 0
  std::size_t row_count = 0;
  LabelSet labels;  // the column's own, and the metric's name; holds references
  std::vector<std::size_t> row_matchers;  // those that the column's own labels do not decide
  std::vector<std::uint8_t> matched;      // per row
  std::vector<std::uint32_t> rows;        // the matched rows, ascending
  std::vector<Entry> entries;             // base + row of those
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
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  friend class Store;
  bool add_column(const TableState& table, const Column& column, std::size_t rows);
  void match_row(const TableState& table, std::size_t row);
  void drop_row(const TableState& table, std::size_t row);
  void rebuild_rows(const TableState& table);
  [[nodiscard]] bool wants(const Column& column, std::vector<std::size_t>& undecided) const;

  std::vector<CompiledMatcher> matchers_;
  bool one_name_ = false;
  std::deque<SelectedColumn> columns_;
  Entry next_base_ = 0;
  Duration need_{};  // how far back its values are wanted
};

class Store {
 public:
  Store(SymbolTable& symbols, const EngineOptions& options);
  ~Store();

  /// The selection of a selector whose values are wanted `need` back. Equal selectors share it.
  Selection& select(const VectorSelector& selector, Duration need);
  /// False when the sample is not newer than the last.
  bool append(const Sample& sample);

  /// Samples per row that a window of this length takes.
  [[nodiscard]] std::size_t samples_for(Duration need) const;
  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] std::uint64_t overruns() const { return overruns_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  void link(TableState& state, const Table& table);
  void link_columns(TableState& state, const Table& table);
  void link_row(TableState& state, const Table& table, std::size_t row);
  void adopt_labels(TableState& state, const Row& row, std::size_t index);
  [[nodiscard]] bool same_labels(const TableState& state, const Row& row, std::size_t index) const;
  void make_room(TableState& state, Timestamp now);

  SymbolTable* symbols_;
  EngineOptions options_;
  std::vector<std::unique_ptr<Selection>> selections_;
  std::vector<std::string> selection_keys_;
  std::vector<std::unique_ptr<TableState>> tables_;
  Duration longest_need_{};
  Timestamp last_time_ = Timestamp::min();
  std::uint64_t overruns_ = 0;
  bool started_ = false;
};

}  // namespace cgsentry::promql
