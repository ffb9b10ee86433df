#include "serve/prometheus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "model/metric.h"

namespace cgsentry::serve {

namespace {

struct Place {
  const Table* table;
  const Column* column;
};

/// Columns with equal metric names next to each other, in the order of first appearance.
std::vector<std::vector<Place>> families(const Sample& sample) {
  std::vector<std::vector<Place>> all;
  for (const Table& table : sample.tables) {
    for (const Column& column : table.columns) {
      const auto same = std::ranges::find_if(all, [&](const std::vector<Place>& family) {
        return family.front().column->metric == column.metric;
      });
      if (same != all.end()) {
        same->push_back({&table, &column});
      } else {
        all.push_back({{&table, &column}});
      }
    }
  }
  return all;
}

std::string_view help_of(std::string_view metric) {
  if (const auto found = std::ranges::find(catalogue(), metric, &MetricInfo::name);
      found != catalogue().end()) {
    return found->help;
  }
  const auto own = std::ranges::find(agent_catalogue(), metric, &AgentMetric::name);
  return own == agent_catalogue().end() ? std::string_view() : own->help;
}

Labels labels_of(const Row& row, const Column& column) {
  Labels labels = row.labels;
  for (const Label& label : column.labels) {
    labels.set(label.name, label.value);
  }
  return labels;
}

template <typename Visit>
void for_each_series(const Place& place, Visit visit) {
  for (std::size_t row = 0; row < place.table->rows.size(); ++row) {
    if (place.table->rows[row].live() && place.column->present[row] != 0) {
      visit(labels_of(place.table->rows[row], *place.column), place.column->values[row]);
    }
  }
}

}  // namespace

std::string to_prometheus_text(const Sample& sample) {
  std::string out;
  for (const std::vector<Place>& family : families(sample)) {
    std::string series;
    const Column& first = *family.front().column;
    for (const Place& place : family) {
      for_each_series(place, [&](Labels labels, double value) {
        series += first.metric + labels.to_string() + " " + format_number(value) + "\n";
      });
    }
    if (series.empty()) {
      continue;
    }
    if (const std::string_view help = help_of(first.metric); !help.empty()) {
      out += fmt::format("# HELP {} {}\n", first.metric, help);
    }
    out += fmt::format("# TYPE {} {}\n", first.metric,
                       first.type == MetricType::counter ? "counter" : "gauge");
    out += series;
  }
  return out;
}

std::string to_json(const Sample& sample) {
  std::string out = fmt::format("{{\"time\":{},\"series\":[", to_seconds(sample.time));
  bool first = true;
  for (const std::vector<Place>& family : families(sample)) {
    for (const Place& place : family) {
      for_each_series(place, [&](const Labels& labels, double value) {
        out += first ? "\n{\"metric\":" : ",\n{\"metric\":";
        first = false;
        text::append_json(out, place.column->metric);
        out += ",\"labels\":{";
        bool comma = false;
        for (const Label& label : labels) {
          out += comma ? "," : "";
          comma = true;
          text::append_json(out, label.name);
          out += ':';
          text::append_json(out, label.value);
        }
        out += "},\"value\":";
        if (std::isfinite(value)) {
          out += format_number(value);
        } else {
          text::append_json(out, format_number(value));
        }
        out += '}';
      });
    }
  }
  out += "]}\n";
  return out;
}

}  // namespace cgsentry::serve
