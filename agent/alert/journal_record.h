// How one transition lies in the journal, and how a file of them is read back.
//
//   record:  u32 length | u32 crc | u64 sequence | payload (`length` bytes of JSON)
//   segment: u8[8] "CGSJRNL\n" | u32 version | u32 0 | u64 base sequence | u32 crc | u32 0 |
//   records
//
// Numbers are little-endian. A record's crc is zlib's crc32 over the length, the sequence and the
// payload, so that a stretch of zeros is no record; the segment's is over the 24 bytes before it.
// The base sequence is the last one before the segment.
//
// A scan survives anything: a record whose crc is wrong but which another record follows is
// skipped and counted; where nothing that follows makes sense, the file ends.
// Pure. Tested by tests/unit/alert/journal_record_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/alert.h"

namespace cgsentry::alert {

inline constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 10;  // of the payload
inline constexpr std::size_t kRecordHeaderBytes = 16;
inline constexpr std::size_t kSegmentHeaderBytes = 32;

/// A transition and what else must be known to take up its alert after a restart.
struct JournalRecord {
  Transition transition;
  std::uint64_t rule_identity = 0;  // 0 when the rule is gone
};

/// Appends the framed record. Evidence and annotations are left out where it would be too long;
/// false (and nothing appended) when that does not suffice.
[[nodiscard]] bool append_record(std::string& out, const JournalRecord& record);

/// A payload read back, or nothing when it is none of ours. `rule` is null.
[[nodiscard]] std::optional<JournalRecord> parse_payload(std::string_view payload);

void append_segment_header(std::string& out, std::uint64_t base_sequence);
/// The base sequence, or nothing when these bytes begin with no header of this version.
[[nodiscard]] std::optional<std::uint64_t> parse_segment_header(std::string_view bytes);

struct ScanResult {
  std::size_t good_bytes = 0;  // up to the end of the last record that is whole
  std::uint64_t records = 0;
  std::uint64_t skipped = 0;  // damaged, with others behind them
  std::uint64_t last_sequence = 0;
};

/// Called for each record, with its sequence and payload.
using Visit = std::function<void(std::uint64_t, std::string_view)>;

/// `records` is a segment without its header; good_bytes counts from there.
ScanResult scan_records(std::string_view records, const Visit& visit);

}  // namespace cgsentry::alert
