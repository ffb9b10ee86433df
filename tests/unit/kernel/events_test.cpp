// Records of the ring: what the kernel writes becomes model/event.h, whatever the bytes are.
#include "kernel/events.h"

#include <cstring>

#include "abi.h"
#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::kernel;

namespace {

constexpr Duration kOffset{5'000};

std::span<const std::byte> bytes_of(const auto& record) {
  return {reinterpret_cast<const std::byte*>(&record), sizeof(record)};
}

}  // namespace

TEST_CASE("an OOM kill names its victim and its time on the agent's time line") {
  cgs_event record{};
  record.kind = CGS_EVENT_OOM_KILL;
  record.monotonic_ns = 1'000;
  record.cgroup_id = 42;
  record.slot = 3;
  record.pid = 99;
  std::memcpy(record.comm, "eater", 6);
  const auto event = decode(bytes_of(record), kOffset);
  REQUIRE(event);
  CHECK(event->kind == Event::Kind::oom_kill);
  CHECK(event->time.time_since_epoch() == Duration(6'000));
  CHECK(event->cgroup_id == 42);
  CHECK(event->slot == 3);
  CHECK(event->pid == 99);
  CHECK(event->name == "eater");
}

TEST_CASE("a wait status is taken apart as wait(2) says") {
  cgs_event record{};
  record.kind = CGS_EVENT_PROCESS_DIED;
  record.exit_code = 137 << 8;
  CHECK(decode(bytes_of(record), {})->exit_code == 137);
  CHECK(decode(bytes_of(record), {})->signal == 0);
  record.exit_code = 11 | 0x80;  // SIGSEGV, core dumped
  CHECK(decode(bytes_of(record), {})->signal == 11);
  CHECK(decode(bytes_of(record), {})->exit_code == 0);
}

TEST_CASE("a name that fills its field needs no terminator") {
  cgs_cgroup_event record{};
  record.event.kind = CGS_EVENT_CGROUP_MADE;
  record.event.parent_id = 7;
  std::memset(record.name, 'x', sizeof(record.name));
  const auto event = decode(bytes_of(record), {});
  REQUIRE(event);
  CHECK(event->parent_id == 7);
  CHECK(event->name == std::string(CGS_NAME_BYTES, 'x'));
}

TEST_CASE("records that are short or unknown are refused") {
  cgs_event record{};
  record.kind = CGS_EVENT_CGROUP_MADE;
  CHECK_FALSE(decode(bytes_of(record), {}));  // the name is missing
  record.kind = 1'000;
  CHECK_FALSE(decode(bytes_of(record), {}));
  CHECK_FALSE(decode(bytes_of(record).first(8), {}));
  CHECK_FALSE(decode({}, {}));
}
