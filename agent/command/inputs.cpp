#include "command/inputs.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/setup_error.h"
#include "yaml/file.h"

namespace cgsentry::command {

namespace fs = std::filesystem;

namespace {

/// All are in memory at once.
constexpr std::size_t kMaxRuleBytes = std::size_t{32} << 20;

bool is_rule_file(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

std::vector<std::string> files_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return {path};
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.is_regular_file(error) && is_rule_file(entry.path())) {
      files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

Labels to_labels(const std::map<std::string, std::string>& pairs) {
  Labels labels;
  for (const auto& [name, value] : pairs) {
    labels.set(name, value);
  }
  return labels;
}

}  // namespace

std::string to_text(const std::vector<yaml::Mistake>& mistakes) {
  std::string text;
  for (const yaml::Mistake& mistake : mistakes) {
    text += (text.empty() ? "" : "\n") + mistake.to_string();
  }
  return text;
}

std::string read_file(const std::string& path) {
  auto text = yaml::read_file(path);
  if (!text) {
    throw SetupError(path + ": " + text.error(), "", ExitCode::bad_usage);
  }
  return *std::move(text);
}

config::Config read_config(const std::string& path) {
  if (path.empty() && ::access(kDefaultConfig, F_OK) != 0) {
    return {};
  }
  auto config = config::load(path.empty() ? kDefaultConfig : path);
  if (!config) {
    throw SetupError("the configuration has mistakes\n" + to_text(config.error()), "",
                     ExitCode::bad_usage);
  }
  return *std::move(config);
}

std::vector<rule::SourceFile> read_rules(const std::vector<std::string>& rules) {
  std::vector<rule::SourceFile> files;
  std::size_t bytes = 0;
  for (const std::string& path : rules.empty() ? std::vector<std::string>{CGSENTRY_RULES} : rules) {
    for (const std::string& file : files_of(path)) {
      files.push_back({file, read_file(file)});
      bytes += files.back().text.size();
      if (bytes > kMaxRuleBytes) {
        throw SetupError(file + ": the rule files are larger than 32 MB together",
                         "Name fewer files under `rules`.", ExitCode::bad_usage);
      }
    }
  }
  if (files.empty()) {
    throw SetupError("there are no rule files",
                     "Name files or folders with *.yaml in them under `rules`.",
                     ExitCode::bad_usage);
  }
  return files;
}

sampler::Collector::Options collector_options(const config::Config& config) {
  return {config.cgroup_root, static_cast<std::uint32_t>(config.containers), config.disabled_probes,
          to_labels(config.series_labels)};
}

Labels external_labels(const config::Config& config) {
  return to_labels(config.external_labels);
}

tl::expected<rule::RuleSet, std::vector<yaml::Mistake>> load_rules(
    const std::vector<rule::SourceFile>& files, const config::Config& config) {
  rule::RuleSetOptions options;
  options.engine.interval = config.interval;
  options.external_labels = external_labels(config);
  return rule::load(files, std::move(options));
}

}  // namespace cgsentry::command
