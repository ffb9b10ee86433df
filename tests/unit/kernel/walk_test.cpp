// User and system time must read as in cpu.stat: cputime_adjust() of the kernel is the oracle.
#include "kernel/walk.h"

#include "support/catch.h"

using cgsentry::kernel::ScaledCpu;

TEST_CASE("user and system time share the run time in the proportion of the samples") {
  ScaledCpu cpu;
  cpu.update(1'000, 300, 100);
  CHECK(cpu.system_ns == 250);
  CHECK(cpu.user_ns == 750);
}

TEST_CASE("time without samples of one kind is all of the other") {
  ScaledCpu user;
  user.update(500, 0, 0);
  CHECK(user.user_ns == 500);
  CHECK(user.system_ns == 0);
  ScaledCpu system;
  system.update(500, 0, 7);
  CHECK(system.user_ns == 0);
  CHECK(system.system_ns == 500);
}

TEST_CASE("neither user nor system time ever goes back") {
  ScaledCpu cpu;
  cpu.update(1'000, 500, 500);
  CHECK(cpu.system_ns == 500);
  cpu.update(1'100, 900, 100);  // the proportion alone would give 110
  CHECK(cpu.system_ns == 500);
  CHECK(cpu.user_ns == 600);
  cpu.update(1'200, 100, 900);  // ... and here 120 for user
  CHECK(cpu.user_ns == 600);
  CHECK(cpu.system_ns == 600);
}

TEST_CASE("years of run time do not overflow") {
  ScaledCpu cpu;
  constexpr std::uint64_t year_ns = 31'536'000ULL * 1'000'000'000ULL;
  cpu.update(100 * year_ns, 50 * year_ns, 50 * year_ns);
  CHECK(cpu.system_ns == 50 * year_ns);
  CHECK(cpu.user_ns == 50 * year_ns);
}

TEST_CASE("a walk row counts only when the last walk wrote it") {
  std::vector<cgs_walk_row> rows(3);
  __u64 sequence = 5;
  const cgsentry::kernel::Walk walk(-1, rows, &sequence);
  rows[1].sequence = 5;
  rows[1].cgroup_id = 10;
  rows[2].sequence = 4;
  rows[2].cgroup_id = 11;
  CHECK(walk.row(1) == &rows[1]);
  CHECK(walk.row(2) == nullptr);
  CHECK(walk.row(0) == nullptr);
}
