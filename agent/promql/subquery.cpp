// See subquery.h.
#include "promql/subquery.h"

#include <algorithm>
#include <utility>

namespace cgsentry::promql {

namespace {

std::size_t steps_in(Duration need, Duration step) {
  constexpr std::size_t kSpare = 2;
  return static_cast<std::size_t>(need / step) + kSpare;
}

}  // namespace

SubqueryRange::SubqueryRange(Node& inner, const Shape& shape, std::string key)
    : inner_(&inner),
      shape_(shape),
      key_(std::move(key)),
      target_(inner.domain().symbols()),
      map_(inner.domain(), target_, [](LabelSet&, std::vector<Symbol>&) {}),
      timeline_(steps_in(shape.need, shape.step)),
      column_(timeline_, steps_in(shape.need, shape.step)) {
  if (shape.season_lag) {
    season_.emplace(*shape.season_lag);
  }
  target_.listen(*this);
}

Names SubqueryRange::names() const {
  // What is apart at each step may fall together over several: x at one, and x without its name at
  // another.
  return inner_->names() == Names::none ? Names::none : Names::mixed;
}

Timestamp SubqueryRange::first_step_after(Timestamp time) const {
  const std::int64_t step = shape_.step.count();
  const std::int64_t since_epoch = time.time_since_epoch().count();
  std::int64_t steps = since_epoch / step;
  if (since_epoch % step < 0) {
    --steps;  // towards the past, also before 1970
  }
  return Timestamp(Duration((steps + 1) * step));
}

void SubqueryRange::restart() {
  timeline_.clear();
  column_.clear();
  if (season_) {
    season_.emplace(season_->lag());
  }
  member_.clear();
  rows_.clear();
  last_step_ = Timestamp::min();
  failed_step_ = Timestamp::min();
  final_before_ = Timestamp::max();
}

void SubqueryRange::forget(Entry entry) {
  column_.forget(entry);
  if (season_) {
    season_->forget(entry);
  }
  if (entry < member_.size() && member_[entry] != 0) {
    member_[entry] = 0;
    std::erase(rows_, entry);
  }
}

void SubqueryRange::advance(const Moment& moment) {
  if (shape_.on_demand) {
    return;
  }
  if (!started_) {
    started_ = true;
    // The first step is the first one that is not before the data.
    last_step_ = first_step_after(moment.time - Duration(1)) - shape_.step;
  }
  renew(moment);
  const Timestamp until = reads_recorded() ? moment.time - Duration(1) : moment.time;
  evaluate_steps(std::max(last_step_, moment.time - shape_.need), until, moment);
}

void SubqueryRange::renew(const Moment& moment) {
  const std::uint64_t version = inner_->version();
  if (std::exchange(version_, version) == version || last_step_ < final_before_ ||
      timeline_.empty()) {
    return;
  }
  const bool only_last = timeline_.end() - timeline_.begin() == 1 ||
                         timeline_.time(timeline_.end() - 2) < final_before_;
  if (shape_.on_demand && !only_last) {
    restart();
    return;
  }
  // On a live node earlier steps stay as they are: their inputs may have left the windows.
  failed_step_ = failed_step_ == last_step_ ? Timestamp::min() : failed_step_;
  store(inner_->at(Moment{last_step_, moment.query_time, moment.turn}));
}

void SubqueryRange::evaluate_steps(Timestamp after, Timestamp until, const Moment& moment) {
  for (Timestamp step = first_step_after(after); step <= until; step += shape_.step) {
    evaluate(step, moment);
  }
}

void SubqueryRange::evaluate(Timestamp step, const Moment& moment) {
  const Series& series = inner_->at(Moment{step, moment.query_time, moment.turn});
  if (season_) {
    season_->follow(column_, last_step_);  // without this one, which may be renewed
  }
  timeline_.push(step);
  last_step_ = step;
  version_ = inner_->version();
  final_before_ = moment.query_time - inner_->latest_delay();
  store(series);
  drop_adopted();
}

/// What the last step gave.
void SubqueryRange::store(const Series& series) {
  if (series.failed()) {
    failed_step_ = last_step_;
    failure_ = series.error;
  }
  step_rows_.clear();
  bool grown = false;
  for (const Entry entry : series.entries) {
    const Entry row = map_(entry);
    step_rows_.push_back(row);
    if (row >= member_.size()) {
      member_.resize(target_.entry_end());
    }
    if (member_[row] == 0) {
      member_[row] = 1;
      rows_.push_back(row);
      grown = true;
    }
  }
  if (grown) {
    std::ranges::sort(rows_);
  }
  column_.append(step_rows_, series.values);
}

bool SubqueryRange::prepare(const Moment& moment) {
  interval_.end = shape_.shift.of(moment);
  interval_.start = interval_.end - shape_.range;
  renew(moment);
  if (shape_.on_demand) {
    // Kept steps are only good for an interval that goes on where they end.
    const bool joins = !shape_.volatile_steps && last_step_ != Timestamp::min() &&
                       last_step_ >= interval_.start && last_step_ <= interval_.end &&
                       timeline_.time(timeline_.begin()) <= first_step_after(interval_.start);
    if (!joins) {
      restart();
    }
    evaluate_steps(std::max(interval_.start, last_step_), interval_.end, moment);
  } else if (started_ && reads_recorded()) {
    evaluate_steps(std::max(last_step_, moment.time - shape_.need), moment.time, moment);
  }
  columns_.clear();
  if (failed_step_ > interval_.start && failed_step_ <= interval_.end) {
    error_ = failure_;
    return false;
  }
  const window::Range range = timeline_.between(interval_.start, interval_.end);
  if (!range.empty() && !rows_.empty()) {
    columns_.push_back(
        RangeColumn{&column_, range, rows_, rows_, {}, season_ ? &*season_ : nullptr});
  }
  return true;
}

void SubqueryRange::inherit(const SubqueryRange& old) {
  if (shape_.on_demand || !old.started_) {
    return;
  }
  std::vector<std::pair<Entry, Entry>> pairs;
  for (const Entry theirs : old.rows_) {
    pairs.emplace_back(theirs, adopt(old, theirs));
  }
  const window::Timeline& times = old.timeline_;
  const window::Sequence first = std::max(times.begin(), old.column_.begin());
  std::vector<double> values;
  for (window::Sequence at = first; at != times.end(); ++at) {
    step_rows_.clear();
    values.clear();
    for (const auto& [theirs, mine] : pairs) {
      if (const double value = old.column_.at(theirs, at); !window::is_absent(value)) {
        step_rows_.push_back(mine);
        values.push_back(value);
      }
    }
    timeline_.push(times.time(at));
    column_.append(step_rows_, values);
  }
  for (const auto& [theirs, mine] : pairs) {
    rows_.push_back(mine);
    if (season_ && old.season_) {
      season_->adopt(*old.season_, theirs, mine);
    }
  }
  std::ranges::sort(rows_);
  member_.resize(target_.entry_end(), 1);
  last_step_ = old.last_step_;
  failed_step_ = old.failed_step_;
  failure_ = old.failure_;
  adopted_until_ = last_step_ + shape_.need;
  started_ = true;
}

/// An entry with the labels of one of `old`; it stays until its old steps have left.
Entry SubqueryRange::adopt(const SubqueryRange& old, Entry theirs) {
  const Entry mine = target_.acquire_from(old.target_, theirs);
  adopted_.push_back(mine);
  return mine;
}

void SubqueryRange::drop_adopted() {
  if (last_step_ < adopted_until_) {
    return;
  }
  for (const Entry entry : std::exchange(adopted_, {})) {
    target_.release(entry);
  }
}

std::size_t SubqueryRange::memory_bytes() const {
  return target_.memory_bytes() + map_.memory_bytes() + timeline_.memory_bytes() +
         column_.memory_bytes() + (season_ ? season_->memory_bytes() : 0) +
         rows_.capacity() * sizeof(std::uint32_t);
}

}  // namespace cgsentry::promql
