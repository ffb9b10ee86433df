// Expressions against scripted samples, in one line of a test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "promql/engine.h"
#include "support/catch.h"
#include "support/scripted_samples.h"

namespace cgsentry::test {

/// Results by the text of their labels: {a="x"} -> 1.5
using Values = std::map<std::string, double>;

inline promql::QueryId add(promql::Engine& engine, const std::string& text) {
  INFO(text);
  const auto expression = promql::parse(text);
  REQUIRE(expression);
  const auto query = engine.add(*expression);
  REQUIRE(query);
  return *query;
}

/// The values now; fails the test when the evaluation fails.
inline Values values(promql::Engine& engine, promql::QueryId query, Timestamp now) {
  const promql::Vector& vector = engine.evaluate(query, now);
  CHECK(vector.error == "");
  Values out;
  for (const promql::Element& element : vector.elements) {
    const auto [at, fresh] = out.emplace(element.labels.to_string(), element.value);
    INFO("twice: " << at->first);
    CHECK(fresh);
  }
  return out;
}

/// A live engine with one query over one table.
struct OneQuery {
  explicit OneQuery(const std::string& text, std::size_t capacity = 8)
      : samples(capacity), query(add(engine, text)) {}

  Values tick(Duration elapsed = std::chrono::seconds(1)) {
    const Sample& sample = samples.tick(elapsed);
    engine.append(sample);
    return values(engine, query, sample.time);
  }
  std::string error() {
    const Sample& sample = samples.tick();
    engine.append(sample);
    return engine.evaluate(query, sample.time).error;
  }

  ScriptedSamples samples;
  promql::Engine engine;
  promql::QueryId query;
};

/// The value of an expression without selectors, or over `samples` at its first tick.
inline Values at_once(const std::string& text, ScriptedSamples& samples) {
  promql::Engine engine;
  const promql::QueryId query = add(engine, text);
  const Sample& sample = samples.tick();
  engine.append(sample);
  return values(engine, query, sample.time);
}

}  // namespace cgsentry::test
