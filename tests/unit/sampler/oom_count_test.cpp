// OOM kills out of the controller's counter and the hook's.
#include "sampler/oom_count.h"

#include "support/catch.h"

using cgsentry::sampler::OomCount;

TEST_CASE("a container that was killed before the agent started keeps that count to its end") {
  OomCount count;
  CHECK(count.update(5, 0) == 5);
  CHECK(count.update(6, 1) == 6);
  CHECK(count.update(std::nullopt, 1) == 6);  // removed: no counter to read
  CHECK(count.update(std::nullopt, 2) == 7);  // killed by its removal's last breath
}

TEST_CASE("one kill counts once, whichever counter shows it first") {
  OomCount hook_first;
  CHECK(hook_first.update(0, 0) == 0);
  CHECK(hook_first.update(0, 1) == 1);
  CHECK(hook_first.update(1, 1) == 1);
  OomCount controller_first;
  CHECK(controller_first.update(0, 0) == 0);
  CHECK(controller_first.update(1, 0) == 1);
  CHECK(controller_first.update(1, 1) == 1);
}

TEST_CASE("either counter alone will do") {
  OomCount without_controller;
  CHECK(without_controller.update(std::nullopt, 2) == 2);
  OomCount without_hook;
  CHECK(without_hook.update(3, 0) == 3);
  CHECK(without_hook.update(4, 0) == 4);
}

TEST_CASE("kills whose event was lost are in the controller's count") {
  OomCount count;
  count.update(0, 0);
  CHECK(count.update(3, 1) == 3);
}
