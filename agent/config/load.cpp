// The configuration file: YAML to Config, each mistake with its place; see config.h.
#include <algorithm>
#include <array>
#include <utility>

#include "config/config.h"
#include "yaml/fields.h"
#include "yaml/file.h"

namespace cgsentry::config {

namespace {

using yaml::Fields;
using yaml::Mistakes;
using yaml::Node;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, 6> kProbes{"lifecycle", "sched", "network",
                                                  "processes", "oom",   "walk"};
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};

void one_of(const Node* node, const std::string& value, auto candidates, Mistakes& mistakes) {
  if (node != nullptr && std::ranges::find(candidates, value) == candidates.end()) {
    std::string all;
    for (const std::string_view candidate : candidates) {
      all += all.empty() ? "" : ", ";
      all += candidate;
    }
    mistakes.add(*node, "must be one of " + all);
  }
}

/// Prometheus' label names, without the ones that it keeps for itself.
bool is_label_name(std::string_view name) {
  return !name.empty() && !name.starts_with("__") && (name[0] < '0' || name[0] > '9') &&
         std::ranges::all_of(name, [](char c) {
           return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9');
         });
}

void read_series_labels(Fields& fields, Config& config, Mistakes& mistakes) {
  fields.text_map("series_labels", config.series_labels);
  const Node* node = fields.find("series_labels");
  if (node == nullptr) {
    return;
  }
  for (const Node::Entry& entry : node->entries) {
    if (!is_label_name(entry.key.text)) {
      mistakes.add(entry.key, "`" + entry.key.text + "` is no name of a label");
    }
  }
}

void read_probes(Fields& fields, Config& config, Mistakes& mistakes) {
  const Node* node = fields.find("probes");
  if (node == nullptr) {
    return;
  }
  Fields probes(*node, mistakes);
  probes.texts("disabled", config.disabled_probes);
  const Node* disabled = probes.find("disabled");
  for (std::size_t i = 0; i < config.disabled_probes.size(); ++i) {
    one_of(&disabled->items[i], config.disabled_probes[i], kProbes, mistakes);
  }
  probes.finish();
}

void read_alerts(Fields& fields, Config& config, Mistakes& mistakes) {
  if (const Node* node = fields.find("alerts")) {
    Fields alerts(*node, mistakes);
    alerts.integer("per_rule", config.alerts_per_rule, 1, 100'000);
    alerts.integer("total", config.alerts_total, 1, 1'000'000);
    alerts.finish();
  }
}

void read_journal(Fields& fields, Config& config, Mistakes& mistakes) {
  if (const Node* node = fields.find("journal")) {
    Fields journal(*node, mistakes);
    journal.text("path", config.journal_path);
    journal.integer("max_bytes", config.journal_bytes, 64 << 10, std::uint64_t{1} << 32);
    journal.finish();
  }
}

Webhook read_webhook(const Node& node, std::size_t number, Mistakes& mistakes) {
  Webhook webhook;
  webhook.name = number == 0 ? "webhook" : "webhook-" + std::to_string(number + 1);
  Fields fields(node, mistakes);
  if (fields.require("url") != nullptr) {
    fields.text("url", webhook.url);
  }
  fields.text("name", webhook.name);
  fields.text_map("headers", webhook.headers);
  fields.text("bearer_token_file", webhook.bearer_token_file);
  fields.text("ca_file", webhook.ca_file);
  fields.duration("connect_timeout", webhook.connect_timeout, 100ms, 1min);
  fields.duration("timeout", webhook.timeout, 100ms, 5min);
  fields.integer("attempts", webhook.attempts, 1, 10'000);
  fields.integer("queue", webhook.queue, 1, 1'000'000);
  fields.finish();
  return webhook;
}

void read_sinks(Fields& fields, Config& config, Mistakes& mistakes) {
  const Node* node = fields.find("sinks");
  if (node == nullptr) {
    return;
  }
  Fields sinks(*node, mistakes);
  sinks.boolean("stdout", config.stdout_enabled);
  if (const Node* webhooks = sinks.find("webhooks")) {
    if (webhooks->kind != Node::Kind::list) {
      mistakes.add(*webhooks, "`webhooks` must be a list");
    }
    for (const Node& each : webhooks->items) {
      Webhook webhook = read_webhook(each, config.webhooks.size(), mistakes);
      if (std::ranges::find(config.webhooks, webhook.name, &Webhook::name) !=
          config.webhooks.end()) {
        mistakes.add(each, "two webhooks have this name");
      }
      config.webhooks.push_back(std::move(webhook));
    }
  }
  sinks.finish();
}

Config read(const Node& root, Mistakes& mistakes) {
  Config config;
  Fields fields(root, mistakes);
  fields.duration("interval", config.interval, 1s, 1min);
  fields.text("node_name", config.node_name);
  fields.text("cgroup_root", config.cgroup_root);
  fields.integer("containers", config.containers, 64, 100'000);
  fields.texts("rules", config.rules);
  fields.text_map("external_labels", config.external_labels);
  read_series_labels(fields, config, mistakes);
  fields.text("log_level", config.log_level);
  one_of(fields.find("log_level"), config.log_level, kLogLevels, mistakes);
  read_probes(fields, config, mistakes);
  read_alerts(fields, config, mistakes);
  read_journal(fields, config, mistakes);
  read_sinks(fields, config, mistakes);
  fields.finish();
  return config;
}

}  // namespace

tl::expected<Config, std::vector<yaml::Mistake>> parse(std::string_view text,
                                                       const std::string& file) {
  const auto root = yaml::load(text, file);
  if (!root) {
    return tl::unexpected(std::vector{root.error()});
  }
  Mistakes mistakes(file);
  Config config;
  try {
    config = read(*root, mistakes);
  } catch (const Mistakes::TooMany&) {
    // What is there is enough.
  }
  if (!mistakes.empty()) {
    return tl::unexpected(mistakes.all());
  }
  return config;
}

tl::expected<Config, std::vector<yaml::Mistake>> load(const std::string& path) {
  const auto text = yaml::read_file(path);
  if (!text) {
    return tl::unexpected(std::vector{yaml::Mistake{path, 1, 1, text.error()}});
  }
  return parse(*text, path);
}

}  // namespace cgsentry::config
