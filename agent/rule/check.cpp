// See check.h.
#include "rule/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "base/duration.h"
#include "model/alert.h"
#include "promql/matchers.h"
#include "rule/never.h"
#include "yaml/fields.h"

namespace cgsentry::rule {

namespace {

using promql::SelectorUse;

/// Why no labels can meet the matchers, or "". Each pattern is compiled once.
std::string contradiction(const SelectorUse& use) {
  std::map<std::string_view, std::string_view> wanted;
  for (const promql::Matcher& matcher : use.matchers) {
    if (matcher.op == promql::MatchOp::equal &&
        wanted.emplace(matcher.label, matcher.value).first->second != matcher.value) {
      return quoted(matcher.label) + " would need two values";
    }
  }
  for (const promql::Matcher& matcher : use.matchers) {
    const auto found = wanted.find(matcher.label);
    if (found != wanted.end() && !promql::CompiledMatcher(matcher).matches(found->second)) {
      return quoted(matcher.label) + " cannot be " + quoted(found->second) +
             " and meet its other matchers";
    }
  }
  return "";
}

/// Why a metric whose labels are known cannot meet the matchers, or "".
std::string foreign_label(const SelectorUse& use, const CheckOptions& options) {
  const auto known = options.fixed_labels.find(use.metric);
  if (known == options.fixed_labels.end()) {
    return "";
  }
  for (const promql::Matcher& matcher : use.matchers) {
    const auto label = known->second.find(matcher.label);
    if (label == known->second.end()) {
      continue;
    }
    const promql::CompiledMatcher compiled(matcher);
    if (std::ranges::none_of(label->second,
                             [&](const auto& value) { return compiled.matches(value); })) {
      return fmt::format("{} of {} is always one of: {}", quoted(matcher.label), quoted(use.metric),
                         fmt::join(label->second, ", "));
    }
  }
  return "";
}

/// The expression has an element for each series, whatever its value is.
bool always_fires(const promql::Expression& expression) {
  const auto* binary = std::get_if<promql::Binary>(&promql::unwrap(expression.root()).node);
  return expression.type() == promql::ValueType::scalar ||
         (binary != nullptr && binary->return_bool);
}

/// Equal in all that decides which alerts there are: promtool calls these duplicates too. Several
/// rules may record one metric, each the series of other labels.
std::string key_of(const RuleSpec& rule) {
  std::string key = rule.name;
  if (rule.kind == RuleSpec::Kind::recording) {
    key += '\0' + rule.expression.text();
  }
  for (const TemplatedField& label : rule.labels) {
    key += '\0' + label.name + '\0' + label.text;
  }
  return key;
}

/// Of recorded metrics: the time between two of their samples.
using Intervals = std::map<std::string, Duration>;

/// Collects the warnings of one file.
class FileCheck {
 public:
  FileCheck(const SourceFile& file, const CheckOptions& options,
            const std::vector<std::string>& known, const Intervals& recorded)
      : file_(file), options_(options), known_(known), recorded_(recorded) {}

  std::vector<Mistake> run(const std::vector<GroupSpec>& groups) {
    for (const GroupSpec& group : groups) {
      check_group(group);
      if (warnings_.size() > yaml::kMaxMistakes) {
        warnings_.resize(yaml::kMaxMistakes);
        warn(group.place, "there are more warnings from this group on");
        break;
      }
    }
    sort_by_place(warnings_);
    return std::move(warnings_);
  }

 private:
  void check_group(const GroupSpec& group) {
    if (group.interval && *group.interval < options_.interval) {
      warn(group.place,
           fmt::format("an interval of {} is shorter than a tick, which takes {}",
                       format_duration(*group.interval), format_duration(options_.interval)));
    }
    std::map<std::string, Place> seen;
    for (const RuleSpec& rule : group.rules) {
      const auto [first, is_new] = seen.emplace(key_of(rule), rule.place);
      if (!is_new) {
        warn(rule.place, fmt::format("a rule with this name and these labels stands in line {} too",
                                     first->second.line));
      }
      check_rule(rule);
      if (warnings_.size() > yaml::kMaxMistakes) {
        return;
      }
    }
  }

  void check_rule(const RuleSpec& rule) {
    for (const SelectorUse& use : rule.expression.selectors()) {
      if (warnings_.size() > yaml::kMaxMistakes) {
        return;
      }
      check_selector(use, [&] { return place_in(rule, use.position); });
    }
    if (const auto never = never_has_a_value(rule.expression)) {
      warn(place_in(rule, never->position), "this never has a value: " + never->reason);
    }
    if (rule.kind == RuleSpec::Kind::recording) {
      return;
    }
    if (always_fires(rule.expression)) {
      warn(place_in(rule, {}), "this fires whatever the values are");
    }
    for (const TemplatedField& label : rule.labels) {
      if (label.name == "alertname") {
        warn(label.place, "the label `alertname` is always the name of the alert");
      }
      check_template(label);
    }
    std::ranges::for_each(rule.annotations, [&](const auto& field) { check_template(field); });
  }

  /// `place` is asked for when there is something to tell: it walks the file.
  template <typename PlaceOf>
  void check_selector(const SelectorUse& use, PlaceOf place) {
    check_window(use, place);
    std::string reason = contradiction(use);
    if (reason.empty()) {
      reason = foreign_label(use, options_);
    }
    if (!reason.empty()) {
      warn(place(), "nothing matches: " + reason);
    }
    if (use.metric.empty() || known_.empty() || std::ranges::binary_search(known_, use.metric)) {
      return;
    }
    const std::string nearest = yaml::did_you_mean(use.metric, known_);
    warn(place(), "nothing measures " + quoted(use.metric) +
                      (nearest.empty() ? "" : ", did you mean `" + nearest + "`?"));
  }

  /// Measured metrics have a sample each tick, recorded ones each time that their group is due.
  template <typename PlaceOf>
  void check_window(const SelectorUse& use, PlaceOf place) {
    const auto recorded = recorded_.find(use.metric);
    const bool is_recorded = recorded != recorded_.end();
    const Duration two = 2 * (is_recorded ? recorded->second : options_.interval);
    if (use.window > Duration::zero() && use.window < two) {
      warn(place(), fmt::format("a window of {} is shorter than two {}, which take {}",
                                format_duration(use.window),
                                is_recorded ? "intervals of the group that records it" : "ticks",
                                format_duration(two)));
    }
  }

  void check_template(const TemplatedField& field) {
    if (!field.value) {
      return;
    }
    for (const FieldQuery& query : field.queries) {
      for (const SelectorUse& use : query.expression.selectors()) {
        check_selector(use, [&] { return query.place; });
      }
    }
    const Labels none;
    templates::AlertData data{none, 0, none, "", {}, {}};
    // Something that the functions behind a query can take.
    data.query = [](const std::string&, Timestamp) {
      return std::vector<templates::QueryElement>(1);
    };
    const auto rendered = field.value->render(templates::alert_scope(data));
    if (!rendered.ok()) {
      warn(field.place, "this template fails on a series without labels: " + rendered.error);
    }
  }

  [[nodiscard]] Place place_in(const RuleSpec& rule, promql::Position position) const {
    return ScalarPlaces(file_.text, rule.expr).at(position.line, position.column);
  }

  void warn(Place place, std::string message) {
    warnings_.push_back({file_.name, place.line, place.column, std::move(message)});
  }

  const SourceFile& file_;
  const CheckOptions& options_;
  const std::vector<std::string>& known_;
  const Intervals& recorded_;
  std::vector<Mistake> warnings_;
};

/// Measured, recorded or made of alerts. Empty when names are not checked.
std::vector<std::string> known_metrics(const CheckOptions& options,
                                       const std::vector<RuleFile>& files) {
  std::vector<std::string> known(options.metrics.begin(), options.metrics.end());
  if (known.empty()) {
    return known;
  }
  known.insert(known.end(), {std::string(kAlertsMetric), std::string(kAlertsForStateMetric)});
  for (const RuleFile& file : files) {
    for (const GroupSpec& group : file.groups) {
      for (const RuleSpec& rule : group.rules) {
        if (rule.kind == RuleSpec::Kind::recording) {
          known.push_back(rule.name);
        }
      }
    }
  }
  std::ranges::sort(known);
  return known;
}

/// The longest one where several rules record the same metric.
Intervals intervals_of(const CheckOptions& options, const std::vector<RuleFile>& files) {
  Intervals intervals;
  for (const RuleFile& file : files) {
    for (const GroupSpec& group : file.groups) {
      for (const RuleSpec& rule : group.rules) {
        if (rule.kind == RuleSpec::Kind::recording) {
          Duration& longest = intervals[rule.name];
          longest = std::max({longest, options.interval, group.interval.value_or(Duration{})});
        }
      }
    }
  }
  return intervals;
}

}  // namespace

std::vector<Mistake> check(const std::vector<SourceFile>& files, const CheckOptions& options) {
  std::vector<RuleFile> read;
  RuleTotals totals;
  for (const SourceFile& file : files) {
    read.push_back(read_rule_file(file));
    if (!totals.add(read.back())) {
      break;
    }
  }
  const std::vector<std::string> known = known_metrics(options, read);
  const Intervals recorded = intervals_of(options, read);
  std::vector<Mistake> warnings;
  for (std::size_t i = 0; i < read.size(); ++i) {
    std::ranges::move(FileCheck(files[i], options, known, recorded).run(read[i].groups),
                      std::back_inserter(warnings));
  }
  return warnings;
}

}  // namespace cgsentry::rule
