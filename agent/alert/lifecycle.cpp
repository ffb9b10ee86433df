#include "alert/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace cgsentry::alert {

std::string idempotency_key(const Alert& alert, Transition::Kind kind) {
  return fmt::format("{:016x}-{}-{}", alert.fingerprint, alert.starts_at.time_since_epoch().count(),
                     kind == Transition::Kind::firing ? "firing" : "resolved");
}

Lifecycle::Lifecycle(std::string node, LifecycleLimits limits)
    : node_(std::move(node)), limits_(limits) {}

std::vector<Transition> Lifecycle::advance(const std::vector<RuleResult>& results, Timestamp now,
                                           Duration wall_offset, const Gone& gone) {
  std::vector<Transition> out;
  for (const RuleResult& result : results) {
    std::ranges::move(advance_rule(result, now, wall_offset, gone), std::back_inserter(out));
  }
  return out;
}

std::vector<Transition> Lifecycle::advance_rule(const RuleResult& result, Timestamp now,
                                                Duration wall_offset, const Gone& gone) {
  std::vector<Transition> out;
  const Moment moment{now, now + wall_offset};
  RuleState& state = rules_[result.rule->identity];
  state.rule = result.rule;
  ++turn_;
  admit(state, result, moment);
  settle(state, result, moment, gone, out);
  return out;
}

void Lifecycle::admit(RuleState& state, const RuleResult& result, const Moment& moment) {
  for (const Breach& breach : result.breaches) {
    auto at = state.alerts.find(breach.labels);
    if (at == state.alerts.end()) {
      if (state.alerts.size() >= limits_.alerts_per_rule || active_ >= limits_.alerts_total) {
        ++refused_total_;
        continue;
      }
      at = state.alerts.try_emplace(breach.labels).first;
      at->second.fingerprint = breach.labels.fingerprint();
      at->second.active_at = moment.now;
      at->second.active_at_wall = moment.wall;
      ++active_;
    }
    at->second.turn = turn_;
    at->second.value = breach.value;
    at->second.series = breach.series;
  }
}

void Lifecycle::settle(RuleState& state, const RuleResult& result, const Moment& moment,
                       const Gone& gone, std::vector<Transition>& out) {
  for (auto at = state.alerts.begin(); at != state.alerts.end();) {
    auto& [labels, entry] = *at;
    const bool breached = entry.turn == turn_;
    if (breached) {
      entry.absent_since.reset();
      entry.degraded = result.withhold_resolves;
      if (!entry.firing && moment.now - entry.active_at >= state.rule->hold) {
        entry.firing = true;
        entry.starts_at_wall = moment.wall;
        out.push_back(tell(Transition::Kind::firing, state.rule, labels, entry));
      }
    } else if (result.withhold_resolves) {
      entry.degraded = true;
    } else if (const auto reason = end_of(state, entry, moment, gone)) {
      if (entry.firing) {
        out.push_back(tell_end(*reason, state.rule, labels, entry, moment));
      }
      at = state.alerts.erase(at);
      --active_;
      continue;
    }
    ++at;
  }
}

// Why an alert whose breach is absent ends now, or nothing while it is kept firing.
std::optional<ResolveReason> Lifecycle::end_of(const RuleState& state, Entry& entry,
                                               const Moment& moment, const Gone& gone) {
  if (gone(entry.series)) {
    return ResolveReason::gone;
  }
  if (!entry.firing || state.rule->keep_firing_for <= Duration::zero()) {
    return ResolveReason::cleared;
  }
  if (!entry.absent_since) {
    entry.absent_since = moment.now;
  }
  if (moment.now - *entry.absent_since < state.rule->keep_firing_for) {
    return std::nullopt;
  }
  return ResolveReason::cleared;
}

std::vector<Transition> Lifecycle::replace_rules(const std::vector<const AlertRule*>& rules,
                                                 Timestamp now, Duration wall_offset) {
  std::map<std::uint64_t, RuleState> kept;
  for (const AlertRule* rule : rules) {
    const auto [at, is_new] = kept.try_emplace(rule->identity);
    if (const auto old = rules_.find(rule->identity); is_new && old != rules_.end()) {
      at->second = std::move(old->second);
      rules_.erase(old);
    }
    at->second.rule = rule;
  }
  std::vector<Transition> out;
  const Moment moment{now, now + wall_offset};
  for (const auto& [identity, state] : rules_) {
    active_ -= state.alerts.size();
    for (const auto& [labels, entry] : state.alerts) {
      if (entry.firing) {
        out.push_back(tell_end(ResolveReason::rule_removed, nullptr, labels, entry, moment));
      }
    }
  }
  rules_ = std::move(kept);
  return out;
}

Transition Lifecycle::tell(Transition::Kind kind, const AlertRule* rule, const Labels& labels,
                           const Entry& entry) const {
  Transition transition;
  transition.kind = kind;
  transition.rule = rule;
  transition.node = node_;
  Alert& alert = transition.alert;
  alert.labels = labels;
  alert.series = entry.series;
  alert.fingerprint = entry.fingerprint;
  alert.value = entry.value;
  alert.starts_at = entry.starts_at_wall;
  alert.degraded = entry.degraded;
  transition.key = idempotency_key(alert, kind);
  return transition;
}

Transition Lifecycle::tell_end(ResolveReason reason, const AlertRule* rule, const Labels& labels,
                               const Entry& entry, const Moment& moment) const {
  Transition transition = tell(Transition::Kind::resolved, rule, labels, entry);
  transition.alert.reason = reason;
  // A wall clock that was set back in between must not end an alert before it began: Alertmanager
  // refuses such an alert.
  transition.alert.ends_at = std::max(moment.wall, entry.starts_at_wall);
  return transition;
}

std::vector<ActiveAlert> Lifecycle::active() const {
  std::vector<ActiveAlert> out;
  out.reserve(active_);
  for (const auto& [identity, state] : rules_) {
    for (const auto& [labels, entry] : state.alerts) {
      ActiveAlert alert;
      alert.state = entry.firing ? AlertState::firing : AlertState::pending;
      alert.rule_identity = identity;
      alert.group = state.rule->group;
      alert.rule = state.rule->name;
      alert.labels = labels;
      alert.series = entry.series;
      alert.fingerprint = entry.fingerprint;
      alert.value = entry.value;
      alert.active_at = entry.active_at_wall;
      if (entry.firing) {
        alert.starts_at = entry.starts_at_wall;
      }
      alert.kept_firing = entry.absent_since.has_value();
      alert.degraded = entry.degraded;
      out.push_back(std::move(alert));
    }
  }
  return out;
}

std::vector<AlertStanding> Lifecycle::standing(const AlertRule& rule) const {
  std::vector<AlertStanding> out;
  const auto state = rules_.find(rule.identity);
  if (state == rules_.end()) {
    return out;
  }
  for (const auto& [labels, entry] : state->second.alerts) {
    out.push_back(
        {labels, entry.firing ? AlertState::firing : AlertState::pending, entry.active_at_wall});
  }
  return out;
}

LifecycleCounts Lifecycle::counts() const {
  LifecycleCounts counts;
  counts.refused_total = refused_total_;
  for (const auto& [identity, state] : rules_) {
    const auto firing = static_cast<std::size_t>(
        std::count_if(state.alerts.begin(), state.alerts.end(),
                      [](const auto& item) { return item.second.firing; }));
    counts.firing += firing;
    counts.pending += state.alerts.size() - firing;
  }
  return counts;
}

}  // namespace cgsentry::alert
