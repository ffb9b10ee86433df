// See engine.h.
#include "promql/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "promql/plan.h"

namespace cgsentry::promql {

double stale_marker() {
  return std::bit_cast<double>(window::kStaleBits);
}

namespace {

/// The metric's name goes, since the table has it; the rule's labels come over the series' own.
/// The symbols stay acquired as long as the table of symbols lives.
Transform overriding(SymbolTable& symbols, const std::vector<Label>& labels) {
  std::vector<LabelPair> pairs{{symbols.acquire(kMetricName), 0}};
  for (const Label& label : labels) {
    pairs.push_back({symbols.acquire(label.name), symbols.acquire(label.value)});
  }
  return [pairs](LabelSet& set, std::vector<Symbol>&) {
    for (const LabelPair& pair : pairs) {
      set.set(pair.name, pair.value);
    }
  };
}

}  // namespace

class Engine::Impl {
 public:
  explicit Impl(const EngineOptions& options)
      : options_(options), store_(symbols_, options), plan_(symbols_, store_, options) {}

  tl::expected<QueryId, ParseError> add(const Expression& expression, Duration delay) {
    if (store_.started()) {
      return tl::unexpected(ParseError{1, 1, "expressions are added before the first sample"});
    }
    const auto node = plan_.add(expression, delay);
    if (!node) {
      return tl::unexpected(node.error());
    }
    queries_.push_back(Query{*node, {}, {}, ~std::uint64_t{0}});
    return QueryId{static_cast<std::uint32_t>(queries_.size() - 1)};
  }

  RecordId add_record(QueryId query, RecordShape shape, const std::vector<Label>& labels) {
    recorders_.push_back(std::make_unique<Recorder>());
    Recorder& recorder = *recorders_.back();
    recorder.table = &store_.add_recorded(std::move(shape));
    recorder.node = queries_[static_cast<std::size_t>(query)].node;
    recorder.rows.emplace(recorder.node->domain(), recorder.table->series(),
                          overriding(symbols_, labels));
    return RecordId{static_cast<std::uint32_t>(recorders_.size() - 1)};
  }

  RecordId add_record(RecordShape shape) {
    recorders_.push_back(std::make_unique<Recorder>());
    recorders_.back()->table = &store_.add_recorded(std::move(shape));
    return RecordId{static_cast<std::uint32_t>(recorders_.size() - 1)};
  }

  [[nodiscard]] bool selects(std::string_view metric) const { return store_.selects(metric); }

  void start() {
    if (!store_.started()) {
      store_.start();
      plan_.start();
    }
  }

  void append(const Sample& sample) {
    start();
    if (store_.append(sample)) {
      ++turn_;
      plan_.advance({sample.time, sample.time, turn_});
    }
  }

  std::string record(RecordId what, Timestamp now, std::size_t limit) {
    start();
    Recorder& recorder = *recorders_[static_cast<std::size_t>(what)];
    const Series& series = recorder.node->at({now, now, turn_});
    if (series.failed()) {
      return series.error;
    }
    if (limit != 0 && series.size() > limit) {
      return fmt::format("{} results are more than the limit of {}", series.size(), limit);
    }
    if (series.size() > options_.max_elements) {
      return too_many();
    }
    row_scratch_.clear();
    for (const Entry entry : series.entries) {
      row_scratch_.push_back((*recorder.rows)(entry));
    }
    return recorder.table->put(row_scratch_, series.values, now, options_);
  }

  std::string record(RecordId what, const std::vector<Element>& series, Timestamp now) {
    start();
    RecordedTable& table = *recorders_[static_cast<std::size_t>(what)]->table;
    row_scratch_.clear();
    value_scratch_.clear();
    for (const Element& element : series) {
      LabelSet labels;
      for (const Label& label : element.labels) {
        own(symbols_, labels, label.name, label.value);
      }
      row_scratch_.push_back(table.series().acquire(labels));
      value_scratch_.push_back(element.value);
      release_all(symbols_, labels);
    }
    const std::vector<Entry> rows = row_scratch_;
    std::string problem = table.put(rows, value_scratch_, now, options_);
    for (const Entry row : rows) {
      table.series().release(row);
    }
    return problem;
  }

  void take_over(Impl& old) {
    start();
    store_.take_over(old.store_);
    plan_.take_over(old.plan_);
  }

  [[nodiscard]] bool reads(QueryId query, RecordId what) const {
    const RecordedTable* table = recorders_[static_cast<std::size_t>(what)]->table;
    const Node& node = *queries_[static_cast<std::size_t>(query)].node;
    return std::ranges::any_of(node.reads(), [&](const Selection* selection) {
      return selection->may_match(table->shape().metric);
    });
  }

  const Vector& evaluate(QueryId id, Timestamp now) {
    Query& query = queries_[static_cast<std::size_t>(id)];
    const Series& series = query.node->at({now, now, turn_});
    if (series.failed() || series.size() > options_.max_elements) {
      query.entries.clear();
      query.result.elements.clear();
      query.result.error = series.failed() ? series.error : too_many();
      return query.result;
    }
    query.result.error.clear();
    tell(query, series);
    return query.result;
  }

  [[nodiscard]] std::size_t memory_bytes() const {
    return symbols_.memory_bytes() + store_.memory_bytes() + plan_.memory_bytes();
  }
  [[nodiscard]] std::uint64_t overruns() const { return store_.overruns(); }
  [[nodiscard]] std::uint64_t refused() const { return store_.refused(); }

 private:
  struct Query {
    Node* node = nullptr;
    Vector result;
    std::vector<Entry> entries;  // of the result's elements
    std::uint64_t epoch = 0;     // of the domain when their labels were written out
  };

  struct Recorder {
    RecordedTable* table = nullptr;
    Node* node = nullptr;          // null when others give the series
    std::optional<LabelMap> rows;  // from the node's entries
  };

  [[nodiscard]] std::string too_many() const {
    return fmt::format("the result has more than {} elements, which is the limit",
                       options_.max_elements);
  }

  /// Labels are written out as text only for elements that the last result did not have in the
  /// same place.
  void tell(Query& query, const Series& series) {
    Domain& domain = query.node->domain();
    if (std::exchange(query.epoch, domain.epoch()) != domain.epoch()) {
      query.entries.clear();
    }
    std::vector<Element>& elements = query.result.elements;
    elements.resize(series.size());
    const std::size_t known = query.entries.size();
    query.entries.resize(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) {
      elements[i].value = series.values[i];
      if (i >= known || query.entries[i] != series.entries[i]) {
        domain.labels(series.entries[i], scratch_);
        elements[i].labels = scratch_.to_labels(symbols_);
        query.entries[i] = series.entries[i];
      }
    }
  }

  EngineOptions options_;
  SymbolTable symbols_;  // outlives everything that refers to its numbers
  Store store_;
  Plan plan_;
  std::vector<Query> queries_;
  std::vector<std::unique_ptr<Recorder>> recorders_;
  LabelSet scratch_;
  std::vector<Entry> row_scratch_;
  std::vector<double> value_scratch_;
  std::uint64_t turn_ = 1;
};

namespace {

EngineOptions with_interval(Duration interval) {
  EngineOptions options;
  options.interval = interval;
  return options;
}

}  // namespace

Engine::Engine(const EngineOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Engine::Engine(Duration interval) : Engine(with_interval(interval)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

tl::expected<QueryId, ParseError> Engine::add(const Expression& expression, Duration delay) {
  return impl_->add(expression, delay);
}

RecordId Engine::add_record(QueryId query, RecordShape shape, const std::vector<Label>& labels) {
  return impl_->add_record(query, std::move(shape), labels);
}

RecordId Engine::add_record(RecordShape shape) {
  return impl_->add_record(std::move(shape));
}

bool Engine::selects(std::string_view metric) const {
  return impl_->selects(metric);
}

std::string Engine::record(RecordId what, Timestamp now, std::size_t limit) {
  return impl_->record(what, now, limit);
}

std::string Engine::record(RecordId what, const std::vector<Element>& series, Timestamp now) {
  return impl_->record(what, series, now);
}

void Engine::take_over(Engine& old) {
  impl_->take_over(*old.impl_);
}

bool Engine::reads(QueryId query, RecordId what) const {
  return impl_->reads(query, what);
}

void Engine::append(const Sample& sample) {
  impl_->append(sample);
}

const Vector& Engine::evaluate(QueryId query, Timestamp now) {
  return impl_->evaluate(query, now);
}

std::size_t Engine::memory_bytes() const {
  return impl_->memory_bytes();
}

std::uint64_t Engine::overruns() const {
  return impl_->overruns();
}

std::uint64_t Engine::refused() const {
  return impl_->refused();
}

}  // namespace cgsentry::promql
