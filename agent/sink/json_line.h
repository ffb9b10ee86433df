// A transition as the alert line: one JSON object, one line, valid whatever bytes come in.
//
//   {"status":"firing","labels":{…},"annotations":{…},"startsAt":"2026-11-24T12:00:00.000Z",
//    "generatorURL":"…","fingerprint":"0011223344556677","node":"…","value":0.93,
//    "confidence":"full","key":"…","sequence":7,"evidence":{…}}
//
// Field by field in docs/alerts.md, which is a contract: fields are added, never changed. The line
// is independent of the locale and at most kMaxLineBytes long; what does not fit is left out in a
// fixed order (evidence, long annotations, all annotations) and `truncated` says so. Tested by
// tests/unit/sink/json_line_test.cpp against tests/golden/sink.
#pragma once

#include <cstddef>
#include <string>

#include "model/alert.h"

namespace cgsentry::sink {

/// With its newline. Container engines split a longer line (Docker and containerd at 16 KiB).
inline constexpr std::size_t kMaxLineBytes = std::size_t{16} << 10;
inline constexpr std::size_t kMaxEvidenceBytes = std::size_t{4} << 10;

/// Replaces the content of `line`, which keeps its memory from call to call. Ends in '\n'.
void write_json_line(const Transition& transition, std::string& line);

}  // namespace cgsentry::sink
