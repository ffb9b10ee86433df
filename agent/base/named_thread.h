// Starts the agent's threads: named, and deaf to signals.
//
// The loop is the only one that takes signals (by signalfd). A thread that had them unblocked would
// be interrupted in its place, and a broken pipe would kill the process: with SIGPIPE blocked,
// write() returns EPIPE. Tested by tests/unit/base/bounded_queue_test.cpp.
#pragma once

#include <pthread.h>

#include <csignal>
#include <string>
#include <thread>
#include <utility>

namespace cgsentry {

/// `name` shows in /proc and is cut at 15 bytes, the kernel's limit. The thread starts with every
/// signal blocked.
template <typename Body>
[[nodiscard]] std::thread start_thread(const std::string& name, Body body) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([name = name.substr(0, 15), body = std::move(body)]() mutable {
    // Fails only for a name that is too long, which this one cannot be.
    ::pthread_setname_np(::pthread_self(), name.c_str());
    body();
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace cgsentry
