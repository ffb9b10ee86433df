// The one thread's waiting place: deadlines, events, signals.
//
//   timerfd (absolute deadlines on CLOCK_MONOTONIC) ─► Handlers::tick
//   ring of kernel events becomes readable          ─► Handlers::urgent
//   SIGHUP ─► Handlers::reload,  SIGTERM or SIGINT  ─► run() returns
//
// A tick that comes late is one tick; the deadlines that passed meanwhile are counted as missed and
// never made up for. Signals are blocked for the whole process by the constructor, so create the
// Loop before any thread. Thread: the one that runs it.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/fd.h"

namespace cgsentry {

class Loop {
 public:
  struct Handlers {
    std::function<void()> tick;
    std::function<void()> urgent;
    std::function<void()> reload;
  };

  /// Throws SetupError.
  explicit Loop(Duration interval);

  /// `urgent_fd` may be -1. Returns after SIGTERM or SIGINT, or `ticks` ticks when it is not 0.
  void run(const Handlers& handlers, int urgent_fd, std::uint64_t ticks = 0);

  /// Deadlines that passed without a tick of their own.
  [[nodiscard]] std::uint64_t missed() const { return missed_; }
  /// How late the last regular tick began.
  [[nodiscard]] Duration lateness() const { return lateness_; }

 private:
  [[nodiscard]] bool take_signal(const Handlers& handlers);
  [[nodiscard]] bool take_deadline();

  Duration interval_;
  Duration deadline_{};  // CLOCK_MONOTONIC, of the next regular tick
  Fd epoll_;
  Fd timer_;
  Fd signals_;
  std::uint64_t missed_ = 0;
  Duration lateness_{};
};

}  // namespace cgsentry
