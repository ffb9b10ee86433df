// See range_node.h.
#include "promql/range_node.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "promql/prediction.h"

namespace cgsentry::promql {

namespace {

Relabel relabel_of(RangeSource& source, FunctionId id) {
  if (keeps_name(id)) {
    return Relabel(source.domain());
  }
  return Relabel::without_name(source.domain(), source.names());
}

/// Fewer rows than this are faster one by one.
constexpr std::size_t kWorthLanes = 4;

/// The end of those rows from index `from` on that are in the same block.
std::size_t block_end(std::span<const std::uint32_t> rows, std::size_t from) {
  const std::size_t limit = (rows[from] / window::kLanes + 1) * window::kLanes;
  // Most blocks have all of their rows.
  const std::size_t whole = from + limit - rows[from];
  if (whole <= rows.size() && rows[whole - 1] == limit - 1) {
    return whole;
  }
  std::size_t to = from + 1;
  while (to < rows.size() && rows[to] < limit) {
    ++to;
  }
  return to;
}

/// The lanes from `lane` on, `count` of them, as bits.
std::uint64_t lane_bits(std::size_t lane, std::size_t count) {
  return (~std::uint64_t{0} >> (window::kLanes - count)) << lane;
}

}  // namespace

RangeNode::RangeNode(std::unique_ptr<RangeSource> source, FunctionId id,
                     std::array<Node*, 2> parameters)
    : source_(std::move(source)),
      id_(id),
      function_(range_function(id)),
      lanes_(lane_function(id)),
      moving_(moving_function(id)),
      scratch_(moving_kind(id)),
      most_samples_(most_samples(id)),
      parameters_(parameters),
      relabel_(relabel_of(*source_, id)) {}

Names RangeNode::names() const {
  return keeps_name(id_) ? source_->names() : Names::none;
}

std::size_t RangeNode::memory_bytes() const {
  std::size_t bytes = Node::memory_bytes();
  for (const ColumnSums& column : sums_) {
    for (const auto& block : column.blocks) {
      bytes += sizeof(block) + (block ? sizeof(*block) : 0);
    }
  }
  return bytes;
}

void RangeNode::compute(const Moment& moment, Series& out) {
  if (!take_parameters(moment, out)) {
    return;
  }
  if (!source_->prepare(moment)) {
    out.fail(source_->error());
    return;
  }
  arguments_.interval = source_->interval();
  arguments_.now = moment.time;
  if (std::string mistake = mistake_in(id_, arguments_);
      !mistake.empty() && !source_->columns().empty()) {
    out.fail(std::move(mistake));
    return;
  }
  for (const RangeColumn& column : source_->columns()) {
    compute_column(column, out);
  }
  relabel_.apply(out);
}

bool RangeNode::take_parameters(const Moment& moment, Series& out) {
  std::array<double*, 2> places{&arguments_.parameter, &arguments_.second};
  for (std::size_t i = 0; i < parameters_.size() && parameters_[i] != nullptr; ++i) {
    const Series& parameter = parameters_[i]->at(moment);
    if (out.take_error(parameter)) {
      return false;
    }
    *places[i] = parameter.values.front();
  }
  return true;
}

void RangeNode::compute_column(const RangeColumn& column, Series& out) {
  if (column.season != nullptr) {
    column.season->look_at(arguments_.interval.end);
  }
  std::size_t from = 0;
  while (from < column.rows.size()) {
    const std::size_t to = block_end(column.rows, from);
    if (has_lanes() && to - from >= kWorthLanes) {
      compute_block(column, from, to, out);
    } else {
      for (std::size_t i = from; i < to; ++i) {
        if (const auto value = of_row(column, column.rows[i])) {
          out.add(column.entries[i], *value);
        }
      }
    }
    from = to;
  }
}

void RangeNode::compute_block(const RangeColumn& column, std::size_t from, std::size_t to,
                              Series& out) {
  const window::Sequence first = std::max(column.range.first, column.values->begin());
  const window::Range range{first, column.range.end};
  const window::WholeRuns runs = column.values->whole_runs(column.rows[from], range);
  const std::uint64_t fit = needs_growth() ? runs.grow : runs.whole;
  const bool enough = fit != 0 && range.size() >= (needs_two() ? 2 : 1);
  Lanes results{};
  if (enough) {
    compute_lanes({column.values, column.rows[from], range.first, range.end}, fit, results);
  }
  if (enough && take_lanes(column, from, to, fit, results, out)) {
    return;
  }
  for (std::size_t i = from; i < to; ++i) {
    const std::size_t row = column.rows[i];
    const std::size_t lane = row % window::kLanes;
    const bool whole = enough && (fit >> lane & 1) != 0;
    if (whole && std::isfinite(results[lane]) && !is_born_inside(column, row)) {
      out.add(column.entries[i], results[lane]);
    } else if (const auto exact = of_row(column, row)) {
      out.add(column.entries[i], *exact);
    }
  }
}

bool RangeNode::take_lanes(const RangeColumn& column, std::size_t from, std::size_t to,
                           std::uint64_t fit, const Lanes& results, Series& out) const {
  const std::size_t count = to - from;
  const std::uint32_t first = column.rows[from];
  const std::size_t lane = first % window::kLanes;
  const bool adjacent = column.rows[to - 1] - first == count - 1;
  if (!adjacent || (~fit & lane_bits(lane, count)) != 0) {
    return false;
  }
  bool finite = true;
  for (const double result : results) {
    finite &= std::isfinite(result);
  }
  if (!finite) {
    return false;
  }
  for (std::size_t row = first; row < first + count; ++row) {
    if (is_born_inside(column, row)) {
      return false;
    }
  }
  const auto entries = column.entries.subspan(from, count);
  out.entries.insert(out.entries.end(), entries.begin(), entries.end());
  out.values.insert(out.values.end(), &results[lane], &results[lane] + count);
  return true;
}

void RangeNode::compute_lanes(const LaneRange& range, std::uint64_t rows, Lanes& out) {
  if (moving_ == nullptr) {
    lanes_(range, arguments_, out);
    return;
  }
  MovingSums& sums = sums_of(range);
  sums.move_to(range, rows);
  moving_(sums, range, arguments_, out);
}

MovingSums& RangeNode::sums_of(const LaneRange& range) {
  if (!source_->append_only()) {
    return scratch_ = MovingSums(moving_kind(id_));
  }
  auto column = std::ranges::find(sums_, range.values, &ColumnSums::column);
  if (column == sums_.end()) {
    column = sums_.insert(column, {range.values, {}});
  }
  const std::size_t block = range.row / window::kLanes;
  if (block >= column->blocks.size()) {
    column->blocks.resize(block + 1);
  }
  if (!column->blocks[block]) {
    column->blocks[block] = std::make_unique<MovingSums>(moving_kind(id_));
  }
  return *column->blocks[block];
}

bool RangeNode::needs_growth() const {
  return id_ == FunctionId::rate || id_ == FunctionId::increase;
}

bool RangeNode::needs_two() const {
  return needs_growth() || id_ == FunctionId::delta || id_ == FunctionId::deriv ||
         id_ == FunctionId::predict_linear || id_ == FunctionId::double_exponential_smoothing;
}

bool RangeNode::is_born_inside(const RangeColumn& column, std::size_t row) const {
  return counts_from_birth() && row < column.born.size() &&
         column.born[row] > arguments_.interval.start;
}

std::optional<double> RangeNode::of_row(const RangeColumn& column, std::size_t row) {
  const window::Run run = column.values->run(row, column.range);
  if (run.kind == window::Run::Kind::empty) {
    return std::nullopt;
  }
  const bool dense = run.kind == window::Run::Kind::dense;
  if (dense && id_ == FunctionId::count_over_time) {
    return static_cast<double>(run.end - run.first);
  }
  if (dense && id_ == FunctionId::present_over_time) {
    return 1;
  }
  if (dense && id_ == FunctionId::last_over_time) {
    return column.values->at(row, run.end - 1);
  }
  const bool by_ends = id_ == FunctionId::delta || (needs_growth() && run.grows);
  if (by_ends && dense) {
    return of_ends(column, row, run);
  }
  if (dense && most_samples_ != 0) {
    gather_some(column, row, run);
  } else {
    gather(column, row, run);
  }
  if (column.season != nullptr) {
    arguments_.usual = column.season->of(row);
  }
  return points_.empty() ? std::nullopt : function_(points_, arguments_);
}

std::optional<double> RangeNode::of_ends(const RangeColumn& column, std::size_t row,
                                         const window::Run& run) const {
  const window::Timeline& timeline = column.values->timeline();
  Ends ends;
  ends.first = {timeline.time(run.first), column.values->at(row, run.first)};
  ends.last = {timeline.time(run.end - 1), column.values->at(row, run.end - 1)};
  ends.count = run.end - run.first;
  if (born_before(column, row, ends.first.time)) {
    ends.first = {column.born[row], 0};
    ++ends.count;
  }
  if (ends.count < 2) {
    return std::nullopt;
  }
  ends.difference = ends.last.value - ends.first.value;
  return extrapolated(id_, ends, arguments_.interval);
}

bool RangeNode::counts_from_birth() const {
  return id_ == FunctionId::rate || id_ == FunctionId::increase || id_ == FunctionId::irate;
}

bool RangeNode::born_before(const RangeColumn& column, std::size_t row,
                            Timestamp first_sample) const {
  return is_born_inside(column, row) && column.born[row] < first_sample;
}

void RangeNode::gather_some(const RangeColumn& column, std::size_t row, const window::Run& run) {
  const window::Timeline& timeline = column.values->timeline();
  const std::size_t count = run.end - run.first;
  const std::size_t wanted = std::min(count, most_samples_);
  points_.clear();
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto offset = static_cast<window::Sequence>(evenly_spaced(i, wanted, count));
    points_.push_back(
        {timeline.time(run.first + offset), column.values->at(row, run.first + offset)});
  }
}

void RangeNode::gather(const RangeColumn& column, std::size_t row, const window::Run& run) {
  column.values->gather(row, run, points_);
  if (!points_.empty() && born_before(column, row, points_.front().time)) {
    points_.insert(points_.begin(), Point{column.born[row], 0});
  }
}

}  // namespace cgsentry::promql
