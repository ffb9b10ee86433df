// See rule_set.h.
#include "rule/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "rule/loaded_rule.h"
#include "rule/template_queries.h"
#include "yaml/fields.h"

namespace cgsentry::rule {

namespace {

/// Labels over those of the recorded series; an empty one takes a label away.
std::vector<Label> labels_of(const RuleSpec& spec) {
  std::vector<Label> labels;
  for (const TemplatedField& field : spec.labels) {
    labels.push_back({field.name, field.text});
  }
  return labels;
}

}  // namespace

class RuleSet::Impl {
 public:
  explicit Impl(RuleSetOptions options)
      : engine_(options.engine),
        tick_(options.engine.interval),
        ignore_group_intervals_(options.ignore_group_intervals),
        group_order_(std::move(options.group_order)),
        external_{std::move(options.external_labels), std::move(options.external_url),
                  [this](const std::string& expression, Timestamp now) {
                    return template_queries_.ask(expression, now);
                  }} {}

  /// Compiles what is good and appends all mistakes of the file. Before the first append().
  void add(const SourceFile& file, std::vector<Mistake>& mistakes);
  /// All files are added.
  void sort_groups();

  void append(const Sample& sample) {
    start();
    engine_.append(sample);
  }
  const std::vector<RuleResult>& evaluate(Timestamp now, bool blind, AlertBook* book);
  void take_over(Impl& old, Timestamp now);
  void describe(std::vector<Transition>& transitions) const;

  /// In the order of the evaluation.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const LoadedGroup& group : groups_) {
      for (const LoadedRule& loaded : group.rules) {
        visit(group, loaded);
      }
    }
  }

  [[nodiscard]] promql::Engine& engine() { return engine_; }
  [[nodiscard]] const promql::Engine& engine() const { return engine_; }
  [[nodiscard]] std::uint64_t failures() const;
  [[nodiscard]] std::uint64_t overruns() const { return before_.overruns + engine_.overruns(); }
  [[nodiscard]] std::uint64_t refused() const { return before_.refused + engine_.refused(); }
  /// More rules than there may be; that is a mistake already.
  [[nodiscard]] bool full() const { return full_; }

 private:
  /// Counts of the rules before these.
  struct Counts {
    std::uint64_t failures = 0;
    std::uint64_t overruns = 0;
    std::uint64_t refused = 0;
  };

  /// Fails with the place in the expression's text.
  tl::expected<LoadedRule, promql::ParseError> compile(const GroupSpec& group, const RuleSpec& spec,
                                                       Duration interval);
  /// Before the first sample: whether somebody looks at ALERTS.
  void start();
  [[nodiscard]] RuleResult judge(LoadedRule& loaded, Timestamp at, Timestamp now, bool blind);
  void record(Recording& recording, Timestamp at);
  void record_alerts(const LoadedRule& loaded, Timestamp at, AlertBook& book);
  void take_proofs(const Impl& old, Timestamp now);
  [[nodiscard]] Timestamp proven_by(const std::vector<const LoadedRule*>& recorders,
                                    const LoadedRule& loaded) const;

  promql::Engine engine_;
  TemplateQueries template_queries_{engine_};
  Duration tick_;
  bool ignore_group_intervals_;
  std::vector<std::string> group_order_;
  External external_;
  std::vector<LoadedGroup> groups_;  // unchanged after loading: results point to its rules
  std::map<std::uint64_t, std::uint64_t> occurrences_;  // of equal rules, by identity
  RuleTotals totals_;
  bool full_ = false;
  std::vector<RuleResult> results_;
  Counts before_;
  bool started_ = false;
};

void RuleSet::Impl::add(const SourceFile& file, std::vector<Mistake>& mistakes) {
  RuleFile read = read_rule_file(file);
  const auto refuse = [&](Place place, std::string message) {
    read.mistakes.push_back({file.name, place.line, place.column, std::move(message)});
  };
  if (!totals_.add(read) && read.mistakes.empty()) {
    refuse({}, fmt::format("the files up to here have more than {} rules, or patterns that are "
                           "too large",
                           kMaxRules));
    full_ = true;
  }
  for (const GroupSpec& group : read.groups) {
    if (full_) {
      break;
    }
    const Duration interval = ignore_group_intervals_ ? tick_ : group.interval.value_or(tick_);
    LoadedGroup& loaded = groups_.emplace_back(LoadedGroup{
        file.name, group.name, interval, group.query_offset, Schedule(interval, tick_), {}});
    for (const RuleSpec& spec : group.rules) {
      if (read.mistakes.size() > yaml::kMaxMistakes) {
        break;
      }
      if (auto rule = compile(group, spec, interval)) {
        loaded.rules.push_back(*std::move(rule));
        template_queries_.add(spec, refuse);
      } else {
        const auto& [line, column, message] = rule.error();
        refuse(ScalarPlaces(file.text, spec.expr).at(line, column), message);
      }
    }
  }
  sort_by_place(read.mistakes);
  std::ranges::move(read.mistakes, std::back_inserter(mistakes));
}

auto RuleSet::Impl::compile(const GroupSpec& group, const RuleSpec& spec, Duration interval)
    -> tl::expected<LoadedRule, promql::ParseError> {
  const auto query = engine_.add(spec.expression, group.query_offset);
  if (!query) {
    return tl::unexpected(query.error());
  }
  const std::uint64_t first = identity_of(group.name, spec, 0);
  const std::uint64_t identity = identity_of(group.name, spec, occurrences_[first]++);
  LoadedRule loaded;
  loaded.query = *query;
  loaded.expression = spec.expression.text();
  loaded.look_back = spec.expression.look_back() + group.query_offset;
  if (spec.kind == RuleSpec::Kind::alerting) {
    loaded.alerting.emplace(group.name, spec, group.limit, identity);
  } else {
    const promql::RecordShape shape{spec.name, interval, group.query_offset, identity};
    const promql::RecordId record = engine_.add_record(*query, shape, labels_of(spec));
    loaded.recording = Recording{spec.name, record, group.limit, identity, {}};
  }
  return loaded;
}

void RuleSet::Impl::sort_groups() {
  const auto place = [&](const LoadedGroup& group) {
    const auto at = std::ranges::find(group_order_, group.name);
    return at == group_order_.end() ? 0 : at - group_order_.begin() + 1;
  };
  std::ranges::stable_sort(groups_, {}, place);
}

void RuleSet::Impl::start() {
  if (std::exchange(started_, true)) {
    return;
  }
  const bool alerts = engine_.selects(kAlertsMetric);
  const bool for_state = engine_.selects(kAlertsForStateMetric);
  for (LoadedGroup& group : groups_) {
    for (LoadedRule& loaded : group.rules) {
      const auto add = [&](std::string_view metric) {
        return engine_.add_record(
            {std::string(metric), group.interval, group.query_offset, loaded.identity()});
      };
      if (loaded.alerting && alerts) {
        loaded.alerts = add(kAlertsMetric);
      }
      if (loaded.alerting && for_state) {
        loaded.alerts_for_state = add(kAlertsForStateMetric);
      }
    }
  }
}

const std::vector<RuleResult>& RuleSet::Impl::evaluate(Timestamp now, bool blind, AlertBook* book) {
  start();
  results_.clear();
  external_.now = now;
  for (LoadedGroup& group : groups_) {
    if (!group.schedule.due(now)) {
      continue;
    }
    const Timestamp at = now - group.query_offset;
    for (LoadedRule& loaded : group.rules) {
      if (loaded.recording) {
        record(*loaded.recording, at);
        continue;
      }
      results_.push_back(judge(loaded, at, now, blind));
      if (book != nullptr) {
        book->settle(results_.back());
        record_alerts(loaded, at, *book);
      }
    }
  }
  return results_;
}

RuleResult RuleSet::Impl::judge(LoadedRule& loaded, Timestamp at, Timestamp now, bool blind) {
  RuleResult result = loaded.alerting->judge(engine_.evaluate(loaded.query, at), external_);
  result.withhold_resolves |= blind || now < loaded.proven_from;
  return result;
}

void RuleSet::Impl::record(Recording& recording, Timestamp at) {
  std::string error = engine_.record(recording.record, at, recording.limit);
  if (error.empty()) {
    recording.health.note_good();
  } else {
    recording.health.note_failure(recording.name, std::move(error));
  }
}

void RuleSet::Impl::record_alerts(const LoadedRule& loaded, Timestamp at, AlertBook& book) {
  if (!loaded.alerts && !loaded.alerts_for_state) {
    return;
  }
  std::vector<promql::Element> alerts;
  std::vector<promql::Element> for_state;
  for (AlertStanding& alert : book.standing(loaded.alerting->rule())) {
    for_state.push_back({alert.labels, std::floor(to_seconds(alert.active_at))});
    alert.labels.set("alertstate", alert.state == AlertState::firing ? "firing" : "pending");
    alerts.push_back({std::move(alert.labels), 1});
  }
  // Two rules with the name and labels of one alert: the first one's series stays, as in
  // Prometheus.
  if (loaded.alerts) {
    (void)engine_.record(*loaded.alerts, alerts, at);
  }
  if (loaded.alerts_for_state) {
    (void)engine_.record(*loaded.alerts_for_state, for_state, at);
  }
}

void RuleSet::Impl::take_over(Impl& old, Timestamp now) {
  start();
  engine_.take_over(old.engine_);
  before_ = {old.failures(), old.overruns(), old.refused()};
  for (LoadedGroup& group : groups_) {
    const auto same = std::ranges::find_if(old.groups_, [&](const LoadedGroup& other) {
      return other.file == group.file && other.name == group.name &&
             other.interval == group.interval;
    });
    if (same != old.groups_.end()) {
      group.schedule = same->schedule;
    }
  }
  take_proofs(old, now);
}

/// Since when the absence of a result proves something, in the order of the evaluation.
void RuleSet::Impl::take_proofs(const Impl& old, Timestamp now) {
  std::map<std::pair<std::string, Duration>, Timestamp> windows;
  std::map<std::uint64_t, Timestamp> recorded;
  std::vector<const LoadedRule*> recorders;
  for_each([&](const LoadedGroup&, const LoadedRule& loaded) {
    if (loaded.recording) {
      recorders.push_back(&loaded);
    }
  });
  old.for_each([&](const LoadedGroup& group, const LoadedRule& loaded) {
    windows.emplace(std::pair(loaded.expression, group.query_offset), loaded.windows_since);
    if (loaded.recording) {
      recorded.emplace(loaded.identity(), loaded.proven_from);
    }
  });
  for (LoadedGroup& group : groups_) {
    for (LoadedRule& loaded : group.rules) {
      const auto had = windows.find({loaded.expression, group.query_offset});
      loaded.windows_since = had == windows.end() ? now : had->second;
      loaded.proven_from =
          std::max(loaded.windows_since, proven_by(recorders, loaded)) + loaded.look_back;
      if (loaded.recording) {
        const auto series = recorded.find(loaded.identity());
        const Timestamp since = series == recorded.end() ? now : series->second;
        loaded.proven_from = std::max(loaded.proven_from, since);
      }
    }
  }
}

/// When all of what the rule reads and others record is proven.
Timestamp RuleSet::Impl::proven_by(const std::vector<const LoadedRule*>& recorders,
                                   const LoadedRule& loaded) const {
  Timestamp latest{};
  for (const LoadedRule* other : recorders) {
    if (engine_.reads(loaded.query, other->recording->record)) {
      latest = std::max(latest, other->proven_from);
    }
  }
  return latest;
}

void RuleSet::Impl::describe(std::vector<Transition>& transitions) const {
  std::map<const AlertRule*, const AlertingRule*> rules;
  if (!transitions.empty()) {
    for_each([&](const LoadedGroup&, const LoadedRule& loaded) {
      if (loaded.alerting) {
        rules.emplace(&loaded.alerting->rule(), &*loaded.alerting);
      }
    });
  }
  for (Transition& transition : transitions) {
    if (const auto found = rules.find(transition.rule); found != rules.end()) {
      found->second->describe(transition.alert, external_);
    }
  }
}

std::uint64_t RuleSet::Impl::failures() const {
  std::uint64_t all = before_.failures;
  for_each([&](const LoadedGroup&, const LoadedRule& rule) { all += rule.health().failures(); });
  return all;
}

RuleSet::RuleSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

void RuleSet::append(const Sample& sample) {
  impl_->append(sample);
}

const std::vector<RuleResult>& RuleSet::evaluate(Timestamp now, bool blind, AlertBook* book) {
  return impl_->evaluate(now, blind, book);
}

void RuleSet::take_over(RuleSet& old, Timestamp now) {
  impl_->take_over(*old.impl_, now);
}

tl::expected<promql::QueryId, promql::ParseError> RuleSet::add(const promql::Expression& query) {
  return impl_->engine().add(query);
}

const promql::Vector& RuleSet::value(promql::QueryId query, Timestamp at) {
  return impl_->engine().evaluate(query, at);
}

void RuleSet::describe(std::vector<Transition>& transitions) const {
  impl_->describe(transitions);
}

std::vector<const AlertRule*> RuleSet::alert_rules() const {
  std::vector<const AlertRule*> all;
  impl_->for_each([&](const LoadedGroup&, const LoadedRule& loaded) {
    if (loaded.alerting) {
      all.push_back(&loaded.alerting->rule());
    }
  });
  return all;
}

std::vector<RuleInfo> RuleSet::rules() const {
  std::vector<RuleInfo> all;
  impl_->for_each([&](const LoadedGroup& group, const LoadedRule& loaded) {
    const AlertRule* rule = loaded.alerting ? &loaded.alerting->rule() : nullptr;
    all.push_back({rule, loaded.name(), group.file, group.interval, loaded.health().failures(),
                   loaded.health().last_error()});
  });
  return all;
}

std::uint64_t RuleSet::failures() const {
  return impl_->failures();
}

std::uint64_t RuleSet::overruns() const {
  return impl_->overruns();
}

std::uint64_t RuleSet::refused() const {
  return impl_->refused();
}

std::size_t RuleSet::memory_bytes() const {
  return impl_->engine().memory_bytes();
}

tl::expected<RuleSet, std::vector<Mistake>> load(const std::vector<SourceFile>& files,
                                                 RuleSetOptions options) {
  auto rules = std::make_unique<RuleSet::Impl>(std::move(options));
  std::vector<Mistake> mistakes;
  for (const SourceFile& file : files) {
    rules->add(file, mistakes);
    if (rules->full()) {
      break;
    }
  }
  if (!mistakes.empty()) {
    return tl::unexpected(std::move(mistakes));
  }
  rules->sort_groups();
  return RuleSet(std::move(rules));
}

}  // namespace cgsentry::rule
