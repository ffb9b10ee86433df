// See selection.h.
#include "promql/selection.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace cgsentry::promql {

namespace {

template <typename T>
void add_missing(std::vector<T>& to, const std::vector<T>& from) {
  for (const T& each : from) {
    if (std::ranges::find(to, each) == to.end()) {
      to.push_back(each);
    }
  }
}

/// For each that is wanted the one of `old` that is the same, or a new one.
template <typename T, typename Shape, typename ShapeOf>
std::vector<std::unique_ptr<T>> kept_or_made(std::vector<std::unique_ptr<T>> old,
                                             const std::vector<Shape>& wanted, ShapeOf shape_of) {
  std::vector<std::unique_ptr<T>> all;
  for (const Shape& shape : wanted) {
    const auto known = std::ranges::find_if(old, [&](const auto& each) {
      return each != nullptr && std::invoke(shape_of, *each) == shape;
    });
    all.push_back(known != old.end() ? std::move(*known) : std::make_unique<T>(shape));
  }
  return all;
}

}  // namespace

void Summaries::add(const Summaries& other) {
  add_missing(tiers, other.tiers);
  add_missing(season_lags, other.season_lags);
}

bool TableState::make_room(Timestamp now, Duration need, const std::optional<Duration>& history) {
  const bool full = timeline.end() - timeline.begin() == timeline.capacity();
  if (!full) {
    return false;
  }
  const Timestamp oldest = timeline.time(timeline.begin());
  if (!history) {
    return now - oldest < need;
  }
  if (now - oldest <= *history) {
    const std::size_t wider = timeline.capacity() * 2;
    for (const Tracked& each : tracked) {
      each.values->resize(wider);
    }
    timeline.grow(wider);
  }
  return false;
}

void TableState::Tracked::set_summaries(const Summaries& wanted) {
  tiers = kept_or_made(std::exchange(tiers, {}), wanted.tiers, &window::Tier::shape);
  seasons = kept_or_made(std::exchange(seasons, {}), wanted.season_lags, &window::Season::lag);
}

void TableState::Tracked::lend_to(SelectedColumn& user) const {
  user.values = values.get();
  for (const auto& tier : tiers) {
    user.tiers.push_back(tier.get());
  }
  for (const auto& season : seasons) {
    user.seasons.push_back(season.get());
  }
}

void TableState::Tracked::follow(Timestamp now) {
  for (const auto& tier : tiers) {
    tier->follow(*values, now);
  }
  for (const auto& season : seasons) {
    season->follow(*values, now);
  }
}

void TableState::Tracked::forget(std::size_t row) {
  values->forget(row);
  for (const auto& tier : tiers) {
    tier->forget(row);
  }
  for (const auto& season : seasons) {
    season->forget(row);
  }
}

std::size_t TableState::Tracked::memory_bytes() const {
  std::size_t bytes = values->memory_bytes();
  for (const auto& tier : tiers) {
    bytes += tier->memory_bytes();
  }
  for (const auto& season : seasons) {
    bytes += season->memory_bytes();
  }
  return bytes;
}

window::Tier* SelectedColumn::tier(const window::TierShape& shape) const {
  const auto found = std::ranges::find(tiers, shape, &window::Tier::shape);
  return found == tiers.end() ? nullptr : *found;
}

window::Season* SelectedColumn::season(Duration lag) const {
  const auto found = std::ranges::find(seasons, lag, &window::Season::lag);
  return found == seasons.end() ? nullptr : *found;
}

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
  const auto after = std::ranges::upper_bound(by_base_, entry, {}, &SelectedColumn::base);
  const SelectedColumn& column = **std::prev(after);
  out = column.table->labels[entry - column.base];
  for (const LabelPair& pair : column.labels.pairs()) {
    out.set(pair.name, pair.value);
  }
}

bool Selection::may_match(std::string_view metric) const {
  return std::ranges::all_of(matchers_, [&](const CompiledMatcher& matcher) {
    return matcher.label() != kMetricName || matcher.matches(metric);
  });
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
  if (rows != 0) {
    by_base_.push_back(&columns_.back());
  }
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

void Selection::widen(SelectedColumn& column, std::size_t rows) {
  for (std::size_t row = 0; row < column.row_count; ++row) {
    notify(column.base + static_cast<Entry>(row));
  }
  std::erase(by_base_, &column);
  by_base_.push_back(&column);
  column.base = next_base_;
  column.row_count = rows;
  column.matched.resize(rows);
  next_base_ += static_cast<Entry>(rows);
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

}  // namespace cgsentry::promql
