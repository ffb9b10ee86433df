// The series that one rule records: a table whose rows come and go with the labels of the results.
//
//   rule's series ──LabelMap──► rows ──put(rows, values, time)──► timeline, column ◄── selections
//
// Rows are the entries of an InternedDomain, so a series that the rule had before costs one look-up
// in an array, and a result with the series of the last one rebuilds nothing. A series that is not
// in the newest result ends there (a stale marker); its row goes when no window holds a value of it
// any more. Each table has its own timeline, because rules are evaluated at their own times: a rule
// that reads before this one records sees what was recorded last.
//
// Memory: a RowBudget that all tables of a store share. A series that two rules record at once is
// kept for the first, as in Prometheus. Thread: the loop.
// Tested by tests/unit/promql/recording_test.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "promql/engine.h"
#include "promql/selection.h"

namespace cgsentry::promql {

/// Rows of all recorded tables.
struct RowBudget {
  std::size_t used = 0;
  std::size_t limit = 0;
  std::uint64_t refused = 0;  // series that found no room, one per series and evaluation
};

class RecordedTable {
 public:
  RecordedTable(SymbolTable& symbols, RecordShape shape, RowBudget& budget);

  [[nodiscard]] const RecordShape& shape() const { return shape_; }
  /// Where the series get their rows; labels without the metric's name.
  [[nodiscard]] InternedDomain& series() { return series_; }

  /// Before the first put(): which selections have it. Without one nothing is kept.
  /// `capacity_of` says how many samples a window of some length takes.
  template <typename Capacity>
  void start(const std::vector<std::unique_ptr<Selection>>& selections, Capacity capacity_of) {
    const Duration need = join(selections);
    if (!users_.empty()) {
      make_column(capacity_of(need), need);
    }
  }
  /// Tables of the same metric: none keeps a series that another one has.
  void add_peer(RecordedTable& other) { peers_.push_back(&other); }

  /// One result of the rule, at a time later than the last; empty, or why some of it was not taken.
  /// Nothing is when two rows are the same.
  [[nodiscard]] std::string put(std::span<const Entry> rows, std::span<const double> values,
                                Timestamp time, const EngineOptions& options);

  /// Takes over the series and values of `old`, whose symbols are others. After start().
  void inherit(const RecordedTable& old);

  [[nodiscard]] std::uint64_t overruns() const { return overruns_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct User {
    Selection* selection = nullptr;
    SelectedColumn* column = nullptr;
  };
  /// What is known of a row.
  struct RowState {
    std::uint64_t named = 0;    // the last put() that had it
    std::uint64_t taken = 0;    // the last one that stored it
    window::Sequence last = 0;  // of a row that ended: its last value
    Timestamp last_time{};      // and when that was
    bool held = false;          // has values, so the table refers to it
  };

  [[nodiscard]] Duration join(const std::vector<std::unique_ptr<Selection>>& selections);
  void make_column(std::size_t capacity, Duration need);
  [[nodiscard]] std::string put_changed(std::span<const Entry> rows, std::span<const double> values,
                                        Timestamp time, const EngineOptions& options);
  /// A row that is there twice, or kNoEntry.
  [[nodiscard]] Entry find_twin(std::span<const Entry> rows);
  [[nodiscard]] std::string sort_out(std::span<const Entry> rows, std::span<const double> values,
                                     Timestamp time);
  void end_others();
  [[nodiscard]] bool admit(Entry row);
  /// True when another table recorded it at this time; a problem when with another value.
  [[nodiscard]] bool is_elsewhere(Entry row, double value, Timestamp time, std::string& problem);
  void give_up(Entry row);
  void store(Timestamp time, const EngineOptions& options);
  void hold(Entry row);
  void release(Entry row);
  void drop_faded(Timestamp now);
  void inherit_summaries(const TableState::Tracked& old,
                         const std::vector<std::pair<Entry, Entry>>& pairs);
  [[nodiscard]] Entry adopt(const RecordedTable& old, Entry theirs);
  void rebuild();
  [[nodiscard]] std::string shown(Entry row) const;

  RecordShape shape_;
  RowBudget* budget_;
  InternedDomain series_;
  TableState state_;
  Duration need_{};
  Duration tiers_need_{};             // how far back tiers reach
  window::Column* values_ = nullptr;  // null when no selector wants it
  std::vector<User> users_;
  std::vector<RecordedTable*> peers_;

  std::vector<RowState> rows_;    // by row
  std::vector<Entry> last_rows_;  // as put() got them
  std::vector<Entry> current_;    // held rows with a value in the newest sample
  std::vector<Entry> ended_;      // the other held rows
  std::vector<Entry> taken_;      // of this put(): rows and values, stale markers at the end
  std::vector<double> taken_values_;
  std::uint64_t turn_ = 0;
  std::uint64_t overruns_ = 0;
  bool whole_ = false;  // all of last_rows_ were taken
  bool rows_changed_ = false;
};

}  // namespace cgsentry::promql
