// What the engine keeps of the samples: the tables' timelines, the columns that some selector needs
// and the labels of the rows; and beside them the tables of recorded series.
//
// In: Samples. Out: for each selector a Selection, which has per matched column the rows that
// match. Labels and matchers are looked at only when a table's generation has changed, and then
// only for rows that changed. Thread: the loop. Tested by tests/unit/promql/engine_test.cpp,
// recording_test.cpp and reload_test.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/sample.h"
#include "promql/engine.h"
#include "promql/recorded_table.h"
#include "promql/selection.h"

namespace cgsentry::promql {

class Store {
 public:
  Store(SymbolTable& symbols, const EngineOptions& options);
  ~Store();

  /// The selection of a selector whose values are wanted `need` back. Equal selectors share it.
  Selection& select(const VectorSelector& selector, Duration need);
  /// The same, with these beside each of its columns.
  Selection& select(const VectorSelector& selector, Duration need, const Summaries& summaries);
  [[nodiscard]] bool selects(std::string_view metric) const;
  /// Lives as long as the store. Before start().
  RecordedTable& add_recorded(RecordShape shape);
  /// All selections and recorded tables are there.
  void start();
  /// False when the sample is not newer than the last.
  bool append(const Sample& sample);

  /// Takes the windows of `old` that somebody here wants. Once, before the first append().
  void take_over(Store& old);

  /// Samples per row that a window of this length takes; `interval` is the distance of two.
  [[nodiscard]] std::size_t samples_for(Duration need, Duration interval) const;
  [[nodiscard]] std::size_t samples_for(Duration need) const {
    return samples_for(need, options_.interval);
  }
  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] std::uint64_t overruns() const;
  [[nodiscard]] std::uint64_t refused() const { return budget_.refused; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  void link(TableState& state, const Table& table);
  void link_columns(TableState& state, const Table& table);
  void link_row(TableState& state, const Table& table, std::size_t row);
  void adopt_labels(TableState& state, const Row& row, std::size_t index);
  [[nodiscard]] bool same_labels(const TableState& state, const Row& row, std::size_t index) const;
  [[nodiscard]] TableState::Tracked tracked_of(TableState& state, const Column& column,
                                               std::size_t capacity, const Summaries& summaries);

  SymbolTable* symbols_;
  EngineOptions options_;
  std::vector<std::unique_ptr<Selection>> selections_;
  std::vector<std::string> selection_keys_;
  std::vector<std::unique_ptr<TableState>> tables_;
  RowBudget budget_;
  std::vector<std::unique_ptr<RecordedTable>> recorded_;
  Duration longest_need_{};
  Timestamp last_time_ = Timestamp::min();
  std::uint64_t overruns_ = 0;
  bool started_ = false;
};

}  // namespace cgsentry::promql
