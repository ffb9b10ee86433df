// A function of a range: one value per series from the samples that the range holds.
//
// In: a RangeSource and the function. Out: a value per series, without the metric's name. What is
// dense in the window is computed from its ends, 64 series at a time, or from sums that move along
// with the range; what has holes is gathered and given to the definition (range_functions.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "promql/lanes.h"
#include "promql/moving_sums.h"
#include "promql/node.h"
#include "promql/range_functions.h"
#include "promql/range_source.h"
#include "promql/relabel.h"

namespace cgsentry::promql {

class RangeNode final : public Node {
 public:
  /// `parameters` are the function's scalar arguments, or null.
  RangeNode(std::unique_ptr<RangeSource> source, FunctionId id, std::array<Node*, 2> parameters);

  Domain& domain() override { return relabel_.domain(); }
  [[nodiscard]] Names names() const override;
  [[nodiscard]] std::size_t memory_bytes() const override;

 private:
  void compute(const Moment& moment, Series& out) override;
  /// False when one has no value; then `out` says why.
  bool take_parameters(const Moment& moment, Series& out);
  void compute_column(const RangeColumn& column, Series& out);
  void compute_block(const RangeColumn& column, std::size_t from, std::size_t to, Series& out);
  /// Takes the results of all rows of the block as they are. False when one of them needs a closer
  /// look.
  bool take_lanes(const RangeColumn& column, std::size_t from, std::size_t to, std::uint64_t fit,
                  const Lanes& results, Series& out) const;
  [[nodiscard]] bool has_lanes() const { return lanes_ != nullptr || moving_ != nullptr; }
  void compute_lanes(const LaneRange& range, std::uint64_t rows, Lanes& out);
  [[nodiscard]] MovingSums& sums_of(const LaneRange& range);
  [[nodiscard]] std::optional<double> of_row(const RangeColumn& column, std::size_t row);
  [[nodiscard]] std::optional<double> of_ends(const RangeColumn& column, std::size_t row,
                                              const window::Run& run) const;
  /// Of a dense run: no more samples than the function looks at.
  void gather_some(const RangeColumn& column, std::size_t row, const window::Run& run);
  /// Samples of the row, with the zero of a counter that was born inside of the range.
  void gather(const RangeColumn& column, std::size_t row, const window::Run& run);
  [[nodiscard]] bool needs_growth() const;  // for the lanes
  [[nodiscard]] bool needs_two() const;     // samples at least
  [[nodiscard]] bool counts_from_birth() const;
  [[nodiscard]] bool is_born_inside(const RangeColumn& column, std::size_t row) const;
  [[nodiscard]] bool born_before(const RangeColumn& column, std::size_t row,
                                 Timestamp first_sample) const;

  /// By block; null where there was nothing to sum up yet.
  struct ColumnSums {
    const window::Column* column = nullptr;
    std::vector<std::unique_ptr<MovingSums>> blocks;
  };

  std::unique_ptr<RangeSource> source_;
  FunctionId id_;
  RangeFunction function_;
  LaneFunction lanes_;
  MovingFunction moving_;
  std::vector<ColumnSums> sums_;
  MovingSums scratch_;
  std::size_t most_samples_;
  std::array<Node*, 2> parameters_;
  Relabel relabel_;
  RangeArguments arguments_;
  std::vector<Point> points_;
};

}  // namespace cgsentry::promql
