// What setup throws, and main catches once: what went wrong and what the reader can do about it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace cgsentry {

/// Exit codes of every subcommand (docs/operating.md).
enum class ExitCode : int { ok = 0, failed = 1, bad_usage = 2 };

class SetupError : public std::runtime_error {
 public:
  /// `what`: one line, with the errno text where there is one. `fix`: what to do, one line, or
  /// empty. `exit_code`: bad_usage for a mistake in a command line, configuration or rule file.
  SetupError(const std::string& what, std::string fix, ExitCode exit_code = ExitCode::failed)
      : std::runtime_error(what), fix_(std::move(fix)), exit_code_(exit_code) {}

  [[nodiscard]] const std::string& fix() const noexcept { return fix_; }
  [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_; }

 private:
  std::string fix_;
  ExitCode exit_code_;
};

}  // namespace cgsentry
