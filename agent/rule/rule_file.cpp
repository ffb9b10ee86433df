// See rule_file.h.
#include "rule/rule_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "yaml/fields.h"

namespace cgsentry::rule {

namespace {

using yaml::Fields;
using yaml::Node;

constexpr std::uint64_t kHighestLimit = 1'000'000'000;

class Reader {
 public:
  explicit Reader(const SourceFile& file) : file_(file), mistakes_(file.name) {}

  RuleFile read(const Node& root) {
    RuleFile read;
    try {
      read_groups(root, read);
    } catch (const yaml::Mistakes::TooMany&) {
      // What is there is enough.
    }
    read.rules = rules_;
    read.pattern_size = pattern_size_;
    read.mistakes = mistakes_.all();
    sort_by_place(read.mistakes);
    return read;
  }

 private:
  void read_groups(const Node& root, RuleFile& read) {
    Fields fields(root, mistakes_);
    for (const Node& group : list(fields, "groups")) {
      read.groups.push_back(read_group(group));
    }
    fields.finish();
  }

  const std::vector<Node>& list(Fields& fields, std::string_view key) {
    static const std::vector<Node> kNone;
    const Node* list = fields.find(key);
    if (list != nullptr && list->kind != Node::Kind::list) {
      mistakes_.add(*list, quoted(key) + " must be a list");
    }
    return list == nullptr ? kNone : list->items;
  }

  GroupSpec read_group(const Node& node) {
    GroupSpec group;
    group.place = {node.line, node.column};
    Fields fields(node, mistakes_);
    group.name = read_group_name(fields);
    Duration interval{};
    fields.duration("interval", interval, Duration::zero(), kLongestDuration);
    if (interval > Duration::zero()) {
      group.interval = interval;
    }
    std::uint64_t limit = 0;
    fields.integer("limit", limit, 0, kHighestLimit);
    group.limit = limit;
    fields.duration("query_offset", group.query_offset, Duration::zero(), kLongestDuration);
    const auto labels = read_fields(fields.find("labels"), FieldKind::label, file_, mistakes_);
    for (const Node& rule : list(fields, "rules")) {
      if (++rules_ > kMaxRules) {
        stop(rule, fmt::format("there are more than {} rules", kMaxRules));
      }
      if (auto spec = read_rule(rule, labels, file_, mistakes_)) {
        count_patterns(rule, *spec);
        group.rules.push_back(*std::move(spec));
      }
    }
    fields.finish();
    return group;
  }

  void count_patterns(const Node& node, const RuleSpec& rule) {
    pattern_size_ += rule.expression.pattern_size();
    for (const auto* fields : {&rule.labels, &rule.annotations}) {
      for (const TemplatedField& field : *fields) {
        for (const FieldQuery& query : field.queries) {
          pattern_size_ += query.expression.pattern_size();
        }
      }
    }
    if (pattern_size_ > kMaxPatternSize) {
      stop(node, "the patterns of the rules up to here are too large");
    }
  }

  [[noreturn]] void stop(const Node& at, std::string message) {
    mistakes_.add(at, std::move(message));
    throw yaml::Mistakes::TooMany{};
  }

  std::string read_group_name(Fields& fields) {
    std::string name;
    fields.text("name", name);
    const Node* node = fields.require("name");
    if (node == nullptr || node->kind != Node::Kind::scalar) {
      return name;
    }
    if (name.empty()) {
      mistakes_.add(*node, "the name of a group must not be empty");
    } else if (!group_names_.insert(name).second) {
      mistakes_.add(*node, "group " + quoted(name) + " stands twice in this file");
    }
    return name;
  }

  const SourceFile& file_;
  yaml::Mistakes mistakes_;
  std::set<std::string> group_names_;
  std::size_t rules_ = 0;
  std::size_t pattern_size_ = 0;
};

}  // namespace

void sort_by_place(std::vector<Mistake>& mistakes) {
  std::ranges::stable_sort(
      mistakes, {}, [](const Mistake& mistake) { return std::pair(mistake.line, mistake.column); });
}

RuleFile read_rule_file(const SourceFile& file) {
  const auto root = yaml::load(file.text, file.name);
  if (!root) {
    return {{}, 0, 0, {root.error()}};
  }
  return Reader(file).read(*root);
}

}  // namespace cgsentry::rule
