// Templates for tests: the mistake of a text, and what one render of it gives.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "model/labels.h"
#include "support/catch.h"
#include "template/template.h"

namespace cgsentry::test {

inline templates::Template parsed(std::string_view text) {
  auto result = templates::Template::parse(text, templates::alert_variables());
  INFO(text);
  INFO((result ? std::string() : result.error().message));
  REQUIRE(result);
  return *std::move(result);
}

/// "LINE:COLUMN: what", or "" when the text is a good template.
inline std::string mistake(std::string_view text) {
  const auto result = templates::Template::parse(text, templates::alert_variables());
  if (result) {
    return {};
  }
  const auto& [line, column, message] = result.error();
  return fmt::format("{}:{}: {}", line, column, message);
}

inline templates::Rendered rendered(std::string_view text, const Labels& labels = {},
                                    double value = 0,
                                    std::size_t max_bytes = templates::kMaxOutputBytes) {
  const Labels external;
  return parsed(text).render(templates::alert_scope({labels, value, external, ""}), max_bytes);
}

/// The text of a render without an error.
inline std::string render(std::string_view text, const Labels& labels = {}, double value = 0) {
  templates::Rendered result = rendered(text, labels, value);
  INFO(text);
  CHECK(result.error == "");
  return std::move(result.text);
}

}  // namespace cgsentry::test
