// HTTP for sinks: one POST at a time, with bounds on everything a server can do.
//
// The only place of libcurl (http_client.cpp). Bounds: connect and total time, bytes of the answer,
// bytes and number of its headers, no redirects unless asked for, http and https only, no proxies
// or .netrc from the environment, TLS certificates verified.
// Tested by tests/unit/sink/http_client_test.cpp against tests/support/webhook_receiver.py.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace cgsentry::sink {

struct HttpRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpReply {
  /// 0 when there was no answer; `error` then says why, without the URL (it may hold a secret).
  int status = 0;
  std::optional<std::chrono::seconds> retry_after;
  std::string body;  // at most HttpOptions::max_response_bytes of it
  std::string error;
  bool cancelled = false;
};

struct HttpOptions {
  Duration connect_timeout = std::chrono::seconds(3);
  Duration total_timeout = std::chrono::seconds(10);
  std::size_t max_response_bytes = std::size_t{64} << 10;
  bool follow_redirects = false;
  std::string ca_file;  // PEM; empty: the system's
};

/// A client for one thread; tests put a scripted one in its place.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  [[nodiscard]] virtual HttpReply post(const HttpRequest& request) = 0;
  /// Ends the post() under way and refuses later ones. Thread: any.
  virtual void cancel() = 0;
};

/// Throws SetupError when libcurl cannot be set up, or when the agent was built without it
/// (CGSENTRY_REMOTE_SINKS=OFF). Before any thread is started: libcurl's set-up is not thread-safe.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(HttpOptions options);

/// http or https, with a host, and parsed by the library that will use it.
[[nodiscard]] bool is_usable_url(const std::string& url);
/// A token as name, and a value without control characters: nothing that ends a header early.
[[nodiscard]] bool is_usable_header(std::string_view name, std::string_view value);
/// What may be logged of a URL: scheme and host. Chat webhooks carry their secret in the rest.
[[nodiscard]] std::string redact_url(const std::string& url);

}  // namespace cgsentry::sink
