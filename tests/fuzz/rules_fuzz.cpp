// A rule file of any bytes is loaded or refused with its mistakes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rule/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto rules = cgsentry::rule::load({{"fuzz.yaml", text}});
  if (!rules && rules.error().empty()) {
    std::abort();
  }
  return 0;
}
