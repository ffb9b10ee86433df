// cgsentry: the command line, and the one place that catches what setup throws.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/setup_error.h"
#include "base/text.h"
#include "command/command.h"

namespace {

using cgsentry::ExitCode;

int code(ExitCode exit_code) {
  return static_cast<int>(exit_code);
}

/// Parses the command line; an exit code when there is nothing left to do.
int parse_and_run(int argc, char** argv) {
  CLI::App app{"Watches every container of this host once a second and tells when a rule fires."};
  app.require_subcommand(1);
  cgsentry::command::Chosen chosen;
  cgsentry::command::add_run(app, chosen);
  cgsentry::command::add_sample(app, chosen);
  cgsentry::command::add_check(app, chosen);
  cgsentry::command::add_test(app, chosen);
  cgsentry::command::add_doctor(app, chosen);
  cgsentry::command::add_version(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // 0 is --help and --version; everything else is bad usage.
    return app.exit(error) == 0 ? code(ExitCode::ok) : code(ExitCode::bad_usage);
  }
  return code(chosen());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const cgsentry::SetupError& error) {
    fmt::print(stderr, "cgsentry: {}\n", error.what());
    if (!error.fix().empty()) {
      fmt::print(stderr, "  fix: {}\n", error.fix());
    }
    return code(error.exit_code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "cgsentry: {}\n", error.what());
    return code(ExitCode::failed);
  }
}
