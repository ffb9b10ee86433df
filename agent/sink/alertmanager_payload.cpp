#include "sink/alertmanager_payload.h"

#include <fmt/format.h>

#include <string_view>

#include "base/text.h"
#include "sink/alert_json.h"

namespace cgsentry::sink {

namespace {

constexpr std::string_view kAlertName = "alertname";

// The group by which Alertmanager would have sent this alert had it grouped by alertname.
Labels group_of(const Labels& labels) {
  Labels group;
  group.set(kAlertName, labels.get(kAlertName));
  return group;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ',';
  text::append_json(out, name);
  out += ':';
  text::append_json(out, value);
}

std::string payload_with(const Transition& transition, const std::string& receiver,
                         const std::string& external_url, Detail detail) {
  const Alert& alert = transition.alert;
  const Labels group = group_of(alert.labels);
  const bool firing = transition.kind == Transition::Kind::firing;
  std::string out = R"({"version":"4","truncatedAlerts":0)";
  append_member(out, "groupKey", text::clean("{}:" + group.to_string(), 1024));
  append_member(out, "receiver", receiver);
  append_member(out, "status", firing ? "firing" : "resolved");
  append_member(out, "externalURL", external_url);
  out += R"(,"groupLabels":)";
  append_labels(out, group, detail);
  out += R"(,"commonLabels":)";
  append_labels(out, alert.labels, detail);
  out += R"(,"commonAnnotations":)";
  append_annotations(out, alert.annotations, detail);
  out += R"(,"alerts":[{)";
  append_alertmanager_fields(out, transition, detail, EndsAt::always);
  append_own_fields(out, transition, detail);
  out += "}]}";
  return out;
}

}  // namespace

std::string webhook_payload(const Transition& transition, const std::string& receiver,
                            const std::string& external_url) {
  std::string out;
  for (const Detail detail : kDetails) {
    out = payload_with(transition, receiver, external_url, detail);
    if (out.size() <= kMaxPayloadBytes) {
      break;
    }
  }
  return out;
}

}  // namespace cgsentry::sink
