// One rule of a set with what belongs to it in the engine, and since when its windows are whole.
//
// Two kinds: an alerting rule has a judge, a recording rule records its query. Thread: the loop.
// Tested by tests/unit/rule/rule_set_test.cpp, recording_test.cpp and reload_test.cpp.
#pragma once

#include <optional>
#include <string>

#include "promql/engine.h"
#include "rule/alerting_rule.h"
#include "rule/health.h"
#include "rule/schedule.h"

namespace cgsentry::rule {

/// A recording rule.
struct Recording {
  std::string name;  // of the metric
  promql::RecordId record{};
  std::size_t limit = 0;
  std::uint64_t identity = 0;
  Health health;
};

struct LoadedRule {
  std::optional<AlertingRule> alerting;  // exactly one of the two
  std::optional<Recording> recording;
  promql::QueryId query{};
  std::string expression;
  Duration look_back{};  // of the expression, to the group's query_offset
  /// ALERTS and ALERTS_FOR_STATE of an alerting rule, when some rule reads them.
  std::optional<promql::RecordId> alerts;
  std::optional<promql::RecordId> alerts_for_state;

  /// Long ago for the first rules, which have no alerts to resolve.
  Timestamp windows_since{};
  /// From then on the absence of a result proves something.
  Timestamp proven_from{};

  [[nodiscard]] const std::string& name() const {
    return alerting ? alerting->rule().name : recording->name;
  }
  [[nodiscard]] const Health& health() const {
    return alerting ? alerting->health() : recording->health;
  }
  [[nodiscard]] std::uint64_t identity() const {
    return alerting ? alerting->rule().identity : recording->identity;
  }
};

/// The rules of one group of one file; they are due in the same ticks.
struct LoadedGroup {
  std::string file;
  std::string name;
  Duration interval{};
  Duration query_offset{};
  Schedule schedule;
  std::vector<LoadedRule> rules;
};

}  // namespace cgsentry::rule
