#include "base/clock.h"

#include <fmt/format.h>

#include <ctime>

namespace cgsentry {

namespace {

Duration read_clock(clockid_t id) {
  timespec time{};
  // Cannot fail: the three ids below exist on every kernel that the agent runs on.
  ::clock_gettime(id, &time);
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

}  // namespace

SystemClock::SystemClock()
    : unix_minus_boottime_(read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME)) {}

Timestamp SystemClock::now() const {
  return Timestamp(read_clock(CLOCK_BOOTTIME) + unix_minus_boottime_);
}

Duration SystemClock::wall_offset() const {
  return read_clock(CLOCK_REALTIME) - now().time_since_epoch();
}

Duration SystemClock::monotonic_at(Timestamp time) const {
  return read_clock(CLOCK_MONOTONIC) + (time - now());
}

std::string format_rfc3339(Timestamp wall_time) {
  using std::chrono::floor;
  const auto since_epoch = wall_time.time_since_epoch();
  const auto seconds = floor<std::chrono::seconds>(since_epoch);
  const auto millis = floor<std::chrono::milliseconds>(since_epoch - seconds);
  const std::time_t unix_seconds = seconds.count();
  std::tm utc{};
  ::gmtime_r(&unix_seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     millis.count());
}

}  // namespace cgsentry
