// Loaded rules over two containers with two metrics, a second further at each tick.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rule/rule_set.h"
#include "support/catch.h"

namespace cgsentry::test {

using namespace std::chrono_literals;

using Told = std::vector<std::string>;

inline rule::RuleSet load(const std::string& text, rule::RuleSetOptions options = {}) {
  auto rules = rule::load({{"r.yaml", text}}, std::move(options));
  REQUIRE(rules);
  return *std::move(rules);
}

struct Host {
  Host() : table("container", 2) {
    table.occupy(0, {{{"name", "web"}}, 1, false, {}});
    table.occupy(1, {{{"name", "db"}}, 2, false, {}});
    cpu = table.add_column("cpu", MetricType::gauge);
    memory = table.add_column("memory", MetricType::gauge);
    for (const std::size_t column : {cpu, memory}) {
      set(column, 0, 0);
      set(column, 1, 0);
    }
  }

  void set(std::size_t column, std::size_t row, double value) {
    table.columns[column].set(row, value);
  }

  const std::vector<RuleResult>& tick(rule::RuleSet& rules, bool blind = false,
                                      rule::AlertBook* book = nullptr) {
    now += 1s;
    Sample sample;
    sample.time = now;
    sample.elapsed = 1s;
    sample.tables = {table};
    rules.append(sample);
    return rules.evaluate(now, blind, book);
  }

  Table table;
  std::size_t cpu = 0;
  std::size_t memory = 0;
  Timestamp now{1'700'000'000s};
};

/// "Name{labels} value" of each breach; "Name!" for a rule that withholds its resolves.
inline Told told(const std::vector<RuleResult>& results) {
  Told lines;
  for (const RuleResult& result : results) {
    for (const Breach& breach : result.breaches) {
      Labels labels = breach.labels;
      labels.erase("alertname");
      lines.push_back(result.rule->name + labels.to_string() + " " +
                      std::to_string(static_cast<long>(breach.value)));
    }
    if (result.withhold_resolves) {
      lines.push_back(result.rule->name + "!");
    }
  }
  return lines;
}

}  // namespace cgsentry::test
