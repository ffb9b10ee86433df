#include "sampler/collector.h"

#include <fmt/format.h>

#include "base/setup_error.h"
#include "identity/container.h"
#include "kernel/requirements.h"

namespace cgsentry::sampler {

namespace {

using identity::Role;

cgroup::Mount locate(const std::string& cgroup_root) {
  if (!cgroup_root.empty()) {
    return cgroup::mount_at(cgroup_root);
  }
  auto mount = cgroup::find_mount();
  if (!mount) {
    throw SetupError("cgroup2 is not mounted",
                     "mount -t cgroup2 none /sys/fs/cgroup, or set `cgroup_root`.");
  }
  return *mount;
}

/// One line with the fix instead of a verifier's log.
void refuse_what_cannot_work() {
  for (const kernel::Requirement& each : kernel::check_requirements("", kernel::kernel_release())) {
    if (each.fatal && !each.met) {
      throw SetupError(each.name + ": " + each.detail, each.fix);
    }
  }
}

kernel::Programs::Options programs(const Collector::Options& options, const std::string& root) {
  refuse_what_cannot_work();
  return {options.slots, root, options.disabled_probes};
}

Inputs inputs_of(kernel::DataPath& path, const cgroup::Mount& mount) {
  Inputs inputs;
  inputs.slots = &path.slots();
  inputs.rows = &path.rows();
  inputs.walk = path.walk();
  inputs.sched = path.up("sched");
  inputs.network = path.up("network");
  inputs.processes = path.up("processes");
  inputs.oom = path.up("oom");
  inputs.losses = path.losses();
  inputs.cgroup_root = mount.path;
  inputs.stat_files = mount.has("memory") || mount.has("io");
  return inputs;
}

Sampler::Names names(const Labels& series_labels) {
  return {[](std::string_view path) {
            const Role role = identity::classify(path).role;
            return role == Role::container || role == Role::unit;
          },
          [series_labels](const std::string& path) {
            Labels labels = identity::labels_of(identity::classify(path), path);
            labels.complete(series_labels);
            return labels;
          },
          [](std::string_view path) { return identity::classify(path).role == Role::inner; }};
}

}  // namespace

Collector::Collector(const Options& options, Timestamp now)
    : mount_(locate(options.cgroup_root)),
      path_(programs(options, mount_.path)),
      sampler_(inputs_of(path_, mount_), names(options.series_labels), options.slots, now) {
  for (const kernel::Probe& probe : path_.probes()) {
    if (probe.switched_off) {
      continue;  // nothing is wrong with what nobody wants
    }
    sampler_.agent().add("cgsentry_probe_up", MetricType::gauge,
                         {{"probe", std::string(probe.name)}},
                         [&probe] { return probe.up ? 1.0 : 0.0; });
  }
  sampler_.scan(now);
}

std::vector<std::string> Collector::notes() const {
  std::vector<std::string> notes;
  for (const kernel::Probe& probe : path_.probes()) {
    if (!probe.up) {
      notes.push_back(fmt::format("no {} ({}: {})", probe.feeds, probe.name, probe.reason));
    }
  }
  std::string missing;
  for (const char* controller : {"cpu", "memory", "io", "pids"}) {
    if (!mount_.has(controller)) {
      missing += missing.empty() ? controller : fmt::format(", {}", controller);
    }
  }
  if (!missing.empty()) {
    notes.push_back(fmt::format("cgroup2 has no {} controller here{}, so their metrics are absent",
                                missing,
                                mount_.hybrid ? " (a hybrid host keeps them in cgroup v1)" : ""));
  }
  return notes;
}

}  // namespace cgsentry::sampler
