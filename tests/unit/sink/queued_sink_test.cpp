// Tests sink/queued_sink: order, bounds and ends of a sink's thread, with tellers that a test
// steers.
#include "sink/queued_sink.h"

#include <condition_variable>
#include <mutex>
#include <vector>

#include "sink/dispatcher.h"
#include "support/catch.h"
#include "support/transitions.h"

using namespace cgsentry;
using sink::Deadline;
using sink::QueuedSink;
using sink::SinkCounters;
using sink::Teller;

namespace {

/// What a test sees and steers of its teller, which the sink owns.
struct Desk {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;   // tell() returns
  bool deaf = false;  // interrupt() is ignored
  bool busy = false;  // tell() waits
  bool interrupted = false;
  std::vector<std::uint64_t> told;
  Teller::Outcome outcome = Teller::Outcome::delivered;

  void set(bool& flag, bool value) {
    const std::lock_guard lock(mutex);
    flag = value;
    changed.notify_all();
  }
  void await_busy() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return busy; });
  }
};

class DeskTeller final : public Teller {
 public:
  explicit DeskTeller(std::shared_ptr<Desk> desk) : desk_(std::move(desk)) {}

  Outcome tell(const Transition& transition, SinkCounters& /*counters*/) override {
    std::unique_lock lock(desk_->mutex);
    desk_->busy = true;
    desk_->changed.notify_all();
    desk_->changed.wait(lock, [this] { return desk_->open || desk_->interrupted; });
    desk_->busy = false;
    if (!desk_->open) {
      return Outcome::interrupted;
    }
    desk_->told.push_back(transition.sequence);
    return desk_->outcome;
  }

  void interrupt() override {
    if (!desk_->deaf) {
      desk_->set(desk_->interrupted, true);
    }
  }

 private:
  std::shared_ptr<Desk> desk_;
};

Transition numbered(std::uint64_t sequence) {
  Transition transition = test::firing();
  transition.sequence = sequence;
  return transition;
}

std::unique_ptr<QueuedSink> make(const std::shared_ptr<Desk>& desk,
                                 sink::QueueLimits limits = {10}) {
  return std::make_unique<QueuedSink>("test", limits, std::make_unique<DeskTeller>(desk));
}

}  // namespace

TEST_CASE("a sink tells everything in order and join waits for the last") {
  const auto desk = std::make_shared<Desk>();
  const auto sink = make(desk);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    sink->deliver(numbered(i));
  }
  sink->close();
  sink->join(test::far());
  CHECK(desk->told == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
  CHECK(sink->stats().accepted == 5);
  CHECK(sink->stats().delivered == 5);
  CHECK(sink->stats().dropped == 0);
}

TEST_CASE("a receiver that stands still costs the newest transitions and never blocks deliver") {
  const auto desk = std::make_shared<Desk>();
  desk->open = false;
  const auto sink = make(desk, {2});
  sink->deliver(numbered(1));
  desk->await_busy();  // 1 has left the queue
  for (std::uint64_t i = 2; i <= 6; ++i) {
    sink->deliver(numbered(i));
  }
  CHECK(sink->stats().queued == 2);
  CHECK(sink->stats().dropped == 3);
  desk->set(desk->open, true);
  sink->close();
  sink->join(test::far());
  CHECK(desk->told == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(sink->stats().accepted == 6);
}

TEST_CASE("large transitions fill a queue by their bytes") {
  const auto desk = std::make_shared<Desk>();
  desk->open = false;
  const auto sink = make(desk, {1'000, 100'000});
  Transition large = numbered(1);
  large.alert.annotations.set("note", std::string(30'000, 'x'));
  sink->deliver(numbered(0));
  desk->await_busy();
  for (int i = 0; i < 10; ++i) {
    sink->deliver(large);
  }
  CHECK(sink->stats().queued == 3);
  CHECK(sink->stats().dropped == 7);
}

TEST_CASE("at the deadline the transition under way and the queue are dropped and counted") {
  const auto desk = std::make_shared<Desk>();
  desk->open = false;
  const auto sink = make(desk);
  for (std::uint64_t i = 1; i <= 4; ++i) {
    sink->deliver(numbered(i));
  }
  desk->await_busy();
  sink->close();
  sink->join(Deadline{});
  CHECK(desk->told.empty());
  CHECK(sink->stats().dropped == 4);
  CHECK(sink->stats().queued == 0);
}

TEST_CASE("a thread that nothing interrupts is left behind, and the sink ends all the same") {
  const auto desk = std::make_shared<Desk>();
  desk->open = false;
  desk->deaf = true;
  auto sink = make(desk);
  sink->deliver(numbered(1));
  desk->await_busy();
  sink->close();
  sink->join(Deadline{});
  sink.reset();
  desk->set(desk->open, true);  // it comes back after its sink is gone
  CHECK(test::await([&] {
    const std::lock_guard lock(desk->mutex);
    return desk->told.size() == 1;
  }));
}

TEST_CASE("what a receiver refuses is counted as failed and the next one is told") {
  const auto desk = std::make_shared<Desk>();
  desk->outcome = Teller::Outcome::failed;
  const auto sink = make(desk);
  sink->deliver(numbered(1));
  sink->deliver(numbered(2));
  sink->close();
  sink->join(test::far());
  CHECK(desk->told.size() == 2);
  CHECK(sink->stats().failed == 2);
  CHECK(sink->stats().delivered == 0);
}

TEST_CASE("what comes after close is dropped and counted") {
  const auto desk = std::make_shared<Desk>();
  const auto sink = make(desk);
  sink->close();
  sink->deliver(numbered(1));
  sink->join(test::far());
  CHECK(desk->told.empty());
  CHECK(sink->stats().dropped == 1);
}

TEST_CASE("the dispatcher tells every sink, and one that stands still holds up no other") {
  const auto stuck = std::make_shared<Desk>();
  stuck->open = false;
  const auto well = std::make_shared<Desk>();
  sink::Dispatcher dispatcher;
  dispatcher.add(make(stuck, {1}));
  dispatcher.add(make(well));
  for (std::uint64_t i = 1; i <= 5; ++i) {
    dispatcher.deliver(numbered(i));
  }
  CHECK(test::await([&] { return dispatcher.stats().at(1).stats.delivered == 5; }));
  dispatcher.stop(Deadline{});
  const auto stats = dispatcher.stats();
  CHECK(stats.at(0).sink == "test");
  CHECK(stats.at(0).stats.dropped == 5);
  CHECK(stats.at(1).stats.delivered == 5);
}

TEST_CASE("the dispatcher may be stopped twice and needs no stop") {
  const auto desk = std::make_shared<Desk>();
  sink::Dispatcher dispatcher;
  dispatcher.add(make(desk));
  dispatcher.stop(test::far());
  dispatcher.stop(test::far());
  sink::Dispatcher unstopped;
  unstopped.add(make(desk));
  CHECK(dispatcher.stats().size() == 1);
}
