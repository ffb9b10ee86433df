// A configuration of any bytes is read or refused with a place.
#include <cstdint>
#include <cstdlib>

#include "config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config =
      cgsentry::config::parse({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!config && config.error().empty()) {
    std::abort();
  }
  return 0;
}
