// A unit test file of any bytes is read or refused with its mistakes. Its tests are not run: how
// long they take is up to whoever writes them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "command/unit_test_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = cgsentry::command::read_unit_test_file(text, "fuzz.yaml");
  if (!file && file.error().empty()) {
    std::abort();
  }
  return 0;
}
