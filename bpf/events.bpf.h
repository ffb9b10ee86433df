/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Sending an event to user space. A full ring costs the event, which is counted. */
#ifndef CGS_EVENTS_BPF_H
#define CGS_EVENTS_BPF_H

#include "slots.bpf.h"

/* Events that can wait are read at the next tick; above this fill they wake the loop, so that a
 * storm between two ticks does not overflow the ring of 1 MiB. */
#define RING_WAKE_BYTES (256 * 1024)

/* How submit is to wake the reader for an event that can wait. */
static __always_inline __u64 patient_wakeup(void)
{
	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > RING_WAKE_BYTES)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline void send_event(__u32 kind, __u64 cgroup_id, __u32 slot,
				       struct task_struct *task, __u64 wakeup)
{
	struct cgs_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		count_loss(CGS_LOSS_RING_FULL);
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->monotonic_ns = bpf_ktime_get_ns();
	event->cgroup_id = cgroup_id;
	event->kind = kind;
	event->slot = slot;
	if (task) {
		event->pid = task->tgid;
		event->exit_code = task->exit_code;
		__builtin_memcpy(event->comm, task->comm, sizeof(event->comm));
	}
	bpf_ringbuf_submit(event, wakeup);
}

#endif
