// One row of the table "container": from the kernel's counters to metrics in their own units.
//
// The only place that knows both the kernel's counters and the catalogue. What a probe could not
// measure is absent. Thread: the loop. Tested by tests/unit/sampler/container_row_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernel/rows.h"
#include "kernel/totals.h"
#include "kernel/walk.h"
#include "model/metric.h"
#include "model/sample.h"

namespace cgsentry::sampler {

/// The columns of the table "container", in the table's own numbering.
class ContainerColumns {
 public:
  /// Adds all columns to `table`, which must have none yet and outlive this.
  explicit ContainerColumns(Table& table);

  void put(Metric metric, std::uint32_t row, double value);
  void clear(Metric metric, std::uint32_t row);

  void put_sched(std::uint32_t row, const kernel::SchedTotals& totals);
  void put_network(std::uint32_t row, const kernel::NetworkTotals& totals);
  void put_processes(std::uint32_t row, const kernel::ProcessTotals& totals);
  /// `cpu`: user and system time as cpu.stat shows them, brought up to date by the caller.
  void put_totals(std::uint32_t row, const kernel::CgroupTotals& totals,
                  const kernel::ScaledCpu& cpu);

 private:
  void put_bandwidth(std::uint32_t row, const kernel::BandwidthTotals& totals);
  void put_memory(std::uint32_t row, const kernel::MemoryTotals& totals);
  void put_pressure(std::uint32_t row, const kernel::PressureTotals& totals);

  Table& table_;
  std::array<std::size_t, kMetrics> columns_{};
  std::vector<std::size_t> wait_bounds_;  // kWaitBoundsNs, then +Inf
};

}  // namespace cgsentry::sampler
