// See tier_functions.h.
#include "promql/tier_functions.h"

#include <algorithm>
#include <cmath>

#include "promql/range_functions.h"

namespace cgsentry::promql {

namespace {

using window::Newest;
using window::Summary;
using Value = std::optional<double>;

/// Over the lengthened range when samples before the range that was asked for are in it; increase
/// and delta are then told for the length that was asked for.
Value extrapolated_of(FunctionId id, const Summary& summary, const TierArguments& arguments) {
  Ends ends{{summary.first_time, summary.first},
            {summary.last_time, summary.last},
            summary.count,
            summary.last - summary.first};
  Interval interval = arguments.interval;
  interval.end = std::max(interval.end, summary.last_time);
  const double length = to_seconds(interval.end - interval.start);
  if (summary.first_time <= interval.start) {
    interval.start = arguments.lengthened;
  } else if (arguments.born && *arguments.born > interval.start &&
             *arguments.born < summary.first_time) {
    ends.first = {*arguments.born, 0};
    ends.difference = summary.last;
    ++ends.count;
  }
  if (ends.count < 2) {
    return std::nullopt;
  }
  ends.difference += id == FunctionId::delta ? 0 : summary.drops;
  const double value = extrapolated(id, ends, interval);
  return id == FunctionId::rate ? value
                                : value * (length / to_seconds(interval.end - interval.start));
}

/// As fit() in range_functions.cpp; equal values have no products.
Value line(FunctionId id, const Summary& summary, const TierArguments& arguments) {
  if (summary.count < 2) {
    return std::nullopt;
  }
  const double slope = summary.products / summary.x_squares;
  if (id == FunctionId::deriv) {
    return slope;
  }
  const double ahead = to_seconds(arguments.now - arguments.origin) - summary.x_mean;
  return summary.mean + slope * (ahead + arguments.parameter);
}

Value instant(FunctionId id, const Newest& newest, const TierArguments& arguments) {
  Timestamp before = newest.previous_time;
  double previous = newest.previous;
  if (before <= arguments.interval.start) {
    const bool born_inside = arguments.born && *arguments.born > arguments.interval.start &&
                             *arguments.born < newest.last_time;
    if (id != FunctionId::irate || !born_inside) {
      return std::nullopt;
    }
    before = *arguments.born;
    previous = 0;
  }
  const double difference = newest.last - previous;
  if (id == FunctionId::idelta) {
    return difference;
  }
  return (newest.last < previous ? newest.last : difference) /
         to_seconds(newest.last_time - before);
}

}  // namespace

std::optional<window::Parts> tier_parts(FunctionId id) {
  switch (id) {
    case FunctionId::rate:
    case FunctionId::increase:
      return window::kEnds | window::kDrops;
    case FunctionId::delta:
      return window::kEnds;
    case FunctionId::resets:
      return window::kEnds | window::kResets;
    case FunctionId::changes:
      return window::kEnds | window::kChanges;
    case FunctionId::count_over_time:
      return window::kCount;
    case FunctionId::sum_over_time:
      return window::kSum;
    case FunctionId::avg_over_time:
      return window::kMean;
    case FunctionId::min_over_time:
      return window::kLeast;
    case FunctionId::max_over_time:
      return window::kMost;
    case FunctionId::stddev_over_time:
    case FunctionId::stdvar_over_time:
      return window::kMean | window::kSquares;
    case FunctionId::deriv:
    case FunctionId::predict_linear:
      return window::kMean | window::kLine;
    case FunctionId::irate:
    case FunctionId::idelta:
    case FunctionId::last_over_time:
    case FunctionId::present_over_time:
    case FunctionId::absent_over_time:
      return window::Parts{0};
    default:
      return std::nullopt;
  }
}

Value of_summary(FunctionId id, const Summary& summary, const TierArguments& arguments) {
  if (summary.count == 0) {
    return std::nullopt;
  }
  switch (id) {
    case FunctionId::count_over_time:
      return summary.count;
    case FunctionId::sum_over_time:
      return summary.total();
    case FunctionId::avg_over_time:
      return summary.mean;
    case FunctionId::min_over_time:
      return summary.least;
    case FunctionId::max_over_time:
      return summary.most;
    case FunctionId::resets:
      return summary.resets;
    case FunctionId::changes:
      return summary.changes;
    case FunctionId::stdvar_over_time:
      return summary.squares / summary.count;
    case FunctionId::stddev_over_time:
      return std::sqrt(summary.squares / summary.count);
    case FunctionId::deriv:
    case FunctionId::predict_linear:
      return line(id, summary, arguments);
    default:
      return extrapolated_of(id, summary, arguments);
  }
}

Value of_newest(FunctionId id, const Newest& newest, const TierArguments& arguments) {
  if (newest.last_time <= arguments.interval.start) {
    return std::nullopt;
  }
  switch (id) {
    case FunctionId::last_over_time:
      return newest.last;
    case FunctionId::irate:
    case FunctionId::idelta:
      return instant(id, newest, arguments);
    default:
      return 1;  // it is present
  }
}

}  // namespace cgsentry::promql
