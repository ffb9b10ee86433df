#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace cgsentry::log {

namespace {

constexpr std::chrono::seconds kRepeatAfter{10};
constexpr std::size_t kMaxRemembered = 256;
constexpr std::size_t kMaxMessageBytes = 1024;

std::atomic<Level> threshold{Level::info};

struct Seen {
  std::chrono::steady_clock::time_point printed;
  std::size_t suppressed = 0;
};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "?";
}

// How many equal messages were held back since the last one was printed; nothing when this one
// must be held back too.
std::optional<std::size_t> admit(std::string_view message) {
  static std::mutex mutex;
  static std::unordered_map<std::string, Seen> seen;
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex);
  if (seen.size() >= kMaxRemembered) {
    seen.clear();
  }
  auto [entry, is_new] = seen.try_emplace(std::string(message), Seen{now, 0});
  if (is_new) {
    return 0;
  }
  if (now - entry->second.printed < kRepeatAfter) {
    ++entry->second.suppressed;
    return std::nullopt;
  }
  entry->second.printed = now;
  return std::exchange(entry->second.suppressed, 0);
}

}  // namespace

void set_level(Level level) {
  threshold.store(level, std::memory_order_relaxed);
}

void write(Level level, std::string_view message) {
  if (level < threshold.load(std::memory_order_relaxed)) {
    return;
  }
  const auto suppressed = admit(message);
  if (!suppressed) {
    return;
  }
  std::string line =
      fmt::format("cgsentry: {}: {}", name_of(level), text::clean(message, kMaxMessageBytes));
  if (*suppressed > 0) {
    line += fmt::format(" (and {} more like it)", *suppressed);
  }
  line += '\n';
  // One write per line keeps lines whole. A stderr that is gone or full has no other reader, so
  // the message is lost; what matters is also exported as a metric.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace cgsentry::log
