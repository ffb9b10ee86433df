// Tests a build with CGSENTRY_REMOTE_SINKS=OFF: a remote sink is a mistake, not a crash or a link
// error.
#if !CGSENTRY_REMOTE_SINKS
#include "base/setup_error.h"
#include "sink/http_client.h"
#include "sink/webhook_sink.h"
#include "support/catch.h"

using namespace cgsentry;

TEST_CASE("without remote sinks an HTTP client cannot be made, and the message says why") {
  CHECK_THROWS_WITH((void)sink::make_http_client({}), Catch::Contains("without remote sinks"));
}

TEST_CASE("without remote sinks no URL is usable") {
  sink::WebhookOptions options;
  options.url = "https://example.org/hook";
  CHECK_THROWS_AS((void)sink::make_webhook_sink(options, nullptr, [] { return 0.5; }), SetupError);
}
#endif  // !CGSENTRY_REMOTE_SINKS
