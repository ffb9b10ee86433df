// A sampler for tests: rows and values as a test says them, one Sample a tick.
//
//   ScriptedSamples samples;                       // one table, ticks one second apart
//   const auto web = samples.add_row({{"id", "/web"}});
//   samples.set("requests_total", web, 5);
//   engine.append(samples.tick());
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "model/sample.h"

namespace cgsentry::test {

inline constexpr Timestamp kFirstTick{std::chrono::seconds(1'000'000)};

class ScriptedSamples {
 public:
  explicit ScriptedSamples(std::size_t capacity = 8) {
    sample_.tables.emplace_back("container", capacity);
    sample_.time = kFirstTick;
  }

  /// The first free row. `born`: the agent saw it begin then.
  std::size_t add_row(const Labels& labels, std::optional<Timestamp> born = std::nullopt) {
    std::size_t row = 0;
    while (table().rows[row].live()) {
      ++row;
    }
    table().occupy(row, Row{labels, ++serial_, born.has_value(), born.value_or(Timestamp{})});
    return row;
  }
  void remove_row(std::size_t row) { table().release(row); }

  /// Makes the column at first sight; "_total" makes it a counter. `labels` are the column's own.
  void set(const std::string& metric, std::size_t row, double value, const Labels& labels = {}) {
    column(metric, labels).set(row, value);
  }
  void clear(const std::string& metric, std::size_t row) { column(metric, {}).clear(row); }

  /// The sample at the next tick; values stay as they were set.
  const Sample& tick(Duration elapsed = std::chrono::seconds(1)) {
    if (ticks_++ > 0) {
      sample_.time += elapsed;
      sample_.elapsed = elapsed;
    }
    return sample_;
  }
  [[nodiscard]] Timestamp now() const { return sample_.time; }

 private:
  Table& table() { return sample_.tables.front(); }
  Column& column(const std::string& metric, const Labels& labels) {
    for (Column& known : table().columns) {
      if (known.metric == metric && known.labels == labels) {
        return known;
      }
    }
    const bool counter = metric.ends_with("_total");
    const std::size_t index =
        table().add_column(metric, counter ? MetricType::counter : MetricType::gauge, labels);
    return table().columns[index];
  }

  Sample sample_;
  std::uint64_t serial_ = 0;
  std::uint64_t ticks_ = 0;
};

}  // namespace cgsentry::test
