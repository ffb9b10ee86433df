// A function of a range of hours or days: from the tiers of the columns instead of their samples.
//
// In: a selection whose store feeds a tier of the node's shape. Out: a value per series, without
// the metric's name. Evaluated with the newest samples in the tier; a step of a subquery may be up
// to a tick older, and then sees the sample of that tick too.
// Thread: the loop. Tested by tests/property/promql/long_range_test.cpp and
// tests/unit/promql/long_range_test.cpp.
#pragma once

#include "promql/node.h"
#include "promql/relabel.h"
#include "promql/store.h"
#include "promql/tier_functions.h"
#include "promql/time_shift.h"

namespace cgsentry::promql {

class LongRangeNode final : public Node {
 public:
  /// `parameter` is the function's scalar argument, or null.
  LongRangeNode(Selection& selection, TimeShift shift, const window::TierShape& shape,
                FunctionId id, Node* parameter);

  Domain& domain() override { return relabel_.domain(); }
  [[nodiscard]] Names names() const override;

 private:
  void compute(const Moment& moment, Series& out) override;
  void compute_column(const SelectedColumn& column, window::Tier& tier, Series& out);

  Selection* selection_;
  TimeShift shift_;
  window::TierShape shape_;
  FunctionId id_;
  Node* parameter_;
  Relabel relabel_;
  TierArguments arguments_;
};

}  // namespace cgsentry::promql
