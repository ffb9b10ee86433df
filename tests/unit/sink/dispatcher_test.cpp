// Tests sink/dispatcher: every sink gets every transition in order, all drain at the same time, and
// the end comes once.
#include "sink/dispatcher.h"

#include <memory>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/transitions.h"

using namespace cgsentry;
using sink::Deadline;
using sink::Dispatcher;

namespace {

/// What was asked of a sink, by whom; several sinks of one test write into the same.
using Diary = std::vector<std::string>;

class DiarySink final : public sink::Sink {
 public:
  DiarySink(std::string name, Diary& diary, Deadline* joined_until = nullptr)
      : name_(std::move(name)), diary_(diary), joined_until_(joined_until) {}

  [[nodiscard]] const std::string& name() const override { return name_; }
  void deliver(const Transition& transition) override {
    ++accepted_;
    diary_.push_back(name_ + " takes " + std::to_string(transition.sequence));
  }
  void close() override { diary_.push_back(name_ + " closes"); }
  void join(Deadline deadline) override {
    diary_.push_back(name_ + " joins");
    if (joined_until_ != nullptr) {
      *joined_until_ = deadline;
    }
  }
  [[nodiscard]] sink::SinkStats stats() const override {
    sink::SinkStats stats;
    stats.accepted = accepted_;
    return stats;
  }

 private:
  std::string name_;
  Diary& diary_;
  Deadline* joined_until_;
  std::uint64_t accepted_ = 0;
};

}  // namespace

TEST_CASE("every sink gets every transition, in the order of the sinks") {
  Diary diary;
  Dispatcher dispatcher;
  dispatcher.add(std::make_unique<DiarySink>("stdout", diary));
  dispatcher.add(std::make_unique<DiarySink>("webhook/pager", diary));
  dispatcher.deliver(test::firing());
  dispatcher.deliver(test::resolved());
  CHECK(diary == Diary{"stdout takes 7", "webhook/pager takes 7", "stdout takes 8",
                       "webhook/pager takes 8"});
}

TEST_CASE("a dispatcher without a sink takes transitions too") {
  Dispatcher dispatcher;
  dispatcher.deliver(test::firing());
  CHECK(dispatcher.stats().empty());
  dispatcher.stop(Deadline::min());
}

TEST_CASE("all sinks are closed before one is waited for, with the same deadline") {
  Diary diary;
  Deadline first;
  Deadline second;
  Dispatcher dispatcher;
  dispatcher.add(std::make_unique<DiarySink>("a", diary, &first));
  dispatcher.add(std::make_unique<DiarySink>("b", diary, &second));
  const Deadline deadline = test::far();
  dispatcher.stop(deadline);
  CHECK(diary == Diary{"a closes", "b closes", "a joins", "b joins"});
  CHECK(first == deadline);
  CHECK(second == deadline);
}

TEST_CASE("sinks are stopped once, whoever asks") {
  Diary diary;
  {
    Dispatcher dispatcher;
    dispatcher.add(std::make_unique<DiarySink>("a", diary));
    dispatcher.stop(test::far());
    dispatcher.stop(test::far());
  }
  CHECK(diary == Diary{"a closes", "a joins"});
}

TEST_CASE("a dispatcher that goes away ends its sinks without waiting") {
  Diary diary;
  Deadline until = test::far();
  {
    Dispatcher dispatcher;
    dispatcher.add(std::make_unique<DiarySink>("a", diary, &until));
  }
  CHECK(diary == Diary{"a closes", "a joins"});
  CHECK(until == Deadline::min());
}

TEST_CASE("the numbers of each sink stand under its name") {
  Diary diary;
  Dispatcher dispatcher;
  dispatcher.add(std::make_unique<DiarySink>("a", diary));
  dispatcher.add(std::make_unique<DiarySink>("b", diary));
  CHECK(dispatcher.stats()[0].stats.accepted == 0);
  dispatcher.deliver(test::firing());
  const auto stats = dispatcher.stats();
  REQUIRE(stats.size() == 2);
  CHECK(stats[0].sink == "a");
  CHECK(stats[0].stats.accepted == 1);
  CHECK(stats[1].sink == "b");
  CHECK(stats[1].stats.accepted == 1);
}
