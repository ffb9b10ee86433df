// A transition as Alertmanager's webhook payload, version 4, as existing receivers expect it.
//
// One alert per payload; its group is its alertname. Beside Alertmanager's fields the alert carries
// the line's own (`node`, `value`, `reason`, `confidence`, `key`, `sequence`, `evidence`).
// Pure. Tested by tests/unit/sink/alertmanager_payload_test.cpp against tests/golden/sink.
#pragma once

#include <cstddef>
#include <string>

#include "model/alert.h"

namespace cgsentry::sink {

/// Kept by leaving out evidence and annotations, in that order.
inline constexpr std::size_t kMaxPayloadBytes = std::size_t{64} << 10;

/// `receiver` is the configured sink's name, `external_url` where people find the agent, or empty.
[[nodiscard]] std::string webhook_payload(const Transition& transition, const std::string& receiver,
                                          const std::string& external_url);

}  // namespace cgsentry::sink
