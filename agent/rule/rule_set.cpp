// See rule_set.h.
#include "rule/rule_set.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "rule/alerting_rule.h"
#include "rule/schedule.h"
#include "rule/template_queries.h"

namespace cgsentry::rule {

namespace {

struct LoadedRule {
  AlertingRule rule;
  promql::QueryId query;
  Duration look_back;
};

/// The rules of one group of one file; they are due in the same ticks.
struct LoadedGroup {
  std::string file;
  Duration interval;
  Schedule schedule;
  std::vector<LoadedRule> rules;
};

}  // namespace

class RuleSet::Impl {
 public:
  explicit Impl(RuleSetOptions options)
      : engine_(options.engine),
        tick_(options.engine.interval),
        ignore_group_intervals_(options.ignore_group_intervals),
        external_{std::move(options.external_labels), std::move(options.external_url),
                  [this](const std::string& expression, Timestamp now) {
                    return template_queries_.ask(expression, now);
                  }} {}

  /// Compiles what is good and appends all mistakes of the file. Before the first append().
  void add(const SourceFile& file, std::vector<Mistake>& mistakes);

  void append(const Sample& sample) { engine_.append(sample); }
  const std::vector<RuleResult>& evaluate(Timestamp now, bool blind);
  void take_over(Timestamp now) { taken_over_at_ = now; }
  void describe(std::vector<Transition>& transitions) const;

  /// In the order of the files.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const LoadedGroup& group : groups_) {
      for (const LoadedRule& loaded : group.rules) {
        visit(group, loaded.rule);
      }
    }
  }

  [[nodiscard]] std::uint64_t overruns() const { return engine_.overruns(); }
  [[nodiscard]] std::size_t memory_bytes() const { return engine_.memory_bytes(); }

 private:
  /// Fails with the place in the expression's text.
  tl::expected<LoadedRule, promql::ParseError> compile(const GroupSpec& group,
                                                       const RuleSpec& spec);

  promql::Engine engine_;
  TemplateQueries template_queries_{engine_};
  Duration tick_;
  bool ignore_group_intervals_;
  External external_;
  std::vector<LoadedGroup> groups_;  // unchanged after loading: results point to its rules
  std::map<std::uint64_t, std::uint64_t> occurrences_;  // of equal rules, by identity
  std::vector<RuleResult> results_;
  Timestamp taken_over_at_{};  // long ago for the first rules, which have no alerts to resolve
};

void RuleSet::Impl::add(const SourceFile& file, std::vector<Mistake>& mistakes) {
  RuleFile read = read_rule_file(file);
  const auto refuse = [&](Place place, std::string message) {
    read.mistakes.push_back({file.name, place.line, place.column, std::move(message)});
  };
  for (const GroupSpec& group : read.groups) {
    if (group.query_offset != Duration::zero()) {
      refuse(group.place, "`query_offset` is not supported yet");
    }
    const Duration interval = ignore_group_intervals_ ? tick_ : group.interval.value_or(tick_);
    LoadedGroup& loaded =
        groups_.emplace_back(LoadedGroup{file.name, interval, Schedule(interval, tick_), {}});
    for (const RuleSpec& spec : group.rules) {
      if (spec.kind == RuleSpec::Kind::recording) {
        refuse(spec.place, "recording rules are not supported yet");
      } else if (auto rule = compile(group, spec)) {
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

auto RuleSet::Impl::compile(const GroupSpec& group, const RuleSpec& spec)
    -> tl::expected<LoadedRule, promql::ParseError> {
  const auto query = engine_.add(spec.expression);
  if (!query) {
    return tl::unexpected(query.error());
  }
  const std::uint64_t first = identity_of(group.name, spec, 0);
  const std::uint64_t identity = identity_of(group.name, spec, occurrences_[first]++);
  return LoadedRule{{group.name, spec, group.limit, identity}, *query, spec.expression.look_back()};
}

const std::vector<RuleResult>& RuleSet::Impl::evaluate(Timestamp now, bool blind) {
  results_.clear();
  external_.now = now;
  for (LoadedGroup& group : groups_) {
    if (!group.schedule.due(now)) {
      continue;
    }
    for (LoadedRule& loaded : group.rules) {
      results_.push_back(loaded.rule.judge(engine_.evaluate(loaded.query, now), external_));
      results_.back().withhold_resolves |= blind || now - taken_over_at_ < loaded.look_back;
    }
  }
  return results_;
}

void RuleSet::Impl::describe(std::vector<Transition>& transitions) const {
  std::map<const AlertRule*, const AlertingRule*> rules;
  if (!transitions.empty()) {
    for_each(
        [&](const LoadedGroup&, const AlertingRule& rule) { rules.emplace(&rule.rule(), &rule); });
  }
  for (Transition& transition : transitions) {
    if (const auto found = rules.find(transition.rule); found != rules.end()) {
      found->second->describe(transition.alert, external_);
    }
  }
}

RuleSet::RuleSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

void RuleSet::append(const Sample& sample) {
  impl_->append(sample);
}

const std::vector<RuleResult>& RuleSet::evaluate(Timestamp now, bool blind) {
  return impl_->evaluate(now, blind);
}

void RuleSet::take_over(Timestamp now) {
  impl_->take_over(now);
}

void RuleSet::describe(std::vector<Transition>& transitions) const {
  impl_->describe(transitions);
}

std::vector<const AlertRule*> RuleSet::alert_rules() const {
  std::vector<const AlertRule*> all;
  impl_->for_each(
      [&](const LoadedGroup&, const AlertingRule& rule) { all.push_back(&rule.rule()); });
  return all;
}

std::vector<RuleInfo> RuleSet::rules() const {
  std::vector<RuleInfo> all;
  impl_->for_each([&](const LoadedGroup& group, const AlertingRule& rule) {
    all.push_back({&rule.rule(), group.file, group.interval, rule.failures(), rule.last_error()});
  });
  return all;
}

std::uint64_t RuleSet::failures() const {
  std::uint64_t all = 0;
  impl_->for_each([&](const LoadedGroup&, const AlertingRule& rule) { all += rule.failures(); });
  return all;
}

std::uint64_t RuleSet::overruns() const {
  return impl_->overruns();
}

std::size_t RuleSet::memory_bytes() const {
  return impl_->memory_bytes();
}

tl::expected<RuleSet, std::vector<Mistake>> load(const std::vector<SourceFile>& files,
                                                 RuleSetOptions options) {
  auto rules = std::make_unique<RuleSet::Impl>(std::move(options));
  std::vector<Mistake> mistakes;
  for (const SourceFile& file : files) {
    rules->add(file, mistakes);
  }
  if (!mistakes.empty()) {
    return tl::unexpected(std::move(mistakes));
  }
  return RuleSet(std::move(rules));
}

}  // namespace cgsentry::rule
