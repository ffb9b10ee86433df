// The evaluator: compiled expressions over the windows that they need.
//
//   Sample ──append──► windows ──evaluate(query, now)──► Vector
//                         ▲
//                         └──record(what, now)── the series of a query under another name
//
// Queries are added first; then every tick is one append() and one evaluate() of each query.
// Equal sub-expressions and equal windows of all queries are shared. Semantics are those of
// Prometheus 3.5 (left-open ranges, extrapolation, lookback, NaN), with four deliberate
// differences of a node that samples itself:
//   * a row that was released is gone at once, also from ranges that reach back before its end;
//   * a row whose birth was seen (Row::seen_born) had its counters at 0 then: rate, increase and
//     irate take that as its first sample;
//   * unless `history` is set, a value that is absent in the newest sample is stale at once, as
//     after a scrape that does not show it, and `@ <timestamp>` is refused by add();
//   * unless `history` is set, a range of more than exact_samples may begin up to a bucket earlier
//     (window/tier.h): at most one part in range_buckets of it.
// What is recorded is there for every evaluation that follows, at the same time too; one that came
// before saw what had been recorded earlier. Recorded series have Prometheus' semantics alone: they
// stay in ranges after their end, and how old a value is counts by the lookback.
//
// Memory is fixed by the queries, the number of live rows and the limit of recorded series. Thread:
// one; not shared.
// Tested by tests/unit/promql/*_test.cpp and, against Prometheus' own cases, conformance_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  /// A range that holds more samples than this, or more than max_samples, is kept in buckets when
  /// its function allows it. Never with `history`.
  std::size_t exact_samples = 4'096;
  /// How many buckets of one width such a range has at least.
  std::size_t range_buckets = 300;
  /// Elements that one step of an evaluation may have; more is an error value.
  std::size_t max_elements = 200'000;
  /// Recorded series that all windows together may hold: 50 rules over 1,000 containers. What finds
  /// no room is counted.
  std::size_t max_recorded = 50'000;
};

/// What recorded series are like.
struct RecordShape {
  std::string metric;
  /// Nominal distance of two evaluations; zero: of two samples.
  Duration interval{};
  /// How long before the evaluation their times lie.
  Duration delay{};
  /// Over reloads: one that is the same takes over what was recorded.
  std::uint64_t identity = 0;
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

/// Index of a query in its engine, and of something that is recorded.
enum class QueryId : std::uint32_t {};
enum class RecordId : std::uint32_t {};

class Engine {
 public:
  explicit Engine(const EngineOptions& options = {});
  explicit Engine(Duration interval);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Compiles. Only before the first append(). Fails on what cannot be evaluated here, with the
  /// place in the text. The query will be evaluated at times that lie `delay` back.
  [[nodiscard]] tl::expected<QueryId, ParseError> add(const Expression& expression,
                                                      Duration delay = {});

  /// The series of a query will be recorded, with `labels` over their own; an empty value takes a
  /// label away. Only before the first append().
  [[nodiscard]] RecordId add_record(QueryId query, RecordShape shape,
                                    const std::vector<Label>& labels);
  /// Series that others give.
  [[nodiscard]] RecordId add_record(RecordShape shape);
  /// Some selector may match a metric of this name.
  [[nodiscard]] bool selects(std::string_view metric) const;

  /// Takes over the values that some query needs. Times must grow from call to call; a sample that
  /// is not newer than the last is ignored.
  void append(const Sample& sample);

  /// The query's value at `now`, which must not go back. The reference is valid until the next
  /// evaluate() of the same query.
  [[nodiscard]] const Vector& evaluate(QueryId query, Timestamp now);

  /// Records the query's value at `now`. What is not in it ends. Empty, or why it failed: then
  /// nothing is recorded and nothing ends. More than `limit` series are a failure; 0: no limit.
  [[nodiscard]] std::string record(RecordId what, Timestamp now, std::size_t limit = 0);
  /// The same for series that were made elsewhere, without a metric's name.
  [[nodiscard]] std::string record(RecordId what, const std::vector<Element>& series,
                                   Timestamp now);

  /// Takes the windows of another engine that saw the same samples; both have the same interval.
  /// Once, after everything was added and before the first append(). The other one is used up.
  void take_over(Engine& old);
  /// The query reads what this one records. Once started or taken over.
  [[nodiscard]] bool reads(QueryId query, RecordId what) const;

  /// Heap bytes of windows, labels and plans.
  [[nodiscard]] std::size_t memory_bytes() const;

  /// Samples that a window had to drop while a range still wanted them, because ticks came faster
  /// than the nominal interval for too long. Exported; a growing number means wrong results.
  [[nodiscard]] std::uint64_t overruns() const;
  /// Recorded series that found no room, one per series and evaluation. Only grows.
  [[nodiscard]] std::uint64_t refused() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cgsentry::promql
