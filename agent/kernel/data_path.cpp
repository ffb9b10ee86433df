#include "kernel/data_path.h"

#include <bpf/bpf.h>

#include <algorithm>

#include "cgsentry.skel.h"

namespace cgsentry::kernel {

namespace {

/// Slots that user space keeps for what was there before the agent. A tenth is left for newborns
/// even if the host is full.
std::uint32_t reserve_of(std::uint32_t slots) {
  return slots - slots / 10 - 1;
}

}  // namespace

DataPath::DataPath(const Programs::Options& options)
    : programs_(options),
      tags_(programs_.skeleton().maps.slot_tags),
      slot_rows_(programs_.skeleton().maps.slots),
      free_slots_(programs_.skeleton().maps.free_slots),
      sched_rows_(programs_.skeleton().maps.sched_rows),
      cpu_rows_(programs_.skeleton().maps.cpu_rows),
      network_rows_(programs_.skeleton().maps.network_rows),
      process_rows_(programs_.skeleton().maps.process_rows),
      oom_victims_(programs_.skeleton().maps.oom_victims),
      walk_rows_(programs_.skeleton().maps.walk_rows),
      losses_(programs_.skeleton().maps.losses),
      slots_(
          {tags_.rows(), slot_rows_.rows(), free_slots_.rows(),
           &programs_.skeleton().bss->free_slots_put, &programs_.skeleton().bss->free_slots_taken},
          reserve_of(options.slots),
          [map = programs_.skeleton().maps.slot_overflow](std::uint64_t id, std::uint32_t slot) {
            return bpf_map__update_elem(map, &id, sizeof(id), &slot, sizeof(slot), BPF_ANY) == 0;
          }),
      rows_({sched_rows_.rows(), cpu_rows_.rows(), network_rows_.rows(), process_rows_.rows(),
             oom_victims_.rows()}),
      events_(programs_.skeleton().maps.events) {
  programs_.attach();
  if (programs_.up("walk")) {
    walk_.emplace(programs_.walk_link(), walk_rows_.rows(),
                  &programs_.skeleton().bss->walk_sequence);
  }
}

}  // namespace cgsentry::kernel
