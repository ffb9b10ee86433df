// The catalogue is a contract: one row per enumerator, names by Prometheus' conventions.
#include "model/metric.h"

#include <set>
#include <string>

#include "support/catch.h"

using namespace cgsentry;

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
  CHECK(info(Metric::network_transmit_packets).name ==
        "container_network_transmit_packets_total");
  CHECK(info(Metric::restarts).subject == Subject::workload);
}
