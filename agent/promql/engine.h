// The evaluator: compiled expressions over the windows that they need.
//
//   Sample ──append──► windows ──evaluate(query, now)──► Vector
//
// Queries are added first; then every tick is one append() and one evaluate() of each query.
// Equal sub-expressions and equal windows of all queries are shared. Semantics are those of
// Prometheus 3.5 (left-open ranges, extrapolation, lookback, NaN), with three deliberate
// differences of a node that samples itself:
//   * a row that was released is gone at once, also from ranges that reach back before its end;
//   * a row whose birth was seen (Row::seen_born) had its counters at 0 then: rate, increase and
//     irate take that as its first sample;
//   * unless `history` is set, a value that is absent in the newest sample is stale at once, as
//     after a scrape that does not show it, and `@ <timestamp>` is refused by add().
// Memory is fixed by the queries and the number of live rows. Thread: one; not shared.
// Tested by tests/unit/promql/*_test.cpp and, against Prometheus' own cases, conformance_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"
#include "model/sample.h"
#include "promql/parser.h"

namespace cgsentry::promql {

/// A value that says "this series ended" (Prometheus' stale marker). Only with `history` set;
/// write it into Column::values as a present value.
[[nodiscard]] double stale_marker();

struct EngineOptions {
  /// Nominal distance of two samples; also the step of subqueries that name none.
  Duration interval = std::chrono::seconds(1);
  /// How far an instant selector looks back for a value.
  Duration lookback = std::chrono::minutes(5);
  /// For the rule test runner: keep this much of every used column, allow `@ <timestamp>`, and
  /// treat an absent value as "not sampled" (lookback applies) as Prometheus does.
  std::optional<Duration> history;
  /// Samples that one window may hold for one row; a longer range is refused by add().
  std::size_t max_samples = 90'000;
  /// Elements that one step of an evaluation may have; more is an error value.
  std::size_t max_elements = 200'000;
};

struct Element {
  Labels labels;
  double value = 0;
};

/// The result of a query. A scalar is one element without labels.
struct Vector {
  std::vector<Element> elements;
  /// Not empty when the evaluation failed (many-to-many matching, duplicate series, ...); then
  /// there are no elements.
  std::string error;

  [[nodiscard]] bool ok() const { return error.empty(); }
};

/// Index of a query in its engine.
enum class QueryId : std::uint32_t {};

class Engine {
 public:
  explicit Engine(const EngineOptions& options = {});
  explicit Engine(Duration interval);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Compiles. Only before the first append(). Fails on what cannot be evaluated here, with the
  /// place in the text.
  [[nodiscard]] tl::expected<QueryId, ParseError> add(const Expression& expression);

  /// Takes over the values that some query needs. Times must grow from call to call; a sample that
  /// is not newer than the last is ignored.
  void append(const Sample& sample);

  /// The query's value at `now`, which must not go back. The reference is valid until the next
  /// evaluate() of the same query.
  [[nodiscard]] const Vector& evaluate(QueryId query, Timestamp now);

  /// Heap bytes of windows, labels and plans.
  [[nodiscard]] std::size_t memory_bytes() const;

  /// Samples that a window had to drop while a range still wanted them, because ticks came faster
  /// than the nominal interval for too long. Exported; a growing number means wrong results.
  [[nodiscard]] std::uint64_t overruns() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cgsentry::promql
