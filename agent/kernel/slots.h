// The slot table from user space: which slot counts which cgroup.
//
// Owns nothing: works on the mapped arrays (abi.h) that the programs read at the same time. Slots
// come from two pools. BPF takes from the ring `free_slots` when a cgroup is born; user space keeps
// a small reserve for cgroups that were there before it. A slot goes round:
//
//   reserve or ring -> assigned -> withdrawn (its cgroup is gone, nothing finds it any more)
//                                -> recycled (rows zeroed by the owner, back into a pool)
//
// Invariants: slot 0 is never given out. A slot is recycled only after its tag is gone and a grace
// of two ticks, so that no CPU still adds to it. Thread: the loop. Tested by
// tests/unit/kernel/slots_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "abi.h"

namespace cgsentry::kernel {

class Slots {
 public:
  struct Tables {
    std::span<cgs_tag> tags;  // size is a power of two
    std::span<cgs_slot> slots;
    std::span<std::uint64_t> free_ring;  // as many entries as slots
    std::uint32_t* ring_put = nullptr;
    const std::uint32_t* ring_taken = nullptr;
  };
  /// Puts a cgroup that found no place among the tags into the overflow hash; false when that is
  /// full too. Works only while the agent may call bpf().
  using Overflow = std::function<bool(std::uint64_t cgroup_id, std::uint32_t slot)>;

  /// All slots but 0 are free. `reserve` of them are kept for user space, the others go to BPF.
  Slots(Tables tables, std::uint32_t reserve, Overflow overflow);

  /// A slot of its own for a cgroup. Empty when the reserve is used up.
  [[nodiscard]] std::optional<std::uint32_t> assign(std::uint64_t cgroup_id, bool closed);
  /// The slot that BPF gave to a cgroup at birth, for cgroups whose event was lost.
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t cgroup_id) const;
  /// Says what a slot stands for. Closed: cgroups born below its owner share it.
  void confirm(std::uint32_t slot, std::uint64_t owner_id, bool closed);
  /// Lets another cgroup count to `slot`. False when no tag is free.
  bool share(std::uint64_t cgroup_id, std::uint32_t slot);
  /// Nothing finds the slot through this cgroup any more.
  void withdraw(std::uint64_t cgroup_id);
  /// Back into a pool.
  void recycle(std::uint32_t slot);

  /// Slots that nobody has: reserve and ring.
  [[nodiscard]] std::uint32_t free_count() const;
  /// Cgroups that found no tag.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  void put_into_ring(std::uint32_t slot);

  Tables tables_;
  std::uint32_t reserve_wanted_;
  std::vector<std::uint32_t> reserve_;
  Overflow overflow_;
  std::uint64_t refused_ = 0;
};

}  // namespace cgsentry::kernel
