// See alerting_rule.h.
#include "rule/alerting_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace cgsentry::rule {

namespace {

constexpr std::string_view kAlertName = "alertname";

/// Renders the fields of one alert. What templates see is put together for the first that has one.
class Renderer {
 public:
  Renderer(const Labels& series, double value, const External& external)
      : data_{series, value, external.labels, external.url, external.query, external.now} {}

  std::string render(const TemplatedField& field) {
    if (!field.value) {
      return field.text;
    }
    if (!scope_) {
      scope_ = templates::alert_scope(data_);
    }
    templates::Rendered rendered = field.value->render(*scope_);
    return rendered.ok() ? std::move(rendered.text)
                         : "<error expanding template: " + rendered.error + ">";
  }

 private:
  templates::AlertData data_;
  std::optional<templates::Scope> scope_;
};

/// The labels that two breaches share, or null.
const Labels* find_twin(const std::vector<Breach>& breaches) {
  std::vector<const Labels*> all;
  all.reserve(breaches.size());
  for (const Breach& breach : breaches) {
    all.push_back(&breach.labels);
  }
  std::ranges::sort(all, [](const Labels* a, const Labels* b) { return *a < *b; });
  const auto twin =
      std::ranges::adjacent_find(all, [](const Labels* a, const Labels* b) { return *a == *b; });
  return twin == all.end() ? nullptr : *twin;
}

}  // namespace

std::uint64_t identity_of(const std::string& group, const RuleSpec& rule,
                          std::uint64_t occurrence) {
  Labels parts{{"group", group},
               {rule.kind == RuleSpec::Kind::recording ? "record" : "alert", rule.name},
               {"expr", rule.expression.text()},
               {"for", std::to_string(rule.hold.count())},
               {"keep_firing_for", std::to_string(rule.keep_firing_for.count())},
               {"occurrence", std::to_string(occurrence)}};
  for (const TemplatedField& label : rule.labels) {
    parts.set("label " + label.name, label.text);
  }
  for (const TemplatedField& annotation : rule.annotations) {
    parts.set("annotation " + annotation.name, annotation.text);
  }
  return parts.fingerprint();
}

AlertingRule::AlertingRule(std::string group, const RuleSpec& spec, std::size_t limit,
                           std::uint64_t identity)
    : rule_{std::move(group),       spec.name, spec.hold, spec.keep_firing_for,
            spec.expression.text(), identity},
      labels_(spec.labels),
      annotations_(spec.annotations),
      limit_(limit) {}

RuleResult AlertingRule::judge(const promql::Vector& value, const External& external) {
  if (!value.ok()) {
    return fail(value.error);
  }
  if (limit_ != 0 && value.elements.size() > limit_) {
    return fail(
        fmt::format("{} results are more than the limit of {}", value.elements.size(), limit_));
  }
  RuleResult result{&rule_, {}, false};
  result.breaches.reserve(value.elements.size());
  for (const promql::Element& element : value.elements) {
    result.breaches.push_back(breach_of(element, external));
  }
  if (const Labels* twin = find_twin(result.breaches)) {
    return fail("two results have the labels " + twin->to_string());
  }
  health_.note_good();
  return result;
}

void AlertingRule::describe(Alert& alert, const External& external) const {
  Renderer renderer(alert.series, alert.value, external);
  alert.annotations = {};
  for (const TemplatedField& annotation : annotations_) {
    alert.annotations.set(annotation.name, renderer.render(annotation));
  }
}

Breach AlertingRule::breach_of(const promql::Element& element, const External& external) const {
  Breach breach{element.labels, element.labels, element.value};
  breach.labels.erase(kMetricName);
  Renderer renderer(element.labels, element.value, external);
  for (const TemplatedField& label : labels_) {
    breach.labels.set(label.name, renderer.render(label));
  }
  breach.labels.set(kAlertName, rule_.name);
  return breach;
}

RuleResult AlertingRule::fail(std::string error) {
  health_.note_failure(rule_.name, std::move(error));
  return {&rule_, {}, true};
}

}  // namespace cgsentry::rule
