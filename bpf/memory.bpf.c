// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * oom/mark_victim: the OOM killer has chosen a process. The one event that wakes the loop at once,
 * whatever the tick is doing. The counter of kills comes from the kernel's own memory.events; this
 * hook says who it was, and counts where the memory controller is on the v1 hierarchy.
 */
#include "events.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} oom_victims SEC(".maps");

SEC("tp_btf/mark_victim")
int BPF_PROG(handle_mark_victim, struct task_struct *task)
{
	__u64 cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	__u32 slot = slot_of_id(cgroup_id);
	__u64 *victims = bpf_map_lookup_elem(&oom_victims, &slot);

	if (victims)
		__sync_fetch_and_add(victims, 1);
	send_event(CGS_EVENT_OOM_KILL, cgroup_id, slot, task, BPF_RB_FORCE_WAKEUP);
	return 0;
}
