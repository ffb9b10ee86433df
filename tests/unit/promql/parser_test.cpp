// The grammar: what binds how, what is refused and where, and that hostile text ends soon.
#include "promql/parser.h"

#include "promql/functions.h"
#include "promql/plan.h"
#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::promql;
using namespace std::chrono_literals;

namespace {

/// Two texts that mean the same have the same canonical form.
bool same(const std::string& a, const std::string& b) {
  const auto left = parse(a);
  const auto right = parse(b);
  INFO(a << " and " << b);
  REQUIRE(left);
  REQUIRE(right);
  return canonical_text(left->root()) == canonical_text(right->root());
}

ParseError refusal(const std::string& text) {
  const auto expression = parse(text);
  INFO(text);
  REQUIRE(!expression);
  return expression.error();
}

}  // namespace

TEST_CASE("operators bind as in Prometheus") {
  CHECK(same("a or b and c", "a or (b and c)"));
  CHECK(same("a unless b and c", "(a unless b) and c"));
  CHECK(same("a and b > c + d", "a and (b > (c + d))"));
  CHECK(same("a - b - c", "(a - b) - c"));
  CHECK(same("a + b * c % d", "a + ((b * c) % d)"));
  CHECK(same("a ^ b ^ c", "a ^ (b ^ c)"));
  CHECK(same("-a ^ b", "-(a ^ b)"));
  CHECK(same("a atan2 b * c", "(a atan2 b) * c"));
  CHECK(!same("a - (b - c)", "a - b - c"));
}

TEST_CASE("the same in other words") {
  CHECK(same("sum by (x) (a)", "sum(a) by (x)"));
  CHECK(same("SUM(a)", "sum(a)"));
  CHECK(same("a{x=\"1\",}", "a{x='1'}"));
  CHECK(same("rate(a[90s])", "rate(a[1m30s])"));
  CHECK(same("{\"a\"}", "a"));
  CHECK(same("a # comment\n + b", "a+b"));
  CHECK(same("0x10 + 1e1 + .5 + 1_000", "16 + 10 + 0.5 + 1000"));
  CHECK(!same("a{x=\"1\"}", "a{x!=\"1\"}"));
  CHECK(!same("a offset 1m", "a offset 2m"));
  CHECK(!same("sum by (x) (a)", "sum without (x) (a)"));
}

TEST_CASE("types are known before anything runs") {
  CHECK(parse("1 + 2")->type() == ValueType::scalar);
  CHECK(parse("a > 2")->type() == ValueType::vector);
  CHECK(parse("a[5m]")->type() == ValueType::matrix);
  CHECK(parse("\"text\"")->type() == ValueType::string);
  CHECK(parse("scalar(a)")->type() == ValueType::scalar);
}

TEST_CASE("the selectors of an expression") {
  const auto uses =
      parse("rate(a{x=\"1\"}[5m]) / on (y) b > max_over_time({__name__=\"c\"}[1m:1s])")
          ->selectors();
  REQUIRE(uses.size() == 3);
  CHECK(uses[0].metric == "a");
  CHECK(uses[0].window == 5min);
  CHECK(uses[1].metric == "b");
  CHECK(uses[1].window == Duration{});
  CHECK(uses[2].metric == "c");
  CHECK(uses[2].position == Position{1, 47});
}

TEST_CASE("how far an expression looks back") {
  CHECK(parse("a > 1")->look_back() == Duration{});
  CHECK(parse("a offset 1m or rate(b[30s])")->look_back() == 1min);
  CHECK(parse("rate(a[5m] offset 1m)")->look_back() == 6min);
  CHECK(parse("topk(scalar(rate(k[2m])), a)")->look_back() == 2min);
  CHECK(parse("-max_over_time((rate(a[1m]) > 0)[10m:1s] offset 30s)")->look_back() == 11min + 30s);
}

TEST_CASE("a mistake has its line and column") {
  const auto place = [](const std::string& text) {
    const ParseError error = refusal(text);
    return std::pair{error.line, error.column};
  };
  CHECK(place("a +") == std::pair{1U, 4U});
  CHECK(place("a\n  + * b") == std::pair{2U, 5U});
  CHECK(place("rate(a)") == std::pair{1U, 6U});
  CHECK(place("sum(a[5m])") == std::pair{1U, 5U});
  CHECK(place("a{x=~\"(\"}") == std::pair{1U, 1U});
  CHECK(place("a{x=1}") == std::pair{1U, 5U});
}

TEST_CASE("a mistake says what is wrong") {
  CHECK_THAT(refusal("ratee(a[5m])").message, Catch::Contains("rate"));
  CHECK_THAT(refusal("rate(a)").message, Catch::Contains("range vector"));
  CHECK_THAT(refusal("1 > 2").message, Catch::Contains("BOOL"));
  CHECK_THAT(refusal("{x=\"\"}").message, Catch::Contains("non-empty"));
  CHECK_THAT(refusal("a[5m] offset 1m offset 2m").message, Catch::Contains("multiple times"));
  CHECK_THAT(refusal("a and 1").message, Catch::Contains("set operator"));
  CHECK_THAT(refusal("a + on (x) group_left (x) b").message, Catch::Contains("ON and GROUP"));
  CHECK_THAT(refusal("a \"").message, !Catch::Matchers::Equals(""));
}

TEST_CASE("what the agent adds has a prefix, and only that is there") {
  CHECK(parse("cgs_time_to(1e9, a[5m]) < 600"));
  CHECK(parse("cgs_anomaly(a[1h]) > 5"));
  CHECK_THAT(refusal("cgs_time_tu(1e9, a[5m])").message, Catch::Contains("cgs_time_to"));
  CHECK_THAT(refusal("cgs_oracle(a[5m])").message, Catch::Contains("unknown function"));
  CHECK_THAT(refusal("cgs_time_to(a[5m], 1e9)").message, Catch::Contains("expected type scalar"));
  CHECK_THAT(refusal("cgs_time_to(1e9, a)").message, Catch::Contains("expected type range vector"));
  CHECK_THAT(refusal("cgs_anomaly(a[1h], 3)").message, Catch::Contains("argument"));
}

TEST_CASE("experimental functions that suit a node are there, the others are refused") {
  for (const char* text : {"double_exponential_smoothing(a[1m], 0.5, 0.5)", "mad_over_time(a[1m])",
                           "limitk(2, a)", "limitk by (x) (2, a)"}) {
    INFO(text);
    CHECK(parse(text));
  }
  for (const char* text : {"info(a)", "limit_ratio(0.5, a)", "sort_by_label(a, \"x\")",
                           "ts_of_max_over_time(a[1m])"}) {
    INFO(text);
    CHECK_THAT(refusal(text).message, Catch::Contains("experimental"));
  }
}

TEST_CASE("hostile text is refused soon") {
  CHECK_THAT(refusal(std::string(10'000, '(')).message, !Catch::Matchers::Equals(""));
  std::string deep;
  for (int i = 0; i < 10'000; ++i) {
    deep += "-";
  }
  refusal(deep + "a");
  refusal(std::string(kMaxExpressionBytes + 1, ' ') + "a");
  refusal(std::string("a\0b", 3));
  refusal("a{x=~\"" + std::string(5'000, 'a') + "\"}");
  CHECK(parse("1" + [] {
    std::string sums;
    for (int i = 0; i < 200; ++i) {
      sums += "+1";
    }
    return sums;
  }()));
}

TEST_CASE("the table of functions is found by name, slips included") {
  REQUIRE(find_function("rate") != nullptr);
  CHECK(find_function("rate")->args[0] == ValueType::matrix);
  CHECK(find_function("Rate") == nullptr);
  CHECK(nearest_function("avg_overtime") == "avg_over_time");
  CHECK(nearest_function("nothing_like_it") == "");
}

TEST_CASE("an expression has a bounded number of patterns, and tells their size") {
  std::string matchers;
  for (std::size_t i = 0; i < promql::kMaxExpressionPatterns; ++i) {
    matchers += R"(a=~"x.*",)";
  }
  const auto most = promql::parse("up{" + matchers + "}");
  REQUIRE(most);
  CHECK(most->pattern_size() >= promql::kMaxExpressionPatterns);
  CHECK(promql::parse("up{" + matchers + "} + 1")->pattern_size() == most->pattern_size());
  const auto more = promql::parse("up{" + matchers + R"(} + up{a!~"x"})");
  REQUIRE_FALSE(more);
  CHECK(more.error().message == "more than 200 patterns in one expression");
  CHECK(promql::parse("up{a=\"b\"}")->pattern_size() == 0);
  CHECK(promql::parse(R"(up{a=~"[^a]{999}"})")->pattern_size() > 1'000);
}
