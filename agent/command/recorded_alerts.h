// The series that Prometheus makes of active alerts, for the expressions of a unit test:
//
//   ALERTS{alertname="A", alertstate="pending"}    1 1 stale
//   ALERTS{alertname="A", alertstate="firing"}     _ _ 1     1
//   ALERTS_FOR_STATE{alertname="A"}                60 60 60  60    when it became active
//
// In: the active alerts after each evaluation. Out: series with a value per evaluation.
// Tested by tests/unit/command/recorded_alerts_test.cpp.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

#include "alert/lifecycle.h"
#include "command/unit_test_file.h"

namespace cgsentry::command {

inline constexpr std::string_view kAlertsMetric = "ALERTS";
inline constexpr std::string_view kAlertsForStateMetric = "ALERTS_FOR_STATE";

class RecordedAlerts {
 public:
  /// After evaluation number `evaluation`, which grows by one from call to call, from 0.
  void record(std::size_t evaluation, const std::vector<alert::ActiveAlert>& active);

  [[nodiscard]] std::vector<InputSeries> take();

 private:
  void set(std::size_t evaluation, Labels labels, double value);

  std::map<Labels, SeriesValues> series_;
};

}  // namespace cgsentry::command
