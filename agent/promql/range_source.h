// What a range function reads: the columns of a selector, or those of a subquery.
//
//   prepare(moment) ──► columns with, for each, the samples in (end - range, end] and its rows
//
// Thread: the loop. Tested through engine.h by tests/unit/promql/engine_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "promql/node.h"
#include "promql/store.h"
#include "promql/time_shift.h"
#include "window/column.h"
#include "window/season.h"

namespace cgsentry::promql {

/// Borrowed from the source until its next prepare().
struct RangeColumn {
  const window::Column* values = nullptr;
  window::Range range;
  std::span<const std::uint32_t> rows;  // ascending
  std::span<const Entry> entries;       // of those rows, in the source's domain
  /// Per row of a counter whose birth was seen, when that was; empty when no row has one.
  std::span<const Timestamp> born;
  /// Of the same rows, or null. It has what came up to the end of the range, and more perhaps.
  window::Season* season = nullptr;
};

/// The range that was asked for: (start, end].
struct Interval {
  Timestamp start{};
  Timestamp end{};
};

class RangeSource {
 public:
  virtual ~RangeSource() = default;

  [[nodiscard]] virtual Domain& domain() = 0;
  [[nodiscard]] virtual Names names() const = 0;
  /// False when it failed, see error().
  virtual bool prepare(const Moment& moment) = 0;
  /// Samples that were in a range stay as they are: columns only grow at their end.
  [[nodiscard]] virtual bool append_only() const = 0;
  [[nodiscard]] std::span<const RangeColumn> columns() const { return columns_; }
  [[nodiscard]] const Interval& interval() const { return interval_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] virtual std::size_t memory_bytes() const = 0;

 protected:
  std::vector<RangeColumn> columns_;
  Interval interval_;
  std::string error_;
};

/// x{…}[5m]
class SelectorRange final : public RangeSource {
 public:
  /// `season_lag`: of the season that comes with each column, when one does.
  SelectorRange(Selection& selection, TimeShift shift, Duration range,
                std::optional<Duration> season_lag)
      : selection_(&selection), shift_(shift), range_(range), season_lag_(season_lag) {}

  Domain& domain() override { return *selection_; }
  [[nodiscard]] Names names() const override {
    return selection_->one_name() ? Names::apart : Names::mixed;
  }
  bool prepare(const Moment& moment) override;
  [[nodiscard]] bool append_only() const override { return true; }
  [[nodiscard]] std::size_t memory_bytes() const override { return 0; }

 private:
  Selection* selection_;
  TimeShift shift_;
  Duration range_;
  std::optional<Duration> season_lag_;
};

}  // namespace cgsentry::promql
