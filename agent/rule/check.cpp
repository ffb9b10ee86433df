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
#include "yaml/fields.h"

namespace cgsentry::rule {

namespace {

using promql::SelectorUse;

/// A label that must have two values at once, or "".
std::string contradiction(const SelectorUse& use) {
  std::map<std::string_view, std::string_view> wanted;
  for (const promql::Matcher& matcher : use.matchers) {
    if (matcher.op == promql::MatchOp::equal &&
        wanted.emplace(matcher.label, matcher.value).first->second != matcher.value) {
      return matcher.label;
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

/// Equal in all that decides which alerts there are: promtool calls these duplicates too.
std::string key_of(const RuleSpec& rule) {
  std::string key = rule.name;
  for (const TemplatedField& label : rule.labels) {
    key += '\0' + label.name + '\0' + label.text;
  }
  return key;
}

/// Collects the warnings of one file.
class FileCheck {
 public:
  FileCheck(const SourceFile& file, const CheckOptions& options,
            const std::vector<std::string>& known)
      : file_(file), options_(options), known_(known) {}

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
    if (use.window > Duration::zero() && use.window < 2 * options_.interval) {
      warn(place(),
           fmt::format("a window of {} is shorter than two ticks, which take {}",
                       format_duration(use.window), format_duration(2 * options_.interval)));
    }
    if (const std::string label = contradiction(use); !label.empty()) {
      warn(place(), "nothing matches: " + quoted(label) + " would need two values");
    }
    if (use.metric.empty() || known_.empty() || std::ranges::binary_search(known_, use.metric)) {
      return;
    }
    const std::string nearest = yaml::did_you_mean(use.metric, known_);
    warn(place(), "nothing measures " + quoted(use.metric) +
                      (nearest.empty() ? "" : ", did you mean `" + nearest + "`?"));
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
  std::vector<Mistake> warnings;
  for (std::size_t i = 0; i < read.size(); ++i) {
    std::ranges::move(FileCheck(files[i], options, known).run(read[i].groups),
                      std::back_inserter(warnings));
  }
  return warnings;
}

}  // namespace cgsentry::rule
