// See series_feed.h.
#include "command/series_feed.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace cgsentry::command {

void SeriesFeed::add(const std::vector<InputSeries>& series, Duration interval) {
  Stream stream{interval, {}, 0, 0};
  std::map<std::string, std::vector<const InputSeries*>, std::less<>> metrics;
  for (const InputSeries& each : series) {
    metrics[std::string(each.labels.get(kMetricName))].push_back(&each);
    stream.count = std::max(stream.count, each.values.size());
  }
  for (const auto& [metric, all] : metrics) {
    Table table(metric, all.size());
    table.add_column(metric, MetricType::gauge);
    for (std::size_t row = 0; row < all.size(); ++row) {
      Labels labels = all[row]->labels;
      labels.erase(kMetricName);
      table.occupy(row, {std::move(labels), ++last_serial_});
      stream.cells.push_back({&all[row]->values, sample_.tables.size(), row});
    }
    sample_.tables.push_back(std::move(table));
  }
  streams_.push_back(std::move(stream));
}

void SeriesFeed::feed(Timestamp until, const std::function<void(const Sample&)>& take) {
  for (auto time = next_time(); time && *time <= until; time = next_time()) {
    sample_.elapsed = sample_.time == Timestamp{} ? Duration{} : *time - sample_.time;
    sample_.time = *time;
    for (Stream& stream : streams_) {
      fill(stream);
    }
    take(sample_);
  }
}

Timestamp SeriesFeed::due(const Stream& stream) const {
  return start_ + static_cast<std::int64_t>(stream.next) * stream.interval;
}

std::optional<Timestamp> SeriesFeed::next_time() const {
  std::optional<Timestamp> next;
  for (const Stream& stream : streams_) {
    if (stream.next < stream.count) {
      next = next ? std::min(*next, due(stream)) : due(stream);
    }
  }
  return next;
}

void SeriesFeed::fill(Stream& stream) {
  const bool is_due = stream.next < stream.count && due(stream) == sample_.time;
  for (const Cell& cell : stream.cells) {
    Column& column = sample_.tables[cell.table].columns.front();
    const SeriesValues& values = *cell.values;
    if (is_due && stream.next < values.size() && values[stream.next]) {
      column.set(cell.row, *values[stream.next]);
    } else {
      column.clear(cell.row);
    }
  }
  stream.next += is_due ? 1 : 0;
}

}  // namespace cgsentry::command
