// Posts each transition as Alertmanager's webhook payload (alertmanager_payload.h) to one URL.
//
// One transition per request, in order, one request at a time. No answer, 429 and 5xx are tried
// again (retry.h), so a receiver that is down holds up the queue, not the agent; every other answer
// but 2xx is final and counted as failed. Every attempt for a transition carries the same
// Idempotency-Key. Tested by tests/unit/sink/webhook_sink_test.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sink/http_client.h"
#include "sink/retry.h"
#include "sink/sink.h"

namespace cgsentry::sink {

struct WebhookOptions {
  std::string name = "webhook";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string bearer_token_file;  // read anew for each attempt, so that it may be rotated
  std::string external_url;       // `externalURL` of the payload
  QueueLimits queue;
  RetryPolicy retry;
  HttpOptions http;
};

/// A number in [0, 1). Called on the sink's thread.
using Random = std::function<double()>;

/// Starts the thread. Throws SetupError for a URL or header that cannot be used.
[[nodiscard]] std::unique_ptr<Sink> make_webhook_sink(WebhookOptions options,
                                                      std::unique_ptr<HttpClient> client,
                                                      Random random);

}  // namespace cgsentry::sink
