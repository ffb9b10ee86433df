#include "yaml/fields.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include "base/duration.h"
#include "base/text.h"

namespace cgsentry::yaml {

namespace {

/// How a value looks in a message: clean and short.
std::string quoted(std::string_view text) {
  return "`" + text::clean(text, 64) + "`";
}

/// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, replace});
    }
  }
  return row.back();
}

}  // namespace

void Mistakes::add(const Node& at, std::string message) {
  add(at.line, at.column, std::move(message));
}

void Mistakes::add(std::uint32_t line, std::uint32_t column, std::string message) {
  if (all_.size() >= kMaxMistakes) {
    all_.push_back({file_, line, column, "there are more mistakes from here on"});
    throw TooMany{};
  }
  all_.push_back({file_, line, column, std::move(message)});
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > 64) {
    return "";
  }
  const auto nearest = std::ranges::min_element(
      candidates, {}, [&](const std::string& candidate) { return distance(word, candidate); });
  const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
  return nearest != candidates.end() && distance(word, *nearest) <= allowed ? *nearest : "";
}

Fields::Fields(const Node& map, Mistakes& mistakes) : map_(map), mistakes_(mistakes) {
  if (map.kind != Node::Kind::map && map.kind != Node::Kind::null) {
    mistakes_.add(map, "expected a map of keys and values");
  }
}

const Node* Fields::find(std::string_view key) {
  known_.emplace_back(key);
  const auto entry = std::ranges::find_if(
      map_.entries, [&](const Node::Entry& each) { return each.key.text == key; });
  return entry == map_.entries.end() || entry->value.kind == Node::Kind::null ? nullptr
                                                                              : &entry->value;
}

const Node* Fields::require(std::string_view key) {
  const Node* value = find(key);
  if (value == nullptr && (map_.kind == Node::Kind::map || map_.kind == Node::Kind::null)) {
    mistakes_.add(map_, "key " + quoted(key) + " is missing");
  }
  return value;
}

const Node* Fields::scalar(std::string_view key, std::string_view wanted) {
  const Node* value = find(key);
  if (value != nullptr && value->kind != Node::Kind::scalar) {
    mistakes_.add(*value, quoted(key) + " must be " + std::string(wanted));
    return nullptr;
  }
  return value;
}

void Fields::text(std::string_view key, std::string& target) {
  if (const Node* value = scalar(key, "a text")) {
    target = value->text;
  }
}

void Fields::boolean(std::string_view key, bool& target) {
  const Node* value = scalar(key, "true or false");
  if (value == nullptr) {
    return;
  }
  if (value->text == "true" || value->text == "false") {
    target = value->text == "true";
  } else {
    mistakes_.add(*value, quoted(key) + " must be true or false, not " + quoted(value->text));
  }
}

void Fields::integer(std::string_view key, std::uint64_t& target, std::uint64_t low,
                     std::uint64_t high) {
  const Node* value = scalar(key, "a whole number");
  if (value == nullptr) {
    return;
  }
  std::uint64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [rest, error] = std::from_chars(value->text.data(), end, number);
  if (error == std::errc() && rest == end && number >= low && number <= high) {
    target = number;
  } else {
    mistakes_.add(*value, quoted(key) + " must be a whole number from " + std::to_string(low) +
                              " to " + std::to_string(high) + ", not " + quoted(value->text));
  }
}

void Fields::duration(std::string_view key, Duration& target, Duration low, Duration high) {
  const Node* value = scalar(key, "a duration such as 1m30s");
  if (value == nullptr) {
    return;
  }
  const auto parsed = parse_duration(value->text);
  if (parsed && *parsed >= low && *parsed <= high) {
    target = *parsed;
  } else {
    mistakes_.add(*value, quoted(key) + " must be a duration from " + format_duration(low) +
                              " to " + format_duration(high) + ", not " + quoted(value->text));
  }
}

void Fields::texts(std::string_view key, std::vector<std::string>& target) {
  const Node* value = find(key);
  if (value == nullptr) {
    return;
  }
  if (value->kind != Node::Kind::list) {
    mistakes_.add(*value, quoted(key) + " must be a list");
    return;
  }
  target.clear();
  for (const Node& item : value->items) {
    if (item.kind == Node::Kind::scalar) {
      target.push_back(item.text);
    } else {
      mistakes_.add(item, "an item of " + quoted(key) + " must be a text");
    }
  }
}

void Fields::text_map(std::string_view key, std::map<std::string, std::string>& target) {
  const Node* value = find(key);
  if (value == nullptr) {
    return;
  }
  if (value->kind != Node::Kind::map) {
    mistakes_.add(*value, quoted(key) + " must be a map of keys and values");
    return;
  }
  target.clear();
  for (const auto& [name, text] : value->entries) {
    if (text.kind == Node::Kind::scalar || text.kind == Node::Kind::null) {
      target[name.text] = text.text;
    } else {
      mistakes_.add(text, quoted(name.text) + " must be a text");
    }
  }
}

void Fields::finish() {
  for (const auto& [key, value] : map_.entries) {
    if (std::ranges::find(known_, key.text) != known_.end()) {
      continue;
    }
    const std::string nearest = did_you_mean(key.text, known_);
    mistakes_.add(key, "unknown key " + quoted(key.text) +
                           (nearest.empty() ? "" : ", did you mean `" + nearest + "`?"));
  }
}

}  // namespace cgsentry::yaml
