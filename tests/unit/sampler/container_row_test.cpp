// Units, and absence: what the kernel does not limit or measure has no value.
#include "sampler/container_row.h"

#include <optional>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::sampler;

namespace {

struct Fixture {
  Table table{"container", 2};
  ContainerColumns columns{table};

  std::optional<double> value(std::string_view name, const Labels& labels = {}) const {
    for (const Column& column : table.columns) {
      if (column.metric == name && column.labels == labels) {
        return column.present[1] ? std::optional(column.values[1]) : std::nullopt;
      }
    }
    FAIL("no such column: " << name);
    return std::nullopt;
  }
};

kernel::CgroupTotals totals() {
  return {.frozen = true,
          .cpu = kernel::CpuTotals{.run_ns = 2'500'000'000},
          .bandwidth = kernel::BandwidthTotals{.periods = 10,
                                               .throttled_periods = 4,
                                               .throttled_ns = 1'000'000'000,
                                               .period_ns = 100'000'000,
                                               .quota_ns = 50'000'000},
          .memory = kernel::MemoryTotals{.current_bytes = 4'096'000,
                                         .inactive_file_bytes = 1'096'000,
                                         .limit_bytes = 8'192'000},
          .pressure = kernel::PressureTotals{.io_waiting_ns = 1'000'000'000,
                                             .cpu_stalled_ns = 3'000'000'000},
          .pids = kernel::PidsTotals{.current = 7, .limit = 64}};
}

}  // namespace

TEST_CASE("the kernel's totals come out in seconds and bytes") {
  Fixture f;
  f.columns.put_totals(1, totals(), {2'000'000'000, 500'000'000});
  CHECK(f.value("container_cpu_usage_seconds_total", {{"cpu", "total"}}) == 2.5);
  CHECK(f.value("container_cpu_user_seconds_total") == 2.0);
  CHECK(f.value("container_cpu_system_seconds_total") == 0.5);
  CHECK(f.value("container_cpu_cfs_throttled_seconds_total") == 1.0);
  CHECK(f.value("container_spec_cpu_quota") == 50'000);
  CHECK(f.value("container_spec_cpu_period") == 100'000);
  CHECK(f.value("container_memory_usage_bytes") == 4'096'000);
  CHECK(f.value("container_memory_working_set_bytes") == 3'000'000);
  CHECK(f.value("container_spec_memory_limit_bytes") == 8'192'000);
  CHECK(f.value("container_pressure_io_waiting_seconds_total") == 1.0);
  CHECK(f.value("container_pressure_cpu_stalled_seconds_total") == 3.0);
  CHECK(f.value("container_spec_pids_limit") == 64);
  CHECK(f.value("container_frozen") == 1);
}

TEST_CASE("a working set is never negative, though its parts are not read at one moment") {
  Fixture f;
  kernel::CgroupTotals inactive = totals();
  inactive.memory->inactive_file_bytes = 9'000'000;
  f.columns.put_totals(1, inactive, {});
  CHECK(f.value("container_memory_working_set_bytes") == 0);
}

TEST_CASE("no quota and no pids limit are absent, no memory limit is 0 as cAdvisor has it") {
  Fixture f;
  f.columns.put_totals(1, totals(), {});
  kernel::CgroupTotals unlimited = totals();
  unlimited.bandwidth->quota_ns.reset();
  unlimited.pids->limit.reset();
  unlimited.memory->limit_bytes.reset();
  f.columns.put_totals(1, unlimited, {});
  CHECK_FALSE(f.value("container_spec_cpu_quota"));
  CHECK_FALSE(f.value("container_spec_pids_limit"));
  CHECK(f.value("container_spec_memory_limit_bytes") == 0);
}

TEST_CASE("a part that could not be read is absent") {
  Fixture f;
  f.columns.put_totals(1, {.cpu = totals().cpu}, {});
  CHECK(f.value("container_cpu_usage_seconds_total", {{"cpu", "total"}}) == 2.5);
  CHECK_FALSE(f.value("container_memory_usage_bytes"));
  CHECK_FALSE(f.value("container_processes"));
  CHECK_FALSE(f.value("container_pressure_cpu_waiting_seconds_total"));
  CHECK_FALSE(f.value("container_cpu_cfs_periods_total"));
}

TEST_CASE("the wait histogram is cumulative and ends with all waits") {
  Fixture f;
  kernel::SchedTotals totals;
  totals.wait_buckets[0] = 5;   // below 256 ns
  totals.wait_buckets[2] = 2;   // below 1,024 ns
  totals.wait_buckets[10] = 1;  // below 262,144 ns
  totals.wait_count = 9;        // one is above all bounds
  totals.wait_ns = 1'500'000'000;
  f.columns.put_sched(1, totals);
  CHECK(f.value(kWaitHistogram, {{"le", "1.024e-06"}}) == 7);
  CHECK(f.value(kWaitHistogram, {{"le", "0.000262144"}}) == 8);
  CHECK(f.value(kWaitHistogram, {{"le", "1.073741824"}}) == 8);
  CHECK(f.value(kWaitHistogram, {{"le", "+Inf"}}) == 9);
  CHECK(f.value("container_cpu_run_queue_wait_seconds_total") == 1.5);
}

TEST_CASE("exits are told apart by cause, and never negative between two reads") {
  Fixture f;
  f.columns.put_processes(1, {.exits = 5, .exits_failed = 4, .exits_signaled = 2});
  CHECK(f.value("container_processes_exited_total", {{"cause", "ok"}}) == 0);
  CHECK(f.value("container_processes_exited_total", {{"cause", "failed"}}) == 4);
  CHECK(f.value("container_processes_exited_total", {{"cause", "signal"}}) == 2);
}
