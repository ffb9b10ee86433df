// Ctrl-C ends a benchmark between two rounds, so that its cgroups are removed.
#pragma once

#include <csignal>
#include <stdexcept>

namespace cgsentry::bench {

/// Holds SIGINT and SIGTERM back for this process and its children. First thing in main.
inline sigset_t hold_interrupts() {
  sigset_t held;
  sigemptyset(&held);
  sigaddset(&held, SIGINT);
  sigaddset(&held, SIGTERM);
  sigprocmask(SIG_BLOCK, &held, nullptr);
  return held;
}

/// Throws when one of them came. Call once a round.
inline void stop_if_interrupted() {
  sigset_t pending;
  sigpending(&pending);
  if (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1) {
    throw std::runtime_error("interrupted");
  }
}

}  // namespace cgsentry::bench
