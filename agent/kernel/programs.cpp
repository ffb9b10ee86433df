#include "kernel/programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>

#include "abi.h"
#include "base/setup_error.h"
#include "cgsentry.skel.h"
#include "kernel/libbpf_log.h"
#include "kernel/skeleton.h"

namespace cgsentry::kernel {

namespace {

constexpr const char* kPrivileges =
    "Run as root, or give the capabilities BPF, PERFMON and NET_ADMIN; in a container, its seccomp "
    "profile must allow bpf(2) too (`cgsentry doctor` tells more).";

struct LinkDestroy {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Link = std::unique_ptr<bpf_link, LinkDestroy>;

/// The number of the kernel's function that flushes a cgroup's totals, 0 when it has none.
int find_flush_function() {
  struct Free {
    void operator()(btf* types) const { btf__free(types); }
  };
  const std::unique_ptr<btf, Free> types(btf__load_vmlinux_btf());
  for (const char* name : {"css_rstat_flush", "cgroup_rstat_flush"}) {
    const int id = types ? btf__find_by_name_kind(types.get(), name, BTF_KIND_FUNC) : 0;
    if (id > 0) {
      return id;
    }
  }
  return 0;
}

/// Writes that number into the walk (walk.bpf.c says why). Without one the kernel refuses the walk.
void resolve_flush(bpf_program* walk) {
  static const int function = find_flush_function();
  if (function == 0) {
    return;
  }
  const bpf_insn* first = bpf_program__insns(walk);
  std::vector<bpf_insn> instructions(first, first + bpf_program__insn_cnt(walk));
  for (bpf_insn& each : instructions) {
    if (each.code == (BPF_JMP | BPF_CALL) && each.imm == CGS_FLUSH_CALL) {
      each.src_reg = BPF_PSEUDO_KFUNC_CALL;
      each.imm = function;
    }
  }
  // Fails for want of memory or after the load; then the kernel refuses the call as it is.
  (void)bpf_program__set_insns(walk, instructions.data(), instructions.size());
}

/// The programs of one probe.
std::vector<bpf_program*> programs_of(std::string_view probe, const cgsentry_bpf& skeleton) {
  const auto& programs = skeleton.progs;
  if (probe == "lifecycle") {
    return {programs.handle_cgroup_mkdir, programs.handle_cgroup_rmdir,
            programs.handle_cgroup_release, programs.handle_cgroup_attach_task};
  }
  if (probe == "sched") {
    return {programs.handle_sched_switch};
  }
  if (probe == "network") {
    return {programs.handle_ingress, programs.handle_egress};
  }
  if (probe == "oom") {
    return {programs.handle_mark_victim};
  }
  if (probe == "processes") {
    return {programs.handle_process_fork, programs.handle_process_exec,
            programs.handle_process_exit};
  }
  return {programs.walk};
}

std::uint32_t count_nodes() {
  std::uint32_t nodes = 0;
  std::error_code ignored;  // no such folder: a kernel without NUMA, which has one node
  for (const auto& entry :
       std::filesystem::directory_iterator("/sys/devices/system/node", ignored)) {
    const std::string name = entry.path().filename();
    nodes += name.starts_with("node") && name.find_first_not_of("0123456789", 4) == name.npos;
  }
  return std::max(nodes, 1U);
}

void set_sizes(cgsentry_bpf& skeleton, std::uint32_t slots, std::uint32_t cpus) {
  // A load of at most a quarter keeps probe runs short.
  const std::uint32_t tags = std::bit_ceil(slots * 4);
  skeleton.rodata->cpu_count = cpus;
  skeleton.rodata->slot_count = slots;
  skeleton.rodata->tag_mask = tags - 1;
  skeleton.rodata->node_count = count_nodes();
  const auto& maps = skeleton.maps;
  bpf_map__set_max_entries(maps.slot_tags, tags);
  bpf_map__set_max_entries(maps.visited_slots, tags);
  bpf_map__set_max_entries(maps.cpu_rows, cpus);
  for (bpf_map* map : {maps.slots, maps.walk_rows, maps.free_slots, maps.oom_victims}) {
    bpf_map__set_max_entries(map, slots);
  }
  for (bpf_map* map : {maps.sched_rows, maps.network_rows, maps.process_rows}) {
    bpf_map__set_max_entries(map, slots * cpus);
  }
}

void prepare(cgsentry_bpf& skeleton, std::uint32_t slots, std::uint32_t cpus) {
  set_sizes(skeleton, slots, cpus);
  resolve_flush(skeleton.progs.walk);
}

void choose(const cgsentry_bpf& skeleton, std::span<const Probe> probes) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton.obj) {
    bpf_program__set_autoload(program, false);
  }
  for (const Probe& probe : probes) {
    for (bpf_program* wanted : programs_of(probe.name, skeleton)) {
      bpf_program__set_autoload(wanted, probe.up);
    }
  }
}

}  // namespace

struct Programs::Object {
  Skeleton<cgsentry_bpf> skeleton;
  std::vector<Link> links;
  int walk_link = -1;
};

std::vector<Probe> known_probes() {
  return {{"lifecycle", "containers that start while the agent runs", false, ""},
          {"sched", "run time, switches and run-queue waits", false, ""},
          {"network", "network bytes and packets", false, ""},
          {"processes", "processes started and ended, crashes", false, ""},
          {"oom", "the victim of an OOM kill, at once", false, ""},
          {"walk", "CPU, memory, throttling, pressure and pids in one pass", false, ""}};
}

Programs::Programs(const Options& options)
    : options_(options),
      cgroup_root_(::open(options.cgroup_root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      probes_(known_probes()) {
  if (!cgroup_root_.valid()) {
    throw SetupError("open " + options.cgroup_root + ": " + std::strerror(errno),
                     "Mount cgroup2, or set `cgroup_root` in the configuration.");
  }
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) {
    throw SetupError("the number of CPUs is unknown", "Mount /sys.");
  }
  cpus_ = static_cast<std::uint32_t>(cpus);
  for (Probe& probe : probes_) {
    probe.switched_off =
        std::ranges::find(options_.disabled, probe.name) != options_.disabled.end();
    probe.up = !probe.switched_off;
    probe.reason = probe.up ? "" : "switched off";
  }
  load();
}

Programs::~Programs() = default;

void Programs::load() {
  LibbpfLog log;
  const auto try_load = [&] {
    object_ = std::make_unique<Object>();
    if (!object_->skeleton) {
      throw SetupError(std::string("open of the BPF object: ") + std::strerror(errno), "");
    }
    prepare(*object_->skeleton, options_.slots, cpus_);
    choose(*object_->skeleton, probes_);
    log.clear();
    return object_->skeleton.load();
  };
  if (try_load() == 0) {
    return;
  }
  find_refused(log);
  const int error = try_load();
  if (error != 0 || std::ranges::none_of(probes_, &Probe::up)) {
    throw SetupError("the kernel refused the BPF programs: " +
                         (error != 0 ? log.reason(error) : probes_.front().reason),
                     kPrivileges);
  }
}

/// Loads each probe alone and takes out those that fail.
void Programs::find_refused(LibbpfLog& log) {
  for (Probe& probe : probes_) {
    if (!probe.up) {
      continue;
    }
    Skeleton<cgsentry_bpf> alone;
    prepare(*alone, 2, cpus_);
    choose(*alone, {&probe, 1});
    log.clear();
    if (const int error = alone.load(); error != 0) {
      probe.up = false;
      probe.reason = log.reason(error);
    }
  }
}

bool Programs::up(std::string_view name) const {
  const auto probe = std::ranges::find(probes_, name, &Probe::name);
  return probe != probes_.end() && probe->up;
}

cgsentry_bpf& Programs::skeleton() const {
  return *object_->skeleton;
}

int Programs::walk_link() const {
  return object_->walk_link;
}

void Programs::attach() {
  for (Probe& probe : probes_) {
    if (probe.up) {
      attach(probe);
    }
  }
}

void Programs::attach(Probe& probe) {
  LibbpfLog log;
  std::vector<Link> links;
  for (bpf_program* program : programs_of(probe.name, *object_->skeleton)) {
    Link link;
    if (probe.name == "network") {
      link.reset(bpf_program__attach_cgroup(program, cgroup_root_.get()));
    } else if (probe.name == "walk") {
      bpf_iter_link_info info{};
      info.cgroup.cgroup_fd = static_cast<__u32>(cgroup_root_.get());
      info.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
      bpf_iter_attach_opts options{};
      options.sz = sizeof(options);
      options.link_info = &info;
      options.link_info_len = sizeof(info);
      link.reset(bpf_program__attach_iter(program, &options));
    } else {
      link.reset(bpf_program__attach(program));
    }
    if (!link) {
      probe.up = false;
      probe.reason = log.reason(-errno);
      return;
    }
    links.push_back(std::move(link));
  }
  if (probe.name == "walk") {
    object_->walk_link = bpf_link__fd(links.front().get());
  }
  std::ranges::move(links, std::back_inserter(object_->links));
}

}  // namespace cgsentry::kernel
