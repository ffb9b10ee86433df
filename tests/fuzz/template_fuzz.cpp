// Any text is a template or a mistake with a place, and what it renders is bounded.
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "template/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace templates = cgsentry::templates;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = templates::Template::parse(text, templates::alert_variables());
  if (!parsed) {
    if (parsed.error().line == 0 || parsed.error().message.empty()) {
      std::abort();
    }
    return 0;
  }
  for (const auto& query : parsed->queries()) {
    if (query.line == 0 || query.column == 0) {
      std::abort();
    }
  }
  const cgsentry::Labels labels{{"name", "web"}, {"id", "/docker/\x1b[31m\xff"}};
  const cgsentry::Labels none;
  for (const double value : {0.932, -1e300, std::numeric_limits<double>::quiet_NaN()}) {
    templates::AlertData alert{labels, value, none, "http://here/a", {}, {}};
    alert.query = [&](const std::string& expression, cgsentry::Timestamp) {
      return std::vector<templates::QueryElement>(expression.size() % 4, {labels, value});
    };
    const auto rendered = parsed->render(templates::alert_scope(alert));
    if (rendered.text.size() > templates::kMaxOutputBytes) {
      std::abort();
    }
  }
  return 0;
}
