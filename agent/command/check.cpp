// `cgsentry check FILE...`: the mistakes of configurations and rule files, before they are used.
//
// A file with the key `groups` is a rule file, every other one a configuration, whose interval is
// that of the rules' ticks. Mistakes and warnings are lines `file:line:column: message`; exit code
// 2 when there is a mistake, and 1 for a warning with --strict. Tested by tests/e2e/check_test.py.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/setup_error.h"
#include "command/command.h"
#include "command/inputs.h"
#include "model/metric.h"
#include "rule/check.h"
#include "yaml/node.h"

namespace cgsentry::command {

namespace {

bool is_rule_file(const rule::SourceFile& file) {
  const auto root = yaml::load(file.text, file.name);
  return root && std::ranges::any_of(root->entries, [](const yaml::Node::Entry& entry) {
           return entry.key.text == "groups";
         });
}

std::set<std::string, std::less<>> known_metrics() {
  std::set<std::string, std::less<>> names{std::string(kWaitHistogram)};
  for (const MetricInfo& metric : catalogue()) {
    names.emplace(metric.name);
  }
  for (const AgentMetric& metric : agent_catalogue()) {
    names.emplace(metric.name);
  }
  return names;
}

/// The constant labels of the catalogue's columns. All columns of a metric have the same ones.
auto fixed_labels() {
  decltype(rule::CheckOptions::fixed_labels) labels;
  for (const MetricInfo& metric : catalogue()) {
    for (const auto& [name, value] : metric.labels) {
      if (!name.empty()) {
        labels[std::string(metric.name)][std::string(name)].emplace(value);
      }
    }
  }
  return labels;
}

void print(const std::vector<yaml::Mistake>& mistakes, std::string_view kind) {
  for (const yaml::Mistake& mistake : mistakes) {
    fmt::print("{}:{}:{}: {}{}\n", mistake.file, mistake.line, mistake.column, kind,
               mistake.message);
  }
}

/// The file, or nothing once it is told why not: the others are looked at all the same.
std::optional<std::string> text_of(const std::string& path) {
  try {
    return read_file(path);
  } catch (const SetupError& error) {
    fmt::print("{}\n", error.what());
    return std::nullopt;
  }
}

std::string count_of(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

ExitCode check(const std::vector<std::string>& paths, bool strict) {
  std::vector<rule::SourceFile> rule_files;
  config::Config config;  // the one among the files, else all defaults
  bool good = true;
  for (const std::string& path : paths) {
    const auto text = text_of(path);
    if (!text) {
      good = false;
      continue;
    }
    rule::SourceFile file{path, *text};
    if (is_rule_file(file)) {
      rule_files.push_back(std::move(file));
    } else if (auto parsed = config::parse(file.text, path); parsed) {
      config = *std::move(parsed);
    } else {
      print(parsed.error(), "");
      good = false;
    }
  }
  if (const auto rules = load_rules(rule_files, config); !rules) {
    print(rules.error(), "");
    good = false;
  }
  const std::vector<yaml::Mistake> warnings =
      rule::check(rule_files, {config.interval, known_metrics(), fixed_labels()});
  print(warnings, "warning: ");
  if (!good) {
    return ExitCode::bad_usage;
  }
  fmt::print("{} checked, no mistakes, {}\n", count_of(paths.size(), "file"),
             count_of(warnings.size(), "warning"));
  return strict && !warnings.empty() ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("check", "Check configuration and rule files");
  auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *paths, "Configuration or rule files")->required();
  auto strict = std::make_shared<bool>(false);
  command->add_flag("--strict", *strict, "Exit with 1 when there is a warning");
  command->callback(
      [&chosen, paths, strict] { chosen = [paths, strict] { return check(*paths, *strict); }; });
}

}  // namespace cgsentry::command
