// How failure is reported once the loop runs: as a value.
//
// `Result<T>` is an alias so that it can become std::expected when Debian's compilers have it.
// Expected absence (a cgroup that is gone, no previous sample) is std::optional instead.
// Setup throws SetupError (setup_error.h).
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace cgsentry {

/// `number` is an errno, or 0 where the failure is not the kernel's. `operation` is a literal
/// ("open", "parse"); `subject` is what it was done to.
struct Error {
  int number = 0;
  std::string_view operation;
  std::string subject;

  /// "open /sys/fs/cgroup/x: No such file or directory"
  [[nodiscard]] std::string describe() const;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

/// The failure of the system call just made: reads errno, so call it first.
[[nodiscard]] tl::unexpected<Error> system_failure(std::string_view operation, std::string subject);

/// A failure that has no errno.
[[nodiscard]] inline tl::unexpected<Error> failure(std::string_view operation,
                                                   std::string subject) {
  return tl::unexpected(Error{0, operation, std::move(subject)});
}

}  // namespace cgsentry
