// What templates of loaded rules query: the values of the tick in which the alert is told, and what
// loading refuses at its place in the file.
#include "rule/template_queries.h"

#include <memory>
#include <string>
#include <vector>

#include "rule/check.h"
#include "rule/rule_set.h"
#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;

namespace {

std::string file_of(const std::string& annotation) {
  return "groups:\n- name: g\n  rules:\n  - alert: Busy\n    expr: cpu > 5\n    annotations:\n"
         "      text: " +
         annotation + "\n";
}

std::vector<std::string> refused(const std::string& text) {
  std::vector<std::string> told;
  const auto rules = rule::load({{"r.yaml", text}});
  if (!rules) {
    for (const yaml::Mistake& mistake : rules.error()) {
      told.push_back(mistake.to_string());
    }
  }
  return told;
}

std::vector<std::string> warnings(const std::string& text) {
  std::vector<std::string> told;
  for (const yaml::Mistake& warning : rule::check({{"r.yaml", text}}, {1s, {"cpu"}})) {
    told.push_back(warning.to_string());
  }
  return told;
}

/// One container whose cpu is 9 in the first tick and one more in each further one.
class Host {
 public:
  explicit Host(const std::string& text) {
    auto loaded = rule::load({{"r.yaml", text}});
    REQUIRE(loaded);
    rules_ = std::make_unique<rule::RuleSet>(*std::move(loaded));
    table_.occupy(0, {{{"name", "web"}}, 1, false, {}});
    cpu_ = table_.add_column("cpu", MetricType::gauge);
  }

  const RuleResult& tick() {
    now_ += 1s;
    table_.columns[cpu_].set(0, value_++);
    Sample sample;
    sample.time = now_;
    sample.elapsed = 1s;
    sample.tables = {table_};
    rules_->append(sample);
    return rules_->evaluate(now_, false).at(0);
  }

  std::string text() {
    std::vector<Transition> told(1);
    told[0].rule = rules_->alert_rules().at(0);
    rules_->describe(told);
    return std::string(told[0].alert.annotations.get("text"));
  }

 private:
  std::unique_ptr<rule::RuleSet> rules_;
  Table table_{"container", 1};
  std::size_t cpu_ = 0;
  double value_ = 9;
  Timestamp now_{1'700'000'000s};
};

}  // namespace

TEST_CASE("an annotation shows what its query gives in that tick") {
  Host host(file_of(R"('{{ query "sum(cpu) * 2" | first | value }}, )"
                    R"({{ range query "cpu" }}{{ .Labels.name }}{{ end }}, {{ now }}')"));
  static_cast<void>(host.tick());
  CHECK(host.text() == "18, web, 1.700000001e+09");
  static_cast<void>(host.tick());
  CHECK(host.text() == "20, web, 1.700000002e+09");
}

TEST_CASE("a query has a window of its own, and a label may have one too") {
  Host host(R"yaml(groups:
- name: g
  labels: {peak: '{{ query "max_over_time(cpu[10s])" | first | value }}'}
  rules:
  - alert: Busy
    expr: cpu > 5
)yaml");
  static_cast<void>(host.tick());
  const RuleResult& result = host.tick();
  REQUIRE(result.breaches.size() == 1);
  CHECK(result.breaches[0].labels.get("peak") == "10");
}

TEST_CASE("a query that fails is told in the text, as in Prometheus") {
  Host host(file_of(R"('{{ query "cpu > 100" | first | value }}')"));
  static_cast<void>(host.tick());
  CHECK(host.text() ==
        "<error expanding template: 1:24: error calling first: first() called on vector with no "
        "elements>");
}

TEST_CASE("a query that cannot be is a mistake at its place") {
  using Told = std::vector<std::string>;
  CHECK(refused(file_of(R"('{{ query "sum(" | first | value }}')")) ==
        Told{"r.yaml:7:28: in query: unclosed left parenthesis"});
  CHECK(refused(file_of(R"('{{ query "cpu[5m]" }}')")) ==
        Told{"r.yaml:7:23: query needs a vector or a number"});
  CHECK(refused(file_of(R"('{{ query "cpu @ 5" }}')")).size() == 1);
  CHECK(refused(file_of(R"('{{ query .Labels.name }}')")) ==
        Told{"r.yaml:7:23: query needs a constant text here"});
  CHECK(refused(file_of("|\n        one\n        {{ query `cpu +` }}")) ==
        Told{"r.yaml:9:24: in query: unexpected end of input"});
}

TEST_CASE("check looks into queries, and takes them as having an element") {
  CHECK(warnings(file_of(R"('{{ query "cpu" | first | value }}')")).empty());
  const auto told = warnings(file_of(R"('{{ query "cpuu" | first | value }}')"));
  CHECK(told ==
        std::vector<std::string>{"r.yaml:7:13: nothing measures `cpuu`, did you mean `cpu`?"});
}
