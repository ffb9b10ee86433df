// See file.h.
#include "yaml/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "yaml/node.h"

namespace cgsentry::yaml {

tl::expected<std::string, std::string> read_file(const std::string& path) {
  constexpr std::size_t kChunk = std::size_t{64} << 10;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  while (file && text.size() <= kMaxBytes) {
    const std::size_t before = text.size();
    const std::size_t wanted = std::min(kChunk, kMaxBytes + 1 - before);
    text.resize(before + wanted);
    file.read(text.data() + before, static_cast<std::streamsize>(wanted));
    text.resize(before + static_cast<std::size_t>(file.gcount()));
  }
  if (!file && !file.eof()) {
    return tl::unexpected(std::string(std::strerror(errno)));
  }
  return text;
}

}  // namespace cgsentry::yaml
