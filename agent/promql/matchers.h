// Label matchers ready to run: =, !=, and RE2 for =~ and !~, anchored at both ends.
//
// RE2 runs in linear time, and its memory is bounded here, so a pattern from a rule file can
// neither hang nor eat the agent. Tested by tests/unit/promql/engine_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "promql/ast.h"

namespace re2 {
class RE2;
}

namespace cgsentry::promql {

/// Bytes of the longest pattern that is accepted.
inline constexpr std::size_t kMaxPatternBytes = 4096;

/// Why `pattern` cannot be used, or "".
[[nodiscard]] std::string check_regex(const std::string& pattern);

/// Instructions of the program that a good pattern becomes; 0 for others.
[[nodiscard]] std::size_t compiled_size(const std::string& pattern);

/// An anchored pattern, or null when it cannot be used.
[[nodiscard]] std::shared_ptr<const re2::RE2> compile_regex(const std::string& pattern);

class CompiledMatcher {
 public:
  /// The matcher's pattern must have passed check_regex().
  explicit CompiledMatcher(const Matcher& matcher);

  [[nodiscard]] const std::string& label() const { return matcher_.label; }
  [[nodiscard]] const Matcher& source() const { return matcher_; }
  /// `value` is "" for a label that is not there.
  [[nodiscard]] bool matches(std::string_view value) const;

 private:
  Matcher matcher_;
  std::shared_ptr<const re2::RE2> regex_;
};

}  // namespace cgsentry::promql
