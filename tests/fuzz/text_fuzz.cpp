// The sanitizer of foreign names: its output is clean, bounded, and cleaning it again is a no-op.
#include "base/text.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string clean = cgsentry::text::clean(bytes);
  if (clean.size() > cgsentry::text::kMaxLabelBytes || cgsentry::text::clean(clean) != clean) {
    std::abort();
  }
  std::string json;
  cgsentry::text::append_json(json, bytes);
  for (const char byte : json) {
    if (static_cast<unsigned char>(byte) < 0x20) {
      std::abort();
    }
  }
  return 0;
}
