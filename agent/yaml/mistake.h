// A mistake in a file that a person wrote, with the place where it is.
#pragma once

#include <cstdint>
#include <string>

namespace cgsentry::yaml {

struct Mistake {
  std::string file;
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in bytes
  std::string message;       // without a full stop

  /// "rules.yaml:3:7: unknown key `exper`, did you mean `expr`?"
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Mistake&, const Mistake&) = default;
};

}  // namespace cgsentry::yaml
