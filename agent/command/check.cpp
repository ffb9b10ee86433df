// `cgsentry check FILE...`: the mistakes of configurations and rule files, before they are used.
//
// A file with the key `groups` is a rule file, every other one a configuration. Mistakes and
// warnings are lines `file:line:column: message`; exit code 2 when there is a mistake.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

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

void print(const std::vector<yaml::Mistake>& mistakes, std::string_view kind) {
  for (const yaml::Mistake& mistake : mistakes) {
    fmt::print("{}:{}:{}: {}{}\n", mistake.file, mistake.line, mistake.column, kind,
               mistake.message);
  }
}

ExitCode check(const std::vector<std::string>& paths) {
  std::vector<rule::SourceFile> rule_files;
  bool good = true;
  for (const std::string& path : paths) {
    rule::SourceFile file{path, read_file(path)};
    if (is_rule_file(file)) {
      rule_files.push_back(std::move(file));
    } else if (const auto config = config::parse(file.text, path); !config) {
      print(config.error(), "");
      good = false;
    }
  }
  if (const auto rules = rule::load(rule_files); !rules) {
    print(rules.error(), "");
    good = false;
  }
  rule::CheckOptions options;
  options.metrics = known_metrics();
  print(rule::check(rule_files, options), "warning: ");
  if (good) {
    fmt::print("{} file{} checked, no mistakes\n", paths.size(), paths.size() == 1 ? "" : "s");
  }
  return good ? ExitCode::ok : ExitCode::bad_usage;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("check", "Check configuration and rule files");
  auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *paths, "Configuration or rule files")->required();
  command->callback([&chosen, paths] { chosen = [paths] { return check(*paths); }; });
}

}  // namespace cgsentry::command
