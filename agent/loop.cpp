#include "loop.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>

#include "base/setup_error.h"

namespace cgsentry {

namespace {

Fd checked(int fd, const char* what) {
  if (fd < 0) {
    throw SetupError(std::string(what) + ": " + std::strerror(errno), "");
  }
  return Fd(fd);
}

Fd block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, number);
  }
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return checked(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
}

void watch(const Fd& epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw SetupError(std::string("epoll_ctl: ") + std::strerror(errno), "");
  }
}

Duration monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

timespec to_timespec(Duration time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((time - seconds).count())};
}

}  // namespace

Loop::Loop(Duration interval)
    : interval_(interval),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(
          checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")),
      signals_(block_signals()) {
  watch(epoll_, timer_.get());
  watch(epoll_, signals_.get());
}

void Loop::run(const Handlers& handlers, int urgent_fd, std::uint64_t ticks) {
  if (urgent_fd >= 0) {
    watch(epoll_, urgent_fd);
  }
  deadline_ = monotonic_now();
  const itimerspec grid{to_timespec(interval_), to_timespec(deadline_)};
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &grid, nullptr);
  std::uint64_t done = 0;
  while (true) {
    std::array<epoll_event, 4> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == signals_.get()) {
        if (take_signal(handlers)) {
          return;
        }
      } else if (fd == timer_.get()) {
        if (take_deadline()) {
          handlers.tick();
          if (++done == ticks) {
            return;
          }
        }
      } else {
        handlers.urgent();
      }
    }
  }
}

bool Loop::take_signal(const Handlers& handlers) {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo != SIGHUP) {
      return true;
    }
    handlers.reload();
  }
  return false;
}

bool Loop::take_deadline() {
  std::uint64_t expired = 0;
  if (::read(timer_.get(), &expired, sizeof(expired)) != sizeof(expired) || expired == 0) {
    return false;
  }
  missed_ += expired - 1;
  const Duration last = deadline_ + interval_ * static_cast<std::int64_t>(expired - 1);
  lateness_ = monotonic_now() - last;
  deadline_ = last + interval_;
  return true;
}

}  // namespace cgsentry
