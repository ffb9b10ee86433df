// The slot table: who finds which slot, and that nothing is given out twice.
#include "kernel/slots.h"

#include <set>
#include <vector>

#include "support/catch.h"

using namespace cgsentry::kernel;

namespace {

constexpr std::uint32_t kSlots = 8;
constexpr std::uint32_t kReserve = 3;

struct Kernel {
  std::vector<cgs_tag> tags{32};
  std::vector<cgs_slot> slots{kSlots};
  std::vector<std::uint64_t> ring = std::vector<std::uint64_t>(kSlots);
  std::uint32_t put = 0;
  std::uint32_t taken = 0;

  Slots table(Slots::Overflow overflow = nullptr) {
    return Slots({tags, slots, ring, &put, &taken}, kReserve, std::move(overflow));
  }
  /// As slot_of_id() in bpf/slots.bpf.h, by looking everywhere.
  std::uint32_t slot_of(std::uint64_t id) const {
    for (const cgs_tag& tag : tags) {
      if (tag.cgroup_id == id) {
        return tag.slot;
      }
    }
    return CGS_SLOT_UNATTRIBUTED;
  }
  /// As take_free_slot() in bpf/lifecycle.bpf.c.
  std::uint32_t take() {
    return put == taken ? 0 : static_cast<std::uint32_t>(ring[taken++ % ring.size()]);
  }
};

}  // namespace

TEST_CASE("every slot but 0 is given out once, by user space or by the kernel") {
  Kernel kernel;
  Slots slots = kernel.table();
  CHECK(slots.free_count() == kSlots - 1);
  std::set<std::uint32_t> given;
  for (std::uint64_t id = 100; id < 100 + kReserve; ++id) {
    const auto slot = slots.assign(id, true);
    REQUIRE(slot);
    CHECK(given.insert(*slot).second);
    CHECK(kernel.slot_of(id) == *slot);
  }
  CHECK_FALSE(slots.assign(999, true));
  while (const std::uint32_t slot = kernel.take()) {
    CHECK(given.insert(slot).second);
  }
  CHECK(given.size() == kSlots - 1);
  CHECK_FALSE(given.contains(0));
  CHECK(slots.free_count() == 0);
}

TEST_CASE("a recycled slot fills the reserve first and then the kernel's ring") {
  Kernel kernel;
  Slots slots = kernel.table();
  const std::uint32_t from_ring = kernel.take();
  const auto own = slots.assign(100, false);
  REQUIRE(own);
  slots.recycle(from_ring);
  CHECK(slots.assign(101, false) == from_ring);
  slots.recycle(*own);
  slots.recycle(from_ring);  // the reserve is full again after the first
  std::set<std::uint32_t> ring;
  while (const std::uint32_t slot = kernel.take()) {
    ring.insert(slot);
  }
  CHECK(ring.contains(from_ring));
}

TEST_CASE("a withdrawn cgroup is found no more, and its tag can be used again") {
  Kernel kernel;
  Slots slots = kernel.table();
  const auto slot = slots.assign(100, true);
  REQUIRE(slot);
  CHECK(slots.share(101, *slot));
  CHECK(kernel.slot_of(101) == *slot);
  slots.withdraw(101);
  CHECK(kernel.slot_of(101) == CGS_SLOT_UNATTRIBUTED);
  CHECK(kernel.slot_of(100) == *slot);
}

TEST_CASE("the kernel sees whether a slot is closed") {
  Kernel kernel;
  Slots slots = kernel.table();
  const auto slot = slots.assign(100, false);
  REQUIRE(slot);
  CHECK(kernel.slots[*slot].state == CGS_SLOT_INNER);
  slots.confirm(*slot, 100, true);
  CHECK(kernel.slots[*slot].state == CGS_SLOT_CONTAINER);
  CHECK(kernel.slots[*slot].owner_id == 100);
  CHECK(slots.find(100) == *slot);
  CHECK_FALSE(slots.find(101));
  slots.recycle(*slot);
  CHECK_FALSE(slots.find(100));
}

TEST_CASE("a cgroup without a free tag goes to the overflow hash, and past that it is counted") {
  Kernel kernel;
  std::vector<std::uint64_t> overflowed;
  Slots slots = kernel.table([&](std::uint64_t id, std::uint32_t) {
    overflowed.push_back(id);
    return overflowed.size() < 3;
  });
  std::uint64_t refused = 0;
  for (std::uint64_t id = 1; id < 200; ++id) {
    refused += slots.share(id, 1) ? 0 : 1;
  }
  CHECK(overflowed.size() > 3);
  CHECK(refused == overflowed.size() - 2);
  CHECK(slots.refused() == refused);
}
