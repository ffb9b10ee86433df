// The waiting place: ticks, events between them, signals.
#include "loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>

#include "support/catch.h"

using namespace cgsentry;

namespace {

constexpr Duration kShort = std::chrono::milliseconds(5);

struct Counts {
  int ticks = 0;
  int urgent = 0;
  int reloads = 0;
};

Loop::Handlers counting(Counts& counts) {
  return {[&] { ++counts.ticks; }, [&] { ++counts.urgent; }, [&] { ++counts.reloads; }};
}

}  // namespace

TEST_CASE("the loop ticks as often as it is asked to") {
  Counts counts;
  Loop loop(kShort);
  loop.run(counting(counts), -1, 3);
  CHECK(counts.ticks == 3);
  CHECK(counts.urgent == 0);
}

TEST_CASE("a tick that takes too long is followed by one tick, and the lost ones are counted") {
  int ticks = 0;
  Loop loop(kShort);
  Loop::Handlers handlers;
  handlers.tick = [&] {
    if (++ticks == 1) {
      const auto until = std::chrono::steady_clock::now() + 10 * kShort;
      while (std::chrono::steady_clock::now() < until) {
      }
    }
  };
  loop.run(handlers, -1, 2);
  CHECK(ticks == 2);
  CHECK(loop.missed() >= 8);
}

TEST_CASE("an event between two ticks is handled at once") {
  Counts counts;
  const Fd event(::eventfd(1, EFD_CLOEXEC));
  Loop loop(std::chrono::hours(1));
  Loop::Handlers handlers = counting(counts);
  handlers.urgent = [&] {
    std::uint64_t value = 0;
    REQUIRE(::read(event.get(), &value, sizeof(value)) == sizeof(value));
    ++counts.urgent;
    ::raise(SIGTERM);
  };
  loop.run(handlers, event.get());
  CHECK(counts.urgent == 1);
}

TEST_CASE("SIGHUP reloads and the loop goes on; SIGTERM ends it") {
  Counts counts;
  Loop loop(kShort);
  Loop::Handlers handlers = counting(counts);
  handlers.tick = [&] { ::raise(++counts.ticks == 1 ? SIGHUP : SIGTERM); };
  loop.run(handlers, -1);
  CHECK(counts.reloads == 1);
  CHECK(counts.ticks == 2);
}
