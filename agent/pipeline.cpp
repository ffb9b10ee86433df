#include "pipeline.h"

#include <algorithm>
#include <utility>

#include "alert_book.h"

namespace cgsentry {

Pipeline::Pipeline(Stages stages, rule::RuleSet rules, Labels external_labels)
    : stages_(stages), rules_(std::move(rules)), external_labels_(std::move(external_labels)) {}

void Pipeline::tick(Timestamp now) {
  ++ticks_;
  take_events(now);
  const Sample& sample = stages_.sampler.take(now, stages_.clock.monotonic_at(now));
  rules_.append(sample);
  const alert::Gone gone = [&](const Labels& series) { return !stages_.sampler.has_live(series); };
  LiveAlerts alerts(stages_.lifecycle, now, stages_.clock.wall_offset(), gone);
  rules_.evaluate(now, sample.blind, &alerts);
  tell(alerts.take_transitions());
  stages_.journal.watch(now);
}

void Pipeline::urgent(Timestamp now) {
  if (take_events(now) && early_ticks_.allow(now)) {
    tick(now);
  }
}

void Pipeline::replace_rules(rule::RuleSet rules, Timestamp now) {
  tell(stages_.lifecycle.replace_rules(rules.alert_rules(), now, stages_.clock.wall_offset()));
  rules.take_over(rules_, now);
  rules_ = std::move(rules);
}

bool Pipeline::take_events(Timestamp now) {
  if (stages_.events == nullptr) {
    return false;
  }
  const Duration offset = now.time_since_epoch() - stages_.clock.monotonic_at(now);
  const std::vector<Event> events = stages_.events->drain(offset);
  stages_.sampler.note(events);
  return std::ranges::any_of(
      events, [](const Event& event) { return event.kind == Event::Kind::oom_kill; });
}

/// The journal has them on the disk before any sink sees them.
void Pipeline::tell(std::vector<Transition> transitions) {
  rules_.describe(transitions);
  for (Transition& transition : transitions) {
    transition.alert.labels.complete(external_labels_);
  }
  stages_.journal.append(transitions);
}

}  // namespace cgsentry
