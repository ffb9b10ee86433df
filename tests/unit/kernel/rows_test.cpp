// The counters of one slot: sums over CPUs, the slice that is still open, 32-bit buckets.
#include "kernel/rows.h"

#include <vector>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::kernel;

namespace {

constexpr std::uint32_t kCpus = 2;
constexpr std::uint32_t kSlots = 4;
constexpr Duration kNow{1'000'000'000};

/// The mapped arrays, as BPF would write them.
struct Arrays {
  std::vector<cgs_sched_row> sched{kSlots * kCpus};
  std::vector<cgs_cpu_row> cpus{kCpus};
  std::vector<cgs_network_row> network{kSlots * kCpus};
  std::vector<cgs_process_row> processes{kSlots * kCpus};
  std::vector<std::uint64_t> victims = std::vector<std::uint64_t>(kSlots);

  Rows rows() { return Rows({sched, cpus, network, processes, victims}); }
  cgs_sched_row& sched_at(std::uint32_t slot, std::uint32_t cpu) {
    return sched[slot * kCpus + cpu];
  }
};

/// A CPU on which a task of `slot` runs since `start`; the run queue's clock is 300 ns behind.
cgs_cpu_row running(std::uint32_t slot, Duration start) {
  cgs_cpu_row row{};
  row.sequence = 8;
  row.cgroup_id = 77;
  row.slot = slot;
  row.start_ns = static_cast<std::uint64_t>(start.count()) - 300;
  row.monotonic_offset_ns = 300;
  return row;
}

}  // namespace

TEST_CASE("counters of a slot are summed over the CPUs") {
  Arrays arrays;
  arrays.sched_at(1, 0) = {.run_ns = 10, .switches = 1, .wait_ns = 5, .wait_count = 2};
  arrays.sched_at(1, 1) = {.run_ns = 30, .switches = 2, .wait_ns = 7, .wait_count = 3};
  arrays.network[1 * kCpus + 1] = {100, 1, 200, 2};
  arrays.processes[1 * kCpus].exits_failed = 4;
  arrays.victims[1] = 9;
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  CHECK(rows.read(1).totals.sched.run_ns == 40);
  CHECK(rows.read(1).totals.sched.switches == 3);
  CHECK(rows.read(1).totals.sched.wait_ns == 12);
  CHECK(rows.read(1).totals.sched.wait_count == 5);
  CHECK(rows.read(1).totals.network.receive_bytes == 100);
  CHECK(rows.read(1).totals.network.transmit_packets == 2);
  CHECK(rows.read(1).totals.processes.exits_failed == 4);
  CHECK(rows.read(1).totals.oom_victims == 9);
  CHECK(rows.read(2).totals.sched.run_ns == 0);
}

TEST_CASE("a task that runs without a switch is accounted up to now") {
  Arrays arrays;
  arrays.sched_at(2, 1).run_ns = 500;
  arrays.cpus[1] = running(2, kNow - Duration(2000));
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  CHECK(rows.read(2).totals.sched.run_ns == 2500);
  CHECK(rows.read(1).totals.sched.run_ns == 0);
  rows.begin_tick(kNow + Duration(1000));
  CHECK(rows.read(2).totals.sched.run_ns == 3500);
}

TEST_CASE("a slice that closes between the snapshot and the row is not counted twice") {
  Arrays arrays;
  arrays.sched_at(2, 1).run_ns = 500;
  arrays.cpus[1] = running(2, kNow - Duration(2000));
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  arrays.sched_at(2, 1).run_ns = 2600;  // switched out 100 ns after the snapshot
  CHECK(rows.read(2).totals.sched.run_ns == 2500);
}

TEST_CASE("run time never goes back when the clocks disagree") {
  Arrays arrays;
  arrays.cpus[0] = running(1, kNow - Duration(2000));
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  CHECK(rows.read(1).totals.sched.run_ns == 2000);
  arrays.cpus[0] = {};
  arrays.sched_at(1, 0).run_ns = 1990;
  rows.begin_tick(kNow + Duration(10));
  CHECK(rows.read(1).totals.sched.run_ns == 2000);
}

TEST_CASE("an idle CPU, one before its first switch and one in mid-switch have no open slice") {
  Arrays arrays;
  arrays.cpus[0] = running(1, kNow - Duration(2000));
  SECTION("idle") {
    arrays.cpus[0].cgroup_id = 0;
  }
  SECTION("no switch yet") {
    arrays.cpus[0].start_ns = 0;
  }
  SECTION("in mid-switch") {
    arrays.cpus[0].sequence = 9;
  }
  SECTION("switched after now") {
    arrays.cpus[0].start_ns += 5000;
  }
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  CHECK(rows.read(1).totals.sched.run_ns == 0);
}

TEST_CASE("wait buckets of 32 bits keep counting past their overflow") {
  Arrays arrays;
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  arrays.sched_at(1, 0).wait_count = 0xFFFFFFF0U;
  arrays.sched_at(1, 0).wait_buckets[3] = 0xFFFFFFF0U;
  CHECK(rows.read(1).totals.sched.wait_buckets[3] == 0xFFFFFFF0U);
  arrays.sched_at(1, 0).wait_count = 0x100000010ULL;
  arrays.sched_at(1, 0).wait_buckets[3] = 0x10U;
  CHECK(rows.read(1).totals.sched.wait_buckets[3] == 0x100000010ULL);
}

TEST_CASE("a cleared slot begins at zero for its next container") {
  Arrays arrays;
  arrays.sched_at(1, 0) = {.run_ns = 10, .switches = 1, .wait_count = 7};
  arrays.sched_at(1, 0).wait_buckets[0] = 7;
  arrays.network[1 * kCpus].receive_bytes = 3;
  arrays.victims[1] = 1;
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  CHECK(rows.read(1).totals.sched.run_ns == 10);
  rows.clear(1);
  CHECK(rows.read(1).totals.sched.run_ns == 0);
  CHECK(rows.read(1).totals.sched.wait_buckets[0] == 0);
  CHECK(rows.read(1).totals.network.receive_bytes == 0);
  CHECK(rows.read(1).totals.oom_victims == 0);
}

TEST_CASE("a reading says which parts differ from the one before") {
  Arrays arrays;
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  CHECK(rows.read(1).changed == 0);
  SECTION("a slice ended") {
    arrays.sched_at(1, 1).switches = 1;
    CHECK(rows.read(1).changed == kSchedPart);
  }
  SECTION("a slice is open") {
    arrays.cpus[0] = running(1, kNow - Duration(2000));
    rows.begin_tick(kNow);
    CHECK(rows.read(1).changed == kSchedPart);
    CHECK(rows.read(1).changed == 0);
  }
  SECTION("a wait ended") {
    arrays.sched_at(1, 0).wait_count = 1;
    arrays.sched_at(1, 0).wait_buckets[5] = 1;
    CHECK(rows.read(1).changed == kSchedPart);
    CHECK(rows.read(1).totals.sched.wait_buckets[5] == 1);
  }
  SECTION("a packet") {
    arrays.network[1 * kCpus].receive_packets = 1;
    CHECK(rows.read(1).changed == kNetworkPart);
  }
  SECTION("a process and a victim") {
    arrays.processes[1 * kCpus + 1].exits = 1;
    arrays.victims[1] = 1;
    CHECK(rows.read(1).changed == (kProcessPart | kOomPart));
  }
  CHECK(rows.read(1).changed == 0);
  CHECK(rows.read(2).changed == 0);
}

TEST_CASE("a slot is untouched until a packet, a victim or an open slice comes") {
  Arrays arrays;
  arrays.sched_at(1, 0).switches = 3;
  Rows rows = arrays.rows();
  rows.begin_tick(kNow);
  CHECK_FALSE(rows.untouched(1));  // it was never read
  rows.read(1);
  CHECK_FALSE(rows.untouched(1));  // what was counted beside the switches may still come
  rows.read(1);
  CHECK(rows.untouched(1));
  SECTION("a packet") {
    arrays.network[1 * kCpus + 1].receive_packets = 1;
    CHECK_FALSE(rows.untouched(1));
  }
  SECTION("a victim") {
    arrays.victims[1] = 1;
    CHECK_FALSE(rows.untouched(1));
  }
  SECTION("an open slice, for as long as it is open") {
    arrays.cpus[1] = running(1, kNow);
    rows.begin_tick(kNow + Duration(5));
    CHECK_FALSE(rows.untouched(1));
    arrays.cpus[1] = running(2, kNow);
    rows.begin_tick(kNow + Duration(9));
    CHECK(rows.untouched(1));
  }
  SECTION("another container takes the slot") {
    rows.clear(1);
    CHECK_FALSE(rows.untouched(1));
  }
}
