// A sample as text: escaping, absence, families in one piece.
#include "serve/prometheus.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "support/catch.h"

using namespace cgsentry;

namespace {

Sample sample_of(const std::string& id, double value) {
  Sample sample;
  sample.time = Timestamp(std::chrono::seconds(10));
  Table& table = sample.tables.emplace_back("container", 3);
  const std::size_t usage = table.add_column("container_cpu_usage_seconds_total",
                                             MetricType::counter, {{"cpu", "total"}});
  const std::size_t other = table.add_column("x", MetricType::gauge);
  table.occupy(1, Row{{{"id", id}}, 1, false, {}});
  table.occupy(2, Row{{{"id", "/second"}}, 2, false, {}});
  table.columns[usage].set(1, value);
  table.columns[other].set(2, 1);
  return sample;
}

}  // namespace

TEST_CASE("each family has its help and type once, and only values that are there") {
  CHECK(serve::to_prometheus_text(sample_of("/web", 1.5)) ==
        "# HELP container_cpu_usage_seconds_total CPU time used, in seconds.\n"
        "# TYPE container_cpu_usage_seconds_total counter\n"
        "container_cpu_usage_seconds_total{cpu=\"total\", id=\"/web\"} 1.5\n"
        "# TYPE x gauge\n"
        "x{id=\"/second\"} 1\n");
}

TEST_CASE("no byte of a name breaks a line or the JSON") {
  const Sample sample = sample_of("a\"b\\c\nd", 1);
  CHECK(serve::to_prometheus_text(sample).find("id=\"a\\\"b\\\\c\\nd\"} 1\n") != std::string::npos);
  const auto json = nlohmann::json::parse(serve::to_json(sample));
  CHECK(json["time"] == 10);
  CHECK(json["series"].size() == 2);
  CHECK(json["series"][0]["metric"] == "container_cpu_usage_seconds_total");
  CHECK(json["series"][0]["labels"]["cpu"] == "total");
}

TEST_CASE("values that have no JSON number are strings") {
  const auto json = nlohmann::json::parse(
      serve::to_json(sample_of("/web", std::numeric_limits<double>::infinity())));
  CHECK(json["series"][0]["value"] == "+Inf");
  CHECK(serve::to_prometheus_text(sample_of("/web", std::numeric_limits<double>::quiet_NaN()))
            .find("} NaN\n") != std::string::npos);
}
