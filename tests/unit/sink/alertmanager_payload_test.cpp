// Tests sink/alertmanager_payload: what receivers of Alertmanager's webhooks get from us.
#include "sink/alertmanager_payload.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"
#include "support/golden.h"
#include "support/transitions.h"

using namespace cgsentry;
using nlohmann::json;

namespace {

std::string payload_of(const Transition& transition) {
  return sink::webhook_payload(transition, "pager", "http://node-1:9190");
}

}  // namespace

TEST_CASE("the payload of a firing alert is as in the golden file") {
  const std::string payload = payload_of(test::firing());
  CHECK(payload == test::golden("sink/webhook_firing.json", payload));
}

TEST_CASE("the payload of a resolved alert is as in the golden file") {
  const std::string payload = payload_of(test::resolved());
  CHECK(payload == test::golden("sink/webhook_resolved.json", payload));
}

TEST_CASE("the payload has every member of Alertmanager's version 4, of the right type") {
  const json payload = json::parse(payload_of(test::firing()));
  CHECK(payload.at("version") == "4");
  CHECK(payload.at("groupKey") == "{}:{alertname=\"ContainerCPUHigh\"}");
  CHECK(payload.at("truncatedAlerts") == 0);
  CHECK(payload.at("status") == "firing");
  CHECK(payload.at("receiver") == "pager");
  CHECK(payload.at("groupLabels") == json{{"alertname", "ContainerCPUHigh"}});
  CHECK(payload.at("commonLabels") == payload.at("alerts").at(0).at("labels"));
  CHECK(payload.at("commonAnnotations") == payload.at("alerts").at(0).at("annotations"));
  CHECK(payload.at("externalURL") == "http://node-1:9190");
  const json& alert = payload.at("alerts").at(0);
  CHECK(alert.at("status") == "firing");
  CHECK(alert.at("startsAt") == "2026-11-24T12:00:00.250Z");
  CHECK(alert.at("endsAt") == "0001-01-01T00:00:00Z");
  CHECK(alert.at("generatorURL").is_string());
  CHECK(alert.at("fingerprint").get<std::string>().size() == 16);
}

TEST_CASE("a resolved alert ends when it was resolved") {
  const json payload = json::parse(payload_of(test::resolved()));
  CHECK(payload.at("status") == "resolved");
  CHECK(payload.at("alerts").at(0).at("endsAt") == "2026-11-24T12:01:30.250Z");
}

TEST_CASE("an alert without alertname gives a valid payload") {
  Transition transition = test::firing();
  transition.alert.labels = {};
  transition.alert.annotations = {};
  const json payload = json::parse(payload_of(transition));
  CHECK(payload.at("groupKey") == "{}:{}");
  CHECK(payload.at("groupLabels") == json::object());
}

TEST_CASE("hostile labels give a valid payload within its bound") {
  Transition transition = test::firing("\"}\n\xff\x1b");
  transition.alert.labels.set("alertname", std::string(4000, '"') + "\n");
  for (int i = 0; i < 300; ++i) {
    transition.alert.labels.set("l" + std::to_string(i), std::string(4000, '\\'));
    transition.alert.annotations.set("a" + std::to_string(i), std::string(9000, '"'));
  }
  const std::string payload = payload_of(transition);
  CHECK(payload.size() <= sink::kMaxPayloadBytes);
  CHECK(payload.find('\n') == std::string::npos);
  CHECK(json::parse(payload).at("alerts").at(0).at("truncated") == true);
}
