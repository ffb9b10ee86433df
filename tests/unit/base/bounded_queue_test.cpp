// Tests base/bounded_queue and base/named_thread: order, bounds, ends, and threads without signals.
#include "base/bounded_queue.h"

#include <pthread.h>
#include <signal.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/named_thread.h"
#include "support/catch.h"

using cgsentry::BoundedQueue;

TEST_CASE("items leave in the order in which they came") {
  BoundedQueue<int> queue(3);
  CHECK(queue.push(1));
  CHECK(queue.push(2));
  CHECK(queue.pop() == 1);
  CHECK(queue.pop() == 2);
}

TEST_CASE("a full queue refuses the newest and keeps what it has") {
  BoundedQueue<int> queue(2);
  CHECK(queue.push(1));
  CHECK(queue.push(2));
  CHECK_FALSE(queue.push(3));
  CHECK(queue.size() == 2);
  CHECK(queue.pop() == 1);
  CHECK(queue.push(4));
  CHECK(queue.pop() == 2);
  CHECK(queue.pop() == 4);
}

TEST_CASE("a closed queue takes nothing, hands out the rest and then ends") {
  BoundedQueue<int> queue(3);
  CHECK(queue.push(1));
  queue.close();
  CHECK_FALSE(queue.push(2));
  CHECK(queue.pop() == 1);
  CHECK_FALSE(queue.pop());
}

TEST_CASE("clear says how much it threw away") {
  BoundedQueue<int> queue(3);
  CHECK(queue.push(1));
  CHECK(queue.push(2));
  CHECK(queue.clear() == 2);
  CHECK(queue.size() == 0);
}

TEST_CASE("a queue is full when its items weigh too much, however few they are") {
  BoundedQueue<int> queue(100, 10);
  CHECK(queue.push(1, 6));
  CHECK_FALSE(queue.push(2, 5));
  CHECK(queue.push(3, 4));
  CHECK_FALSE(queue.push(4, 1));
  CHECK(queue.pop() == 1);
  CHECK(queue.push(5, 6));
  CHECK(queue.clear() == 2);
  CHECK(queue.push(6, 10));
  CHECK_FALSE(queue.push(7, std::numeric_limits<std::size_t>::max()));
}

TEST_CASE("items that can only be moved pass through") {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  CHECK(queue.push(std::make_unique<int>(5)));
  CHECK(**queue.pop() == 5);
}

TEST_CASE("close wakes a consumer that waits") {
  BoundedQueue<int> queue(1);
  std::optional<int> seen = 1;
  std::thread consumer([&] { seen = queue.pop(); });
  queue.close();
  consumer.join();
  CHECK_FALSE(seen);
}

TEST_CASE(
    "with several producers every accepted item arrives exactly once, in its producer's order") {
  constexpr int kEach = 2'000;
  BoundedQueue<std::pair<int, int>> queue(16);
  std::vector<std::vector<int>> accepted(3);
  std::vector<std::thread> producers;
  for (int producer = 0; producer < 3; ++producer) {
    producers.emplace_back([&, producer] {
      for (int i = 0; i < kEach; ++i) {
        if (queue.push({producer, i})) {
          accepted[static_cast<std::size_t>(producer)].push_back(i);
        }
      }
    });
  }
  std::vector<std::vector<int>> arrived(3);
  std::thread consumer([&] {
    while (const auto item = queue.pop()) {
      arrived[static_cast<std::size_t>(item->first)].push_back(item->second);
    }
  });
  for (std::thread& producer : producers) {
    producer.join();
  }
  queue.close();
  consumer.join();
  CHECK(arrived == accepted);
}

TEST_CASE("a thread of ours has its name and blocks every signal, its parent keeps its own mask") {
  std::string name(16, '\0');
  bool blocks_pipe = false;
  auto thread = cgsentry::start_thread("a-name-longer-than-15", [&] {
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocks_pipe = ::sigismember(&mask, SIGPIPE) == 1 && ::sigismember(&mask, SIGTERM) == 1;
  });
  thread.join();
  CHECK(std::string(name.c_str()) == "a-name-longer-t");
  CHECK(blocks_pipe);
  sigset_t mine;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  CHECK(::sigismember(&mine, SIGTERM) == 0);
}
