// Range functions of what a tier knows: what range_functions.h defines, without the samples.
//
// Pure. Tested against the definitions by tests/property/promql/long_range_test.cpp.
#pragma once

#include <optional>

#include "promql/functions.h"
#include "promql/range_source.h"
#include "window/tier.h"

namespace cgsentry::promql {

struct TierArguments {
  /// That was asked for; it ends where the samples of the tier end.
  Interval interval;
  /// The interval begins here when a bucket begins before it.
  Timestamp lengthened{};
  Timestamp origin{};  // of the tier's x
  Timestamp now{};
  double parameter = 0;
  /// When the counter stood at zero.
  std::optional<Timestamp> born;
};

/// What the function needs to know; nothing when it needs every sample.
[[nodiscard]] std::optional<window::Parts> tier_parts(FunctionId id);

/// Of a function with parts.
[[nodiscard]] std::optional<double> of_summary(FunctionId id, const window::Summary& summary,
                                               const TierArguments& arguments);
/// Of one without.
[[nodiscard]] std::optional<double> of_newest(FunctionId id, const window::Newest& newest,
                                              const TierArguments& arguments);

}  // namespace cgsentry::promql
