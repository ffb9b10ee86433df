#include "sink/webhook_sink.h"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>

#include "base/log.h"
#include "base/setup_error.h"
#include "sink/alertmanager_payload.h"
#include "sink/queued_sink.h"

namespace cgsentry::sink {

namespace {

constexpr std::size_t kMaxTokenBytes = std::size_t{16} << 10;
// Between attempts once the agent is about to end.
constexpr std::chrono::milliseconds kHurriedWait{200};

// A wait that another thread can shorten or end.
class Pause {
 public:
  /// False when the agent ends.
  bool wait(Duration duration) {
    std::unique_lock lock(mutex_);
    const bool was_hurried = hurried_;
    const Duration bounded = was_hurried ? std::min<Duration>(duration, kHurriedWait) : duration;
    changed_.wait_for(lock, bounded, [&] { return interrupted_ || hurried_ != was_hurried; });
    return !interrupted_;
  }
  [[nodiscard]] bool interrupted() const {
    const std::lock_guard lock(mutex_);
    return interrupted_;
  }
  void hurry() { set(hurried_); }
  void interrupt() { set(interrupted_); }

 private:
  void set(bool& flag) {
    const std::lock_guard lock(mutex_);
    flag = true;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool hurried_ = false;
  bool interrupted_ = false;
};

// The first line of the file, or nothing when it cannot be read.
std::optional<std::string> read_token(const std::string& path) {
  std::ifstream file(path);
  std::string token(kMaxTokenBytes, '\0');
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(file.gcount()));
  token.resize(std::min(token.size(), token.find_first_of("\r\n")));
  return token.empty() ? std::nullopt : std::optional(token);
}

bool is_worth_retrying(const HttpReply& reply) {
  return reply.status == 0 || reply.status == 429 || reply.status >= 500;
}

class WebhookTeller final : public Teller {
 public:
  WebhookTeller(WebhookOptions options, std::unique_ptr<HttpClient> client, Random random)
      : options_(std::move(options)), client_(std::move(client)), random_(std::move(random)) {}

  Outcome tell(const Transition& transition, SinkCounters& counters) override {
    HttpRequest request{options_.url, options_.headers, {}};
    request.body = webhook_payload(transition, options_.name, options_.external_url);
    request.headers.emplace_back("Content-Type", "application/json");
    request.headers.emplace_back("Idempotency-Key", transition.key);
    for (std::size_t attempt = 1; !pause_.interrupted(); ++attempt) {
      const HttpReply reply = post(request);
      if (reply.status >= 200 && reply.status < 300) {
        return Outcome::delivered;
      }
      if (reply.cancelled) {
        break;
      }
      report(reply);
      if (!is_worth_retrying(reply) || attempt >= options_.retry.attempts) {
        return Outcome::failed;
      }
      if (!pause_.wait(retry_delay(options_.retry, attempt, random_(), reply.retry_after))) {
        break;
      }
      ++counters.retries;
    }
    return Outcome::interrupted;
  }

  void hurry() override { pause_.hurry(); }
  void interrupt() override {
    pause_.interrupt();
    client_->cancel();
  }

 private:
  HttpReply post(const HttpRequest& request) {
    if (options_.bearer_token_file.empty()) {
      return client_->post(request);
    }
    const auto token = read_token(options_.bearer_token_file);
    if (!token) {
      return HttpReply{.error = "cannot read the bearer token file"};
    }
    HttpRequest authorized = request;
    authorized.headers.emplace_back("Authorization", "Bearer " + *token);
    return client_->post(authorized);
  }

  void report(const HttpReply& reply) const {
    if (reply.status == 0) {
      log::warning("sink {}: {}: {}", options_.name, redact_url(options_.url), reply.error);
    } else {
      log::warning("sink {}: {} answered {}", options_.name, redact_url(options_.url),
                   reply.status);
    }
  }

  const WebhookOptions options_;
  std::unique_ptr<HttpClient> client_;
  Random random_;
  Pause pause_;
};

void check(const WebhookOptions& options) {
  if (!is_usable_url(options.url)) {
    throw SetupError("sink " + options.name + ": the URL is not an http or https URL",
                     "write it as https://host[:port]/path", ExitCode::bad_usage);
  }
  for (const auto& [name, value] : options.headers) {
    if (!is_usable_header(name, value)) {
      throw SetupError("sink " + options.name + ": header \"" + name + "\" cannot be sent",
                       "use a header name of letters, digits and '-', and a value on one line",
                       ExitCode::bad_usage);
    }
  }
}

}  // namespace

std::unique_ptr<Sink> make_webhook_sink(WebhookOptions options, std::unique_ptr<HttpClient> client,
                                        Random random) {
  check(options);
  const std::string name = options.name;
  const QueueLimits limits = options.queue;
  return std::make_unique<QueuedSink>(
      name, limits,
      std::make_unique<WebhookTeller>(std::move(options), std::move(client), std::move(random)));
}

}  // namespace cgsentry::sink
