// The alerts of one evaluation: each rule's result moves them at once, so that rules which come
// later can select ALERTS.
//
//   RuleSet::evaluate ──settle(result)──► Lifecycle ──► transitions
//                     ◄──standing(rule)── active alerts
//
// Thread: the loop. Tested by tests/unit/pipeline/alert_book_test.cpp.
#pragma once

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "alert/lifecycle.h"
#include "rule/rule_set.h"

namespace cgsentry {

class LiveAlerts final : public rule::AlertBook {
 public:
  /// All must outlive the book; see Lifecycle::advance().
  LiveAlerts(alert::Lifecycle& lifecycle, Timestamp now, Duration wall_offset,
             const alert::Gone& gone)
      : lifecycle_(lifecycle), now_(now), wall_offset_(wall_offset), gone_(gone) {}

  void settle(const RuleResult& result) override {
    std::ranges::move(lifecycle_.advance_rule(result, now_, wall_offset_, gone_),
                      std::back_inserter(transitions_));
  }
  std::vector<AlertStanding> standing(const AlertRule& rule) override {
    return lifecycle_.standing(rule);
  }
  [[nodiscard]] std::vector<Transition> take_transitions() { return std::move(transitions_); }

 private:
  alert::Lifecycle& lifecycle_;
  Timestamp now_;
  Duration wall_offset_;
  const alert::Gone& gone_;
  std::vector<Transition> transitions_;
};

}  // namespace cgsentry
