// Owns the BPF programs of the agent: opens, sizes, loads and attaches them, and says what could
// not be had and why.
//
// Each probe is optional. One that the kernel refuses is left out, by name and with the kernel's
// reason, and the metrics that it feeds are absent. Only when the kernel accepts nothing at all is
// it a SetupError. Nothing here runs in the loop. Order of use:
//
//   load (constructor) -> map the rows, fill the ring of free slots -> attach()
//
// so that the first cgroup that is born finds a slot. Tested by tests/kernel/host.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

struct cgsentry_bpf;

namespace cgsentry::kernel {

/// One program, or a few that are useless without each other.
struct Probe {
  std::string_view name;   // "sched"
  std::string_view feeds;  // what is absent without it
  bool up = false;
  std::string reason;         // why it is not up, one line
  bool switched_off = false;  // nobody wants it
};

class Programs {
 public:
  struct Options {
    std::uint32_t slots = 2048;         // 1 to 1,000,000, slot 0 included
    std::string cgroup_root;            // where cgroup2 is mounted
    std::vector<std::string> disabled;  // probes not to load, for tests and by configuration
  };

  /// Opens and loads. Throws SetupError when nothing loads.
  explicit Programs(const Options& options);
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  /// Attaches every probe that loaded, discovery first. What fails is recorded in probes().
  void attach();

  [[nodiscard]] const std::vector<Probe>& probes() const { return probes_; }
  [[nodiscard]] bool up(std::string_view probe) const;

  [[nodiscard]] cgsentry_bpf& skeleton() const;
  /// The link of the walk's iterator, or -1 when that probe is not up. Owned here.
  [[nodiscard]] int walk_link() const;

  [[nodiscard]] std::uint32_t slots() const { return options_.slots; }
  /// Possible CPUs: the width of every [slot][cpu] array.
  [[nodiscard]] std::uint32_t cpus() const { return cpus_; }

 private:
  struct Object;  // the skeleton and its links

  void load();
  void find_refused(class LibbpfLog& log);
  void attach(Probe& probe);

  Options options_;
  std::uint32_t cpus_ = 1;
  Fd cgroup_root_;
  std::vector<Probe> probes_;
  std::unique_ptr<Object> object_;
};

/// The probes that the agent knows, none of them up. For `doctor` and for tests.
[[nodiscard]] std::vector<Probe> known_probes();

}  // namespace cgsentry::kernel
