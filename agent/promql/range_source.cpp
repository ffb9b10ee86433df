// See range_source.h.
#include "promql/range_source.h"

namespace cgsentry::promql {

bool SelectorRange::prepare(const Moment& moment) {
  interval_.end = shift_.of(moment);
  interval_.start = interval_.end - range_;
  columns_.clear();
  for (const SelectedColumn& column : selection_->columns()) {
    const window::Range range = column.table->timeline.between(interval_.start, interval_.end);
    if (range.empty() || column.rows.empty()) {
      continue;
    }
    RangeColumn out{column.values, range, column.rows, column.entries, {}, nullptr};
    if (column.type == MetricType::counter) {
      out.born = column.table->born;
    }
    out.season = season_lag_ ? column.season(*season_lag_) : nullptr;
    columns_.push_back(out);
  }
  return true;
}

}  // namespace cgsentry::promql
