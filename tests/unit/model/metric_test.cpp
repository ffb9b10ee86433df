// The catalogue is a contract: one row per enumerator, names by Prometheus' conventions.
#include "model/metric.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "support/catch.h"

using namespace cgsentry;

namespace {

/// The name as docs/metrics.md has it: with the constant labels.
std::string documented_name(const MetricInfo& metric) {
  std::string labels;
  for (const auto& [name, value] : metric.labels) {
    if (!name.empty()) {
      labels.append(labels.empty() ? "{" : ",").append(name).append("=\"").append(value) += '"';
    }
  }
  return std::string(metric.name) + (labels.empty() ? "" : labels + "}");
}

std::string row(std::string_view name, bool counter, std::string_view help) {
  std::string text = "\n| `";
  text.append(name).append(counter ? "` | counter | " : "` | gauge | ").append(help) += " |\n";
  return text;
}

}  // namespace

TEST_CASE("every metric has a name, a help sentence and a series of its own") {
  std::set<std::string> series;
  for (const MetricInfo& metric : catalogue()) {
    CAPTURE(metric.name);
    CHECK_FALSE(metric.name.empty());
    CHECK(metric.help.ends_with('.'));
    std::string key(metric.name);
    for (const auto& [name, value] : metric.labels) {
      key.append(name).append("=").append(value);
    }
    CHECK(series.insert(key).second);
  }
}

TEST_CASE("counters and only counters end in _total") {
  for (const MetricInfo& metric : catalogue()) {
    CAPTURE(metric.name);
    CHECK((metric.type == MetricType::counter) == metric.name.ends_with("_total"));
  }
}

TEST_CASE("the catalogue is in the order of the enumeration") {
  CHECK(info(Metric::cpu_usage).name == "container_cpu_usage_seconds_total");
  CHECK(info(Metric::memory_limit).name == "container_spec_memory_limit_bytes");
  CHECK(info(Metric::memory_oom_kill_events).labels[0][1] == "oom_kill");
  CHECK(info(Metric::oom_events).name == "container_oom_events_total");
  CHECK(info(Metric::pressure_io_stalled).name == "container_pressure_io_stalled_seconds_total");
  CHECK(info(Metric::processes_exited_signal).labels[0][1] == "signal");
  CHECK(info(Metric::network_transmit_packets).name == "container_network_transmit_packets_total");
  CHECK(info(Metric::restarts).subject == Subject::workload);
}

TEST_CASE("docs/metrics.md has the row of every metric, and of no other") {
  std::ifstream file(CGSENTRY_TEST_DIR "/../docs/metrics.md");
  const std::string document(std::istreambuf_iterator<char>(file), {});
  for (const MetricInfo& metric : catalogue()) {
    const std::string wanted =
        row(documented_name(metric), metric.type == MetricType::counter, metric.help);
    CAPTURE(wanted);
    CHECK(document.find(wanted) != std::string::npos);
  }
  for (const AgentMetric& metric : agent_catalogue()) {
    const std::string wanted = row(metric.name, metric.name.ends_with("_total"), metric.help);
    CAPTURE(wanted);
    CHECK(document.find(wanted) != std::string::npos);
  }
  CHECK(document.find("\n| `" + std::string(kWaitHistogram)) != std::string::npos);

  std::size_t rows = 0;
  for (const char* prefix : {"\n| `container_", "\n| `cgsentry_"}) {
    for (std::size_t at = 0; (at = document.find(prefix, at)) != std::string::npos; ++at) {
      ++rows;
    }
  }
  // The label container_id has a row too; the histogram's bounds share one.
  CHECK(rows == catalogue().size() + agent_catalogue().size() + 2);
}
