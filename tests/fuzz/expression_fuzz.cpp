// Any text is a PromQL expression or a mistake with a place inside it; what parses can be compiled
// or is refused.
#include <cstdint>
#include <cstdlib>

#include "promql/engine.h"
#include "promql/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = cgsentry::promql::parse(text);
  if (!expression) {
    if (expression.error().line == 0 || expression.error().message.empty()) {
      std::abort();
    }
    return 0;
  }
  cgsentry::promql::Engine engine(std::chrono::seconds(1));
  static_cast<void>(engine.add(*expression));
  return 0;
}
