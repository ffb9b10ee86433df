// Tests templates against Prometheus: every template of tests/golden/rule/templates.yaml gives what
// templates_test.yaml expects, and a CTest entry lets promtool confirm that file.
#include <fstream>
#include <iterator>

#include "support/catch.h"
#include "template/go_text.h"
#include "template/template.h"
#include "yaml/node.h"

using namespace cgsentry;

namespace {

yaml::Node read_golden(const std::string& name) {
  std::ifstream in(std::string(CGSENTRY_TEST_DIR "/golden/rule/") + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto node = yaml::load(text, name);
  REQUIRE(node);
  return *node;
}

/// The value behind a path of keys; a list is entered at its first item.
const yaml::Node& at(const yaml::Node& node, std::initializer_list<std::string_view> path) {
  const yaml::Node* here = &node;
  for (const std::string_view key : path) {
    if (here->kind == yaml::Node::Kind::list) {
      REQUIRE(here->items.size() == 1);
      here = &here->items.front();
    }
    const auto found = std::ranges::find(here->entries, key, [](const yaml::Node::Entry& entry) {
      return std::string_view(entry.key.text);
    });
    REQUIRE(found != here->entries.end());
    here = &found->value;
  }
  return *here;
}

}  // namespace

TEST_CASE("templates give byte for byte what Prometheus gives") {
  const yaml::Node rules = at(read_golden("templates.yaml"), {"groups", "rules"});
  const yaml::Node tests = at(read_golden("templates_test.yaml"), {"tests"});
  REQUIRE(rules.items.size() >= 100);
  REQUIRE(rules.items.size() == tests.items.size());
  for (std::size_t i = 0; i < rules.items.size(); ++i) {
    const std::string text = at(rules.items[i], {"annotations", "text"}).text;
    const yaml::Node& test = tests.items[i];
    const yaml::Node& expected = at(test, {"alert_rule_test", "exp_alerts"});
    Labels labels{{"__name__", "m" + std::to_string(i)}};
    for (const auto& [name, value] : at(expected, {"exp_labels"}).entries) {
      labels.set(name.text, value.text);
    }
    const auto value = templates::parse_float(at(test, {"input_series", "values"}).text);
    REQUIRE(value);

    INFO(text);
    const auto parsed = templates::Template::parse(text, templates::alert_variables());
    REQUIRE(parsed);
    const Labels external;
    const auto rendered = parsed->render(templates::alert_scope({labels, *value, external, ""}));
    CHECK(rendered.error.empty());
    CHECK(rendered.text == at(expected, {"exp_annotations", "text"}).text);
  }
}
