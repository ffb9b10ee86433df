// The configuration: one struct, in which every value has a default that suits a bare host.
//
// Reference for people: docs/configuration.md, which has every key. Values are checked while they
// are read, so what reaches the agent is within its bounds. Secrets are never values here, only
// names of files. Tested by tests/unit/config/load_test.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.h"
#include "yaml/mistake.h"

namespace cgsentry::config {

struct Webhook {
  std::string name;  // unique; "webhook" or "webhook-2" unless it is given
  std::string url;
  std::map<std::string, std::string> headers;
  std::string bearer_token_file;
  std::string ca_file;
  Duration connect_timeout = std::chrono::seconds(3);
  Duration timeout = std::chrono::seconds(10);
  std::uint64_t attempts = 100;
  std::uint64_t queue = 10'000;  // transitions

  friend bool operator==(const Webhook&, const Webhook&) = default;
};

struct Config {
  Duration interval = std::chrono::seconds(1);
  std::string node_name;             // empty: the host's name
  std::string cgroup_root;           // empty: found among the mounts
  std::uint64_t containers = 2'048;  // slots: containers, services and slices together
  std::vector<std::string> disabled_probes;
  std::string log_level = "info";

  std::vector<std::string> rules;  // files and folders; empty: the shipped pack
  std::map<std::string, std::string> external_labels;
  std::map<std::string, std::string> series_labels;  // of containers, below their own
  std::uint64_t alerts_per_rule = 1'000;
  std::uint64_t alerts_total = 10'000;

  std::string journal_path;  // empty: in memory
  std::uint64_t journal_bytes = std::uint64_t{16} << 20;

  bool stdout_enabled = true;
  std::vector<Webhook> webhooks;

  friend bool operator==(const Config&, const Config&) = default;
};

/// All mistakes of the file at once. `file` is only for messages.
[[nodiscard]] tl::expected<Config, std::vector<yaml::Mistake>> parse(std::string_view text,
                                                                     const std::string& file);
/// Reads the file first; one that cannot be read is a mistake too.
[[nodiscard]] tl::expected<Config, std::vector<yaml::Mistake>> load(const std::string& path);

}  // namespace cgsentry::config
