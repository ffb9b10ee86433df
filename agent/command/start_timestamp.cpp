// See start_timestamp.h.
#include "command/start_timestamp.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace cgsentry::command {

namespace {

using std::chrono::sys_days;

constexpr auto kEarliest = sys_days(std::chrono::year(1900) / 1 / 1).time_since_epoch();
constexpr auto kLatest = sys_days(std::chrono::year(2200) / 1 / 1).time_since_epoch();

/// Takes fixed pieces off the front of a text.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}

  /// Exactly `digits` digits; negative when they are not there.
  int number(std::size_t digits) {
    int value = -1;
    const std::string_view piece = rest_.substr(0, digits);
    const bool all_digits = piece.find_first_not_of("0123456789") == piece.npos;
    if (piece.size() != digits || !all_digits) {
      return -1;
    }
    std::from_chars(piece.data(), piece.data() + piece.size(), value);
    rest_.remove_prefix(digits);
    return value;
  }
  bool accept(std::string_view any_of) {
    const bool found = !rest_.empty() && any_of.find(rest_.front()) != any_of.npos;
    rest_.remove_prefix(found ? 1 : 0);
    return found;
  }
  /// The digits behind the point of a second.
  Duration fraction() {
    Duration total{};
    for (Duration place = std::chrono::milliseconds(100);; place /= 10) {
      const int digit = number(1);
      if (digit < 0) {
        return total;
      }
      total += digit * place;
    }
  }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::optional<Timestamp> in_bounds(Duration since_epoch) {
  if (since_epoch < kEarliest || since_epoch >= kLatest) {
    return std::nullopt;
  }
  return Timestamp(since_epoch);
}

std::optional<Timestamp> unix_seconds(std::string_view text) {
  double seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc() && rest == text.data() + text.size();
  if (!whole || !(std::fabs(seconds) < std::chrono::duration<double>(kLatest).count())) {
    return std::nullopt;
  }
  return in_bounds(std::chrono::milliseconds(std::llround(seconds * 1e3)));
}

/// "Z" or "+01:30", as what must be taken off the local time.
std::optional<Duration> utc_offset(Pieces& pieces) {
  if (pieces.accept("Zz")) {
    return Duration{};
  }
  const bool west = pieces.rest().starts_with('-');
  if (!pieces.accept("+-")) {
    return std::nullopt;
  }
  const int hours = pieces.number(2);
  const bool colon = pieces.accept(":");
  const int minutes = pieces.number(2);
  if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const Duration offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return west ? -offset : offset;
}

std::optional<Timestamp> rfc3339(std::string_view text) {
  Pieces pieces(text);
  constexpr std::array<std::size_t, 6> kDigits{4, 2, 2, 2, 2, 2};
  constexpr std::array<std::string_view, 5> kBetween{"-", "-", "Tt", ":", ":"};
  std::array<int, 6> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = pieces.number(kDigits[i]);
    if (parts[i] < 0 || (i < kBetween.size() && !pieces.accept(kBetween[i]))) {
      return std::nullopt;
    }
  }
  const auto [year, month, day, hour, minute, second] = parts;
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok() || hour > 23 || minute > 59 || second > 59 || year < 1900 || year > 2199) {
    return std::nullopt;
  }
  Duration time =
      std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  if (pieces.accept(".")) {
    time += pieces.fraction();
  }
  const auto offset = utc_offset(pieces);
  if (!offset || !pieces.done()) {
    return std::nullopt;
  }
  return in_bounds(sys_days(date).time_since_epoch() + time - *offset);
}

}  // namespace

std::optional<Timestamp> parse_start_timestamp(std::string_view text) {
  const auto time = unix_seconds(text);
  return time ? time : rfc3339(text);
}

}  // namespace cgsentry::command
