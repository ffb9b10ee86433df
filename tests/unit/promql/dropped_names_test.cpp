// Where the metric's name is dropped, series of two metrics may fall together: that is an error.
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;

namespace {

std::string error_of(const std::string& text, ScriptedSamples& samples) {
  promql::Engine engine;
  const promql::QueryId query = add(engine, text);
  const Sample& sample = samples.tick();
  engine.append(sample);
  return engine.evaluate(query, sample.time).error;
}

/// Two metrics with the same labels, as a histogram and as plain values.
ScriptedSamples two_metrics() {
  ScriptedSamples samples;
  const auto low = samples.add_row({{"le", "1"}});
  const auto all = samples.add_row({{"le", "+Inf"}});
  for (const auto* metric : {"read_bucket", "write_bucket"}) {
    samples.set(metric, low, 1);
    samples.set(metric, all, 2);
  }
  return samples;
}

}  // namespace

TEST_CASE("functions and operators that drop the name refuse to merge two metrics") {
  for (const auto* text :
       {"ceil({__name__=~'.+_bucket'})", "-{__name__=~'.+_bucket'}", "{__name__=~'.+_bucket'} + 1",
        "histogram_quantile(0.9, {__name__=~'.+_bucket'})",
        "histogram_fraction(0, 1, {__name__=~'.+_bucket'})"}) {
    INFO(text);
    ScriptedSamples samples = two_metrics();
    CHECK(error_of(text, samples).starts_with("two series of the result have the same labels"));
  }
}

TEST_CASE("a histogram of one metric loses its name and its bounds") {
  ScriptedSamples samples = two_metrics();
  CHECK(at_once("histogram_quantile(0.5, read_bucket)", samples) == Values{{"{}", 1}});
}

TEST_CASE("an aggregation by name keeps two histograms apart until it is aggregated") {
  ScriptedSamples samples = two_metrics();
  CHECK(
      error_of("histogram_quantile(0.5, sum by (__name__, le) ({__name__=~'.+_bucket'}))", samples)
          .starts_with("two series of the result have the same labels"));
}

TEST_CASE("names of labels in arguments must be UTF-8 and not empty") {
  for (const auto* text :
       {R"(label_replace(x, "\xff", "", "a", "b"))", R"(label_replace(x, "", "", "a", "b"))",
        R"(label_join(x, "\xff", ",", "a"))", R"(label_join(x, "to", ",", "a", "\xff"))",
        R"(label_join(x, "to", ",", ""))", R"(count_values("\xff", x))"}) {
    INFO(text);
    const auto parsed = promql::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message.starts_with("invalid "));
  }
  CHECK(promql::parse(R"(label_replace(x, "größe", "", "a", "b"))"));
}
