// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Cgroups that come and go, and the processes in them: discovery without polling.
 *
 * A cgroup gets its slot here, at birth, so that a container that lives 50 ms is not lost in slot
 * 0. The cgroup tracepoints run under cgroup_mutex, so there is one taker of
 * free slots at a time. They fire for v1 hierarchies too; those are ignored.
 */
#include "events.bpf.h"

#define CGS_SIGKILL    9
#define CGS_PF_EXITING 0x4 /* PF_EXITING of the kernel's sched.h */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgs_process_row);
} process_rows SEC(".maps");

/* A ring of free slots: user space puts at free_slots_put, the kernel takes at free_slots_taken. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64); /* 8 bytes, because that is the stride of a mapped array */
} free_slots SEC(".maps");

__u32 free_slots_put;
__u32 free_slots_taken;

static __always_inline __u32 take_free_slot(void)
{
	__u32 taken = free_slots_taken;
	__u32 key = taken % slot_count;
	__u64 *slot;

	if (taken == *(volatile __u32 *)&free_slots_put)
		return CGS_SLOT_UNATTRIBUTED;
	slot = bpf_map_lookup_elem(&free_slots, &key);
	if (!slot)
		return CGS_SLOT_UNATTRIBUTED;
	free_slots_taken = taken + 1;
	return *slot;
}

static __always_inline void publish_tag(__u64 cgroup_id, __u32 slot)
{
	__u32 index = tag_index(cgroup_id);

#pragma unroll
	for (int i = 0; i < CGS_TAG_PROBES; i++) {
		__u32 key = (index + i) & tag_mask;
		struct cgs_tag *tag = bpf_map_lookup_elem(&slot_tags, &key);

		if (tag && __sync_val_compare_and_swap(&tag->cgroup_id, 0, CGS_TAG_CLAIMED) == 0) {
			*(volatile __u32 *)&tag->slot = slot;
			*(volatile __u64 *)&tag->cgroup_id = cgroup_id;
			return;
		}
	}
	if (bpf_map_update_elem(&slot_overflow, &cgroup_id, &slot, BPF_ANY))
		count_loss(CGS_LOSS_TAGS_FULL);
}

/* The slot of a newborn: its container's, if it is born below one, else one of its own. */
static __always_inline __u32 slot_for_newborn(__u64 cgroup_id, __u64 parent_id)
{
	__u32 parent_slot = slot_of_id(parent_id);
	struct cgs_slot *slot = bpf_map_lookup_elem(&slots, &parent_slot);
	__u32 own_slot;

	if (slot && slot->state == CGS_SLOT_CONTAINER)
		return parent_slot;
	own_slot = take_free_slot();
	if (own_slot == CGS_SLOT_UNATTRIBUTED) {
		count_loss(CGS_LOSS_NO_SLOT);
		return own_slot;
	}
	slot = bpf_map_lookup_elem(&slots, &own_slot);
	if (slot) {
		slot->owner_id = cgroup_id;
		slot->state = CGS_SLOT_BORN;
	}
	return own_slot;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(handle_cgroup_mkdir, struct cgroup *cgrp, const char *path)
{
	__u64 cgroup_id = cgrp->kn->id;
	__u64 parent_id;
	struct cgs_cgroup_event *made;
	__u32 slot;

	if (cgrp->root->hierarchy_id != 0 || !cgrp->self.parent)
		return 0;
	parent_id = cgrp->self.parent->cgroup->kn->id;
	slot = slot_for_newborn(cgroup_id, parent_id);
	if (slot != CGS_SLOT_UNATTRIBUTED)
		publish_tag(cgroup_id, slot);

	made = bpf_ringbuf_reserve(&events, sizeof(*made), 0);
	if (!made) {
		count_loss(CGS_LOSS_RING_FULL);
		return 0;
	}
	__builtin_memset(&made->event, 0, sizeof(made->event));
	made->event.monotonic_ns = bpf_ktime_get_ns();
	made->event.cgroup_id = cgroup_id;
	made->event.parent_id = parent_id;
	made->event.kind = CGS_EVENT_CGROUP_MADE;
	made->event.slot = slot;
	if (bpf_probe_read_kernel_str(made->name, sizeof(made->name), cgrp->kn->name) < 0)
		made->name[0] = 0;
	bpf_ringbuf_submit(made, patient_wakeup());
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(handle_cgroup_rmdir, struct cgroup *cgrp, const char *path)
{
	if (cgrp->root->hierarchy_id == 0)
		send_event(CGS_EVENT_CGROUP_REMOVED, cgrp->kn->id, slot_of_id(cgrp->kn->id), NULL,
			   patient_wakeup());
	return 0;
}

/* The last reference is gone: nothing can run there any more, whatever rmdir promised. */
SEC("tp_btf/cgroup_release")
int BPF_PROG(handle_cgroup_release, struct cgroup *cgrp, const char *path)
{
	__u64 cgroup_id = cgrp->kn->id;

	if (cgrp->root->hierarchy_id == 0)
		bpf_map_delete_elem(&slot_overflow, &cgroup_id);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(handle_cgroup_attach_task, struct cgroup *cgrp, const char *path,
	     struct task_struct *task)
{
	struct cgs_process_row *row;

	if (cgrp->root->hierarchy_id != 0)
		return 0;
	row = own_row(process_rows, slot_of_id(cgrp->kn->id));
	if (row)
		__sync_fetch_and_add(&row->attaches, 1);
	return 0;
}

static __always_inline __u32 slot_of_task(struct task_struct *task)
{
	return slot_of_id(task->cgroups->dfl_cgrp->kn->id);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(handle_process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct cgs_process_row *row;

	if (child->pid != child->tgid)
		return 0;
	row = own_row(process_rows, slot_of_task(child));
	/* Process hooks can be preempted by each other's, so these adds are atomic; they are rare. */
	if (row)
		__sync_fetch_and_add(&row->forks, 1);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(handle_process_exec, struct task_struct *task)
{
	struct cgs_process_row *row = own_row(process_rows, slot_of_task(task));

	if (row)
		__sync_fetch_and_add(&row->execs, 1);
	return 0;
}

/*
 * The first process of a PID namespace takes all others with it: the kernel kills them. How the first one
 * ended was told before; that these were killed tells nothing.
 */
static __always_inline bool dies_with_namespace(struct task_struct *task)
{
	struct pid_namespace *innermost;
	struct task_struct *first;
	struct pid *pid;
	__u32 level;

	if (task->exit_code != CGS_SIGKILL || !bpf_core_field_exists(task->thread_pid))
		return false;
	pid = BPF_CORE_READ(task, thread_pid);
	level = BPF_CORE_READ(pid, level);
	if (level == 0)
		return false; /* the host's own; its first process is never gone */
	if (bpf_probe_read_kernel(&innermost, sizeof(innermost),
				  (char *)pid + bpf_core_field_offset(struct pid, numbers) +
					  level * bpf_core_type_size(struct upid) +
					  bpf_core_field_offset(struct upid, ns)))
		return false;
	first = BPF_CORE_READ(innermost, child_reaper);
	return first != task && (BPF_CORE_READ(first, flags) & CGS_PF_EXITING);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(handle_process_exit, struct task_struct *task)
{
	__u64 cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	__u32 slot = slot_of_id(cgroup_id);
	struct cgs_process_row *row;

	if (task->pid != task->tgid)
		return 0;
	row = own_row(process_rows, slot);
	if (!row)
		return 0;
	__sync_fetch_and_add(&row->exits, 1);
	if (task->exit_code == 0)
		return 0;
	/* As wait(2): the low seven bits are the signal, the next byte the status. */
	if (task->exit_code & 0x7f)
		__sync_fetch_and_add(&row->exits_signaled, 1);
	else
		__sync_fetch_and_add(&row->exits_failed, 1);
	if (slot != CGS_SLOT_UNATTRIBUTED && !dies_with_namespace(task))
		send_event(CGS_EVENT_PROCESS_DIED, cgroup_id, slot, task, patient_wakeup());
	return 0;
}
