// Compares text with a file under tests/golden, byte by byte.
//
// With CGSENTRY_UPDATE_GOLDEN in the environment it writes the file instead; read the diff then.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace cgsentry::test {

/// The content of tests/golden/`path`, or `actual` itself after it was written there.
inline std::string golden(const std::string& path, const std::string& actual) {
  const std::string file = std::string(CGSENTRY_TEST_DIR "/golden/") + path;
  if (std::getenv("CGSENTRY_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << actual;
    return actual;
  }
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace cgsentry::test
