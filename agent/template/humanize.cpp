// See humanize.h.
#include "template/humanize.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

#include "template/go_text.h"

namespace cgsentry::templates {

namespace {

constexpr std::array<std::string_view, 8> kLarge{"k", "M", "G", "T", "P", "E", "Z", "Y"};
constexpr std::array<std::string_view, 8> kBinary{"ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};
constexpr std::array<std::string_view, 8> kSmall{"m", "u", "n", "p", "f", "a", "z", "y"};

std::string four_digits(double value) {
  return format_float(value, 'g', 4);
}

std::string with_large_prefix(double value, double base, std::span<const std::string_view> units) {
  std::string_view prefix;
  for (const std::string_view unit : units) {
    if (std::abs(value) < base) {
      break;
    }
    prefix = unit;
    value /= base;
  }
  return four_digits(value) + std::string(prefix);
}

std::string with_small_prefix(double value) {
  std::string_view prefix;
  for (const std::string_view unit : kSmall) {
    if (std::abs(value) >= 1) {
      break;
    }
    prefix = unit;
    value *= 1000;
  }
  return four_digits(value) + std::string(prefix);
}

// Go truncates with int64(value), which x86 answers with the smallest number when it does not fit.
std::int64_t to_int64(double value) {
  const bool fits = value >= -0x1p63 && value < 0x1p63;
  return fits ? static_cast<std::int64_t>(value) : INT64_MIN;
}

std::string long_duration(double seconds) {
  const std::string_view sign = seconds < 0 ? "-" : "";
  const std::int64_t whole = to_int64(std::abs(seconds));
  const std::int64_t second = whole % 60;
  const std::int64_t minute = whole / 60 % 60;
  const std::int64_t hour = whole / 3600 % 24;
  const std::int64_t day = whole / 86400;
  if (day != 0) {
    return fmt::format("{}{}d {}h {}m {}s", sign, day, hour, minute, second);
  }
  if (hour != 0) {
    return fmt::format("{}{}h {}m {}s", sign, hour, minute, second);
  }
  if (minute != 0) {
    return fmt::format("{}{}m {}s", sign, minute, second);
  }
  return fmt::format("{}{}s", sign, four_digits(std::abs(seconds)));
}

}  // namespace

std::string humanize(double value) {
  if (value == 0 || !std::isfinite(value)) {
    return four_digits(value);
  }
  return std::abs(value) >= 1 ? with_large_prefix(value, 1000, kLarge) : with_small_prefix(value);
}

std::string humanize1024(double value) {
  if (std::abs(value) <= 1 || !std::isfinite(value)) {
    return four_digits(value);
  }
  return with_large_prefix(value, 1024, kBinary);
}

std::string humanize_duration(double seconds) {
  if (!std::isfinite(seconds)) {
    return four_digits(seconds);
  }
  if (seconds == 0) {
    return four_digits(seconds) + "s";
  }
  return std::abs(seconds) >= 1 ? long_duration(seconds) : with_small_prefix(seconds) + "s";
}

std::string humanize_percentage(double ratio) {
  return four_digits(ratio * 100) + "%";
}

std::optional<std::string> humanize_timestamp(double unix_seconds) {
  if (!std::isfinite(unix_seconds)) {
    return four_digits(unix_seconds);
  }
  const double nanoseconds = unix_seconds * 1e9;
  if (nanoseconds >= 0x1p63 || nanoseconds < -0x1p63) {
    return std::nullopt;
  }
  // Prometheus' own time has milliseconds; it truncates towards zero.
  const std::chrono::milliseconds since(static_cast<std::int64_t>(nanoseconds) / 1'000'000);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto days = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const std::chrono::hh_mm_ss clock(seconds - days);
  std::string text =
      fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto rest = (since - seconds).count(); rest != 0) {
    std::string fraction = fmt::format(".{:03}", rest);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  return text + " +0000 UTC";
}

}  // namespace cgsentry::templates
