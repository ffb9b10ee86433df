// See unit_test_diff.h.
#include "command/unit_test_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "base/duration.h"
#include "base/number.h"

namespace cgsentry::command {

namespace {

/// Walks two sorted lists at once: only(left), only(right) and both(left, right).
template <typename Left, typename Right, typename Only, typename Both>
void merge(const std::vector<Left>& left, const std::vector<Right>& right, Only only, Both both) {
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() || b != right.end()) {
    const auto order = a == left.end()    ? std::strong_ordering::greater
                       : b == right.end() ? std::strong_ordering::less
                                          : a->labels <=> b->labels;
    if (std::is_eq(order)) {
      both(*a++, *b++);
    } else if (std::is_lt(order)) {
      only('-', *a++);
    } else {
      only('+', *b++);
    }
  }
}

struct Lines {
  DiffLines all;
  bool differ = false;

  void add(char mark, const std::string& text) {
    all.push_back(fmt::format("{} {}", mark, text));
    differ = differ || mark != ' ';
  }
  DiffLines take() { return differ ? std::move(all) : DiffLines{}; }
};

std::string without_name(Labels labels) {
  labels.erase("alertname");
  return labels.to_string();
}

/// Texts may have several lines; the later ones are indented.
std::string annotation(const Label& label) {
  std::string shown = fmt::format("    {}: ", label.name);
  const std::string indent = "\n" + std::string(shown.size() + 2, ' ');
  for (const char c : label.value) {
    c == '\n' ? shown += indent : shown += c;
  }
  return shown;
}

void diff_annotations(const Labels& expected, const Labels& got, Lines& lines) {
  std::set<std::string> names;
  for (const Labels* side : {&expected, &got}) {
    std::ranges::transform(*side, std::inserter(names, names.end()), &Label::name);
  }
  for (const std::string& name : names) {
    const std::string wanted(expected.get(name));
    const std::string given(got.get(name));
    if (wanted == given) {
      continue;
    }
    if (!wanted.empty()) {
      lines.add('-', annotation({name, wanted}));
    }
    if (!given.empty()) {
      lines.add('+', annotation({name, given}));
    }
  }
}

/// What to say of an expected alert that does not fire.
std::string state_of(const Labels& labels, const std::vector<GotAlert>& pending) {
  const auto found = std::ranges::find(pending, labels, &GotAlert::labels);
  return found == pending.end()
             ? ""
             : fmt::format(" (pending for {})", format_duration(found->active_for));
}

}  // namespace

bool same_value(double a, double b, bool fuzzy) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  if (a == b || (std::isnan(a) && std::isnan(b))) {
    return true;
  }
  return fuzzy && (std::nextafter(a, -kInf) == b || std::nextafter(a, kInf) == b);
}

DiffLines diff_samples(std::vector<ExpectedSample> expected, std::vector<promql::Element> got,
                       bool fuzzy) {
  std::ranges::stable_sort(expected, {}, &ExpectedSample::labels);
  std::ranges::stable_sort(got, {}, &promql::Element::labels);
  Lines lines;
  const auto only = [&](char mark, const auto& sample) {
    lines.add(mark, fmt::format("{} {}", sample.labels.to_string(), format_number(sample.value)));
  };
  merge(expected, got, only, [&](const ExpectedSample& a, const promql::Element& b) {
    if (same_value(a.value, b.value, fuzzy)) {
      only(' ', a);
    } else {
      only('-', a);
      only('+', b);
    }
  });
  return lines.take();
}

DiffLines diff_alerts(std::vector<ExpectedAlert> expected, std::vector<GotAlert> got) {
  const auto by_all = [](const auto& alert) { return std::pair(alert.labels, alert.annotations); };
  std::ranges::stable_sort(expected, {}, by_all);
  std::ranges::stable_sort(got, {}, by_all);
  std::vector<GotAlert> pending;
  std::ranges::copy_if(got, std::back_inserter(pending), [](const auto& a) { return !a.firing; });
  std::erase_if(got, [](const GotAlert& alert) { return !alert.firing; });
  Lines lines;
  const auto only = [&](char mark, const auto& alert) {
    lines.add(mark, without_name(alert.labels) +
                        (mark == '-' ? state_of(alert.labels, pending) : std::string()));
  };
  merge(expected, got, only, [&](const ExpectedAlert& a, const GotAlert& b) {
    only(' ', a);
    diff_annotations(a.annotations, b.annotations, lines);
  });
  return lines.take();
}

}  // namespace cgsentry::command
