// histogram_quantile and histogram_fraction over classic histograms: series of cumulative counts
// that differ in the label "le".
//
// Which series form one histogram, and the bound of each, is found once per series; the buckets are
// sorted anew at each moment. Definitions follow promql/quantile.go of Prometheus 3.5.
// Tested by tests/unit/promql/histogram_test.cpp.
#pragma once

#include <array>
#include <vector>

#include "promql/functions.h"
#include "promql/node.h"
#include "promql/relabel.h"
#include "promql/signature.h"

namespace cgsentry::promql {

struct Bucket {
  double upper_bound = 0;
  double count = 0;  // of this bucket and all below
};

/// The value below which a share `q` of the observations lies, linear within a bucket. The buckets
/// are sorted, merged where bounds are equal, and made to grow.
[[nodiscard]] double bucket_quantile(double q, std::vector<Bucket>& buckets);
/// The share of the observations between two values.
[[nodiscard]] double bucket_fraction(double lower, double upper, std::vector<Bucket>& buckets);

class HistogramNode final : public Node, private Listener {
 public:
  /// `parameters`: the quantile, or lower and upper of a fraction; unused ones are null.
  HistogramNode(FunctionId id, std::array<Node*, 2> parameters, Node& input);
  Domain& domain() override { return relabel_.domain(); }
  [[nodiscard]] Names names() const override { return Names::none; }

 private:
  void compute(const Moment& moment, Series& out) override;
  void forget(Entry entry) override;
  [[nodiscard]] double bound_of(Entry entry);

  FunctionId id_;
  std::array<Node*, 2> parameters_;
  Node* input_;
  Symbol bound_label_;
  InternedDomain groups_;  // with the metric's name: other names are other histograms
  LabelMap map_;
  Relabel relabel_;  // takes the name away
  Marks index_;
  struct Histogram {
    Entry entry = 0;
    std::vector<Bucket> buckets;
  };
  std::vector<Histogram> histograms_;
  /// By entry of the input; NaN: no usable bound. `known_bounds_` tells which were looked up.
  std::vector<double> bounds_;
  std::vector<std::uint8_t> known_bounds_;
};

}  // namespace cgsentry::promql
