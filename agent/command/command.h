// The subcommands: each is one file that adds itself to the command line and returns an exit code.
//
// Arguments are parsed by CLI11 into the option struct of each command; main() calls the one that
// was chosen. All of them may throw SetupError, which main() prints.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/setup_error.h"

namespace cgsentry::command {

/// What main() runs once the command line is parsed; set by the callback of the chosen command.
using Chosen = std::function<ExitCode()>;

void add_run(CLI::App& app, Chosen& chosen);
void add_sample(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_test(CLI::App& app, Chosen& chosen);
void add_doctor(CLI::App& app, Chosen& chosen);
void add_version(CLI::App& app, Chosen& chosen);

}  // namespace cgsentry::command
