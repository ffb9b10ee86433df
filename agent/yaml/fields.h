// Reads the fields of one YAML map into variables, and says what is wrong with them.
//
//   Fields fields(node, mistakes);
//   fields.text("name", name);
//   fields.duration("interval", interval, 100ms, 1h);
//   fields.finish();   // keys that nobody asked for are mistakes, with a suggestion
//
// A field that is absent or null leaves its variable as it was: the default. Every mistake is
// collected, so that a person sees all of them at once. Tested by tests/unit/yaml/fields_test.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "yaml/mistake.h"
#include "yaml/node.h"

namespace cgsentry::yaml {

/// More mistakes of one file are not told: telling each one's place walks the file.
inline constexpr std::size_t kMaxMistakes = 100;

/// The mistakes of one file. Whoever owns it catches TooMany, and has then told enough.
class Mistakes {
 public:
  struct TooMany {};

  explicit Mistakes(std::string file) : file_(std::move(file)) {}
  /// Both throw TooMany for the one behind the last that is told.
  void add(const Node& at, std::string message);
  void add(std::uint32_t line, std::uint32_t column, std::string message);
  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] const std::vector<Mistake>& all() const { return all_; }

 private:
  std::string file_;
  std::vector<Mistake> all_;
};

class Fields {
 public:
  /// A null node is a map without fields. Anything else that is not a map is a mistake.
  Fields(const Node& map, Mistakes& mistakes);

  /// The value of a key, or null when it is absent. Marks the key as known.
  [[nodiscard]] const Node* find(std::string_view key);
  /// The same, and a mistake when it is absent.
  [[nodiscard]] const Node* require(std::string_view key);

  void text(std::string_view key, std::string& target);
  void boolean(std::string_view key, bool& target);
  void integer(std::string_view key, std::uint64_t& target, std::uint64_t low, std::uint64_t high);
  void duration(std::string_view key, Duration& target, Duration low, Duration high);
  void texts(std::string_view key, std::vector<std::string>& target);
  /// A map of names to texts, such as labels.
  void text_map(std::string_view key, std::map<std::string, std::string>& target);

  /// Reports the keys that were not asked for.
  void finish();

 private:
  [[nodiscard]] const Node* scalar(std::string_view key, std::string_view wanted);

  const Node& map_;
  Mistakes& mistakes_;
  std::vector<std::string> known_;
};

/// The candidate that is nearest to `word`, if it is near enough for a typo; or "".
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace cgsentry::yaml
