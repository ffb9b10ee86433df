// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The walk: once a second, one pass over the cgroup tree, in which the kernel's own hierarchical
 * totals are written into one mmapped row per slot. It emits nothing, because the output of an
 * iterator stops at 32 KiB.
 *
 * A slot's owner (the container, slice or pod itself) fills the row; cgroups below a container map
 * to the same slot and only add their part of what the kernel does not sum up (the LRU sizes).
 * The pass is in pre-order, so an owner always comes first.
 *
 * The kernel's function that flushes the totals has two names, by kernel, and some have none. It is not an
 * extern: to find out that one is missing, libbpf asks for the types of all modules, which takes
 * CAP_SYS_ADMIN. So user space writes its number into the call; where there is none, the walk does not load.
 * Unflushed CPU totals would be 0 from 6.16 on.
 */
#include "slots.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgs_walk_row);
} walk_rows SEC(".maps");

/* User space adds one before each walk; a row with another number was not visited. */
__u64 walk_sequence;
/* Of the last walk that has flushed. */
__u64 walk_flushed;
/* What the last walk saw: all cgroups, and those without a slot. */
__u64 walk_cgroups;
__u64 walk_unattributed;

/* Set before load. */
const volatile __u32 node_count = 1;

#define MAX_NODES 8
#define MAX_ZONES 8

static __always_inline struct cgroup_subsys_state *css_of(struct cgroup *cgrp, __u32 subsystem)
{
	struct cgroup_subsys_state *css = NULL;

	bpf_probe_read_kernel(&css, sizeof(css), &cgrp->subsys[subsystem]);
	return css;
}

/* css is the first member of each controller's own structure. */
#define container_of_css(css, type) \
	((struct type *)((void *)(css)-bpf_core_field_offset(struct type, css)))

static __always_inline void read_cpu(struct cgs_walk_row *row, struct cgroup *cgrp)
{
	row->cpu_ns = cgrp->bstat.cputime.sum_exec_runtime;
	row->cpu_user_ns = cgrp->bstat.cputime.utime;
	row->cpu_system_ns = cgrp->bstat.cputime.stime;
	row->parts |= CGS_WALK_CPU;
}

static __always_inline void read_bandwidth(struct cgs_walk_row *row, struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css =
		css_of(cgrp, bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id));
	struct task_group *group;

	if (!css || !bpf_core_field_exists(struct task_group, cfs_bandwidth))
		return;
	group = container_of_css(css, task_group);
	row->periods = BPF_CORE_READ(group, cfs_bandwidth.nr_periods);
	row->throttled_periods = BPF_CORE_READ(group, cfs_bandwidth.nr_throttled);
	row->throttled_ns = BPF_CORE_READ(group, cfs_bandwidth.throttled_time);
	row->quota_ns = BPF_CORE_READ(group, cfs_bandwidth.quota);
	row->period_ns = BPF_CORE_READ(group, cfs_bandwidth.period);
	row->parts |= CGS_WALK_BANDWIDTH;
}

static __always_inline void add_lru(struct cgs_walk_row *row, struct mem_cgroup *memcg)
{
	unsigned long sizes[MAX_ZONES * CGS_LRU_LISTS] = {};
	__u32 bytes = bpf_core_field_size(struct mem_cgroup_per_node, lru_zone_size);
	struct mem_cgroup_per_node *node;

	if (bytes > sizeof(sizes))
		bytes = sizeof(sizes);
	for (__u32 i = 0; i < MAX_NODES; i++) {
		if (i >= node_count)
			break;
		if (bpf_core_read(&node, sizeof(node), &memcg->nodeinfo[i]) || !node)
			continue;
		if (bpf_probe_read_kernel(sizes, bytes,
					  __builtin_preserve_access_index(&node->lru_zone_size)))
			continue;
		for (__u32 zone = 0; zone < MAX_ZONES; zone++) {
			for (__u32 list = 0; list < CGS_LRU_LISTS; list++)
				row->lru_pages[list] += sizes[zone * CGS_LRU_LISTS + list];
		}
	}
}

static __always_inline __u64 memory_event(struct mem_cgroup *memcg, __u32 event)
{
	atomic_long_t count = {};

	bpf_core_read(&count, sizeof(count), &memcg->memory_events[event]);
	return count.counter;
}

static __always_inline struct mem_cgroup *memcg_of(struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css =
		css_of(cgrp, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));

	return css ? container_of_css(css, mem_cgroup) : NULL;
}

static __always_inline void read_memory(struct cgs_walk_row *row, struct mem_cgroup *memcg)
{
	row->memory_pages = BPF_CORE_READ(memcg, memory.usage.counter);
	row->memory_limit_pages = BPF_CORE_READ(memcg, memory.max);
	row->memory_peak_pages = BPF_CORE_READ(memcg, memory.watermark);
	row->swap_pages = BPF_CORE_READ(memcg, swap.usage.counter);
	row->memory_high_events =
		memory_event(memcg, bpf_core_enum_value(enum memcg_memory_event, MEMCG_HIGH));
	row->memory_max_events =
		memory_event(memcg, bpf_core_enum_value(enum memcg_memory_event, MEMCG_MAX));
	row->oom_events =
		memory_event(memcg, bpf_core_enum_value(enum memcg_memory_event, MEMCG_OOM));
	row->oom_kill_events =
		memory_event(memcg, bpf_core_enum_value(enum memcg_memory_event, MEMCG_OOM_KILL));
	row->parts |= CGS_WALK_MEMORY;
}

static __always_inline void read_pressure(struct cgs_walk_row *row, struct cgroup *cgrp)
{
	struct psi_group *psi;

	if (!bpf_core_field_exists(struct cgroup, psi))
		return;
	psi = cgrp->psi;
	if (!psi)
		return;
#pragma unroll
	for (int i = 0; i < CGS_PRESSURES; i++)
		row->pressure_ns[i] = psi->total[i];
	row->parts |= CGS_WALK_PRESSURE;
}

static __always_inline void read_pids(struct cgs_walk_row *row, struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css;
	struct pids_cgroup *pids;

	if (!bpf_core_type_exists(struct pids_cgroup))
		return;
	css = css_of(cgrp, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (!css)
		return;
	pids = container_of_css(css, pids_cgroup);
	row->pids = BPF_CORE_READ(pids, counter.counter);
	row->pids_limit = BPF_CORE_READ(pids, limit.counter);
	row->parts |= CGS_WALK_PIDS;
}

static __always_inline void read_owner(struct cgs_walk_row *row, struct cgroup *cgrp,
				       __u64 cgroup_id)
{
	__builtin_memset(row, 0, sizeof(*row));
	row->sequence = walk_sequence;
	row->cgroup_id = cgroup_id;
	row->level = cgrp->level;
	row->frozen = cgrp->flags >> CGRP_FROZEN_BIT & 1;
	row->populated = cgrp->nr_populated_csets || cgrp->nr_populated_domain_children ||
			 cgrp->nr_populated_threaded_children;
	/* The kernel keeps no totals of the root: they are the machine's, and stand elsewhere. */
	if (!row->level)
		return;
	read_cpu(row, cgrp);
	read_bandwidth(row, cgrp);
	read_pressure(row, cgrp);
	read_pids(row, cgrp);
}

static __always_inline void visit(struct cgroup *cgrp)
{
	__u64 cgroup_id = cgrp->kn->id;
	__u32 slot_number = slot_of_id(cgroup_id);
	struct cgs_slot *slot = bpf_map_lookup_elem(&slots, &slot_number);
	struct cgs_walk_row *row = bpf_map_lookup_elem(&walk_rows, &slot_number);
	struct mem_cgroup *memcg;

	walk_cgroups++;
	if (!slot || !row || slot_number == CGS_SLOT_UNATTRIBUTED) {
		walk_unattributed++;
		return;
	}
	memcg = memcg_of(cgrp);
	if (slot->owner_id == cgroup_id) {
		read_owner(row, cgrp, cgroup_id);
		if (memcg && row->level)
			read_memory(row, memcg);
	}
	/* A row that its owner did not fill in this walk belongs to a container that is gone. */
	if (memcg && row->sequence == walk_sequence)
		add_lru(row, memcg);
}

/* The first cgroup is the top of the tree, and flushing it flushes all below it. Doing so for each
 * costs as much as the rest of the walk: the kernel takes a lock and pauses for every CPU. */
static __always_inline bool first_of_walk(void)
{
	if (walk_flushed == walk_sequence)
		return false;
	walk_flushed = walk_sequence;
	return true;
}

/* Calls css_rstat_flush() or cgroup_rstat_flush(), by kernel: the first member of a cgroup is its css, so the
 * argument is the same. */
static __always_inline void flush(struct cgroup *cgrp)
{
	asm volatile("r1 = %[cgrp]\n\t"
		     "call %[number]"
		     :
		     : [cgrp] "r"(cgrp), [number] "i"(CGS_FLUSH_CALL)
		     : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
}

SEC("iter.s/cgroup")
int walk(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *cgrp = ctx->cgroup;

	if (!cgrp)
		return 0;
	if (first_of_walk())
		flush(cgrp);
	visit(cgrp);
	return 0;
}
