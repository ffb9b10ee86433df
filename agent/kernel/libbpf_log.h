// What libbpf and the verifier had to say about a load, so that a refusal has a reason.
//
// libbpf has one print callback for the process: one LibbpfLog lives at a time. Thread: setup.
#pragma once

#include <string>
#include <string_view>

namespace cgsentry::kernel {

class LibbpfLog {
 public:
  /// From now on libbpf's messages are kept here instead of being printed.
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  /// One line: the errno's text and the line of the log that tells most.
  [[nodiscard]] std::string reason(int negative_errno) const;
  void clear();
};

/// The last line of a verifier log that says what is wrong. Empty if there is none.
[[nodiscard]] std::string telling_line(std::string_view log);

}  // namespace cgsentry::kernel
