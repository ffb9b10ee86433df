// `cgsentry version`: what this binary is.
#include <fmt/format.h>

#include "command/command.h"
#include "kernel/requirements.h"

namespace cgsentry::command {

void add_version(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("version", "Show the version");
  command->callback([&chosen] {
    chosen = [] {
      fmt::print("cgsentry {} (Linux {})\n", CGSENTRY_VERSION, kernel::kernel_release());
      return ExitCode::ok;
    };
  });
}

}  // namespace cgsentry::command
