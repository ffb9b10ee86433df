// Tests sink/retry: how long a sink waits for a receiver that does not take a transition.
#include "sink/retry.h"

#include <limits>

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using sink::retry_delay;

namespace {

constexpr double kAlmostOne = 0.999999999;

sink::RetryPolicy policy() {
  return {1s, 60s, 300s, 100};
}

}  // namespace

TEST_CASE("the longest wait doubles with each attempt up to its bound") {
  const std::pair<std::size_t, Duration> expected[] = {{1, 1s},  {2, 2s},  {3, 4s},      {6, 32s},
                                                       {7, 60s}, {8, 60s}, {10'000, 60s}};
  for (const auto& [attempt, longest] : expected) {
    const Duration wait = retry_delay(policy(), attempt, kAlmostOne, std::nullopt);
    CHECK(wait <= longest);
    CHECK(wait > longest - 1ms);
  }
}

TEST_CASE("the wait is a random part of its bound, down to nothing") {
  CHECK(retry_delay(policy(), 3, 0.0, std::nullopt) == 0s);
  CHECK(retry_delay(policy(), 3, 0.5, std::nullopt) == 2s);
}

TEST_CASE("what the server asks for is waited in full, and the random part on top") {
  CHECK(retry_delay(policy(), 1, 0.5, 7s) == 7500ms);
  CHECK(retry_delay(policy(), 1, 0.0, 7s) == 7s);
}

TEST_CASE("absurd wishes of a server are bounded") {
  CHECK(retry_delay(policy(), 1, 0.0, 1'000'000'000s) == 300s);
  CHECK(retry_delay(policy(), 1, 0.0, std::chrono::seconds::max()) == 300s);
  CHECK(retry_delay(policy(), 1, 0.0, -5s) == 0s);
}

TEST_CASE("a first wait above the bound is the bound") {
  CHECK(retry_delay({90s, 60s, 300s, 100}, 1, 0.5, std::nullopt) == 30s);
}
