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
 * What it costs is cold memory, hundreds of nanoseconds for each line that nobody has touched for a second. So it
 * finds slots without a look at the cgroup's kernfs node, and leaves a cgroup in peace that did nothing: where the
 * totals of CPU time, pressure, memory and its peak are those of the last walk, no task of it ran, waited, was
 * charged or was reclaimed from, and the rest stands as well. What others may change all the same, its limits above
 * all, is read in every 16th walk. In each row it says when a number changed last: user space leaves alone what did
 * not.
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

/* What the last walk has found out about an owner and will not change, by its serial number: cgroups are walked in
 * about the order of their birth, so neighbours here are neighbours in the walk, too. */
struct visited {
	__u64 serial; /* 0: nobody's */
	__u64 pressure; /* address of the kernel's totals; 0: there are none */
	__u32 slot;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct visited);
} visited_slots SEC(".maps");

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
/* The kernel's order: inactive anon, active anon, inactive file, active file, unevictable. */
#define LRU_LISTS	  5
#define LRU_INACTIVE_FILE 2

/* A row that is being written, and whether it will differ from what it was. */
struct update {
	struct cgs_walk_row *row;
	__u64 differs;
	__u32 parts;
};

#define put(update, field, value)                                    \
	do {                                                         \
		__u64 __value = (value);                             \
		(update)->differs |= (update)->row->field ^ __value; \
		(update)->row->field = __value;                      \
	} while (0)

/* Copies the members from `first` to `last` of a kernel structure in one go: a call of the helper costs more than
 * the bytes. Zero when they do not fit, which no known kernel has. */
#define read_span(buffer, object, first, last)                                              \
	({                                                                                  \
		__u32 __from = bpf_core_field_offset(__typeof__(*(object)), first);         \
		__u32 __bytes = bpf_core_field_offset(__typeof__(*(object)), last) +        \
				bpf_core_field_size(__typeof__(*(object)), last) - __from;  \
		__bytes <= sizeof(buffer) &&                                                \
			!bpf_probe_read_kernel(buffer, __bytes, (void *)(object) + __from); \
	})

/* A member out of such a copy. The compiler may not see the difference, or it takes an offset from a stack pointer,
 * which the verifier forbids. */
#define of_span(buffer, object, first, member)                                      \
	({                                                                          \
		__u32 __at = bpf_core_field_offset(__typeof__(*(object)), member) - \
			     bpf_core_field_offset(__typeof__(*(object)), first);   \
		asm volatile("" : "+r"(__at));                                      \
		*(__typeof__((object)->member) *)((void *)(buffer) + __at);         \
	})

/* css is the first member of each controller's own structure. */
#define container_of_css(css, type) \
	((struct type *)((void *)(css)-bpf_core_field_offset(struct type, css)))

#define css_of(cgrp, id) ((cgrp)->subsys[bpf_core_enum_value(enum cgroup_subsys_id, id)])

static __always_inline void read_cpu(struct update *update, struct cgroup *cgrp)
{
	put(update, cpu_ns, cgrp->bstat.cputime.sum_exec_runtime);
	put(update, cpu_user_ns, cgrp->bstat.cputime.utime);
	put(update, cpu_system_ns, cgrp->bstat.cputime.stime);
	update->parts |= CGS_WALK_CPU;
}

static __always_inline void read_bandwidth(struct update *update, struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css = css_of(cgrp, cpu_cgrp_id);
	struct cfs_bandwidth *bandwidth;
	__u64 limits[4], counts[4];

	if (!css || !bpf_core_field_exists(struct task_group, cfs_bandwidth))
		return;
	bandwidth = (void *)container_of_css(css, task_group) +
		    bpf_core_field_offset(struct task_group, cfs_bandwidth);
	if (!read_span(limits, bandwidth, period, quota) ||
	    !read_span(counts, bandwidth, nr_periods, throttled_time))
		return;
	put(update, period_ns, of_span(limits, bandwidth, period, period));
	put(update, quota_ns, of_span(limits, bandwidth, period, quota));
	put(update, periods, of_span(counts, bandwidth, nr_periods, nr_periods));
	put(update, throttled_periods, of_span(counts, bandwidth, nr_periods, nr_throttled));
	put(update, throttled_ns, of_span(counts, bandwidth, nr_periods, throttled_time));
	update->parts |= CGS_WALK_BANDWIDTH;
}

static __always_inline __u64 inactive_file_pages(struct mem_cgroup *memcg)
{
	unsigned long sizes[MAX_ZONES * LRU_LISTS];
	__u32 bytes = bpf_core_field_size(struct mem_cgroup_per_node, lru_zone_size);
	struct mem_cgroup_per_node *node;
	__u64 pages = 0;

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
#pragma unroll
		for (__u32 zone = 0; zone < MAX_ZONES; zone++) {
			if ((zone + 1) * LRU_LISTS * sizeof(long) <= bytes)
				pages += sizes[zone * LRU_LISTS + LRU_INACTIVE_FILE];
		}
	}
	return pages;
}

static __always_inline struct mem_cgroup *memcg_of(struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css = css_of(cgrp, memory_cgrp_id);

	return css ? container_of_css(css, mem_cgroup) : NULL;
}

static __always_inline __u64 event_of(const atomic_long_t *counts, __u32 event)
{
	return event < CGS_MEMORY_EVENTS ? counts[event].counter : 0;
}

static __always_inline void read_usage(struct update *update, struct mem_cgroup *memcg)
{
	put(update, memory_pages, BPF_CORE_READ(memcg, memory.usage.counter));
	/* Rises and falls of the usage between two walks; khugepaged causes them without a task of the cgroup. */
	put(update, memory_peak_pages, BPF_CORE_READ(memcg, memory.watermark));
	update->parts |= CGS_WALK_MEMORY;
}

static __always_inline void read_memory(struct update *update, struct mem_cgroup *memcg)
{
	atomic_long_t counts[CGS_MEMORY_EVENTS] = {};
	__u32 bytes = bpf_core_field_size(struct mem_cgroup, memory_events);

	if (bytes > sizeof(counts))
		bytes = sizeof(counts);
	bpf_probe_read_kernel(counts, bytes,
			      __builtin_preserve_access_index(&memcg->memory_events));
	put(update, memory_limit_pages, BPF_CORE_READ(memcg, memory.max));
	put(update, swap_pages, BPF_CORE_READ(memcg, swap.usage.counter));
	put(update, memory_high_events,
	    event_of(counts, bpf_core_enum_value(enum memcg_memory_event, MEMCG_HIGH)));
	put(update, memory_max_events,
	    event_of(counts, bpf_core_enum_value(enum memcg_memory_event, MEMCG_MAX)));
	put(update, oom_events,
	    event_of(counts, bpf_core_enum_value(enum memcg_memory_event, MEMCG_OOM)));
	put(update, oom_kill_events,
	    event_of(counts, bpf_core_enum_value(enum memcg_memory_event, MEMCG_OOM_KILL)));
}

static __always_inline __u64 pressure_of(struct cgroup *cgrp)
{
	if (!bpf_core_field_exists(struct cgroup, psi) || !cgrp->psi)
		return 0;
	return (__u64)cgrp->psi + bpf_core_field_offset(struct psi_group, total);
}

static __always_inline void read_pressure(struct update *update, const __u64 *total)
{
#pragma unroll
	for (int i = 0; i < CGS_PRESSURES; i++)
		put(update, pressure_ns[i], total[i]);
	update->parts |= CGS_WALK_PRESSURE;
}

static __always_inline void read_pids(struct update *update, struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css;
	struct pids_cgroup *pids;

	if (!bpf_core_type_exists(struct pids_cgroup))
		return;
	css = css_of(cgrp, pids_cgrp_id);
	if (!css)
		return;
	pids = container_of_css(css, pids_cgroup);
	put(update, pids, BPF_CORE_READ(pids, counter.counter));
	put(update, pids_limit, BPF_CORE_READ(pids, limit.counter));
	update->parts |= CGS_WALK_PIDS;
}

/* What tells whether the cgroup did anything since the last walk. */
static __always_inline void read_activity(struct update *update, struct cgroup *cgrp,
					  __u64 pressure, struct mem_cgroup *memcg)
{
	__u64 total[CGS_PRESSURES];
	bool pressed;

	/* The farthest first: it arrives while the rest is read. */
	pressed = pressure && !bpf_probe_read_kernel(total, sizeof(total), (void *)pressure);
	put(update, level, cgrp->level);
	put(update, frozen, cgrp->flags >> CGRP_FROZEN_BIT & 1);
	/* The kernel keeps no totals of the root: they are the machine's, and stand elsewhere. */
	if (!update->row->level)
		return;
	read_cpu(update, cgrp);
	if (pressed)
		read_pressure(update, total);
	if (memcg)
		read_usage(update, memcg);
}

static __always_inline void read_rest(struct update *update, struct cgroup *cgrp,
				      struct mem_cgroup *memcg)
{
	update->row->whole_sequence = walk_sequence;
	if (!update->row->level)
		return;
	read_bandwidth(update, cgrp);
	read_pids(update, cgrp);
	if (memcg)
		read_memory(update, memcg);
}

static __always_inline void read_owner(struct cgs_walk_row *row, struct cgroup *cgrp,
				       __u64 pressure, struct mem_cgroup *memcg, __u32 slot_number)
{
	struct update update = {.row = row};

	row->sequence = walk_sequence;
	read_activity(&update, cgrp, pressure, memcg);
	if (!update.differs && row->whole_sequence &&
	    (walk_sequence + slot_number) % CGS_WALKS_PER_ROUND)
		return;
	read_rest(&update, cgrp, memcg);
	row->inactive_file_pages = 0;
	put(&update, parts, update.parts);
	if (update.differs)
		row->changed_sequence = walk_sequence;
}

/* A row that another cgroup had before, or nobody. */
static __always_inline void begin_row(struct cgs_walk_row *row, __u64 cgroup_id, __u64 serial)
{
	__builtin_memset(row, 0, sizeof(*row));
	row->cgroup_id = cgroup_id;
	row->serial = serial;
	row->changed_sequence = walk_sequence;
}

/*
 * Whether the last walk's finding still holds: the slot's owner is the one that the row was written for, and the row
 * was written for this cgroup. Neither ids nor serial numbers are ever used again.
 */
static __always_inline bool still_owner(const struct visited *visited, __u64 serial)
{
	__u32 slot_number = visited->slot;
	struct cgs_slot *slot = bpf_map_lookup_elem(&slots, &slot_number);
	struct cgs_walk_row *row = bpf_map_lookup_elem(&walk_rows, &slot_number);

	return serial && visited->serial == serial && slot && row && row->serial == serial &&
	       row->cgroup_id == slot->owner_id;
}

/* The slot of a cgroup that is new, has another slot than before, or owns none. Remembers it if it owns it. */
static __always_inline __u32 find_slot(struct cgroup *cgrp, struct visited *visited)
{
	__u64 cgroup_id = cgrp->kn->id;
	__u64 serial = cgrp->self.serial_nr;
	__u32 slot_number = slot_of_id(cgroup_id);
	struct cgs_slot *slot = bpf_map_lookup_elem(&slots, &slot_number);
	struct cgs_walk_row *row = bpf_map_lookup_elem(&walk_rows, &slot_number);

	if (!slot || !row || slot->owner_id != cgroup_id)
		return slot_number;
	if (row->cgroup_id != cgroup_id || row->serial != serial)
		begin_row(row, cgroup_id, serial);
	visited->serial = serial;
	visited->pressure = pressure_of(cgrp);
	visited->slot = slot_number;
	return slot_number;
}

static __always_inline void visit(struct cgroup *cgrp)
{
	__u64 serial = cgrp->self.serial_nr;
	__u32 key = serial & tag_mask;
	struct visited *visited = bpf_map_lookup_elem(&visited_slots, &key);
	struct mem_cgroup *memcg = memcg_of(cgrp);
	struct cgs_walk_row *row;
	__u32 slot_number;

	walk_cgroups++;
	if (!visited)
		return;
	slot_number = still_owner(visited, serial) ? visited->slot : find_slot(cgrp, visited);
	row = bpf_map_lookup_elem(&walk_rows, &slot_number);
	if (!row || slot_number == CGS_SLOT_UNATTRIBUTED) {
		walk_unattributed++;
		return;
	}
	if (row->serial == serial)
		read_owner(row, cgrp, visited->pressure, memcg, slot_number);
	/* Otherwise what stands there holds, or the row's owner is gone. */
	if (memcg && row->whole_sequence == walk_sequence)
		row->inactive_file_pages += inactive_file_pages(memcg);
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
