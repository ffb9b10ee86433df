#include "promql/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

/// Adds a label to a set that owns references.
void own(SymbolTable& symbols, LabelSet& set, std::string_view name, std::string_view value) {
  set.set(symbols.acquire(name), symbols.acquire(value));
}

}  // namespace

Selection::Selection(SymbolTable& symbols, const VectorSelector& selector) : Domain(symbols) {
  for (const Matcher& matcher : selector.matchers) {
    matchers_.emplace_back(matcher);
    one_name_ = one_name_ || (matcher.label == kMetricName && matcher.op == MatchOp::equal);
  }
}

Selection::~Selection() {
  for (const SelectedColumn& column : columns_) {
    release_all(symbols(), column.labels);
  }
}

void Selection::labels(Entry entry, LabelSet& out) const {
  const auto after = std::ranges::upper_bound(columns_, entry, {}, &SelectedColumn::base);
  const SelectedColumn& column = *std::prev(after);
  out = column.table->labels[entry - column.base];
  for (const LabelPair& pair : column.labels.pairs()) {
    out.set(pair.name, pair.value);
  }
}

bool Selection::wants(const Column& column, std::vector<std::size_t>& undecided) const {
  for (std::size_t i = 0; i < matchers_.size(); ++i) {
    const CompiledMatcher& matcher = matchers_[i];
    if (matcher.label() == kMetricName) {
      if (!matcher.matches(column.metric)) {
        return false;
      }
    } else if (column.labels.has(matcher.label())) {
      if (!matcher.matches(column.labels.get(matcher.label()))) {
        return false;
      }
    } else {
      undecided.push_back(i);
    }
  }
  return true;
}

bool Selection::add_column(const TableState& table, const Column& column, std::size_t rows) {
  SelectedColumn selected;
  if (!wants(column, selected.row_matchers)) {
    return false;
  }
  selected.table = &table;
  selected.type = column.type;
  selected.base = next_base_;
  selected.row_count = rows;
  selected.matched.resize(rows);
  own(symbols(), selected.labels, kMetricName, column.metric);
  for (const Label& label : column.labels) {
    own(symbols(), selected.labels, label.name, label.value);
  }
  next_base_ += static_cast<Entry>(rows);
  columns_.push_back(std::move(selected));
  return true;
}

void Selection::match_row(const TableState& table, std::size_t row) {
  for (SelectedColumn& column : columns_) {
    if (column.table != &table || row >= column.row_count) {
      continue;
    }
    const bool matches = std::ranges::all_of(column.row_matchers, [&](std::size_t i) {
      const CompiledMatcher& matcher = matchers_[i];
      for (const LabelPair& pair : table.labels[row].pairs()) {
        if (symbols().text(pair.name) == matcher.label()) {
          return matcher.matches(symbols().text(pair.value));
        }
      }
      return matcher.matches("");
    });
    column.matched[row] = matches ? 1 : 0;
  }
}

void Selection::drop_row(const TableState& table, std::size_t row) {
  for (SelectedColumn& column : columns_) {
    if (column.table == &table && row < column.row_count) {
      column.matched[row] = 0;
      notify(column.base + static_cast<Entry>(row));
    }
  }
}

void Selection::rebuild_rows(const TableState& table) {
  for (SelectedColumn& column : columns_) {
    if (column.table != &table) {
      continue;
    }
    column.rows.clear();
    column.entries.clear();
    for (std::uint32_t row = 0; row < column.row_count; ++row) {
      if (column.matched[row] != 0) {
        column.rows.push_back(row);
        column.entries.push_back(column.base + row);
      }
    }
  }
}

std::size_t Selection::memory_bytes() const {
  std::size_t bytes = columns_.size() * sizeof(SelectedColumn);
  for (const SelectedColumn& column : columns_) {
    bytes += column.matched.capacity() + column.rows.capacity() * sizeof(std::uint32_t) +
             column.entries.capacity() * sizeof(Entry);
  }
  return bytes;
}

Store::Store(SymbolTable& symbols, const EngineOptions& options)
    : symbols_(&symbols), options_(options) {}

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

std::size_t Store::samples_for(Duration need) const {
  // A quarter more than the nominal count, because an event may wake the loop between two ticks.
  constexpr double kSlack = 1.25;
  constexpr std::size_t kSpare = 4;
  const double nominal = static_cast<double>(need.count()) /
                         static_cast<double>(std::max<std::int64_t>(options_.interval.count(), 1));
  return static_cast<std::size_t>(std::ceil(nominal * kSlack)) + kSpare;
}

bool Store::append(const Sample& sample) {
  if (sample.time <= last_time_) {
    return false;
  }
  started_ = true;
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
    make_room(state, sample.time);
    state.timeline.push(sample.time);
    for (const TableState::Tracked& tracked : state.tracked) {
      const Column& column = table.columns[tracked.column];
      tracked.values->append(column.values, column.present);
    }
  }
  return true;
}

/// With a history, rings grow until they hold it; without, a value that falls out too early counts.
void Store::make_room(TableState& state, Timestamp now) {
  window::Timeline& timeline = state.timeline;
  const bool full = timeline.end() - timeline.begin() == timeline.capacity();
  if (!full) {
    return;
  }
  const Timestamp oldest = timeline.time(timeline.begin());
  if (options_.history) {
    if (now - oldest <= *options_.history) {
      const std::size_t wider = timeline.capacity() * 2;
      for (const TableState::Tracked& tracked : state.tracked) {
        tracked.values->grow(wider);
      }
      timeline.grow(wider);
    }
  } else if (now - oldest < longest_need_) {
    ++overruns_;
  }
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
  state.generation = table.generation;
}

void Store::link_columns(TableState& state, const Table& table) {
  for (; state.known_columns < table.columns.size(); ++state.known_columns) {
    const Column& column = table.columns[state.known_columns];
    std::vector<SelectedColumn*> users;
    Duration need{};
    for (const auto& selection : selections_) {
      if (selection->add_column(state, column, state.serials.size())) {
        users.push_back(&selection->columns_.back());
        need = std::max(need, selection->need_);
      }
    }
    if (users.empty()) {
      continue;
    }
    const std::size_t capacity = options_.history ? state.timeline.capacity() : samples_for(need);
    state.tracked.push_back(
        {state.known_columns, column.type,
         std::make_unique<window::Column>(
             state.timeline, capacity,
             column.type == MetricType::counter ? window::Watch::drops : window::Watch::nothing)});
    for (SelectedColumn* user : users) {
      user->values = state.tracked.back().values.get();
    }
  }
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
    for (const TableState::Tracked& tracked : state.tracked) {
      tracked.values->forget(index);
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
      bytes += tracked.values->memory_bytes();
    }
    bytes += table->serials.capacity() * (sizeof(std::uint64_t) + sizeof(Timestamp));
    for (const LabelSet& labels : table->labels) {
      bytes += sizeof(LabelSet) + labels.pairs().capacity() * sizeof(LabelPair);
    }
  }
  for (const auto& selection : selections_) {
    bytes += selection->memory_bytes();
  }
  return bytes;
}

}  // namespace cgsentry::promql
