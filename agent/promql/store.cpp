#include "promql/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cgsentry::promql {

namespace {

std::string key_of(const VectorSelector& selector) {
  std::string key;
  for (const Matcher& matcher : selector.matchers) {
    key += fmt::format("{}\x01{}\x01{}\x02", matcher.label, static_cast<int>(matcher.op),
                       matcher.value);
  }
  return key;
}

}  // namespace

Store::Store(SymbolTable& symbols, const EngineOptions& options)
    : symbols_(&symbols), options_(options) {
  budget_.limit = options.history ? std::numeric_limits<std::size_t>::max() : options.max_recorded;
}

Store::~Store() {
  for (const auto& table : tables_) {
    for (const LabelSet& labels : table->labels) {
      release_all(*symbols_, labels);
    }
  }
}

Selection& Store::select(const VectorSelector& selector, Duration need) {
  longest_need_ = std::max(longest_need_, need);
  std::string key = key_of(selector);
  const auto known = std::ranges::find(selection_keys_, key);
  if (known != selection_keys_.end()) {
    Selection& selection = *selections_[static_cast<std::size_t>(known - selection_keys_.begin())];
    selection.need_ = std::max(selection.need_, need);
    return selection;
  }
  selection_keys_.push_back(std::move(key));
  selections_.push_back(std::make_unique<Selection>(*symbols_, selector));
  selections_.back()->need_ = need;
  return *selections_.back();
}

Selection& Store::select(const VectorSelector& selector, Duration need,
                         const Summaries& summaries) {
  Selection& selection = select(selector, need);
  selection.summaries_.add(summaries);
  return selection;
}

bool Store::selects(std::string_view metric) const {
  return std::ranges::any_of(selections_,
                             [&](const auto& each) { return each->may_match(metric); });
}

RecordedTable& Store::add_recorded(RecordShape shape) {
  shape.interval = std::max(shape.interval, options_.interval);
  recorded_.push_back(std::make_unique<RecordedTable>(*symbols_, std::move(shape), budget_));
  return *recorded_.back();
}

void Store::start() {
  if (std::exchange(started_, true)) {
    return;
  }
  for (const auto& table : recorded_) {
    table->start(selections_, [&](Duration need) {
      return samples_for(options_.history ? Duration{} : need, table->shape().interval);
    });
    for (const auto& other : recorded_) {
      if (other != table && other->shape().metric == table->shape().metric) {
        table->add_peer(*other);
      }
    }
  }
}

std::size_t Store::samples_for(Duration need, Duration interval) const {
  // A quarter more than the nominal count, because an event may wake the loop between two ticks.
  constexpr double kSlack = 1.25;
  constexpr std::size_t kSpare = 4;
  const double nominal = static_cast<double>(need.count()) /
                         static_cast<double>(std::max<std::int64_t>(interval.count(), 1));
  return static_cast<std::size_t>(std::ceil(nominal * kSlack)) + kSpare;
}

bool Store::append(const Sample& sample) {
  if (sample.time <= last_time_) {
    return false;
  }
  last_time_ = sample.time;
  for (std::size_t i = 0; i < sample.tables.size(); ++i) {
    if (i == tables_.size()) {
      const Duration need = options_.history ? Duration{} : longest_need_;
      tables_.push_back(std::make_unique<TableState>(samples_for(need)));
    }
    const Table& table = sample.tables[i];
    TableState& state = *tables_[i];
    if (state.generation != table.generation) {
      link(state, table);
    }
    overruns_ += state.make_room(sample.time, longest_need_, options_.history) ? 1 : 0;
    state.timeline.push(sample.time);
    for (TableState::Tracked& tracked : state.tracked) {
      const Column& column = table.columns[tracked.column];
      tracked.values->append(column.values, column.present);
      tracked.follow(sample.time);
    }
  }
  return true;
}

void Store::link(TableState& state, const Table& table) {
  if (state.serials.empty()) {
    state.serials.resize(table.rows.size());
    state.labels.resize(table.rows.size());
    state.born.resize(table.rows.size(), Timestamp::min());
  }
  const std::size_t first_new_column = state.known_columns;
  link_columns(state, table);
  const std::size_t rows = std::min(table.rows.size(), state.serials.size());
  for (std::size_t row = 0; row < rows; ++row) {
    link_row(state, table, row);
  }
  const bool new_columns = state.known_columns != first_new_column;
  for (const auto& selection : selections_) {
    for (std::size_t row = 0; new_columns && row < rows; ++row) {
      if (state.serials[row] != 0) {
        selection->match_row(state, row);
      }
    }
    selection->rebuild_rows(state);
  }
  state.heritage.clear();
  state.generation = table.generation;
}

void Store::link_columns(TableState& state, const Table& table) {
  for (; state.known_columns < table.columns.size(); ++state.known_columns) {
    const Column& column = table.columns[state.known_columns];
    std::vector<SelectedColumn*> users;
    Summaries summaries;
    Duration need{};
    for (const auto& selection : selections_) {
      if (selection->add_column(state, column, state.serials.size())) {
        users.push_back(&selection->columns_.back());
        need = std::max(need, selection->need_);
        summaries.add(selection->summaries_);
      }
    }
    if (users.empty()) {
      continue;
    }
    const std::size_t capacity = options_.history ? state.timeline.capacity() : samples_for(need);
    TableState::Tracked& tracked =
        state.tracked.emplace_back(tracked_of(state, column, capacity, summaries));
    for (SelectedColumn* user : users) {
      tracked.lend_to(*user);
    }
  }
}

/// A new one, or what the rules before these had of it.
TableState::Tracked Store::tracked_of(TableState& state, const Column& column, std::size_t capacity,
                                      const Summaries& summaries) {
  TableState::Tracked tracked{state.known_columns, column.type, nullptr, {}, {}};
  const auto known =
      std::ranges::find(state.heritage, state.known_columns, &TableState::Tracked::column);
  if (known != state.heritage.end() && known->type == column.type) {
    known->values->resize(capacity);
    tracked.values = std::move(known->values);
    tracked.tiers = std::move(known->tiers);
    tracked.seasons = std::move(known->seasons);
  } else {
    const bool counter = column.type == MetricType::counter;
    tracked.values = std::make_unique<window::Column>(
        state.timeline, capacity, counter ? window::Watch::drops : window::Watch::nothing);
  }
  tracked.set_summaries(summaries);
  return tracked;
}

void Store::take_over(Store& old) {
  start();
  for (auto& table : std::exchange(old.tables_, {})) {
    for (LabelSet& labels : table->labels) {
      release_all(*old.symbols_, labels);
      labels.clear();  // the next sample has them
    }
    table->generation = ~std::uint64_t{0};
    table->known_columns = 0;
    table->heritage = std::exchange(table->tracked, {});
    table->timeline.grow(samples_for(longest_need_));
    tables_.push_back(std::move(table));
  }
  last_time_ = old.last_time_;
  for (const auto& table : recorded_) {
    const auto same = std::ranges::find_if(old.recorded_, [&](const auto& other) {
      return other->shape().identity == table->shape().identity &&
             other->shape().metric == table->shape().metric &&
             other->shape().delay == table->shape().delay;
    });
    if (same != old.recorded_.end()) {
      table->inherit(**same);
    }
  }
}

std::uint64_t Store::overruns() const {
  std::uint64_t all = overruns_;
  for (const auto& table : recorded_) {
    all += table->overruns();
  }
  return all;
}

bool Store::same_labels(const TableState& state, const Row& row, std::size_t index) const {
  const LabelSet& known = state.labels[index];
  if (known.pairs().size() != row.labels.size()) {
    return false;
  }
  return std::ranges::all_of(known.pairs(), [&](const LabelPair& pair) {
    return row.labels.get(symbols_->text(pair.name)) == symbols_->text(pair.value);
  });
}

void Store::adopt_labels(TableState& state, const Row& row, std::size_t index) {
  release_all(*symbols_, state.labels[index]);
  state.labels[index].clear();
  for (const Label& label : row.labels) {
    own(*symbols_, state.labels[index], label.name, label.value);
  }
}

void Store::link_row(TableState& state, const Table& table, std::size_t index) {
  const Row& row = table.rows[index];
  const bool another = row.serial != state.serials[index];
  if (!another && (!row.live() || same_labels(state, row, index))) {
    return;
  }
  // The labels are still the old ones while listeners look at what they forget.
  for (const auto& selection : selections_) {
    selection->drop_row(state, index);
  }
  if (another) {
    for (TableState::Tracked& tracked : state.tracked) {
      tracked.forget(index);
    }
  }
  adopt_labels(state, row, index);
  state.serials[index] = row.serial;
  state.born[index] = row.seen_born ? row.born_at : Timestamp::min();
  if (row.live()) {
    for (const auto& selection : selections_) {
      selection->match_row(state, index);
    }
  }
}

std::size_t Store::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& table : tables_) {
    bytes += table->timeline.memory_bytes();
    for (const TableState::Tracked& tracked : table->tracked) {
      bytes += tracked.memory_bytes();
    }
    bytes += table->serials.capacity() * (sizeof(std::uint64_t) + sizeof(Timestamp));
    for (const LabelSet& labels : table->labels) {
      bytes += sizeof(LabelSet) + labels.pairs().capacity() * sizeof(LabelPair);
    }
  }
  for (const auto& table : recorded_) {
    bytes += table->memory_bytes();
  }
  for (const auto& selection : selections_) {
    bytes += selection->memory_bytes();
  }
  return bytes;
}

}  // namespace cgsentry::promql
