// The one sanitizer for bytes that a container can choose: names, paths, labels, comm.
//
// A cgroup name may hold any byte but '/', NUL and newline, up to 4,095 of them. What leaves this
// file is valid UTF-8 without control characters (C0, DEL, C1), without bidirectional overrides
// and without line or paragraph separators, so it can neither break a line nor steer a terminal.
// Tested by tests/unit/base/text_test.cpp, fuzzed by tests/fuzz/text_fuzz.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cgsentry::text {

/// Bytes of a label value that are kept; a longer one is cut and ends in "~" and 8 hex digits of
/// its hash, so that two long names that differ stay different.
inline constexpr std::size_t kMaxLabelBytes = 256;

/// Invalid UTF-8 becomes U+FFFD, forbidden code points become U+FFFD, and what exceeds `max_bytes`
/// is cut as described above. Idempotent.
[[nodiscard]] std::string clean(std::string_view bytes, std::size_t max_bytes = kMaxLabelBytes);

/// Appends `utf8` as a JSON string with its quotes. Bytes that are not clean are cleaned on the
/// way, so the output is valid JSON on one line whatever comes in.
void append_json(std::string& out, std::string_view utf8);

}  // namespace cgsentry::text
