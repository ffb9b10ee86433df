// The files of one cgroup, read through kept descriptors into plain values.
//
// For what the walk cannot see (memory.stat, io.stat), and as the oracle of tests. A file is opened
// once, relative to the cgroup's directory, and read with one pread; a cgroup that is gone, or a
// controller that is not there, is absence, not an error. The parsers are pure and take any bytes:
// keys that they do not know are skipped. Tested by tests/unit/cgroup/files_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace cgsentry::cgroup {

/// memory.stat of Documentation/admin-guide/cgroup-v2.rst. A field is empty when the kernel does
/// not have it.
struct MemoryStat {
  std::optional<std::uint64_t> anon_bytes;
  std::optional<std::uint64_t> file_bytes;
  std::optional<std::uint64_t> file_mapped_bytes;
  std::optional<std::uint64_t> inactive_file_bytes;
  std::optional<std::uint64_t> page_faults;
  std::optional<std::uint64_t> major_page_faults;
  std::optional<std::uint64_t> dirty_bytes;
  std::optional<std::uint64_t> writeback_bytes;

  bool operator==(const MemoryStat&) const = default;
};

/// io.stat, summed over the devices. Zero before the first I/O, when the file is empty.
struct IoStat {
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;

  bool operator==(const IoStat&) const = default;
};

[[nodiscard]] MemoryStat parse_memory_stat(std::string_view text);
[[nodiscard]] IoStat parse_io_stat(std::string_view text);
/// The value of `key` in a file of lines "key value"; empty when it is not there.
[[nodiscard]] std::optional<std::uint64_t> parse_keyed(std::string_view text, std::string_view key);

/// A file of one number. "max" is the biggest number; anything else that is no number is absent.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

/// cpu.max: "QUOTA PERIOD" in microseconds; a quota of "max" is the biggest number.
struct CpuMax {
  std::uint64_t quota_us = 0;
  std::uint64_t period_us = 0;
};
[[nodiscard]] std::optional<CpuMax> parse_cpu_max(std::string_view text);

/// The totals of cpu.pressure, memory.pressure or io.pressure, in microseconds.
struct Pressure {
  std::uint64_t some_us = 0;
  std::uint64_t full_us = 0;  // 0 where the kernel does not have it (cpu before 5.13)
};
[[nodiscard]] std::optional<Pressure> parse_pressure(std::string_view text);

/// One file, opened when it is read first and kept.
class KeptFile {
 public:
  /// `path` is absolute. Nothing is opened yet.
  explicit KeptFile(std::string path) : path_(std::move(path)) {}

  /// The file's content, at most kMaxBytes of it; empty when there is no such file. Valid until the
  /// next read() of any KeptFile on this thread.
  [[nodiscard]] std::optional<std::string_view> read();

  static constexpr std::size_t kMaxBytes = 64 * 1024;

 private:
  std::string path_;
  Fd fd_;
};

}  // namespace cgsentry::cgroup
