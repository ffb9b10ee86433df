// How the evaluations of one rule go: failures are counted, and one message says when they begin.
// Thread: the loop. Tested by tests/unit/rule/alerting_rule_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/log.h"

namespace cgsentry::rule {

class Health {
 public:
  void note_good() { last_error_.clear(); }
  void note_failure(const std::string& rule, std::string error) {
    ++failures_;
    // When it begins to fail, not in each tick.
    if (last_error_.empty()) {
      log::warning("rule {}: {}", rule, error);
    }
    last_error_ = std::move(error);
  }

  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  /// Why the last evaluation failed; empty when it was good.
  [[nodiscard]] const std::string& last_error() const { return last_error_; }

 private:
  std::uint64_t failures_ = 0;
  std::string last_error_;
};

}  // namespace cgsentry::rule
