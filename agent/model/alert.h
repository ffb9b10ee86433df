// The words of alerting, as data: what a rule says, what an alert is, how it changes.
//
// rule/ makes Breaches, alert/lifecycle turns them into Transitions, the journal keeps Transitions
// and sink/ tells people about them. No behaviour here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"

namespace cgsentry {

/// One element of an alerting rule's result in one tick. The labels are those of the expression's
/// result without the metric name: what `$labels` shows.
struct Breach {
  Labels labels;
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

enum class AlertState { inactive, pending, firing };

/// Why an alert was resolved.
enum class ResolveReason { none, cleared, gone, rule_removed, reboot };

/// Everything that is told about one alert. Labels include `alertname` and the rule's own labels,
/// annotations are rendered. Times are wall time (see base/clock.h).
struct Alert {
  Labels labels;
  Labels annotations;
  std::uint64_t fingerprint = 0;  // of `labels`
  double value = 0;               // the expression's, at the transition
  Timestamp starts_at{};
  std::optional<Timestamp> ends_at;  // set when resolved
  ResolveReason reason = ResolveReason::none;
  bool degraded = false;     // "confidence": samples or events were lost around this transition
  std::string generator_url;
  std::string evidence;      // a JSON object of at most 4 KB, or empty
};

/// An alert began to fire or was resolved. Nothing else is told.
struct Transition {
  enum class Kind { firing, resolved };
  Kind kind = Kind::firing;
  /// Grows by one with each transition of this agent, over restarts too (the journal keeps it).
  std::uint64_t sequence = 0;
  /// Idempotency key: the same for every delivery of this transition.
  std::string key;
  std::string node;
  Alert alert;
};

}  // namespace cgsentry
