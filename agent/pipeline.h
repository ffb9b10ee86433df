// The program: each hop of a number's walk is one call in tick(), a plain value in and out.
//
//   kernel hook -> row -> Sample -> windows -> rule value -> transition -> journal -> sinks
//
// Owns the rules and the life of the alerts; the stages around them are lent. Nothing here blocks:
// the journal and the sinks have threads of their own. Thread: the loop.
// Tested by tests/unit/pipeline and, on real kernels, by tests/kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "alert/journal.h"
#include "alert/lifecycle.h"
#include "base/clock.h"
#include "early_ticks.h"
#include "kernel/events.h"
#include "rule/rule_set.h"
#include "sampler/sampler.h"

namespace cgsentry {

class Pipeline {
 public:
  /// What the walk goes through; all of it outlives the pipeline. `events` is null when nothing
  /// tells of them.
  struct Stages {
    const SystemClock& clock;
    kernel::Events* events;
    sampler::Sampler& sampler;
    alert::Lifecycle& lifecycle;
    alert::Journal& journal;
  };

  /// `external_labels` are added to every alert that does not have them.
  Pipeline(Stages stages, rule::RuleSet rules, Labels external_labels);

  /// The walk.
  void tick(Timestamp now);

  /// Kernel events have come before their time: takes them in, and when one of them cannot wait
  /// (an OOM kill) does a tick now.
  void urgent(Timestamp now);

  /// Rules that are the same text keep their alerts, their windows and what they recorded; alerts
  /// of removed rules are resolved.
  void replace_rules(rule::RuleSet rules, Timestamp now);

  [[nodiscard]] const rule::RuleSet& rules() const { return rules_; }
  [[nodiscard]] std::uint64_t ticks() const { return ticks_; }

 private:
  /// Takes the ring's events into the tree. True when one of them cannot wait.
  bool take_events(Timestamp now);
  void tell(std::vector<Transition> transitions);

  Stages stages_;
  rule::RuleSet rules_;
  Labels external_labels_;
  EarlyTicks early_ticks_;
  std::uint64_t ticks_ = 0;
};

}  // namespace cgsentry
