#include "cgroup/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace cgsentry::cgroup {

namespace {

/// Takes everything up to `end`, and `end` itself, from the front of `text`.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view front = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + 1);
  return front;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

MemoryStat parse_memory_stat(std::string_view text) {
  MemoryStat stat;
  const std::array<std::pair<std::string_view, std::optional<std::uint64_t>*>, 8> fields{
      {{"anon", &stat.anon_bytes},
       {"file", &stat.file_bytes},
       {"file_mapped", &stat.file_mapped_bytes},
       {"inactive_file", &stat.inactive_file_bytes},
       {"pgfault", &stat.page_faults},
       {"pgmajfault", &stat.major_page_faults},
       {"file_dirty", &stat.dirty_bytes},
       {"file_writeback", &stat.writeback_bytes}}};
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view key = take_until(line, ' ');
    for (const auto& [name, target] : fields) {
      if (name == key) {
        *target = number(line);
      }
    }
  }
  return stat;
}

IoStat parse_io_stat(std::string_view text) {
  IoStat stat;
  const std::array<std::pair<std::string_view, std::uint64_t*>, 4> fields{
      {{"rbytes", &stat.read_bytes},
       {"wbytes", &stat.write_bytes},
       {"rios", &stat.reads},
       {"wios", &stat.writes}}};
  while (!text.empty()) {
    // 259:0 rbytes=90112 wbytes=0 rios=12 wios=0 dbytes=0 dios=0
    std::string_view line = take_until(text, '\n');
    take_until(line, ' ');
    while (!line.empty()) {
      std::string_view value = take_until(line, ' ');
      const std::string_view key = take_until(value, '=');
      for (const auto& [name, target] : fields) {
        if (name == key) {
          *target += number(value).value_or(0);
        }
      }
    }
  }
  return stat;
}

std::optional<std::uint64_t> parse_keyed(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (take_until(line, ' ') == key) {
      return number(line);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const std::string_view word = take_until(text, '\n');
  return word == "max" ? std::numeric_limits<std::uint64_t>::max() : number(word);
}

std::optional<CpuMax> parse_cpu_max(std::string_view text) {
  const auto quota = parse_number(take_until(text, ' '));
  const auto period = parse_number(text);
  return quota && period ? std::optional(CpuMax{*quota, *period}) : std::nullopt;
}

std::optional<Pressure> parse_pressure(std::string_view text) {
  Pressure pressure;
  bool found = false;
  while (!text.empty()) {
    // some avg10=0.00 avg60=0.00 avg300=0.00 total=1234
    std::string_view line = take_until(text, '\n');
    const std::string_view kind = take_until(line, ' ');
    const std::size_t at = line.find("total=");
    const auto total = at == line.npos ? std::nullopt : number(line.substr(at + 6));
    if (total && kind == "some") {
      pressure.some_us = *total;
      found = true;
    } else if (total && kind == "full") {
      pressure.full_us = *total;
    }
  }
  return found ? std::optional(pressure) : std::nullopt;
}

std::optional<std::string_view> KeptFile::read() {
  static thread_local std::array<char, kMaxBytes> buffer;
  if (!fd_.valid()) {
    fd_ = Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  }
  const ssize_t bytes = ::pread(fd_.get(), buffer.data(), buffer.size(), 0);
  if (bytes < 0) {
    return std::nullopt;
  }
  return std::string_view(buffer.data(), static_cast<std::size_t>(bytes));
}

}  // namespace cgsentry::cgroup
