// See recorded_table.h.
#include "promql/recorded_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>

#include "model/labels.h"

namespace cgsentry::promql {

namespace {

constexpr std::size_t kFirstRows = 16;
constexpr std::size_t kFirstTimes = 4;

}  // namespace

RecordedTable::RecordedTable(SymbolTable& symbols, RecordShape shape, RowBudget& budget)
    : shape_(std::move(shape)), budget_(&budget), series_(symbols), state_(kFirstTimes) {}

Duration RecordedTable::join(const std::vector<std::unique_ptr<Selection>>& selections) {
  const Column column{shape_.metric, {}, MetricType::gauge, {}, {}};
  Duration need{};
  for (const auto& selection : selections) {
    if (selection->add_column(state_, column, 0)) {
      users_.push_back({selection.get(), &selection->columns_.back()});
      selection->has_recorded_ = true;
      selection->latest_delay_ = std::max(selection->latest_delay_, shape_.delay);
      need = std::max(need, selection->need_);
    }
  }
  return need;
}

void RecordedTable::make_column(std::size_t capacity, Duration need) {
  need_ = need;
  state_.timeline.grow(capacity);
  // Most recorded series are no counters, and those that are get the right answer all the same.
  state_.tracked.push_back(
      {0,
       MetricType::gauge,
       std::make_unique<window::Column>(state_.timeline, state_.timeline.capacity(),
                                        window::Watch::nothing),
       {},
       {}});
  TableState::Tracked& tracked = state_.tracked.front();
  Summaries summaries;
  for (const User& user : users_) {
    summaries.add(user.selection->summaries_);
  }
  tracked.set_summaries(summaries);
  for (const window::TierShape& shape : summaries.tiers) {
    tiers_need_ = std::max(tiers_need_, shape.range + shape.lag + 2 * shape.width);
  }
  values_ = tracked.values.get();
  for (const User& user : users_) {
    tracked.lend_to(*user.column);
  }
}

std::string RecordedTable::put(std::span<const Entry> rows, std::span<const double> values,
                               Timestamp time, const EngineOptions& options) {
  const window::Timeline& timeline = state_.timeline;
  if (!timeline.empty() && time <= timeline.time(timeline.end() - 1)) {
    return "";  // evaluated twice at one time: the first result stays
  }
  if (whole_ && std::ranges::equal(rows, last_rows_)) {
    taken_.assign(rows.begin(), rows.end());
    taken_values_.assign(values.begin(), values.end());
    store(time, options);
    return "";
  }
  // A rule may read what it records: new rows can make it forget what the others come from.
  std::ranges::for_each(rows, [&](Entry row) { series_.retain(row); });
  std::string problem = put_changed(rows, values, time, options);
  std::ranges::for_each(rows, [&](Entry row) { series_.release(row); });
  return problem;
}

std::string RecordedTable::put_changed(std::span<const Entry> rows, std::span<const double> values,
                                       Timestamp time, const EngineOptions& options) {
  ++turn_;
  rows_.resize(series_.entry_end());
  if (const Entry twin = find_twin(rows); twin != kNoEntry) {
    return "vector contains metrics with the same labelset after applying rule labels: " +
           shown(twin);
  }
  std::string problem = sort_out(rows, values, time);
  store(time, options);
  return problem;
}

Entry RecordedTable::find_twin(std::span<const Entry> rows) {
  const auto twin = std::ranges::find_if(
      rows, [&](Entry row) { return std::exchange(rows_[row].named, turn_) == turn_; });
  return twin == rows.end() ? kNoEntry : *twin;
}

std::string RecordedTable::sort_out(std::span<const Entry> rows, std::span<const double> values,
                                    Timestamp time) {
  std::string problem;
  taken_.clear();
  taken_values_.clear();
  for (std::size_t i = 0; values_ != nullptr && i < rows.size(); ++i) {
    const bool elsewhere = !peers_.empty() && is_elsewhere(rows[i], values[i], time, problem);
    if (!elsewhere && admit(rows[i])) {
      rows_[rows[i]].taken = turn_;
      taken_.push_back(rows[i]);
      taken_values_.push_back(values[i]);
    }
  }
  whole_ = values_ == nullptr || taken_.size() == rows.size();
  last_rows_.assign(rows.begin(), rows.end());
  end_others();
  return problem;
}

/// Stale markers for the series that the newest result does not have.
void RecordedTable::end_others() {
  std::erase_if(ended_, [&](Entry row) { return rows_[row].taken == turn_; });
  const std::size_t count = taken_.size();
  for (const Entry row : current_) {
    if (rows_[row].taken != turn_) {
      rows_[row].last = state_.timeline.end() - 1;
      rows_[row].last_time = state_.timeline.time(rows_[row].last);
      ended_.push_back(row);
      taken_.push_back(row);
      taken_values_.push_back(std::bit_cast<double>(window::kStaleBits));
    }
  }
  current_.assign(taken_.begin(), taken_.begin() + static_cast<std::ptrdiff_t>(count));
}

bool RecordedTable::admit(Entry row) {
  if (!rows_[row].held) {
    if (budget_->used >= budget_->limit) {
      ++budget_->refused;
      return false;
    }
    hold(row);
  }
  return true;
}

bool RecordedTable::is_elsewhere(Entry row, double value, Timestamp time, std::string& problem) {
  LabelSet labels;
  series_.labels(row, labels);
  for (RecordedTable* peer : peers_) {
    const Entry other = peer->series_.find(labels);
    if (other == kNoEntry || other >= peer->rows_.size() || !peer->rows_[other].held) {
      continue;
    }
    const window::Sequence newest = peer->state_.timeline.end() - 1;
    if (peer->state_.timeline.time(newest) == time &&
        std::ranges::count(peer->current_, other) != 0) {
      const double theirs = peer->values_->at(other, newest);
      if (std::bit_cast<std::uint64_t>(theirs) != std::bit_cast<std::uint64_t>(value)) {
        problem = "another rule records this series too: " + shown(row);
      }
      return true;
    }
    peer->give_up(other);
  }
  return false;
}

/// Another table has the series from now on. Its past here goes, so that it is never there twice.
void RecordedTable::give_up(Entry row) {
  std::erase(current_, row);
  std::erase(ended_, row);
  whole_ = false;
  release(row);
  rebuild();
}

void RecordedTable::store(Timestamp time, const EngineOptions& options) {
  if (values_ == nullptr) {
    return;
  }
  overruns_ += state_.make_room(time, need_, options.history) ? 1 : 0;
  state_.timeline.push(time);
  values_->append(taken_, taken_values_);
  state_.tracked.front().follow(time);
  drop_faded(time);
  if (rows_changed_) {
    rebuild();
  }
  for (const User& user : users_) {
    ++user.selection->version_;
  }
}

void RecordedTable::drop_faded(Timestamp now) {
  std::erase_if(ended_, [&](Entry row) {
    const bool faded =
        rows_[row].last < values_->begin() && rows_[row].last_time <= now - tiers_need_;
    if (faded) {
      release(row);
    }
    return faded;
  });
}

void RecordedTable::hold(Entry row) {
  if (row >= state_.labels.size()) {
    const std::size_t wider =
        std::max({kFirstRows, state_.labels.size() * 2, row + std::size_t{1}});
    state_.labels.resize(wider);
    for (const User& user : users_) {
      user.selection->widen(*user.column, wider);
    }
  }
  series_.retain(row);
  series_.labels(row, state_.labels[row]);
  rows_[row].held = true;
  rows_changed_ = true;
  ++budget_->used;
  for (const User& user : users_) {
    user.selection->match_row(state_, row);
  }
}

void RecordedTable::release(Entry row) {
  for (const User& user : users_) {
    user.selection->drop_row(state_, row);
  }
  state_.tracked.front().forget(row);
  state_.labels[row].clear();
  rows_[row] = {};
  rows_changed_ = true;
  --budget_->used;
  series_.release(row);
}

void RecordedTable::rebuild() {
  for (const User& user : users_) {
    user.selection->rebuild_rows(state_);
    ++user.selection->version_;
  }
  rows_changed_ = false;
}

void RecordedTable::inherit(const RecordedTable& old) {
  if (values_ == nullptr || old.values_ == nullptr) {
    return;
  }
  std::vector<std::pair<Entry, Entry>> pairs;
  for (Entry theirs = 0; theirs < old.rows_.size(); ++theirs) {
    if (old.rows_[theirs].held && budget_->used < budget_->limit) {
      pairs.emplace_back(theirs, adopt(old, theirs));
    }
  }
  const window::Timeline& times = old.state_.timeline;
  const window::Sequence first = std::max(times.begin(), old.values_->begin());
  for (window::Sequence at = first; at != times.end(); ++at) {
    taken_.clear();
    taken_values_.clear();
    for (const auto& [theirs, mine] : pairs) {
      if (const double value = old.values_->at(theirs, at); !window::is_absent(value)) {
        taken_.push_back(mine);
        taken_values_.push_back(value);
      }
    }
    state_.timeline.push(times.time(at));
    values_->append(taken_, taken_values_);
  }
  for (const auto& [theirs, mine] : pairs) {
    const bool current = std::ranges::count(old.current_, theirs) != 0;
    rows_[mine].last = state_.timeline.end() - 1;
    rows_[mine].last_time = old.rows_[theirs].last_time;
    (current ? current_ : ended_).push_back(mine);
  }
  inherit_summaries(old.state_.tracked.front(), pairs);
  rebuild();
}

void RecordedTable::inherit_summaries(const TableState::Tracked& old,
                                      const std::vector<std::pair<Entry, Entry>>& pairs) {
  const auto adopt_from = [&](auto& mine, const auto& all, auto shape_of) {
    const auto same = std::ranges::find_if(all, [&](const auto& other) {
      return std::invoke(shape_of, *other) == std::invoke(shape_of, mine);
    });
    for (const auto& [their_row, my_row] : pairs) {
      if (same != all.end()) {
        mine.adopt(**same, their_row, my_row);
      }
    }
  };
  for (const auto& tier : state_.tracked.front().tiers) {
    adopt_from(*tier, old.tiers, &window::Tier::shape);
  }
  for (const auto& season : state_.tracked.front().seasons) {
    adopt_from(*season, old.seasons, &window::Season::lag);
  }
}

/// A row with the labels of one of `old`.
Entry RecordedTable::adopt(const RecordedTable& old, Entry theirs) {
  const Entry mine = series_.acquire_from(old.series_, theirs);
  rows_.resize(series_.entry_end());
  hold(mine);
  series_.release(mine);  // hold() took a reference of its own
  return mine;
}

std::string RecordedTable::shown(Entry row) const {
  LabelSet labels;
  series_.labels(row, labels);
  Labels all = labels.to_labels(series_.symbols());
  all.set(kMetricName, shape_.metric);
  return all.to_string();
}

std::size_t RecordedTable::memory_bytes() const {
  std::size_t bytes =
      series_.memory_bytes() + state_.timeline.memory_bytes() +
      rows_.capacity() * sizeof(RowState) +
      (last_rows_.capacity() + current_.capacity() + ended_.capacity() + taken_.capacity()) *
          sizeof(Entry) +
      taken_values_.capacity() * sizeof(double);
  for (const LabelSet& labels : state_.labels) {
    bytes += sizeof(LabelSet) + labels.pairs().capacity() * sizeof(LabelPair);
  }
  return bytes + (values_ != nullptr ? state_.tracked.front().memory_bytes() : 0);
}

}  // namespace cgsentry::promql
