// See long_range_node.h.
#include "promql/long_range_node.h"

#include "promql/range_functions.h"

namespace cgsentry::promql {

namespace {

Names names_of(const Selection& selection) {
  return selection.one_name() ? Names::apart : Names::mixed;
}

bool counts_from_birth(FunctionId id) {
  return id == FunctionId::rate || id == FunctionId::increase || id == FunctionId::irate;
}

}  // namespace

LongRangeNode::LongRangeNode(Selection& selection, TimeShift shift, const window::TierShape& shape,
                             FunctionId id, Node* parameter)
    : selection_(&selection),
      shift_(shift),
      shape_(shape),
      id_(id),
      parameter_(parameter),
      relabel_(keeps_name(id) ? Relabel(selection)
                              : Relabel::without_name(selection, names_of(selection))) {}

Names LongRangeNode::names() const {
  return keeps_name(id_) ? names_of(*selection_) : Names::none;
}

void LongRangeNode::compute(const Moment& moment, Series& out) {
  if (parameter_ != nullptr) {
    const Series& parameter = parameter_->at(moment);
    if (out.take_error(parameter)) {
      return;
    }
    arguments_.parameter = parameter.values.front();
  }
  arguments_.now = moment.time;
  arguments_.interval.end = shift_.of(moment);
  arguments_.interval.start = arguments_.interval.end - shape_.range;
  for (const SelectedColumn& column : selection_->columns()) {
    window::Tier* tier = column.rows.empty() ? nullptr : column.tier(shape_);
    if (tier != nullptr) {
      compute_column(column, *tier, out);
    }
  }
  relabel_.apply(out);
}

void LongRangeNode::compute_column(const SelectedColumn& column, window::Tier& tier, Series& out) {
  // The store has done it, unless the range ends between two samples of a table with few of them.
  tier.follow(*column.values, arguments_.interval.end + shape_.lag);
  tier.look_back_to(arguments_.interval.start);
  arguments_.lengthened = tier.begin();
  arguments_.origin = tier.origin();
  const bool from_birth = counts_from_birth(id_) && column.type == MetricType::counter;
  for (std::size_t i = 0; i < column.rows.size(); ++i) {
    const std::size_t row = column.rows[i];
    arguments_.born.reset();
    if (from_birth && row < column.table->born.size()) {
      arguments_.born = column.table->born[row];
    }
    const auto value = shape_.parts == 0 ? of_newest(id_, tier.newest(row), arguments_)
                                         : of_summary(id_, tier.of(row), arguments_);
    if (value) {
      out.add(column.entries[i], *value);
    }
  }
}

}  // namespace cgsentry::promql
