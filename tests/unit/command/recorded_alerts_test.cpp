// The ALERTS series: one value per evaluation, and a stale marker where one ends.
#include "command/recorded_alerts.h"

#include <cmath>

#include "support/catch.h"
#include "window/column.h"

using namespace cgsentry;
using namespace cgsentry::command;
using namespace std::chrono_literals;

namespace {

alert::ActiveAlert active(AlertState state) {
  alert::ActiveAlert alert;
  alert.state = state;
  alert.labels = {{"alertname", "A"}, {"job", "x"}};
  alert.active_at = Timestamp{60s};
  return alert;
}

std::string text(const std::optional<double>& value) {
  if (!value) {
    return "_";
  }
  return window::is_stale(*value) ? "stale" : std::to_string(std::lround(*value));
}

/// "_ 1 stale" of a series; "" when there is none.
std::string text(const std::vector<InputSeries>& all, const Labels& labels) {
  std::string out;
  for (const InputSeries& series : all) {
    for (std::size_t i = 0; series.labels == labels && i < series.values.size(); ++i) {
      out += (i == 0 ? "" : " ") + text(series.values[i]);
    }
  }
  return out;
}

const Labels kPending{
    {"__name__", "ALERTS"}, {"alertname", "A"}, {"alertstate", "pending"}, {"job", "x"}};
const Labels kFiring{
    {"__name__", "ALERTS"}, {"alertname", "A"}, {"alertstate", "firing"}, {"job", "x"}};
const Labels kForState{{"__name__", "ALERTS_FOR_STATE"}, {"alertname", "A"}, {"job", "x"}};

}  // namespace

TEST_CASE("an alert is recorded in each evaluation in which it is active") {
  RecordedAlerts recorded;
  recorded.record(0, {});
  recorded.record(1, {active(AlertState::pending)});
  recorded.record(2, {active(AlertState::firing)});
  recorded.record(3, {active(AlertState::firing)});
  recorded.record(4, {});
  recorded.record(5, {});
  const auto series = recorded.take();
  CHECK(series.size() == 3);
  CHECK(text(series, kPending) == "_ 1 stale");
  CHECK(text(series, kFiring) == "_ _ 1 1 stale");
  CHECK(text(series, kForState) == "_ 60 60 60 stale");
}

TEST_CASE("an alert that comes back goes on in its series") {
  RecordedAlerts recorded;
  recorded.record(0, {active(AlertState::firing)});
  recorded.record(1, {});
  recorded.record(2, {});
  recorded.record(3, {active(AlertState::firing)});
  CHECK(text(recorded.take(), kFiring) == "1 stale _ 1");
}
