// What the agent can tell of a series' future and of its own history beyond Prometheus:
// cgs_time_to() and cgs_anomaly(). docs/prediction.md says how to use them and how often they are
// wrong.
//
// Both look at a bounded number of samples, evenly spaced by number, so that their cost does not
// grow with the range. Samples that are not finite are left out. Both are absent when the oldest
// sample lies in the younger half of the range: a series that young has no history to judge by.
//
// cgs_time_to(limit, x[r]): in how many seconds the gauge x reaches `limit`, rising or falling.
//   slope   the median of the slopes between all pairs of up to 60 samples. H. Theil, "A rank-
//           invariant method of linear and polynomial regression analysis", Proc. Kon. Ned. Akad.
//           Wet. A 53 (1950); P. K. Sen, "Estimates of the regression coefficient based on
//           Kendall's tau", J. Am. Stat. Assoc. 63 (1968). 29 % of the samples can be arbitrarily
//           wrong before the slope is.
//   level   the median of y - slope * (t - now): where the line is now.
//   result  (limit - level) / slope.
//   absent  with fewer than 5 samples;
//           when |tau| < 0.6, tau being the share of pairs that rise less the share that fall
//           (M. G. Kendall, "A new measure of rank correlation", Biometrika 30 (1938)). A single
//           step reaches 0.5 at most, wherever it stands;
//           when the line moves over the range by less than 4 times the scale of what is left,
//           1.4826 * median |y - line|;
//           when the line leads away from the limit, as it does once it has crossed it.
//
// cgs_anomaly(x[r]): how far the newest sample is from what is usual for this series, in robust
// standard deviations.
//   usual   the median of up to 256 samples before it; once there is a day of history, all from
//           there to the band that window/season.h tells of this time of the day.
//   score   (x - the nearest of what is usual) / scale.
//   scale   1.4826 * the median of |y - median| (F. R. Hampel, "The influence curve and its role in
//           robust estimation", J. Am. Stat. Assoc. 69 (1974)), at least 1 % of |median|. That is
//           the modified z-score of B. Iglewicz and D. C. Hoaglin, "How to detect and handle
//           outliers", ASQC (1993), who call more than 3.5 an outlier.
//           With a band also at least 5 % of the width of what is usual: peaks of two days differ.
//   absent  with fewer than 30 samples of history; when the scale is 0, the history being mostly 0.
//   To take the season and a median out of what is left of it, and to judge that by its median
//   deviation, is S-H-ESD: J. Hochenbaum, O. S. Vallis, A. Kejariwal, "Automatic anomaly detection
//   in the cloud via statistical learning", arXiv:1704.07706 (2017). A band of the time of the day
//   instead of one value: J. D. Brutlag, "Aberrant behavior detection in time series for network
//   monitoring", LISA XIV (2000). Here it only ever brings the score nearer to 0: what the days
//   before had at this hour is no news, and all else is told as without them.
//
// Pure. Tested by tests/unit/promql/prediction_test.cpp and tests/property/promql/range_test.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "promql/range_functions.h"

namespace cgsentry::promql {

/// How many samples the function looks at; 0: at all of them.
[[nodiscard]] std::size_t most_samples(FunctionId id);

/// The index of the i-th of `wanted` out of `count` samples: evenly spaced, with both ends.
[[nodiscard]] constexpr std::size_t evenly_spaced(std::size_t i, std::size_t wanted,
                                                  std::size_t count) {
  return count <= wanted ? i : i * (count - 1) / (wanted - 1);
}

[[nodiscard]] std::optional<double> time_to(std::span<const Point> points,
                                            const RangeArguments& arguments);
[[nodiscard]] std::optional<double> anomaly(std::span<const Point> points,
                                            const RangeArguments& arguments);

}  // namespace cgsentry::promql
