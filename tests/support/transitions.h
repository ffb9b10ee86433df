// Transitions for tests of what is told: one that fires, one that is resolved, and waiting.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "model/alert.h"

namespace cgsentry::test {

/// An ordinary firing alert with every field filled in.
inline Transition firing(const std::string& container = "web") {
  Transition transition;
  transition.kind = Transition::Kind::firing;
  transition.sequence = 7;
  transition.node = "node-1";
  Alert& alert = transition.alert;
  alert.labels = {{"alertname", "ContainerCPUHigh"}, {"name", container}, {"severity", "warning"}};
  alert.annotations = {{"summary", "Container " + container + " uses 93% of its CPU limit"}};
  alert.fingerprint = alert.labels.fingerprint();
  alert.value = 0.93;
  alert.starts_at = Timestamp(std::chrono::milliseconds(1'795'521'600'250));
  alert.generator_url = "http://node-1:9190/graph?g0.expr=up";
  alert.evidence = R"({"limit":1.5,"window":[0.9,0.95]})";
  transition.key = "00c0ffee00c0ffee-1795521600250000000-firing";
  return transition;
}

/// The same alert, resolved 90 s later.
inline Transition resolved(const std::string& container = "web") {
  Transition transition = firing(container);
  transition.kind = Transition::Kind::resolved;
  transition.sequence = 8;
  transition.alert.reason = ResolveReason::cleared;
  transition.alert.ends_at = transition.alert.starts_at + std::chrono::seconds(90);
  transition.key = "00c0ffee00c0ffee-1795521600250000000-resolved";
  return transition;
}

/// Waits for what another thread is about to do. False after 30 s, which only a failure takes.
inline bool await(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

/// A deadline that no passing test reaches.
inline std::chrono::steady_clock::time_point far() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

}  // namespace cgsentry::test
