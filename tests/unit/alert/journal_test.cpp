// Tests alert/journal: every transition is released once and in order, whatever the disk does.
#include "alert/journal.h"

#include <filesystem>
#include <mutex>

#include "base/setup_error.h"
#include "support/catch.h"
#include "support/faulty_disk.h"
#include "support/transitions.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using alert::Journal;
using test::TemporaryDirectory;

namespace {

constexpr Timestamp kStart{1'000s};

/// What was released, from any thread.
struct Released {
  mutable std::mutex mutex;
  std::vector<Transition> transitions;

  alert::Release receiver() {
    return [this](const Transition& transition) {
      const std::lock_guard lock(mutex);
      transitions.push_back(transition);
    };
  }
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock(mutex);
    return transitions.size();
  }
  [[nodiscard]] std::vector<std::uint64_t> sequences() const {
    std::vector<std::uint64_t> out;
    const std::lock_guard lock(mutex);
    for (const Transition& transition : transitions) {
      out.push_back(transition.sequence);
    }
    return out;
  }
};

std::vector<std::uint64_t> counted(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = first; i <= last; ++i) {
    out.push_back(i);
  }
  return out;
}

void append(Journal& journal, std::size_t count) {
  std::vector<Transition> transitions(count, test::firing());
  journal.append(transitions);
}

alert::JournalOptions in(const std::string& directory) {
  alert::JournalOptions options;
  options.directory = directory;
  return options;
}

}  // namespace

TEST_CASE("append numbers the transitions and releases copies without their rule") {
  Released released;
  Journal journal({}, nullptr, released.receiver());
  AlertRule rule;
  std::vector<Transition> transitions{test::firing(), test::resolved()};
  transitions[0].rule = &rule;
  journal.append(transitions);
  CHECK(transitions[0].sequence == 1);
  CHECK(transitions[1].sequence == 2);
  CHECK(transitions[0].rule == &rule);
  CHECK(journal.stop(test::far()));
  REQUIRE(released.count() == 2);
  CHECK(released.transitions[0].rule == nullptr);
  CHECK(released.transitions[1].kind == Transition::Kind::resolved);
}

TEST_CASE("a journal in memory releases everything and marks nothing") {
  Released released;
  Journal journal({}, nullptr, released.receiver());
  append(journal, 1000);
  CHECK(journal.stop(test::far()));
  CHECK(released.sequences() == counted(1, 1000));
  CHECK_FALSE(released.transitions.back().unjournaled);
  CHECK(journal.stats().unjournaled == 0);
}

TEST_CASE("the sequence continues over a restart") {
  const TemporaryDirectory directory;
  Released released;
  for (int run = 0; run < 3; ++run) {
    Journal journal(in(directory.path()), std::make_unique<alert::SystemDisk>(),
                    released.receiver());
    append(journal, 2);
    CHECK(journal.stop(test::far()));
    CHECK(journal.stats().journaled == 2);
  }
  CHECK(released.sequences() == counted(1, 6));
}

TEST_CASE("nobody is told before the disk has it") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  Released released;
  Journal journal(in(directory.path()), std::make_unique<test::FaultyDisk>(faults),
                  released.receiver());
  faults->hold(true);
  append(journal, 3);
  faults->await_holding();  // in fsync
  CHECK(released.count() == 0);
  CHECK(journal.stats().queued == 3);
  faults->hold(false);
  CHECK(test::await([&] { return released.count() == 3; }));
  CHECK_FALSE(released.transitions.at(0).unjournaled);
}

TEST_CASE("on a broken disk every transition is released, in order, and marked") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  Released released;
  Journal journal(in(directory.path()), std::make_unique<test::FaultyDisk>(faults),
                  released.receiver());
  faults->error = ENOSPC;
  faults->fail(true);
  append(journal, 2);
  CHECK(test::await([&] { return released.count() == 2; }));
  CHECK(released.transitions.at(0).unjournaled);
  CHECK_FALSE(journal.stats().healthy);
  CHECK(journal.stats().errors >= 1);
  faults->fail(false);
  append(journal, 1);
  CHECK(journal.stop(test::far()));
  CHECK(released.sequences() == counted(1, 3));
  CHECK_FALSE(released.transitions.at(2).unjournaled);
  CHECK(journal.stats().healthy);
  CHECK(journal.stats().journaled == 1);
  CHECK(journal.stats().unjournaled == 2);
}

TEST_CASE("an agent starts on a full or read-only disk and journals when it can") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  faults->error = GENERATE(ENOSPC, EROFS, EIO);
  faults->fail(true);
  Released released;
  Journal journal(in(directory.path("new")), std::make_unique<test::FaultyDisk>(faults),
                  released.receiver());
  CHECK_FALSE(journal.stats().healthy);
  faults->fail(false);
  append(journal, 1);
  CHECK(journal.stop(test::far()));
  CHECK(journal.stats().journaled == 1);
}

TEST_CASE("a sequence that could not be read at the start is caught up with") {
  const TemporaryDirectory directory;
  Released released;
  {
    Journal journal(in(directory.path()), std::make_unique<alert::SystemDisk>(),
                    released.receiver());
    append(journal, 10);
    CHECK(journal.stop(test::far()));
  }
  const auto faults = std::make_shared<test::DiskFaults>();
  faults->fail(true);
  Journal journal(in(directory.path()), std::make_unique<test::FaultyDisk>(faults),
                  released.receiver());
  faults->fail(false);
  append(journal, 1);  // gets a number again that is already there
  CHECK(test::await([&] { return released.count() == 11; }));
  append(journal, 1);
  CHECK(journal.stop(test::far()));
  CHECK(released.sequences().back() == 11);
}

TEST_CASE("what the user must mend is said at setup") {
  const TemporaryDirectory directory;
  Released released;
  const auto open = [&](const std::string& path) {
    const Journal journal(in(path), std::make_unique<alert::SystemDisk>(), released.receiver());
  };
  CHECK_THROWS_AS(open(directory.path("no/parent")), SetupError);
  CHECK_THROWS_AS(open("/dev/null"), SetupError);
  const Journal first(in(directory.path()), std::make_unique<alert::SystemDisk>(),
                      released.receiver());
  CHECK_THROWS_WITH(open(directory.path()), Catch::Contains("another cgsentry"));
}

TEST_CASE("a hung disk is noticed by the loop, which releases in order, each once") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  Released released;
  Journal journal(in(directory.path()), std::make_unique<test::FaultyDisk>(faults),
                  released.receiver());
  faults->hold(true);
  append(journal, 2);
  faults->await_holding();
  append(journal, 1);
  journal.watch(kStart);
  journal.watch(kStart + 2s);
  CHECK(released.count() == 0);
  journal.watch(kStart + 3s);
  CHECK(released.sequences() == counted(1, 3));
  CHECK(released.transitions.at(0).unjournaled);
  append(journal, 1);
  faults->hold(false);
  CHECK(journal.stop(test::far()));
  CHECK(released.sequences() == counted(1, 4));
}

TEST_CASE("a queue that moves on is not taken for a hung disk") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  Released released;
  Journal journal(in(directory.path()), std::make_unique<test::FaultyDisk>(faults),
                  released.receiver());
  journal.watch(kStart);
  faults->hold(true);
  append(journal, 1);
  faults->await_holding();
  journal.watch(kStart + 60s);  // nothing was waiting before, so the wait begins here
  CHECK(released.count() == 0);
  faults->hold(false);
  CHECK(journal.stop(test::far()));
  CHECK(journal.stats().unjournaled == 0);
}

TEST_CASE("a queue over its bound is released at once, in order, and nothing is lost") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  Released released;
  alert::JournalOptions options = in(directory.path());
  options.queue_capacity = 4;
  Journal journal(options, std::make_unique<test::FaultyDisk>(faults), released.receiver());
  faults->hold(true);
  append(journal, 3);
  CHECK(released.count() == 0);
  append(journal, 2);
  CHECK(released.sequences() == counted(1, 5));
  faults->hold(false);
  append(journal, 1);
  CHECK(journal.stop(test::far()));
  CHECK(released.sequences() == counted(1, 6));
}

TEST_CASE("a hung disk does not keep the agent from ending, and nothing is lost") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  Released released;
  {
    Journal journal(in(directory.path()), std::make_unique<test::FaultyDisk>(faults),
                    released.receiver());
    faults->hold(true);
    append(journal, 2);
    faults->await_holding();
    CHECK_FALSE(journal.stop({}));
    CHECK(released.sequences() == counted(1, 2));
  }
  faults->hold(false);  // the thread comes back after its journal is gone, and tells nobody
  CHECK(test::await([&] {
    const std::lock_guard lock(faults->mutex);
    return !faults->holding || faults.use_count() == 1;
  }));
  CHECK(released.count() == 2);
}

TEST_CASE("what is appended after the end is released, not lost") {
  Released released;
  Journal journal({}, nullptr, released.receiver());
  CHECK(journal.stop(test::far()));
  append(journal, 2);
  CHECK(released.sequences() == counted(1, 2));
}

// Every call of the file system fails in turn, under the real thread.
TEST_CASE("no single failing call loses, repeats or reorders a transition") {
  std::size_t calls = 1;
  for (std::size_t failing = 0; failing < calls; ++failing) {
    const TemporaryDirectory directory;
    const auto faults = std::make_shared<test::DiskFaults>();
    faults->fail_from = failing;
    faults->half_writes = true;
    Released released;
    {
      Journal journal(in(directory.path("journal")), std::make_unique<test::FaultyDisk>(faults),
                      released.receiver());
      for (std::size_t i = 1; i <= 5; ++i) {
        append(journal, 1);
        REQUIRE(test::await([&] { return released.count() == i; }));
      }
    }
    calls = std::max(calls, faults->calls);
    REQUIRE(released.sequences() == counted(1, 5));
  }
  CHECK(calls > 20);
}
