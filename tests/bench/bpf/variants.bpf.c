// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What sched_switch_bench compares bpf/sched.bpf.c with, on the same hook:
 *
 *   measure_empty        the floor: what any program costs, mostly the statistics' own clock reads
 *   measure_shared_hash  the usual design: one hash for all CPUs, keyed by cgroup id, atomic adds,
 *                        bpf_ktime_get_ns; it counts the same numbers
 *
 * The wait comes from sched_info here too, so the comparison is about where the numbers go and not
 * about a wakeup hook, which would make the usual design dearer still.
 */
#include "kernel_types.h"
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "abi.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define MAX_CPUS 1024

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct cgs_sched_row);
} shared_rows SEC(".maps");

/* When the running slice began, by cpu. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_CPUS);
	__type(key, __u32);
	__type(value, __u64[8]);
} slice_starts SEC(".maps");

static const struct cgs_sched_row no_counts;

/* The same function as in bpf/sched.bpf.c. */
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

static __always_inline struct cgs_sched_row *shared_row(struct task_struct *task)
{
	__u64 cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	struct cgs_sched_row *row = bpf_map_lookup_elem(&shared_rows, &cgroup_id);

	if (row)
		return row;
	bpf_map_update_elem(&shared_rows, &cgroup_id, &no_counts, BPF_NOEXIST);
	return bpf_map_lookup_elem(&shared_rows, &cgroup_id);
}

static __always_inline void count_run(struct task_struct *prev, __u64 run_ns)
{
	struct cgs_sched_row *row = shared_row(prev);

	if (!row)
		return;
	__sync_fetch_and_add(&row->run_ns, run_ns);
	__sync_fetch_and_add(&row->switches, 1);
}

static __always_inline void count_wait(struct task_struct *next, __u64 rq_now_ns)
{
	__u64 queued_ns = next->sched_info.last_queued;
	struct cgs_sched_row *row = shared_row(next);
	__u32 bucket;

	if (!row || !queued_ns || rq_now_ns <= queued_ns)
		return;
	bucket = wait_bucket(rq_now_ns - queued_ns);
	__sync_fetch_and_add(&row->wait_ns, rq_now_ns - queued_ns);
	__sync_fetch_and_add(&row->wait_count, 1);
	if (bucket < CGS_WAIT_BUCKETS)
		__sync_fetch_and_add(&row->wait_buckets[bucket], 1);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(measure_empty, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(measure_shared_hash, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 *start_ns = bpf_map_lookup_elem(&slice_starts, &cpu);
	__u64 now_ns = bpf_ktime_get_ns();

	if (!start_ns)
		return 0;
	if (prev->pid && *start_ns)
		count_run(prev, now_ns - *start_ns);
	*start_ns = now_ns;
	if (next->pid)
		count_wait(next, prev->se.cfs_rq->rq->clock);
	return 0;
}
