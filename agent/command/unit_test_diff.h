// What a unit test expected and got, as lines that a person can compare.
//
//   - {job="api"} 1.5      expected only
//   + {job="api"} 2        got only
//     {job="web"} 7        both
//
// In: what was expected and what came, in any order. Out: no lines when they are equal.
// Pure. Tested by tests/unit/command/unit_test_diff_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "command/unit_test_file.h"
#include "promql/engine.h"

namespace cgsentry::command {

using DiffLines = std::vector<std::string>;

/// An alert that is active at the time of a test.
struct GotAlert {
  Labels labels;
  Labels annotations;  // when firing
  bool firing = false;
  Duration active_for{};
};

/// Equal, or both NaN; with `fuzzy` also neighbours, which is promtool's fuzzy_compare.
[[nodiscard]] bool same_value(double a, double b, bool fuzzy);

[[nodiscard]] DiffLines diff_samples(std::vector<ExpectedSample> expected,
                                     std::vector<promql::Element> got, bool fuzzy);

/// Annotations are shown where they differ. A pending alert is no result, but the line of the one
/// that was expected tells of it.
[[nodiscard]] DiffLines diff_alerts(std::vector<ExpectedAlert> expected, std::vector<GotAlert> got);

}  // namespace cgsentry::command
