#include "kernel/slots.h"

#include <atomic>
#include <utility>

namespace cgsentry::kernel {

namespace {

/// The same function as in bpf/slots.bpf.h.
std::uint32_t tag_index(std::uint64_t cgroup_id) {
  return static_cast<std::uint32_t>((cgroup_id * 11400714819323198485ULL) >> 32);
}

}  // namespace

Slots::Slots(Tables tables, std::uint32_t reserve, Overflow overflow)
    : tables_(tables), reserve_wanted_(reserve), overflow_(std::move(overflow)) {
  const auto count = static_cast<std::uint32_t>(tables_.slots.size());
  for (std::uint32_t slot = count - 1; slot > CGS_SLOT_UNATTRIBUTED; --slot) {
    if (slot <= reserve_wanted_) {
      reserve_.push_back(slot);
    } else {
      put_into_ring(slot);
    }
  }
}

std::optional<std::uint32_t> Slots::assign(std::uint64_t cgroup_id, bool closed) {
  if (reserve_.empty()) {
    return std::nullopt;
  }
  const std::uint32_t slot = reserve_.back();
  reserve_.pop_back();
  confirm(slot, cgroup_id, closed);
  share(cgroup_id, slot);
  return slot;
}

std::optional<std::uint32_t> Slots::find(std::uint64_t cgroup_id) const {
  for (std::uint32_t slot = 1; slot < tables_.slots.size(); ++slot) {
    if (tables_.slots[slot].owner_id == cgroup_id && tables_.slots[slot].state != CGS_SLOT_FREE) {
      return slot;
    }
  }
  return std::nullopt;
}

void Slots::confirm(std::uint32_t slot, std::uint64_t owner_id, bool closed) {
  tables_.slots[slot].owner_id = owner_id;
  std::atomic_ref(tables_.slots[slot].state)
      .store(closed ? CGS_SLOT_CONTAINER : CGS_SLOT_INNER, std::memory_order_release);
}

bool Slots::share(std::uint64_t cgroup_id, std::uint32_t slot) {
  const auto mask = static_cast<std::uint32_t>(tables_.tags.size() - 1);
  for (std::uint32_t i = 0; i < CGS_TAG_PROBES; ++i) {
    cgs_tag& tag = tables_.tags[(tag_index(cgroup_id) + i) & mask];
    std::atomic_ref<__u64> id(tag.cgroup_id);
    __u64 expected = 0;
    if (id.compare_exchange_strong(expected, CGS_TAG_CLAIMED)) {
      std::atomic_ref(tag.slot).store(slot, std::memory_order_release);
      id.store(cgroup_id, std::memory_order_release);
      return true;
    }
  }
  if (overflow_ && overflow_(cgroup_id, slot)) {
    return true;
  }
  ++refused_;
  return false;
}

void Slots::withdraw(std::uint64_t cgroup_id) {
  const auto mask = static_cast<std::uint32_t>(tables_.tags.size() - 1);
  for (std::uint32_t i = 0; i < CGS_TAG_PROBES; ++i) {
    std::atomic_ref<__u64> id(tables_.tags[(tag_index(cgroup_id) + i) & mask].cgroup_id);
    if (id.load(std::memory_order_acquire) == cgroup_id) {
      id.store(0, std::memory_order_release);
      return;
    }
  }
  // It stands in the overflow hash: cgroup_release takes it out there.
}

void Slots::recycle(std::uint32_t slot) {
  tables_.slots[slot].owner_id = 0;
  std::atomic_ref(tables_.slots[slot].state).store(CGS_SLOT_FREE, std::memory_order_release);
  if (reserve_.size() < reserve_wanted_) {
    reserve_.push_back(slot);
  } else {
    put_into_ring(slot);
  }
}

std::uint32_t Slots::free_count() const {
  const std::uint32_t taken =
      std::atomic_ref(*const_cast<std::uint32_t*>(tables_.ring_taken)).load();
  return static_cast<std::uint32_t>(reserve_.size()) + (*tables_.ring_put - taken);
}

void Slots::put_into_ring(std::uint32_t slot) {
  // The ring has as many entries as there are slots, so it cannot overrun.
  const std::uint32_t put = *tables_.ring_put;
  tables_.free_ring[put % tables_.free_ring.size()] = slot;
  std::atomic_ref(*tables_.ring_put).store(put + 1, std::memory_order_release);
}

}  // namespace cgsentry::kernel
