// `cgsentry run`: puts the stages together, runs the loop, and takes them down in order.
//
// SIGHUP reads the rules again and keeps the old ones when the new ones have mistakes, which a
// metric tells. SIGTERM and SIGINT drain the journal and the sinks and end within 5 s, whatever a
// receiver does.
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <random>
#include <string>

#include "alert/disk.h"
#include "base/log.h"
#include "command/command.h"
#include "command/inputs.h"
#include "loop.h"
#include "pipeline.h"
#include "sampler/collector.h"
#include "sink/dispatcher.h"
#include "sink/http_client.h"
#include "sink/stdout_sink.h"
#include "sink/webhook_sink.h"

namespace cgsentry::command {

namespace {

struct Options {
  std::string config;
  std::vector<std::string> rules;
  std::uint64_t ticks = 0;
};

constexpr auto kJournalDrain = std::chrono::seconds(2);
constexpr auto kSinkDrain = std::chrono::milliseconds(4'500);

config::Config read(const Options& options) {
  config::Config config = read_config(options.config);
  if (!options.rules.empty()) {
    config.rules = options.rules;
  }
  return config;
}

std::string node_name(const config::Config& config) {
  std::array<char, 256> name{};
  // The name is cut when it is too long, which 255 bytes are not: HOST_NAME_MAX is 64.
  ::gethostname(name.data(), name.size() - 1);
  return config.node_name.empty() ? name.data() : config.node_name;
}

void set_log_level(const std::string& name) {
  using log::Level;
  log::set_level(name == "debug"     ? Level::debug
                 : name == "warning" ? Level::warning
                 : name == "error"   ? Level::error
                                     : Level::info);
}

/// A fraction from 0 to 1 for the jitter of retries.
sink::Random jitter() {
  return [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

void add_sinks(sink::Dispatcher& sinks, const config::Config& config) {
  if (config.stdout_enabled) {
    sinks.add(sink::make_stdout_sink({}, Fd(::dup(STDOUT_FILENO))));
  }
  for (const config::Webhook& webhook : config.webhooks) {
    sink::WebhookOptions options;
    options.name = webhook.name;
    options.url = webhook.url;
    options.headers.assign(webhook.headers.begin(), webhook.headers.end());
    options.bearer_token_file = webhook.bearer_token_file;
    options.queue.transitions = webhook.queue;
    options.retry.attempts = webhook.attempts;
    options.http.connect_timeout = webhook.connect_timeout;
    options.http.total_timeout = webhook.timeout;
    options.http.ca_file = webhook.ca_file;
    auto client = sink::make_http_client(options.http);
    sinks.add(sink::make_webhook_sink(std::move(options), std::move(client), jitter()));
  }
}

alert::JournalOptions journal_options(const config::Config& config) {
  alert::JournalOptions options;
  options.directory = config.journal_path;
  options.max_bytes = config.journal_bytes;
  return options;
}

rule::RuleSet load_or_throw(const config::Config& config) {
  auto rules = load_rules(read_rules(config.rules), config);
  if (!rules) {
    throw SetupError("the rules have mistakes\n" + to_text(rules.error()), "", ExitCode::bad_usage);
  }
  return *std::move(rules);
}

/// Each container costs two descriptors. When the limit cannot be raised, files that cannot be
/// opened are absent metrics.
void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Everything that `run` owns, in the order in which it is made; it is taken down in reverse.
class Agent {
 public:
  explicit Agent(Options options)
      : options_(std::move(options)),
        config_(read(options_)),
        rules_(load_or_throw(config_)),
        loop_(config_.interval),
        collector_(collector_options(config_), clock_.now()),
        lifecycle_(node_name(config_), {config_.alerts_per_rule, config_.alerts_total}),
        journal_(journal_options(config_), std::make_unique<alert::SystemDisk>(),
                 [this](const Transition& transition) { sinks_.deliver(transition); }),
        pipeline_(
            {clock_, &collector_.data_path().events(), collector_.sampler(), lifecycle_, journal_},
            std::move(rules_), external_labels(config_)) {
    set_log_level(config_.log_level);
    add_sinks(sinks_, config_);
    register_numbers();
  }

  void run() {
    for (const std::string& note : collector_.notes()) {
      log::warning("{}", note);
    }
    log::info("watching {} cgroups with {} rules every {} ms", collector_.sampler().known(),
              pipeline_.rules().alert_rules().size(), config_.interval.count() / 1'000'000);
    loop_.run(
        {[this] { tick(); }, [this] { pipeline_.urgent(clock_.now()); }, [this] { reload(); }},
        collector_.data_path().events().fd(), options_.ticks);
    const auto now = std::chrono::steady_clock::now();
    journal_.stop(now + kJournalDrain);
    sinks_.stop(now + kSinkDrain);
  }

 private:
  void tick() {
    const Timestamp begin = clock_.now();
    pipeline_.tick(begin);
    tick_duration_ = clock_.now() - begin;
    log::debug("tick {}: {} us late, {} us long", pipeline_.ticks(),
               loop_.lateness().count() / 1'000, tick_duration_.count() / 1'000);
  }

  void reload() {
    reload_failed_ = true;  // until it is done
    try {
      const config::Config changed = read(options_);
      config::Config kept = config_;
      kept.rules = changed.rules;
      auto rules = load_rules(read_rules(kept.rules), kept);
      if (!rules) {
        log::error("the new rules have mistakes, the old ones stay: {}", to_text(rules.error()));
        return;
      }
      pipeline_.replace_rules(*std::move(rules), clock_.now());
      reload_failed_ = false;
      log::info("read {} rules again", pipeline_.rules().alert_rules().size());
      if (changed != kept) {
        log::warning("the configuration changed beyond its rules: that needs a restart");
      }
    } catch (const SetupError& error) {
      log::error("the old rules stay: {}", error.what());
    }
  }

  void register_numbers();
  void register_sinks();

  Options options_;
  config::Config config_;
  rule::RuleSet rules_;  // until the pipeline has them
  SystemClock clock_;
  Loop loop_;  // blocks the signals, so it comes before every thread
  sampler::Collector collector_;
  sink::Dispatcher sinks_;
  alert::Lifecycle lifecycle_;
  alert::Journal journal_;
  Pipeline pipeline_;
  Duration tick_duration_{};
  bool reload_failed_ = false;
};

void Agent::register_numbers() {
  sampler::AgentTable& agent = collector_.sampler().agent();
  const auto counter = MetricType::counter;
  const auto gauge = MetricType::gauge;
  const auto number = [](auto value) { return static_cast<double>(value); };
  agent.add("cgsentry_ticks_total", counter, {},
            [this, number] { return number(pipeline_.ticks()); });
  agent.add("cgsentry_ticks_missed_total", counter, {},
            [this, number] { return number(loop_.missed()); });
  agent.add("cgsentry_tick_lateness_seconds", gauge, {},
            [this] { return to_seconds(loop_.lateness()); });
  agent.add("cgsentry_tick_duration_seconds", gauge, {},
            [this] { return to_seconds(tick_duration_); });
  agent.add("cgsentry_rule_failures_total", counter, {},
            [this, number] { return number(pipeline_.rules().failures()); });
  agent.add("cgsentry_rules_reload_failed", gauge, {}, [this] { return reload_failed_ ? 1 : 0; });
  agent.add("cgsentry_recorded_refused_total", counter, {},
            [this, number] { return number(pipeline_.rules().refused()); });
  agent.add("cgsentry_window_overruns_total", counter, {},
            [this, number] { return number(pipeline_.rules().overruns()); });
  agent.add("cgsentry_alerts_firing", gauge, {},
            [this, number] { return number(lifecycle_.counts().firing); });
  agent.add("cgsentry_alerts_pending", gauge, {},
            [this, number] { return number(lifecycle_.counts().pending); });
  agent.add("cgsentry_alerts_refused_total", counter, {},
            [this, number] { return number(lifecycle_.counts().refused_total); });
  agent.add("cgsentry_journal_errors_total", counter, {},
            [this, number] { return number(journal_.stats().errors); });
  agent.add("cgsentry_journal_unjournaled_total", counter, {},
            [this, number] { return number(journal_.stats().unjournaled); });
  register_sinks();
}

void Agent::register_sinks() {
  using sink::SinkStats;
  sampler::AgentTable& agent = collector_.sampler().agent();
  const auto all = sinks_.stats();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto add = [&](const char* metric, MetricType type, auto read) {
      agent.add(metric, type, {{"sink", all[i].sink}},
                [this, i, read] { return static_cast<double>(read(sinks_.stats()[i].stats)); });
    };
    add("cgsentry_sink_delivered_total", MetricType::counter,
        [](const SinkStats& stats) { return stats.delivered; });
    add("cgsentry_sink_failures_total", MetricType::counter,
        [](const SinkStats& stats) { return stats.failed; });
    add("cgsentry_sink_dropped_total", MetricType::counter,
        [](const SinkStats& stats) { return stats.dropped; });
    add("cgsentry_sink_queue", MetricType::gauge,
        [](const SinkStats& stats) { return stats.queued; });
  }
}

}  // namespace

void add_run(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("run", "Watch this host until it is told to stop");
  auto options = std::make_shared<Options>();
  command->add_option("--config", options->config, "Configuration file");
  command->add_option("--rules", options->rules, "Rule files or folders instead of the configured");
  command->add_option("--ticks", options->ticks, "End after so many ticks");
  command->callback([&chosen, options] {
    chosen = [options] {
      // Few threads allocate little: one arena each would only cost memory.
      ::mallopt(M_ARENA_MAX, 1);
      raise_descriptor_limit();
      Agent(*options).run();
      return ExitCode::ok;
    };
  });
}

}  // namespace cgsentry::command
