// An instant selector: the newest value of each matching series.
//
// In: a Selection of the store. Out: its entries with their values, or with the times of these for
// timestamp(x). On a live node a value that is absent in the newest sample is absent here; with a
// history the value may be as old as the lookback, unless a stale marker ended the series.
#pragma once

#include "promql/engine.h"
#include "promql/node.h"
#include "promql/store.h"
#include "promql/time_shift.h"

namespace cgsentry::promql {

class SelectorNode final : public Node {
 public:
  enum class Gives { value, time };

  SelectorNode(Selection& selection, TimeShift shift, const EngineOptions& options, Gives gives)
      : selection_(&selection),
        shift_(shift),
        lookback_(options.lookback),
        history_(options.history.has_value()),
        gives_(gives) {}

  Domain& domain() override { return *selection_; }
  [[nodiscard]] Names names() const override {
    return selection_->one_name() ? Names::apart : Names::mixed;
  }

 private:
  void compute(const Moment& moment, Series& out) override;
  void take_newest(const SelectedColumn& column, window::Sequence sequence, Series& out) const;
  void look_back(const SelectedColumn& column, window::Range range, Series& out) const;
  void emit(const SelectedColumn& column, std::size_t index, window::Sequence sequence,
            double value, Series& out) const;

  Selection* selection_;
  TimeShift shift_;
  Duration lookback_;
  bool history_;
  Gives gives_;
};

}  // namespace cgsentry::promql
