// Quantiles and fractions of classic histograms.
#include "promql/histogram.h"

#include <cmath>

#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;

TEST_CASE("a quantile of buckets is linear within the bucket that holds it") {
  const auto of = [](double q, std::vector<promql::Bucket> buckets) {
    return promql::bucket_quantile(q, buckets);
  };
  const double inf = INFINITY;
  CHECK(of(0.5, {{1, 2}, {2, 6}, {inf, 8}}) == 1.5);
  CHECK(of(0.5, {{inf, 8}, {2, 6}, {1, 2}}) == 1.5);
  CHECK(of(0.9, {{1, 2}, {2, 6}, {inf, 8}}) == 2);  // beyond the last bound that is one
  CHECK(of(0, {{1, 2}, {inf, 2}}) == 0);
  CHECK(of(2, {{1, 2}, {inf, 2}}) == inf);
  CHECK(std::isnan(of(0.5, {{1, 2}, {2, 6}})));
  CHECK(std::isnan(of(0.5, {{1, 0}, {inf, 0}})));
  CHECK(of(0.5, {{1, 4}, {2, 3}, {inf, 8}}) == 1);  // a count that fell is raised
}

TEST_CASE("histograms are put together by all labels but the bound") {
  ScriptedSamples samples;
  for (const std::string id : {"/a", "/b"}) {
    const auto row = samples.add_row({{"id", id}});
    samples.set("wait_bucket", row, id == "/a" ? 2 : 4, {{"le", "1"}});
    samples.set("wait_bucket", row, 4, {{"le", "2.0"}});
    samples.set("wait_bucket", row, 4, {{"le", "+Inf"}});
    samples.set("wait_bucket", row, 4, {{"le", "not a bound"}});
  }
  CHECK(at_once("histogram_quantile(0.75, wait_bucket)", samples) ==
        Values{{R"({id="/a"})", 1.5}, {R"({id="/b"})", 0.75}});
}
