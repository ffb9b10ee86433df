// A subquery: an expression evaluated at fixed steps, and the recent results kept as one column.
//
//   inner node ──at each multiple of the step──► column (a row per series) ──► range functions
//
// A step is evaluated once and kept, since samples of the past do not change. On a live node
// advance() is called for each sample, so that the inner expression needs no history of its own.
// With a history (rule tests) steps are evaluated when they are asked for, in any order.
//
// A step at the very time of an evaluation may read a series that is recorded only after it: such a
// step is evaluated late, and again when something was recorded since.
// Thread: the loop. Tested by tests/unit/promql/subquery_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "promql/range_source.h"

namespace cgsentry::promql {

class SubqueryRange final : public RangeSource, private Listener {
 public:
  struct Shape {
    Duration range{};
    Duration step{};
    TimeShift shift;
    /// How far back ranges of it may begin, offsets and enclosing subqueries included.
    Duration need{};
    /// The steps depend on when the whole query is evaluated (start() or end()): none is kept.
    bool volatile_steps = false;
    /// Steps are evaluated on demand only.
    bool on_demand = false;
    /// Of the season that is kept of the steps, when one is.
    std::optional<Duration> season_lag;
  };

  /// `key` is equal for subqueries that are the same.
  SubqueryRange(Node& inner, const Shape& shape, std::string key);

  [[nodiscard]] const std::string& key() const { return key_; }
  /// Takes over the steps of one with the same key, whose symbols are others. Before the first
  /// advance().
  void inherit(const SubqueryRange& old);

  /// Evaluates the steps up to `moment.time`. The first call is where the data begins.
  void advance(const Moment& moment);

  Domain& domain() override { return target_; }
  [[nodiscard]] Names names() const override;
  bool prepare(const Moment& moment) override;
  /// restart() begins anew with the same numbers of samples.
  [[nodiscard]] bool append_only() const override { return false; }
  [[nodiscard]] std::size_t memory_bytes() const override;

 private:
  void forget(Entry entry) override;
  void evaluate_steps(Timestamp after, Timestamp until, const Moment& moment);
  void evaluate(Timestamp step, const Moment& moment);
  void store(const Series& series);
  /// Evaluates the last step again if it may have changed since.
  void renew(const Moment& moment);
  [[nodiscard]] bool reads_recorded() const { return !inner_->reads().empty(); }
  [[nodiscard]] Entry adopt(const SubqueryRange& old, Entry theirs);
  void drop_adopted();
  void restart();
  [[nodiscard]] Timestamp first_step_after(Timestamp time) const;

  Node* inner_;
  Shape shape_;
  std::string key_;
  InternedDomain target_;
  LabelMap map_;  // entries of the inner node may change while its labels stay
  window::Timeline timeline_;
  window::Column column_;
  std::optional<window::Season> season_;
  std::vector<std::uint8_t> member_;  // per row: is in rows_
  std::vector<std::uint32_t> rows_;   // ascending; the same numbers are the entries
  std::vector<std::uint32_t> step_rows_;
  Timestamp last_step_ = Timestamp::min();
  Timestamp failed_step_ = Timestamp::min();
  std::string failure_;
  Timestamp final_before_ = Timestamp::max();  // later steps may read what is recorded yet
  std::uint64_t version_ = 0;                  // of what the steps have read
  std::vector<Entry> adopted_;                 // entries that are kept for their old steps
  Timestamp adopted_until_{};
  bool started_ = false;
};

}  // namespace cgsentry::promql
