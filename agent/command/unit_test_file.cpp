// See unit_test_file.h.
#include "command/unit_test_file.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "command/unit_test_scalars.h"
#include "yaml/fields.h"

namespace cgsentry::command {

namespace {

using yaml::Fields;
using yaml::Node;

constexpr Duration kLongest = std::chrono::hours(24) * 36'500;
constexpr Duration kDefaultInterval = std::chrono::minutes(1);

class Reader {
 public:
  Reader(std::string text, const std::string& name)
      : file_{name, std::move(text)}, mistakes_(name), scalars_(file_.text, mistakes_) {}

  tl::expected<UnitTestFile, std::vector<yaml::Mistake>> read() {
    const auto root = yaml::load(file_.text, file_.name);
    if (!root) {
      return tl::unexpected(std::vector{root.error()});
    }
    try {
      read_file(*root);
    } catch (const yaml::Mistakes::TooMany&) {
      // What is there is enough.
    }
    if (!mistakes_.empty()) {
      return tl::unexpected(mistakes_.all());
    }
    return std::move(file_);
  }

 private:
  void read_file(const Node& root) {
    Fields fields(root, mistakes_);
    fields.texts("rule_files", file_.rule_files);
    file_.evaluation_interval = interval(fields, "evaluation_interval", kDefaultInterval);
    fields.boolean("fuzzy_compare", file_.fuzzy_compare);
    read_group_order(fields);
    for (const Node& test : items(fields, "tests")) {
      file_.tests.push_back(read_test(test));
    }
    fields.finish();
  }

  void read_group_order(Fields& fields) {
    fields.texts("group_eval_order", file_.group_order);
    std::set<std::string> groups;
    for (const std::string& group : file_.group_order) {
      if (!groups.insert(group).second) {
        mistakes_.add(*fields.find("group_eval_order"),
                      "group `" + text::clean(group) + "` stands twice");
      }
    }
  }

  UnitTest read_test(const Node& node) {
    UnitTest test;
    test.place = {node.line, node.column};
    Fields fields(node, mistakes_);
    fields.text("name", test.name);
    test.interval = interval(fields, "interval", file_.evaluation_interval);
    if (const Node* start = fields.find("start_timestamp")) {
      test.start = scalars_.start_timestamp(*start);
    }
    read_series(fields, test);
    for (const Node& item : items(fields, "alert_rule_test")) {
      test.alert_tests.push_back(read_alert_test(item));
    }
    for (const Node& item : items(fields, "promql_expr_test")) {
      if (auto expression_test = read_expression_test(item)) {
        test.expression_tests.push_back(*std::move(expression_test));
      }
    }
    test.external_labels = label_map(fields, "external_labels");
    fields.text("external_url", test.external_url);
    fields.finish();
    return test;
  }

  void read_series(Fields& fields, UnitTest& test) {
    std::map<Labels, std::uint32_t> lines;
    for (const Node& item : items(fields, "input_series")) {
      Fields series(item, mistakes_);
      const Node* name = series.require("series");
      const Node* values = series.find("values");
      series.finish();
      auto labels = name != nullptr ? scalars_.series(*name) : std::nullopt;
      // A series without values is one that never was, as in promtool.
      auto read = values != nullptr ? scalars_.values(*values) : SeriesValues{};
      if (!labels) {
        continue;
      }
      if (!labels->has(kMetricName)) {
        mistakes_.add(*name, "the series needs the name of a metric");
      }
      const auto [first, is_new] = lines.emplace(*labels, name->line);
      if (!is_new) {
        mistakes_.add(*name, fmt::format("this series stands in line {} too", first->second));
      }
      test.series.push_back({*std::move(labels), std::move(read)});
    }
  }

  AlertTest read_alert_test(const Node& node) {
    AlertTest test;
    test.place = {node.line, node.column};
    Fields fields(node, mistakes_);
    fields.duration("eval_time", test.eval_time, Duration{}, kLongest);
    fields.text("alertname", test.alertname);
    if (test.alertname.empty()) {
      mistakes_.add(node, "key `alertname` is missing");
    }
    for (const Node& item : items(fields, "exp_alerts")) {
      Fields alert(item, mistakes_);
      test.alerts.push_back({label_map(alert, "exp_labels"), label_map(alert, "exp_annotations")});
      test.alerts.back().labels.set("alertname", test.alertname);
      alert.finish();
    }
    fields.finish();
    return test;
  }

  std::optional<ExpressionTest> read_expression_test(const Node& node) {
    Fields fields(node, mistakes_);
    Duration eval_time{};
    fields.duration("eval_time", eval_time, Duration{}, kLongest);
    const Node* expr = fields.require("expr");
    auto expression = expr != nullptr ? scalars_.expression(*expr) : std::nullopt;
    std::vector<ExpectedSample> samples;
    for (const Node& item : items(fields, "exp_samples")) {
      samples.push_back(read_sample(item));
    }
    fields.finish();
    if (!expression) {
      return std::nullopt;
    }
    return ExpressionTest{*std::move(expression), eval_time, std::move(samples), *expr};
  }

  ExpectedSample read_sample(const Node& node) {
    ExpectedSample sample;
    Fields fields(node, mistakes_);
    if (const Node* labels = fields.find("labels")) {
      sample.labels = scalars_.series(*labels).value_or(Labels{});
    }
    if (const Node* histogram = fields.find("histogram")) {
      mistakes_.add(*histogram, "native histograms are not supported");
    }
    if (const Node* value = fields.find("value")) {
      sample.value = scalars_.number(*value);
    }
    fields.finish();
    return sample;
  }

  /// Zero stands for the default, as in promtool.
  Duration interval(Fields& fields, std::string_view key, Duration otherwise) {
    Duration interval{};
    fields.duration(key, interval, Duration{}, kLongest);
    return interval == Duration{} ? otherwise : interval;
  }

  Labels label_map(Fields& fields, std::string_view key) {
    std::map<std::string, std::string> map;
    fields.text_map(key, map);
    Labels labels;
    for (const auto& [name, value] : map) {
      labels.set(name, value);
    }
    return labels;
  }

  const std::vector<Node>& items(Fields& fields, std::string_view key) {
    static const std::vector<Node> kNone;
    const Node* list = fields.find(key);
    if (list != nullptr && list->kind != Node::Kind::list) {
      mistakes_.add(*list, fmt::format("`{}` must be a list", key));
    }
    return list == nullptr ? kNone : list->items;
  }

  UnitTestFile file_;
  yaml::Mistakes mistakes_;
  UnitTestScalars scalars_;  // after what it refers to
};

}  // namespace

tl::expected<UnitTestFile, std::vector<yaml::Mistake>> read_unit_test_file(
    std::string text, const std::string& name) {
  return Reader(std::move(text), name).read();
}

}  // namespace cgsentry::command
