// Any path has an identity, and clean labels.
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "identity/container.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const auto labels = cgsentry::identity::labels_of(cgsentry::identity::classify(path), path);
  for (const cgsentry::Label& label : labels) {
    if (cgsentry::text::clean(label.value, 1'024) != label.value) {
      std::abort();
    }
  }
  return 0;
}
