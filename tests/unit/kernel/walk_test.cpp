// The walk's rows as totals. User and system time must read as in cpu.stat: cputime_adjust() of the
// kernel is the oracle.
#include "kernel/walk.h"

#include <unistd.h>

#include <limits>
#include <vector>

#include "support/catch.h"

using cgsentry::kernel::ScaledCpu;
using cgsentry::kernel::Walk;

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

namespace {

/// Three rows, of which the walk with number 5 has written the one of slot 1.
struct Walked {
  std::vector<cgs_walk_row> rows{3};
  __u64 sequence = 5;
  Walk walk{-1, rows, &sequence};

  Walked() {
    rows[1].sequence = 5;
    rows[1].cgroup_id = 10;
  }
};

}  // namespace

TEST_CASE("a walk row counts only when the last walk wrote it") {
  Walked f;
  f.rows[2].sequence = 4;
  f.rows[2].cgroup_id = 11;
  CHECK(f.walk.totals(1));
  CHECK_FALSE(f.walk.totals(2));
  CHECK_FALSE(f.walk.totals(0));
  f.sequence = 6;
  CHECK_FALSE(f.walk.totals(1));
}

TEST_CASE("a row's parts come out in bytes and nanoseconds") {
  Walked f;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  cgs_walk_row& row = f.rows[1];
  row.parts =
      CGS_WALK_CPU | CGS_WALK_BANDWIDTH | CGS_WALK_MEMORY | CGS_WALK_PRESSURE | CGS_WALK_PIDS;
  row.frozen = 1;
  row.cpu_ns = 3;
  row.quota_ns = 50'000'000;
  row.memory_pages = 100;
  row.memory_limit_pages = 200;
  row.inactive_file_pages = 30;
  row.oom_kill_events = 4;
  row.pressure_ns[0] = 1;
  row.pressure_ns[5] = 6;
  row.pids = 7;
  row.pids_limit = 64;
  const auto totals = f.walk.totals(1);
  REQUIRE(totals);
  CHECK(totals->frozen);
  CHECK(totals->cpu->run_ns == 3);
  CHECK(totals->bandwidth->quota_ns == 50'000'000);
  CHECK(totals->memory->current_bytes == 100 * page);
  CHECK(totals->memory->limit_bytes == 200 * page);
  CHECK(totals->memory->inactive_file_bytes == 30 * page);
  CHECK(f.walk.inactive_file_bytes(1) == 30 * page);
  CHECK(totals->memory->oom_kill_events == 4);
  CHECK(totals->pressure->io_waiting_ns == 1);
  CHECK(totals->pressure->cpu_stalled_ns == 6);
  CHECK(totals->pids->current == 7);
  CHECK(totals->pids->limit == 64);
}

TEST_CASE("the kernel's ways to say that there is no limit are absence") {
  Walked f;
  cgs_walk_row& row = f.rows[1];
  row.parts = CGS_WALK_BANDWIDTH | CGS_WALK_MEMORY | CGS_WALK_PIDS;
  row.quota_ns = std::numeric_limits<std::uint64_t>::max();
  row.memory_limit_pages = std::numeric_limits<std::int64_t>::max() / ::sysconf(_SC_PAGESIZE);
  row.pids_limit = (1ULL << 22) + 1;
  const auto totals = f.walk.totals(1);
  REQUIRE(totals);
  CHECK_FALSE(totals->bandwidth->quota_ns);
  CHECK_FALSE(totals->memory->limit_bytes);
  CHECK_FALSE(totals->pids->limit);
}

TEST_CASE("a part that the walk could not read is absent") {
  Walked f;
  f.rows[1].parts = CGS_WALK_CPU;
  const auto totals = f.walk.totals(1);
  REQUIRE(totals);
  CHECK(totals->cpu);
  CHECK_FALSE(totals->bandwidth);
  CHECK_FALSE(totals->memory);
  CHECK_FALSE(totals->pressure);
  CHECK_FALSE(totals->pids);
}

TEST_CASE("a row says since which walk it is the same") {
  Walked f;
  f.rows[1].changed_sequence = 3;
  CHECK(f.walk.sequence() == 5);
  CHECK(f.walk.same_since(1) == 3);
  CHECK_FALSE(f.walk.same_since(2));
}
