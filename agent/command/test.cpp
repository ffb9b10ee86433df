// `cgsentry test FILE...`: unit tests of rules in promtool's format, with promtool's exit codes: 0
// when every expectation is met, 1 otherwise.
#include <fmt/format.h>
#include <glob.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "command/command.h"
#include "command/inputs.h"
#include "command/unit_test_run.h"

namespace cgsentry::command {

namespace {

/// The files that a pattern of `rule_files` stands for, in the order of their names.
std::vector<std::string> matching_files(const std::string& pattern, const std::string& test_file) {
  // An absolute pattern replaces the folder.
  const auto path = std::filesystem::path(test_file).parent_path() / pattern;
  std::vector<std::string> files;
  ::glob_t found{};
  if (::glob(path.c_str(), 0, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return files;
}

std::vector<rule::SourceFile> read_rule_files(const UnitTestFile& file) {
  std::vector<rule::SourceFile> rules;
  for (const std::string& pattern : file.rule_files) {
    const auto paths = matching_files(pattern, file.name);
    if (paths.empty()) {
      fmt::print(stderr, "{}: warning: no file matches {}\n", file.name, pattern);
    }
    for (const std::string& path : paths) {
      rules.push_back({path, read_file(path)});
    }
  }
  return rules;
}

void print(const std::vector<yaml::Mistake>& mistakes) {
  for (const yaml::Mistake& mistake : mistakes) {
    fmt::print("{}\n", mistake.to_string());
  }
}

void print(const UnitTestFile& file, const UnitTest& test, const Failure& failure) {
  fmt::print("{}:{}:{}: {}{}\n", file.name, failure.place.line, failure.place.column,
             failure.message, test.name.empty() ? "" : fmt::format(", in \"{}\"", test.name));
  for (const std::string& line : failure.lines) {
    fmt::print("    {}\n", line);
  }
}

/// Prints what is wrong with a file; true when nothing is.
bool run_file(const std::string& path) {
  const auto file = read_unit_test_file(read_file(path), path);
  if (!file) {
    print(file.error());
    return false;
  }
  const std::vector<rule::SourceFile> rules = read_rule_files(*file);
  std::size_t expectations = 0;
  std::size_t unmet = 0;
  for (const UnitTest& test : file->tests) {
    const auto failures = run_unit_test(*file, test, rules);
    if (!failures) {
      print(failures.error());
      return false;
    }
    for (const Failure& failure : *failures) {
      print(*file, test, failure);
    }
    expectations += test.alert_tests.size() + test.expression_tests.size();
    unmet += failures->size();
  }
  fmt::print("{}: {} expectation{}, {} not met{}\n", path, expectations,
             expectations == 1 ? "" : "s", unmet, unmet == 0 ? "" : " (- expected, + got)");
  return unmet == 0;
}

ExitCode test(const std::vector<std::string>& paths) {
  bool good = true;
  for (const std::string& path : paths) {
    try {
      good = run_file(path) && good;
    } catch (const SetupError& error) {
      // A file that cannot be read is one failure among others here, as in promtool.
      fmt::print(stderr, "{}\n", error.what());
      good = false;
    }
  }
  return good ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

void add_test(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("test", "Run unit tests of rules, as promtool does");
  auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *paths, "Unit test files")->required();
  command->callback([&chosen, paths] { chosen = [paths] { return test(*paths); }; });
}

}  // namespace cgsentry::command
