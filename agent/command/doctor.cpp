// `cgsentry doctor`: what this kernel and these privileges allow, and the fix for what is missing.
//
// Checks everything that can be checked, then loads the programs for real; exit code 1 when `run`
// would not start.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cgroup/mount.h"
#include "command/command.h"
#include "kernel/data_path.h"
#include "kernel/requirements.h"

namespace cgsentry::command {

namespace {

void print(bool met, bool fatal, std::string_view name, std::string_view detail,
           std::string_view fix) {
  fmt::print("{:<7} {:<12} {}\n", met ? "ok" : fatal ? "FAIL" : "missing", name, detail);
  if (!met && !fix.empty()) {
    fmt::print("{:20} fix: {}\n", "", fix);
  }
}

void print_controllers(const cgroup::Mount& mount) {
  struct Controller {
    std::string_view name;
    std::string_view gives;
  };
  for (const auto& [name, gives] :
       {Controller{"cpu", "throttling and quotas"}, Controller{"memory", "memory and OOM counts"},
        Controller{"io", "block I/O"}, Controller{"pids", "number of processes"}}) {
    const bool there = mount.has(name);
    print(there, false, name, there ? "controller" : fmt::format("no {}", gives),
          mount.hybrid ? "Boot with systemd.unified_cgroup_hierarchy=1: this host keeps its "
                         "controllers in cgroup v1."
                       : "Enable the controller in cgroup.subtree_control of the root.");
  }
}

ExitCode examine(const std::string& root) {
  bool starts = true;
  for (const kernel::Requirement& each : kernel::check_requirements("", kernel::kernel_release())) {
    print(each.met, each.fatal, each.name, each.detail, each.fix);
    starts = starts && (each.met || !each.fatal);
  }
  const auto mount = root.empty() ? cgroup::find_mount() : cgroup::mount_at(root);
  print(mount.has_value(), true, "cgroup2", mount ? mount->path : "not mounted",
        "mount -t cgroup2 none /sys/fs/cgroup, or set `cgroup_root` in the configuration.");
  if (!mount) {
    return ExitCode::failed;
  }
  print_controllers(*mount);
  if (!starts) {
    return ExitCode::failed;
  }
  const kernel::DataPath path({64, mount->path, {}});
  for (const kernel::Probe& probe : path.probes()) {
    print(probe.up, false, fmt::format("bpf {}", probe.name),
          probe.up ? probe.feeds : fmt::format("no {}: {}", probe.feeds, probe.reason), "");
  }
  return ExitCode::ok;
}

}  // namespace

void add_doctor(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("doctor", "Show what this host allows, and how to get the rest");
  auto root = std::make_shared<std::string>();
  command->add_option("--cgroup-root", *root, "Where cgroup2 is mounted (default: found)");
  command->callback([&chosen, root] { chosen = [root] { return examine(*root); }; });
}

}  // namespace cgsentry::command
