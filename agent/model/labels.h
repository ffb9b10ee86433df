// Labels: a sorted set of name=value pairs, the identity of a series and of an alert.
//
// Invariants: names are unique and sorted by bytes; no value is empty (in Prometheus an empty value
// means "no such label", so setting one removes the label). Values that come from containers were
// cleaned by base/text before they got here. Tested by tests/unit/model/labels_test.cpp.
#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace cgsentry {

/// The label that holds a metric's name.
inline constexpr std::string_view kMetricName = "__name__";

struct Label {
  std::string name;
  std::string value;
  friend auto operator<=>(const Label&, const Label&) = default;
};

class Labels {
 public:
  Labels() = default;
  Labels(std::initializer_list<Label> labels);

  /// The value, or "" when there is no such label.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return !get(name).empty(); }
  /// Adds or replaces; an empty value removes.
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  /// Adds those of `others` that are not here by name.
  void complete(const Labels& others);

  [[nodiscard]] bool empty() const { return labels_.empty(); }
  [[nodiscard]] std::size_t size() const { return labels_.size(); }
  [[nodiscard]] auto begin() const { return labels_.begin(); }
  [[nodiscard]] auto end() const { return labels_.end(); }

  /// 64-bit FNV-1a over names and values, each followed by 0xFF (a byte that is in no UTF-8 text):
  /// what Alertmanager calls the fingerprint. Equal on every machine and in every version.
  [[nodiscard]] std::uint64_t fingerprint() const;

  /// {a="x", b="y"}, values escaped as in PromQL; a metric name comes first, outside the braces.
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Labels&, const Labels&) = default;
  friend bool operator==(const Labels&, const Labels&) = default;

 private:
  std::vector<Label> labels_;
};

}  // namespace cgsentry
