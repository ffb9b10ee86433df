#include "kernel/walk.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/fd.h"

namespace cgsentry::kernel {

/// The kernel's mul_u64_u64_div_u64: the product of two times in nanoseconds needs 128 bits.
__extension__ using Wide = unsigned __int128;

void ScaledCpu::update(std::uint64_t run_ns, std::uint64_t raw_user_ns,
                       std::uint64_t raw_system_ns) {
  if (user_ns + system_ns >= run_ns) {
    return;
  }
  std::uint64_t system = raw_system_ns;
  if (raw_system_ns == 0) {
    system = 0;
  } else if (raw_user_ns == 0) {
    system = run_ns;
  } else {
    const auto wide = static_cast<Wide>(raw_system_ns) * run_ns;
    system = static_cast<std::uint64_t>(wide / (raw_system_ns + raw_user_ns));
  }
  system = std::max(std::min(system, run_ns), system_ns);
  std::uint64_t user = run_ns - system;
  if (user < user_ns) {
    user = user_ns;
    system = run_ns - user;
  }
  user_ns = user;
  system_ns = system;
}

Walk::Walk(int link_fd, std::span<const cgs_walk_row> rows, __u64* sequence)
    : link_fd_(link_fd), rows_(rows), sequence_(sequence) {}

Status Walk::run() {
  ++*sequence_;
  const Fd iterator(bpf_iter_create(link_fd_));
  if (!iterator.valid()) {
    return system_failure("bpf_iter_create", "walk");
  }
  // The program writes nothing into the file, so one read normally runs all of it.
  std::array<char, 64> nothing{};
  while (true) {
    const ssize_t bytes = ::read(iterator.get(), nothing.data(), nothing.size());
    if (bytes == 0) {
      return {};
    }
    // EAGAIN: the kernel pauses after a million objects; EINTR: a signal came.
    if (bytes < 0 && errno != EAGAIN && errno != EINTR) {
      return system_failure("read", "walk");
    }
  }
}

const cgs_walk_row* Walk::row(std::uint32_t slot) const {
  const cgs_walk_row& row = rows_[slot];
  return row.sequence == *sequence_ && row.cgroup_id != 0 ? &row : nullptr;
}

}  // namespace cgsentry::kernel
