// See selector.h.
#include "promql/selector.h"

namespace cgsentry::promql {

void SelectorNode::compute(const Moment& moment, Series& out) {
  const Timestamp time = shift_.of(moment);
  for (const SelectedColumn& column : selection_->columns()) {
    const window::Range range = column.table->timeline.between(time - lookback_, time);
    if (range.empty()) {
      continue;
    }
    if (history_) {
      look_back(column, range, out);
    } else if (range.end - 1 >= column.values->begin()) {
      take_newest(column, range.end - 1, out);
    }
  }
}

void SelectorNode::take_newest(const SelectedColumn& column, window::Sequence sequence,
                               Series& out) const {
  const bool time = gives_ == Gives::time;
  const double taken = to_seconds(column.table->timeline.time(sequence));
  // Room for all rows at once, because nearly all of them have a value; the rest is cut off.
  std::size_t end = out.size();
  out.entries.resize(end + column.rows.size());
  out.values.resize(end + column.rows.size());
  Entry* entries = out.entries.data();
  double* values = out.values.data();
  const double* slot = nullptr;
  std::size_t block = ~std::size_t{0};
  for (std::size_t i = 0; i < column.rows.size(); ++i) {
    const std::size_t row = column.rows[i];
    if (row / window::kLanes != block) {
      block = row / window::kLanes;
      slot = column.values->slot(row, sequence);
    }
    if (slot != nullptr && window::is_value(slot[row % window::kLanes])) {
      entries[end] = column.entries[i];
      values[end] = time ? taken : slot[row % window::kLanes];
      ++end;
    }
  }
  out.entries.resize(end);
  out.values.resize(end);
}

void SelectorNode::look_back(const SelectedColumn& column, window::Range range, Series& out) const {
  const window::Sequence first = std::max(range.first, column.values->begin());
  for (std::size_t i = 0; i < column.rows.size(); ++i) {
    for (window::Sequence sequence = range.end; sequence-- > first;) {
      const double value = column.values->at(column.rows[i], sequence);
      if (window::is_value(value)) {
        emit(column, i, sequence, value, out);
      }
      if (!window::is_absent(value)) {
        break;
      }
    }
  }
}

void SelectorNode::emit(const SelectedColumn& column, std::size_t index, window::Sequence sequence,
                        double value, Series& out) const {
  const bool time = gives_ == Gives::time;
  out.add(column.entries[index], time ? to_seconds(column.table->timeline.time(sequence)) : value);
}

}  // namespace cgsentry::promql
