// The words of alerting, as data: what a rule says, what an alert is, how it changes.
//
// rule/ makes RuleResults, alert/lifecycle turns them into Transitions, the journal keeps those
// and sink/ tells people about them. No behaviour here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"

namespace cgsentry {

/// One element of an alerting rule's result in one tick.
struct Breach {
  /// The alert's identity: the element's labels without the metric name, the rule's own labels
  /// (rendered) over them, and `alertname`.
  Labels labels;
  /// The element's labels alone: what `$labels` shows in a template.
  Labels series;
  double value = 0;
};

/// What alert/ must know of a rule; the expression stays with rule/.
struct AlertRule {
  std::string group;
  std::string name;  // becomes the label "alertname"
  Duration hold{};   // `for`
  Duration keep_firing_for{};
  std::string expression;  // as written, for generatorURL and evidence

  /// Identity over reloads: a rule that is the same text keeps the state of its alerts.
  std::uint64_t identity = 0;
};

/// An alerting rule's result in one tick. `rule` lives as long as the loaded rules.
struct RuleResult {
  const AlertRule* rule = nullptr;
  std::vector<Breach> breaches;  // one per set of labels
  /// The rule could not be evaluated or an input of it was blind in this tick: the absence of a
  /// breach proves nothing, so nothing is resolved.
  bool withhold_resolves = false;
};

enum class AlertState { inactive, pending, firing };

/// An active alert as the series ALERTS and ALERTS_FOR_STATE show it.
struct AlertStanding {
  Labels labels;
  AlertState state = AlertState::pending;
  Timestamp active_at{};  // wall time
};

/// Names of these series.
inline constexpr std::string_view kAlertsMetric = "ALERTS";
inline constexpr std::string_view kAlertsForStateMetric = "ALERTS_FOR_STATE";

/// Why an alert was resolved.
enum class ResolveReason { none, cleared, gone, rule_removed, reboot };

/// Everything that is told about one alert. Labels and series as in Breach (series is what the
/// annotations are rendered from, and is not told itself). Times are wall time (see base/clock.h).
struct Alert {
  Labels labels;
  Labels series;
  Labels annotations;             // rendered by rule/ once the transition is known
  std::uint64_t fingerprint = 0;  // of `labels`
  double value = 0;               // the expression's, at the transition
  Timestamp starts_at{};
  std::optional<Timestamp> ends_at;  // set when resolved
  ResolveReason reason = ResolveReason::none;
  bool degraded = false;  // "confidence": samples or events were lost around this transition
  std::string generator_url;
  std::string evidence;  // a JSON object of at most 4 KB, or empty
};

/// An alert began to fire or was resolved. Nothing else is told.
struct Transition {
  enum class Kind { firing, resolved };
  Kind kind = Kind::firing;
  const AlertRule* rule = nullptr;  // null when the rule is gone (rule_removed, reboot)
  /// Grows by one with each transition of this agent, over restarts too (the journal assigns it).
  std::uint64_t sequence = 0;
  /// Idempotency key: the same for every delivery of this transition.
  std::string key;
  /// The journal could not keep it: a restart may forget it or number another one the same.
  bool unjournaled = false;
  std::string node;
  Alert alert;
};

}  // namespace cgsentry
