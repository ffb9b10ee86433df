// Tests sink/webhook_sink: what is tried again, what is final, and how it ends. Most tests script
// the HTTP client; the last ones use libcurl and a server.
#if CGSENTRY_REMOTE_SINKS
#include "sink/webhook_sink.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/setup_error.h"
#include "support/catch.h"
#include "support/transitions.h"
#include "support/webhook_receiver.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using sink::Deadline;
using sink::HttpReply;
using sink::HttpRequest;
using test::WebhookReceiver;

namespace {

/// Replies to come and requests that came; the last reply is repeated.
struct Script {
  std::mutex mutex;
  std::deque<HttpReply> replies;
  std::vector<HttpRequest> requests;

  std::size_t count() {
    const std::lock_guard lock(mutex);
    return requests.size();
  }
};

class ScriptedClient final : public sink::HttpClient {
 public:
  explicit ScriptedClient(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  HttpReply post(const HttpRequest& request) override {
    const std::lock_guard lock(script_->mutex);
    script_->requests.push_back(request);
    HttpReply reply = script_->replies.front();
    if (script_->replies.size() > 1) {
      script_->replies.pop_front();
    }
    return reply;
  }
  void cancel() override {}

 private:
  std::shared_ptr<Script> script_;
};

HttpReply status(int number) {
  return HttpReply{.status = number};
}
HttpReply no_answer() {
  return HttpReply{.error = "Connection refused"};
}

sink::WebhookOptions fast() {
  sink::WebhookOptions options;
  options.name = "webhook/pager";
  options.url = "http://127.0.0.1:1/hook?token=secret";
  options.retry = {1us, 1us, 1us, 5};
  return options;
}

struct Told {
  sink::SinkStats stats;
  std::vector<HttpRequest> requests;
};

/// Delivers one transition through `replies` and waits for its end.
Told tell(std::deque<HttpReply> replies, sink::WebhookOptions options = fast()) {
  const auto script = std::make_shared<Script>();
  script->replies = std::move(replies);
  const auto sink = sink::make_webhook_sink(
      std::move(options), std::make_unique<ScriptedClient>(script), [] { return 0.5; });
  sink->deliver(test::firing());
  sink->close();
  sink->join(test::far());
  return {sink->stats(), script->requests};
}

std::string header(const HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) {
      return value;
    }
  }
  return "";
}

}  // namespace

TEST_CASE("any 2xx answer is a delivery") {
  const int number = GENERATE(200, 201, 202, 204, 299);
  const Told told = tell({status(number)});
  CHECK(told.stats.delivered == 1);
  CHECK(told.requests.size() == 1);
}

TEST_CASE("5xx, 429 and no answer are tried again until one is a delivery") {
  const Told told = tell({status(500), status(429), no_answer(), status(503), status(200)});
  CHECK(told.stats.delivered == 1);
  CHECK(told.stats.retries == 4);
  CHECK(told.stats.failed == 0);
}

TEST_CASE("every attempt has the same body and the same idempotency key") {
  const Told told = tell({status(500), no_answer(), status(200)});
  REQUIRE(told.requests.size() == 3);
  for (const HttpRequest& request : told.requests) {
    CHECK(request.body == told.requests[0].body);
    CHECK(header(request, "Idempotency-Key") == test::firing().key);
    CHECK(header(request, "Content-Type") == "application/json");
  }
}

TEST_CASE("another 4xx or a redirect is final") {
  const int number = GENERATE(301, 302, 307, 400, 401, 403, 404, 410, 413, 499);
  const Told told = tell({status(number)});
  CHECK(told.stats.failed == 1);
  CHECK(told.stats.retries == 0);
  CHECK(told.requests.size() == 1);
}

TEST_CASE("a receiver that stays down is given up after the last attempt") {
  const Told told = tell({status(500)});
  CHECK(told.stats.failed == 1);
  CHECK(told.requests.size() == 5);
}

TEST_CASE("configured headers go along, and a bearer token is read anew for each attempt") {
  std::string pattern = (std::filesystem::temp_directory_path() / "cgsentry-XXXXXX").string();
  const Fd file(::mkstemp(pattern.data()));
  REQUIRE(file.valid());
  std::ofstream(pattern) << "s3cret-token\n";
  sink::WebhookOptions options = fast();
  options.headers = {{"X-Scope", "team-a"}};
  options.bearer_token_file = pattern;
  const Told told = tell({status(500), status(200)}, options);
  std::filesystem::remove(pattern);
  REQUIRE(told.requests.size() == 2);
  CHECK(header(told.requests[1], "X-Scope") == "team-a");
  CHECK(header(told.requests[1], "Authorization") == "Bearer s3cret-token");
}

TEST_CASE("a bearer token that cannot be read is waited for, and nothing is sent without it") {
  sink::WebhookOptions options = fast();
  options.bearer_token_file = "/nonexistent/token";
  const Told told = tell({status(200)}, options);
  CHECK(told.requests.empty());
  CHECK(told.stats.failed == 1);
  CHECK(told.stats.retries == 4);
}

TEST_CASE("a long wait for the next attempt does not keep the agent from ending") {
  const auto script = std::make_shared<Script>();
  script->replies = {HttpReply{.status = 429, .retry_after = 300s}};
  sink::WebhookOptions options = fast();
  options.retry.longest_retry_after = 300s;
  const auto sink = sink::make_webhook_sink(options, std::make_unique<ScriptedClient>(script),
                                            [] { return 0.5; });
  sink->deliver(test::firing());
  sink->deliver(test::resolved());
  CHECK(test::await([&] { return script->count() == 1; }));
  sink->close();
  sink->join(Deadline{});
  CHECK(sink->stats().dropped == 2);
}

TEST_CASE("close cuts a long wait short and the queue drains") {
  const auto script = std::make_shared<Script>();
  script->replies = {HttpReply{.status = 429, .retry_after = 300s}, status(200)};
  sink::WebhookOptions options = fast();
  options.retry.longest_retry_after = 300s;
  const auto sink = sink::make_webhook_sink(options, std::make_unique<ScriptedClient>(script),
                                            [] { return 0.5; });
  sink->deliver(test::firing());
  sink->deliver(test::resolved());
  CHECK(test::await([&] { return script->count() == 1; }));
  sink->close();
  sink->join(test::far());
  CHECK(sink->stats().delivered == 2);
}

TEST_CASE("a URL or header that cannot be used is a mistake in the configuration") {
  sink::WebhookOptions options = fast();
  options.url = GENERATE(as<std::string>(), "file:///x", "localhost:80", "");
  const auto make = [&] { (void)sink::make_webhook_sink(options, nullptr, [] { return 0.5; }); };
  CHECK_THROWS_AS(make(), SetupError);
  options.url = fast().url;
  options.headers = {{"X-A", "1\nX-B: 2"}};
  CHECK_THROWS_AS(make(), SetupError);
}

TEST_CASE("a server that fails at first gets every transition, in order, over real HTTP") {
  WebhookReceiver receiver({"500", "429/0", "reset", "200"});
  sink::WebhookOptions options = fast();
  options.url = receiver.url();
  const auto sink =
      sink::make_webhook_sink(options, sink::make_http_client({}), [] { return 0.5; });
  sink->deliver(test::firing());
  sink->deliver(test::resolved());
  sink->close();
  sink->join(test::far());
  CHECK(sink->stats().delivered == 2);
  std::vector<std::string> statuses;
  for (int i = 0; i < 5; ++i) {
    const auto request = receiver.next_request();
    statuses.push_back(nlohmann::json::parse(request.at("body").get<std::string>()).at("status"));
    CHECK(request.at("headers").at("content-type") == "application/json");
    CHECK(request.at("headers").at("idempotency-key").get<std::string>().find(statuses.back()) !=
          std::string::npos);
  }
  CHECK(statuses == std::vector<std::string>{"firing", "firing", "firing", "firing", "resolved"});
}

TEST_CASE("a server that never answers does not keep the agent from ending") {
  WebhookReceiver receiver({"silent"});
  sink::WebhookOptions options = fast();
  options.url = receiver.url();
  sink::HttpOptions patient;
  patient.total_timeout = 600s;
  const auto sink =
      sink::make_webhook_sink(options, sink::make_http_client(patient), [] { return 0.5; });
  sink->deliver(test::firing());
  sink->deliver(test::resolved());
  receiver.next_request();
  sink->close();
  sink->join(Deadline{});  // returns, or the test hangs for 600 s
  CHECK(sink->stats().dropped == 2);
}
#endif  // CGSENTRY_REMOTE_SINKS
