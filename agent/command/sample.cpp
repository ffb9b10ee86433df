// `cgsentry sample`: one tick of this host as Prometheus text or JSON.
#include <fmt/format.h>

#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "command/command.h"
#include "command/inputs.h"
#include "sampler/collector.h"
#include "serve/prometheus.h"

namespace cgsentry::command {

namespace {

struct Options {
  std::string config;
  std::string format = "text";
};

ExitCode take_sample(const Options& options) {
  const config::Config config = read_config(options.config);
  const SystemClock clock;
  sampler::Collector collector(collector_options(config), clock.now());
  for (const std::string& note : collector.notes()) {
    log::warning("{}", note);
  }
  const Timestamp now = clock.now();
  const Sample& sample = collector.sampler().take(now, clock.monotonic_at(now));
  fmt::print("{}",
             options.format == "json" ? serve::to_json(sample) : serve::to_prometheus_text(sample));
  return ExitCode::ok;
}

}  // namespace

void add_sample(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("sample", "Measure once and print all metrics");
  auto options = std::make_shared<Options>();
  command->add_option("--config", options->config, "Configuration file");
  command->add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([&chosen, options] { chosen = [options] { return take_sample(*options); }; });
}

}  // namespace cgsentry::command
