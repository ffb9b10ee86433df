// The bytes of a file that may be anything: one of many gigabytes, a device that never ends.
//
// In: a path. Out: its bytes, at most one more than load() takes, so that load() says what is wrong
// with a longer one. Tested by tests/unit/yaml/file_test.cpp.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace cgsentry::yaml {

/// An error is the operating system's word for it.
[[nodiscard]] tl::expected<std::string, std::string> read_file(const std::string& path);

}  // namespace cgsentry::yaml
