#include "base/result.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace cgsentry {

std::string Error::describe() const {
  if (number == 0) {
    return fmt::format("{} {}", operation, subject);
  }
  return fmt::format("{} {}: {}", operation, subject, std::generic_category().message(number));
}

tl::unexpected<Error> system_failure(std::string_view operation, std::string subject) {
  return tl::unexpected(Error{errno, operation, std::move(subject)});
}

}  // namespace cgsentry
