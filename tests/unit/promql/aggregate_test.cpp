// Aggregations, by what they say of three values.
#include <cmath>

#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;

namespace {

Values result(const std::string& text) {
  ScriptedSamples samples;
  double value = 1;
  for (const auto& [id, pod] : {std::pair{"a", "p"}, std::pair{"b", "p"}, std::pair{"c", "q"}}) {
    samples.set("usage", samples.add_row({{"id", id}, {"pod", pod}}), value *= 2);
  }
  return at_once(text, samples);
}

}  // namespace

TEST_CASE("groups of labels, of all but some labels, and of everything") {
  CHECK(result("sum by (pod) (usage)") == Values{{R"({pod="p"})", 6}, {R"({pod="q"})", 8}});
  CHECK(result("sum without (id) (usage)") == Values{{R"({pod="p"})", 6}, {R"({pod="q"})", 8}});
  CHECK(result("sum(usage)") == Values{{"{}", 14}});
  CHECK(result("sum by (nothing) (usage)") == Values{{"{}", 14}});
  CHECK(result("sum by (__name__) (usage)") == Values{{"usage{}", 14}});
  CHECK(result("sum(usage > 100)").empty());
}

TEST_CASE("each operator by its definition") {
  CHECK(result("avg(usage)").at("{}") == Approx(14.0 / 3));
  CHECK(result("count(usage)").at("{}") == 3);
  CHECK(result("min(usage)").at("{}") == 2);
  CHECK(result("max(usage)").at("{}") == 8);
  CHECK(result("group(usage)").at("{}") == 1);
  CHECK(result("stdvar(usage)").at("{}") == Approx(56.0 / 9));
  CHECK(result("stddev(usage)").at("{}") == Approx(std::sqrt(56.0 / 9)));
  CHECK(result("quantile(0.5, usage)").at("{}") == 4);
  CHECK(result("quantile(0.75, usage)").at("{}") == 6);
}

TEST_CASE("topk and bottomk keep the elements") {
  CHECK(result("topk(1, usage)") == Values{{R"(usage{id="c", pod="q"})", 8}});
  CHECK(result("bottomk by (pod) (1, usage)") ==
        Values{{R"(usage{id="a", pod="p"})", 2}, {R"(usage{id="c", pod="q"})", 8}});
  CHECK(result("topk(0, usage)").empty());
  CHECK(result("topk(100, usage)").size() == 3);
}

TEST_CASE("count_values turns values into labels") {
  CHECK(result(R"(count_values("size", usage > bool 3))") ==
        Values{{R"({size="0"})", 1}, {R"({size="1"})", 2}});
}

TEST_CASE("count_values forgets old values in the end") {
  OneQuery q(R"(count_values("v", usage))");
  const auto row = q.samples.add_row({{"id", "a"}});
  for (int i = 0; i < 100; ++i) {
    q.samples.set("usage", row, i);
    CHECK(q.tick().size() == 1);
  }
}

TEST_CASE("NaN is no minimum and no maximum beside numbers") {
  CHECK(result("max(usage * (usage > bool 3) / (usage > bool 3))").at("{}") == 8);
  CHECK(result("min(usage * (usage > bool 3) / (usage > bool 3))").at("{}") == 4);
  CHECK(std::isnan(result("sum(0 / (usage - usage))").at("{}")));
}
