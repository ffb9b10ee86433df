// See engine.h.
#include "promql/engine.h"

#include <fmt/format.h>

#include <utility>

#include "promql/plan.h"

namespace cgsentry::promql {

double stale_marker() {
  return std::bit_cast<double>(window::kStaleBits);
}

class Engine::Impl {
 public:
  explicit Impl(const EngineOptions& options)
      : options_(options), store_(symbols_, options), plan_(symbols_, store_, options) {}

  tl::expected<QueryId, ParseError> add(const Expression& expression) {
    if (store_.started()) {
      return tl::unexpected(ParseError{1, 1, "expressions are added before the first sample"});
    }
    const auto node = plan_.add(expression);
    if (!node) {
      return tl::unexpected(node.error());
    }
    queries_.push_back(Query{*node, {}, {}, ~std::uint64_t{0}});
    return QueryId{static_cast<std::uint32_t>(queries_.size() - 1)};
  }

  void append(const Sample& sample) {
    if (store_.append(sample)) {
      ++turn_;
      plan_.advance({sample.time, sample.time, turn_});
    }
  }

  const Vector& evaluate(QueryId id, Timestamp now) {
    Query& query = queries_[static_cast<std::size_t>(id)];
    const Series& series = query.node->at({now, now, turn_});
    if (series.failed() || series.size() > options_.max_elements) {
      query.entries.clear();
      query.result.elements.clear();
      query.result.error =
          series.failed() ? series.error
                          : fmt::format("the result has more than {} elements, which is the limit",
                                        options_.max_elements);
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

 private:
  struct Query {
    Node* node = nullptr;
    Vector result;
    std::vector<Entry> entries;  // of the result's elements
    std::uint64_t epoch = 0;     // of the domain when their labels were written out
  };

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
  LabelSet scratch_;
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

tl::expected<QueryId, ParseError> Engine::add(const Expression& expression) {
  return impl_->add(expression);
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

}  // namespace cgsentry::promql
