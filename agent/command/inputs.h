// Reads what a person gives to the commands: the configuration and the rules.
//
// Throws SetupError with exit code 2 and every mistake in its text.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "rule/rule_set.h"
#include "sampler/collector.h"
#include "yaml/mistake.h"

namespace cgsentry::command {

/// Where the configuration is looked for when none is named; a missing one is all defaults.
inline constexpr const char* kDefaultConfig = "/etc/cgsentry/config.yaml";

/// An empty `path` is the default one.
[[nodiscard]] config::Config read_config(const std::string& path);

/// The files that `rules` names; a folder is every *.yaml and *.yml in it, in the order of their
/// names. Empty: the shipped pack.
[[nodiscard]] std::vector<rule::SourceFile> read_rules(const std::vector<std::string>& rules);

/// Loads the rules with the engine's interval and the external labels of the configuration.
[[nodiscard]] tl::expected<rule::RuleSet, std::vector<yaml::Mistake>> load_rules(
    const std::vector<rule::SourceFile>& files, const config::Config& config);

[[nodiscard]] sampler::Collector::Options collector_options(const config::Config& config);

[[nodiscard]] Labels external_labels(const config::Config& config);

/// One line per mistake.
[[nodiscard]] std::string to_text(const std::vector<yaml::Mistake>& mistakes);

/// The whole file. Throws SetupError with exit code 2.
[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace cgsentry::command
