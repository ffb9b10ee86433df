// A node whose containers are all well: full samples without a kernel, for benchmarks of rules.
//
// Every metric of the catalogue is present in every container and moves, and nothing breaches:
// limits are far away, counters of trouble are at rest. prometheus_compare/compare.py shows
// Prometheus the same values.
#pragma once

#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include "model/metric.h"
#include "model/sample.h"

namespace cgsentry::bench {

/// Of this thread.
inline double cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// A node with `size` containers, tick by tick.
class HealthyNode {
 public:
  explicit HealthyNode(std::size_t size) {
    Table& table = sample_.tables.emplace_back("container", size);
    for (std::size_t row = 0; row < size; ++row) {
      const std::string name = "c" + std::to_string(row);
      table.occupy(row, Row{{{"id", "/docker/" + name}, {"name", name}}, row + 1, false, {}});
    }
    for (const MetricInfo& metric : catalogue()) {
      if (metric.subject == Subject::container) {
        Labels labels;
        for (const auto& [label, value] : metric.labels) {
          labels.set(label, value);
        }
        table.add_column(std::string(metric.name), metric.type, labels);
      }
    }
    sample_.time = Timestamp(std::chrono::seconds(1'000'000));
  }

  const Sample& tick() {
    sample_.time += std::chrono::seconds(1);
    sample_.elapsed = std::chrono::seconds(1);
    ++ticks_;
    for (Column& column : sample_.tables[0].columns) {
      for (std::size_t row = 0; row < column.values.size(); ++row) {
        column.set(row, value(column, row));
      }
    }
    return sample_;
  }

 private:
  /// A healthy container: limits far away, counters of trouble at rest, the others growing slowly.
  [[nodiscard]] double value(const Column& column, std::size_t row) const {
    const std::string_view name = column.metric;
    const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
    if (column.type == MetricType::counter) {
      const double rest = has("oom") || has("throttled") ? 0.0 : 1.0;
      return static_cast<double>(row) + rest * static_cast<double>(ticks_) / 1'000;
    }
    return has("limit") || has("quota") ? 1e12 : 1e6 + static_cast<double>((row + ticks_) % 7);
  }

  Sample sample_;
  std::size_t ticks_ = 0;
};

}  // namespace cgsentry::bench
