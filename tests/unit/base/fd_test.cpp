// Tests base/fd: a descriptor is closed once, by its last owner.
#include "base/fd.h"

#include <fcntl.h>

#include <utility>

#include "support/catch.h"

using cgsentry::Fd;

namespace {

Fd open_null() {
  return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}
bool is_open(int number) {
  return ::fcntl(number, F_GETFD) >= 0;
}

}  // namespace

TEST_CASE("an Fd closes its descriptor when it goes out of scope") {
  int number = -1;
  {
    const Fd fd = open_null();
    number = fd.get();
    REQUIRE(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("moving leaves the source empty and the descriptor open") {
  Fd source = open_null();
  const int number = source.get();
  const Fd target = std::move(source);
  CHECK_FALSE(source.valid());  // NOLINT(bugprone-use-after-move): that is what is tested
  CHECK(target.get() == number);
  CHECK(is_open(number));
}

TEST_CASE("move assignment closes what the target held") {
  Fd target = open_null();
  const int old_number = target.get();
  target = open_null();
  CHECK(target.valid());
  CHECK((target.get() == old_number || !is_open(old_number)));
}

TEST_CASE("moving an Fd to itself keeps it") {
  Fd fd = open_null();
  Fd& same = fd;
  fd = std::move(same);
  CHECK(fd.valid());
}
