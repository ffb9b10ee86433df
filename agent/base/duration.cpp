#include "base/duration.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace cgsentry {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 7> kUnits{{{"y", 365LL * 86'400'000},
                                      {"w", 7LL * 86'400'000},
                                      {"d", 86'400'000},
                                      {"h", 3'600'000},
                                      {"m", 60'000},
                                      {"s", 1'000},
                                      {"ms", 1}}};
constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kMaxMs = std::numeric_limits<std::int64_t>::max() / kNsPerMs;

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") {
    return Duration::zero();
  }
  if (text.empty()) {
    return std::nullopt;
  }
  std::int64_t total_ms = 0;
  std::size_t next_unit = 0;  // units may only get smaller
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) {
      ++next_unit;
    }
    if (next_unit == kUnits.size() || count > (kMaxMs - total_ms) / kUnits[next_unit].ms) {
      return std::nullopt;
    }
    total_ms += count * kUnits[next_unit].ms;
    ++next_unit;
    text.remove_prefix(name.size());
  }
  return std::chrono::milliseconds(total_ms);
}

std::string format_duration(Duration duration) {
  std::int64_t ms = duration.count() / kNsPerMs;
  if (ms == 0) {
    return "0s";
  }
  std::string out = ms < 0 ? "-" : "";
  ms = ms < 0 ? -ms : ms;
  for (const Unit& unit : kUnits) {
    // Weeks and years only where nothing is left, as Prometheus does: 10d, not 1w3d.
    const bool whole_only = unit.name == "y" || unit.name == "w";
    if (ms >= unit.ms && (!whole_only || ms % unit.ms == 0)) {
      out += std::to_string(ms / unit.ms);
      out += unit.name;
      ms %= unit.ms;
    }
  }
  return out;
}

}  // namespace cgsentry
