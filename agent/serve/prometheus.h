// A Sample as Prometheus text (exposition format 0.0.4) or as JSON.
//
// In: the sample and, for help texts, the catalogue. Out: text whose label values are escaped, so
// that no byte of a name can break a line. Series of one metric stand together, whatever table they
// come from. Absent values are left out. Tested by tests/unit/serve/prometheus_test.cpp.
#pragma once

#include <string>

#include "model/sample.h"

namespace cgsentry::serve {

/// `# HELP`, `# TYPE` and one line per series, in the order of the sample's columns.
[[nodiscard]] std::string to_prometheus_text(const Sample& sample);

/// One object: {"time": seconds, "series": [{"metric", "labels": {...}, "value"}, ...]}. Values
/// that JSON cannot express (NaN, infinities) are strings.
[[nodiscard]] std::string to_json(const Sample& sample);

}  // namespace cgsentry::serve
