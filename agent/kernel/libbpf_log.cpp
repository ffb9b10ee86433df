#include "kernel/libbpf_log.h"

#include <bpf/libbpf.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "base/text.h"

namespace cgsentry::kernel {

namespace {

constexpr std::size_t kMaxBytes = 256 * 1024;

std::string& kept() {
  static std::string text;
  return text;
}

__attribute__((format(printf, 2, 0))) int keep(libbpf_print_level level, const char* format,
                                               va_list arguments) {
  if (level == LIBBPF_DEBUG || kept().size() > kMaxBytes) {
    return 0;
  }
  // A verifier log comes as one message; what tells most is at its end.
  std::array<char, 64 * 1024> message{};
  const int length = std::vsnprintf(message.data(), message.size(), format, arguments);
  if (length > 0) {
    kept().append(message.data());
  }
  return length;
}

int drop(libbpf_print_level, const char*, va_list) {
  return 0;
}

bool is_noise(std::string_view line) {
  return line.empty() || line.starts_with("processed ") || line.find("LOG --") != line.npos ||
         line.starts_with("libbpf: failed to load") ||
         // Comes after the verifier's own words and says less.
         line.find("': failed to load: ") != line.npos || line.starts_with("verification time") ||
         line.starts_with("stack depth") || line.starts_with("libbpf: Error in bpf_create_map");
}

}  // namespace

LibbpfLog::LibbpfLog() {
  kept().clear();
  libbpf_set_print(keep);
}

LibbpfLog::~LibbpfLog() {
  libbpf_set_print(drop);
  kept().clear();
  kept().shrink_to_fit();
}

void LibbpfLog::clear() {
  kept().clear();
}

std::string LibbpfLog::reason(int negative_errno) const {
  std::string text = std::strerror(-negative_errno);
  if (const std::string line = telling_line(kept()); !line.empty()) {
    text += " (" + text::clean(line) + ")";
  }
  return text;
}

std::string telling_line(std::string_view log) {
  std::string_view last;
  while (!log.empty()) {
    const std::size_t end = log.find('\n');
    const std::string_view line = log.substr(0, end);
    if (!is_noise(line)) {
      last = line;
    }
    log.remove_prefix(end == log.npos ? log.size() : end + 1);
  }
  return std::string(last);
}

}  // namespace cgsentry::kernel
