// The life of an alert: inactive -> pending -> firing -> resolved, as Prometheus has it.
//
//   in:  one RuleResult per rule that was evaluated in this tick
//   out: the transitions (began to fire, was resolved), in the order of the rules
//
// An alert is identified by its rule and its labels. It is pending while its breach is there but
// `for` is not over, firing from then on until the breach is absent and `keep_firing_for` is over.
//
//   breach     ____########____####______________
//   state      inactive|pending|firing.....|resolved
//                      ^ active_at         ^ absent for keep_firing_for
//                              ^ starts_at: active_at + for, or later
//
// Beyond Prometheus:
// - gone: when the breach is absent because its series has no live row any more (the container was
//   removed), a firing alert is resolved at once with reason `gone`, without waiting for
//   keep_firing_for: what is gone cannot flap. A pending one vanishes.
// - withheld: in a result with withhold_resolves an absent breach proves nothing. Nothing is
//   resolved (gone neither) and no pending alert is lost; the alert shows as degraded, and so does
//   a resolve that follows.
//
// Invariants: resolved follows firing, once; at most `alerts_per_rule` alerts of one rule and
// `alerts_total` in all are active, and a breach that finds no room is counted.
// Thread: the loop. Tested by tests/unit/alert and tests/property/alert.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/alert.h"
#include "model/labels.h"

namespace cgsentry::alert {

/// Whether the thing that a series was measured on does not exist any more. Must say no of a series
/// that belongs to no single thing (a sum over containers, absent()): that one can only be cleared.
using Gone = std::function<bool(const Labels& series)>;

struct LifecycleLimits {
  std::size_t alerts_per_rule = 1'000;
  std::size_t alerts_total = 10'000;
};

/// One active alert, as a value that may outlive the lifecycle. Times are wall time.
struct ActiveAlert {
  AlertState state = AlertState::pending;
  std::uint64_t rule_identity = 0;  // AlertRule::identity
  std::string group;
  std::string rule;
  Labels labels;
  Labels series;
  std::uint64_t fingerprint = 0;
  double value = 0;  // at the last breach
  Timestamp active_at{};
  std::optional<Timestamp> starts_at;  // set when firing
  bool kept_firing = false;            // the breach is absent, keep_firing_for is not over
  bool degraded = false;               // see "withheld" above
};

struct LifecycleCounts {
  std::size_t pending = 0;
  std::size_t firing = 0;
  /// Breaches that found no room, one per breach and tick. Only grows.
  std::uint64_t refused_total = 0;
};

class Lifecycle {
 public:
  /// `node` is written into every transition.
  explicit Lifecycle(std::string node, LifecycleLimits limits = {});

  /// Moves the alerts of the rules in `results`; a rule without a result was not evaluated and
  /// nothing changes for it. Of two breaches with equal labels the last one's value counts.
  /// `wall_offset` (Clock::wall_offset) is added to `now` for the times that are told.
  [[nodiscard]] std::vector<Transition> advance(const std::vector<RuleResult>& results,
                                                Timestamp now, Duration wall_offset,
                                                const Gone& gone);
  /// The same for the result of one rule.
  [[nodiscard]] std::vector<Transition> advance_rule(const RuleResult& result, Timestamp now,
                                                     Duration wall_offset, const Gone& gone);

  /// The rules that count from now on. One with the identity of an old one takes over its alerts;
  /// the firing alerts of the others are resolved with reason `rule_removed`, the pending ones
  /// vanish. The rules must outlive the lifecycle or the next replace_rules().
  [[nodiscard]] std::vector<Transition> replace_rules(const std::vector<const AlertRule*>& rules,
                                                      Timestamp now, Duration wall_offset);

  /// Every pending and firing alert, in the order of the rules' identities and the labels.
  [[nodiscard]] std::vector<ActiveAlert> active() const;
  /// Those of one rule, in the order of their labels.
  [[nodiscard]] std::vector<AlertStanding> standing(const AlertRule& rule) const;
  [[nodiscard]] LifecycleCounts counts() const;

 private:
  /// An active alert. `turn` is the last result that had its breach.
  struct Entry {
    Labels series;
    std::uint64_t fingerprint = 0;
    std::uint64_t turn = 0;
    double value = 0;
    bool firing = false;
    bool degraded = false;
    Timestamp active_at{};
    Timestamp active_at_wall{};
    Timestamp starts_at_wall{};               // once firing
    std::optional<Timestamp> absent_since{};  // once firing: the first tick without the breach
  };
  /// Keyed by the labels themselves: a hash of names that containers choose can be made to collide.
  struct RuleState {
    const AlertRule* rule = nullptr;
    std::map<Labels, Entry> alerts;
  };
  struct Moment {
    Timestamp now;
    Timestamp wall;
  };

  void admit(RuleState& state, const RuleResult& result, const Moment& moment);
  void settle(RuleState& state, const RuleResult& result, const Moment& moment, const Gone& gone,
              std::vector<Transition>& out);
  [[nodiscard]] static std::optional<ResolveReason> end_of(const RuleState& state, Entry& entry,
                                                           const Moment& moment, const Gone& gone);
  [[nodiscard]] Transition tell(Transition::Kind kind, const AlertRule* rule, const Labels& labels,
                                const Entry& entry) const;
  [[nodiscard]] Transition tell_end(ResolveReason reason, const AlertRule* rule,
                                    const Labels& labels, const Entry& entry,
                                    const Moment& moment) const;

  std::string node_;
  LifecycleLimits limits_;
  std::map<std::uint64_t, RuleState> rules_;  // by AlertRule::identity
  std::size_t active_ = 0;                    // entries of all rules
  std::uint64_t turn_ = 0;                    // results seen so far
  std::uint64_t refused_total_ = 0;
};

/// The idempotency key of a transition: fingerprint, nanoseconds of starts_at and kind. The same
/// for every delivery, on every sink, after a restart too.
[[nodiscard]] std::string idempotency_key(const Alert& alert, Transition::Kind kind);

}  // namespace cgsentry::alert
