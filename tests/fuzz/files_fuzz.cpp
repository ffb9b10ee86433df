// The files of a cgroup, and mountinfo, with any content.
#include <cstdint>

#include "cgroup/files.h"
#include "cgroup/mount.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cgsentry::cgroup;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_memory_stat(text));
  static_cast<void>(parse_io_stat(text));
  static_cast<void>(parse_keyed(text, "anon"));
  static_cast<void>(parse_number(text));
  static_cast<void>(parse_cpu_max(text));
  static_cast<void>(parse_pressure(text));
  static_cast<void>(parse_mountinfo(text));
  return 0;
}
