// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * sched_switch: time on a cpu, switches, and time waited in the run queue, for each slot and cpu.
 *
 * This is the only program that runs millions of times a minute, so it calls no helper but array
 * lookups (inlined by the verifier): the clock is the run queue's own, which __schedule() has just
 * brought up to date, and the wait comes from sched_info, so no wakeup hook is needed.
 *
 * Facts to know when reading the numbers (docs/metrics.md): waits of a few microseconds read too
 * low, because a wakeup that preempts skips the clock update; time throttled by the own quota
 * counts as wait; a task moved between cgroups in mid-slice is charged to the old one.
 */
#include "slots.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The offset to CLOCK_MONOTONIC is read again after this time: the two clocks drift apart. */
#define OFFSET_REFRESH_NS 1000000000ULL

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgs_sched_row);
} sched_rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgs_cpu_row);
} cpu_rows SEC(".maps");

/* floor(log2(wait / 256 ns)) + 1, in 0 .. CGS_WAIT_BUCKETS - 1. BPF has no count-leading-zeros. */
static __always_inline __u32 wait_bucket(__u64 wait_ns)
{
	__u64 units = wait_ns >> 8;
	__u32 value, bucket, shift;

	if (units >> (CGS_WAIT_BUCKETS - 1))
		return CGS_WAIT_BUCKETS - 1;
	value = units << 1 | 1;
	bucket = (value > 0xFFFF) << 4;
	value >>= bucket;
	shift = (value > 0xFF) << 3;
	value >>= shift;
	bucket |= shift;
	shift = (value > 0xF) << 2;
	value >>= shift;
	bucket |= shift;
	shift = (value > 0x3) << 1;
	value >>= shift;
	bucket |= shift | value >> 1;
	return bucket;
}

static __always_inline void count_run(__u32 slot, __u64 run_ns)
{
	struct cgs_sched_row *row = own_row(sched_rows, slot);

	if (!row)
		return;
	row->run_ns += run_ns;
	row->switches++;
}

static __always_inline void count_wait(__u32 slot, __u64 wait_ns)
{
	struct cgs_sched_row *row = own_row(sched_rows, slot);
	__u64 bucket = wait_bucket(wait_ns);

	if (!row)
		return;
	row->wait_ns += wait_ns;
	/* The compiler knows that it is in range; the verifier of 6.1 must see the whole register
	 * compared. */
	asm volatile("" : "+r"(bucket));
	if (bucket < CGS_WAIT_BUCKETS)
		row->wait_buckets[bucket]++;
	/* The last: a reader looks at the buckets only if the count has changed. */
	*(volatile __u64 *)&row->wait_count += 1;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(handle_sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u64 now_ns = prev->se.cfs_rq->rq->clock;
	__u32 cpu = bpf_get_smp_processor_id();
	struct cgs_cpu_row *state = bpf_map_lookup_elem(&cpu_rows, &cpu);
	__u64 queued_ns, cgroup_id = 0;
	__u32 slot;

	if (!state)
		return 0;
	slot = state->slot;
	*(volatile __u64 *)&state->sequence = state->sequence + 1;
	/* start_ns is 0 until the first switch of this cpu: that slice has no known beginning. */
	if (prev->pid && state->start_ns && now_ns > state->start_ns)
		count_run(slot, now_ns - state->start_ns);
	state->start_ns = now_ns;
	if (now_ns - state->offset_read_ns > OFFSET_REFRESH_NS) {
		state->monotonic_offset_ns = bpf_ktime_get_ns() - now_ns;
		state->offset_read_ns = now_ns;
	}
	if (next->pid) {
		cgroup_id = next->cgroups->dfl_cgrp->kn->id;
		/* An unknown cgroup is asked for again each time: it may have got its slot by now. */
		if (cgroup_id != state->cgroup_id || slot == CGS_SLOT_UNATTRIBUTED) {
			slot = slot_of_id(cgroup_id);
			state->slot = slot;
		}
		if (bpf_core_field_exists(next->sched_info.last_queued)) {
			queued_ns = next->sched_info.last_queued;
			if (queued_ns && now_ns > queued_ns)
				count_wait(slot, now_ns - queued_ns);
		}
	}
	state->cgroup_id = cgroup_id;
	*(volatile __u64 *)&state->sequence = state->sequence + 1;
	return 0;
}
