// What is known of some samples of one series without the samples: enough for the range functions.
//
//   add a sample:  merge(parts, Summary::of(time, value, …))     one code path for samples, buckets
//   add a bucket:  merge(parts, bucket)                          and ranges
//
// Only the parts that are asked for are brought up to date. Means and squares are merged by Chan's
// formulas, sums are compensated. NaN and infinities give what the definitions over all samples
// give. Pure. Tested by tests/property/window/tier_test.cpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "base/clock.h"

namespace cgsentry::window {

/// A set of Part: what a function needs to know.
using Parts = std::uint32_t;
enum Part : Parts {
  kCount = 1,
  kEnds = 2,      // first and last value with their times
  kDrops = 4,     // needs kEnds
  kResets = 8,    // needs kEnds
  kChanges = 16,  // needs kEnds
  kSum = 32,
  kLeast = 64,
  kMost = 128,
  kMean = 256,
  kSquares = 512,  // needs kMean
  kLine = 1024,    // needs kMean
};

struct Summary {
  std::uint32_t count = 0;
  double first = 0;
  double last = 0;
  Timestamp first_time{};
  Timestamp last_time{};
  double drops = 0;  // what a counter had before each of its resets, added up
  double resets = 0;
  double changes = 0;
  double sum = 0;
  double lost = 0;  // by rounding, from sum
  double least = std::numeric_limits<double>::quiet_NaN();
  double most = std::numeric_limits<double>::quiet_NaN();
  double mean = 0;
  double squares = 0;    // of the distances to the mean
  double x_mean = 0;     // of the times, in seconds of some origin
  double x_squares = 0;  // of the distances to x_mean
  double products = 0;   // of both distances

  /// One sample. `x`: its time in seconds of the origin.
  [[nodiscard]] static Summary of(Timestamp time, double x, double value);
  /// `later`: of samples that all came after these.
  void merge(Parts parts, const Summary& later);

  [[nodiscard]] double total() const { return std::isinf(sum) ? sum : sum + lost; }

 private:
  void merge_steps(Parts parts, const Summary& later);
  void merge_moments(Parts parts, const Summary& later);
};

inline Summary Summary::of(Timestamp time, double x, double value) {
  Summary one;
  one.count = 1;
  one.first = one.last = one.sum = one.least = one.most = one.mean = value;
  one.first_time = one.last_time = time;
  one.squares = one.products = value - value;  // NaN when it is not finite, as in Welford's form
  one.x_mean = x;
  return one;
}

inline void Summary::merge_steps(Parts parts, const Summary& later) {
  if ((parts & kDrops) != 0) {
    drops += later.drops + (later.first < last ? last : 0.0);
  }
  if ((parts & kResets) != 0) {
    resets += later.resets + (later.first < last ? 1.0 : 0.0);
  }
  if ((parts & kChanges) != 0) {
    const bool both_nan = std::isnan(later.first) && std::isnan(last);
    changes += later.changes + (later.first != last && !both_nan ? 1.0 : 0.0);
  }
  last = later.last;
  last_time = later.last_time;
}

inline void Summary::merge_moments(Parts parts, const Summary& later) {
  const double share = static_cast<double>(later.count) / static_cast<double>(count + later.count);
  const double weight = static_cast<double>(count) * share;
  const double distance = later.mean - mean;
  if ((parts & kSquares) != 0) {
    squares += later.squares + distance * distance * weight;
  }
  if ((parts & kLine) != 0) {
    const double x_distance = later.x_mean - x_mean;
    x_squares += later.x_squares + x_distance * x_distance * weight;
    products += later.products + x_distance * distance * weight;
    x_mean += x_distance * share;
  }
  const bool stays = std::isinf(mean) && (std::isfinite(later.mean) || later.mean == mean);
  mean += stays ? 0.0 : distance * share;
}

inline void Summary::merge(Parts parts, const Summary& later) {
  if (later.count == 0) {
    return;
  }
  if (count == 0) {
    *this = later;
    return;
  }
  if ((parts & kEnds) != 0) {
    merge_steps(parts, later);
  }
  if ((parts & kSum) != 0) {
    const double joined = sum + later.sum;
    const bool sum_is_larger = std::abs(sum) >= std::abs(later.sum);
    const double large = sum_is_larger ? sum : later.sum;
    const double small = sum_is_larger ? later.sum : sum;
    lost = std::isinf(joined) ? 0.0 : lost + later.lost + ((large - joined) + small);
    sum = joined;
  }
  if ((parts & kLeast) != 0) {
    least = later.least < least || std::isnan(least) ? later.least : least;
  }
  if ((parts & kMost) != 0) {
    most = later.most > most || std::isnan(most) ? later.most : most;
  }
  if ((parts & kMean) != 0) {
    merge_moments(parts, later);
  }
  count += later.count;
}

}  // namespace cgsentry::window
