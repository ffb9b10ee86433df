// Time as the agent sees it: one steady time line, and the offset to the wall.
//
// A Timestamp counts nanoseconds on a time line that equalled Unix time when the agent started and
// has moved with CLOCK_BOOTTIME since. Windows, `for` and deadlines use it, so a stepped wall clock
// neither fires nor resolves anything. Only bytes that leave the agent carry wall time, which is
// Timestamp + Clock::wall_offset().
//
// Time is an argument everywhere (`Timestamp now`). Only this file and the pipeline ask the system.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cgsentry {

using Duration = std::chrono::nanoseconds;

/// Tag of the time line described above; it has no now() on purpose.
struct AgentTimeline {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<AgentTimeline, duration>;
  static constexpr bool is_steady = true;
};
using Timestamp = AgentTimeline::time_point;

/// What asks for the time. The system's in `run`, a scripted one in tests and `replay`.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
  /// Add it to a Timestamp to get Unix time. Zero until somebody steps the wall clock.
  [[nodiscard]] virtual Duration wall_offset() const = 0;
};

class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] Duration wall_offset() const override;
  /// CLOCK_MONOTONIC at a Timestamp of this run, for kernel stamps and timerfd deadlines.
  [[nodiscard]] Duration monotonic_at(Timestamp time) const;

 private:
  Duration unix_minus_boottime_;
};

/// Seconds since the epoch of the time line, as PromQL's time() wants them.
[[nodiscard]] inline double to_seconds(Timestamp time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}
[[nodiscard]] inline double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// RFC 3339 in UTC with milliseconds: "2026-11-24T12:00:00.000Z". Takes wall time.
[[nodiscard]] std::string format_rfc3339(Timestamp wall_time);

}  // namespace cgsentry
