// A node of a compiled plan: one sub-expression, and its value at a moment as columns.
//
//   at(moment) ──► Series: entries (which series, as numbers of the node's domain) and values
//
// A node is shared by all queries that contain the same sub-expression and computes once a moment,
// and once more when a series that it reads was recorded since then.
// A scalar is a node with one entry that has no labels. Failures are values: Series::error. Nothing
// here throws. Thread: the loop. Tested through engine.h by tests/unit/promql/engine_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "promql/domain.h"

namespace cgsentry::promql {

/// When a node is asked for its value.
struct Moment {
  Timestamp time{};
  /// The time of the whole query; differs from `time` inside of a subquery. start() and end().
  Timestamp query_time{};
  /// Grows whenever samples came, so that nothing older is taken for the value at this moment.
  std::uint64_t turn = 0;
  friend bool operator==(const Moment&, const Moment&) = default;
};

/// Parallel columns; every entry at most once, in no promised order.
struct Series {
  std::vector<Entry> entries;
  std::vector<double> values;
  std::string error;  // not empty when the evaluation failed; then there are no entries

  [[nodiscard]] bool failed() const { return !error.empty(); }
  [[nodiscard]] std::size_t size() const { return entries.size(); }
  void add(Entry entry, double value) {
    entries.push_back(entry);
    values.push_back(value);
  }
  void clear() {
    entries.clear();
    values.clear();
    error.clear();
  }
  void fail(std::string message) {
    clear();
    error = std::move(message);
  }
  /// An input that failed fails this too. True when it did.
  [[nodiscard]] bool take_error(const Series& input) {
    if (input.failed()) {
      fail(input.error);
    }
    return input.failed();
  }
};

/// What becomes of the series of a node when their metric names are taken away.
enum class Names : std::uint8_t {
  none,   // they have no names
  apart,  // they stay apart
  mixed,  // two of them may fall together
};

class Selection;

class Node {
 public:
  Node() = default;
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Valid until the next call with another moment.
  const Series& at(const Moment& moment);
  /// Of a scalar; NaN when it failed.
  double scalar_at(const Moment& moment);

  /// Where the entries have their labels. Fixed once the node is made.
  [[nodiscard]] virtual Domain& domain() = 0;
  [[nodiscard]] virtual Names names() const = 0;
  /// Of the value and of what the node remembers.
  [[nodiscard]] virtual std::size_t memory_bytes() const;

  /// The selections of the whole sub-expression. Once, when the node is made.
  void set_reads(std::vector<const Selection*> reads) { reads_ = std::move(reads); }
  [[nodiscard]] const std::vector<const Selection*>& reads() const { return reads_; }
  /// Once all recorded series are known: others need no watching.
  void keep_recorded_reads();
  /// Changes whenever something that this reads was recorded.
  [[nodiscard]] std::uint64_t version() const;
  /// How long before an evaluation the times of what it reads and is recorded later may lie.
  [[nodiscard]] Duration latest_delay() const;

 protected:
  /// Fills `out`, which is empty.
  virtual void compute(const Moment& moment, Series& out) = 0;

 private:
  Series series_;
  Moment moment_{Timestamp::min(), Timestamp::min(), 0};
  std::vector<const Selection*> reads_;
  std::uint64_t version_ = 0;  // of series_
};

/// The domain of scalars and of sums over everything: one entry, 0, without labels.
class NoLabels final : public Domain {
 public:
  using Domain::Domain;
  void labels(Entry, LabelSet& out) const override { out.clear(); }
  [[nodiscard]] std::size_t entry_end() const override { return 1; }
};

/// A node whose value is one number.
class ScalarNode : public Node {
 public:
  explicit ScalarNode(SymbolTable& symbols) : domain_(symbols) {}
  Domain& domain() override { return domain_; }
  [[nodiscard]] Names names() const override { return Names::none; }

 private:
  NoLabels domain_;
};

}  // namespace cgsentry::promql
