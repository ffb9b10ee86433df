// See recorded_alerts.h.
#include "command/recorded_alerts.h"

#include <utility>

#include "promql/engine.h"
#include "window/column.h"

namespace cgsentry::command {

void RecordedAlerts::record(std::size_t evaluation, const std::vector<alert::ActiveAlert>& active) {
  for (const alert::ActiveAlert& alert : active) {
    Labels labels = alert.labels;
    labels.set(kMetricName, kAlertsForStateMetric);
    set(evaluation, labels, to_seconds(alert.active_at));
    labels.set(kMetricName, kAlertsMetric);
    labels.set("alertstate", alert.state == AlertState::firing ? "firing" : "pending");
    set(evaluation, std::move(labels), 1);
  }
  for (auto& [labels, values] : series_) {
    const bool ended = values.size() == evaluation && !window::is_stale(*values.back());
    if (ended) {
      values.emplace_back(promql::stale_marker());
    }
  }
}

void RecordedAlerts::set(std::size_t evaluation, Labels labels, double value) {
  SeriesValues& values = series_[std::move(labels)];
  values.resize(evaluation);
  values.emplace_back(value);
}

std::vector<InputSeries> RecordedAlerts::take() {
  std::vector<InputSeries> all;
  for (auto& [labels, values] : series_) {
    all.push_back({labels, std::move(values)});
  }
  series_.clear();
  return all;
}

}  // namespace cgsentry::command
