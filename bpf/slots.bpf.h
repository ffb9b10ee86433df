/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * From a cgroup to its slot, and the maps that every program shares.
 *
 *   cgroup id --hash--> slot_tags[..] {id, slot}   --miss--> slot_overflow (hash)  --miss--> slot 0
 *
 * User space gives slots to what it finds at start; cgroup_mkdir gives them to what is born later,
 * from the ring `free_slots` that user space fills with slots that have become free.
 */
#ifndef CGS_SLOTS_BPF_H
#define CGS_SLOTS_BPF_H

#include "kernel_types.h"
/* BPF's own user-space header, for map types and helpers' flags. */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "abi.h"

/* Set before load: the number of possible CPUs, the size of slot_tags minus one (a power of two
 * minus one), the number of slots. */
const volatile __u32 cpu_count __weak = 1;
const volatile __u32 tag_mask __weak = 1;
const volatile __u32 slot_count __weak = 1;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgs_tag);
} slot_tags __weak SEC(".maps");

/* Only BPF writes it after start, so that recycling a slot needs no bpf() call. A stale entry does
 * no harm: ids are never reused, and a dead cgroup has no tasks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32);
} slot_overflow __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgs_slot);
} slots __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, CGS_LOSSES);
	__type(key, __u32);
	__type(value, __u64);
} losses __weak SEC(".maps");

static __always_inline void count_loss(__u32 cause)
{
	__u64 *count = bpf_map_lookup_elem(&losses, &cause);

	if (count)
		__sync_fetch_and_add(count, 1);
}

/* Fibonacci hashing; agent/kernel/slot_tags.cpp has the same function. */
static __always_inline __u32 tag_index(__u64 cgroup_id)
{
	return (__u32)((cgroup_id * 11400714819323198485ULL) >> 32);
}

static __always_inline __u32 slot_of_id(__u64 cgroup_id)
{
	__u32 index = tag_index(cgroup_id);
	__u32 *overflow;

#pragma unroll
	for (int i = 0; i < CGS_TAG_PROBES; i++) {
		__u32 key = (index + i) & tag_mask;
		struct cgs_tag *tag = bpf_map_lookup_elem(&slot_tags, &key);

		if (tag && tag->cgroup_id == cgroup_id) {
			__u32 slot = *(volatile __u32 *)&tag->slot;

			/* User space may clear the tag between the two reads. */
			if (*(volatile __u64 *)&tag->cgroup_id == cgroup_id)
				return slot;
		}
	}
	overflow = bpf_map_lookup_elem(&slot_overflow, &cgroup_id);
	return overflow ? *overflow : CGS_SLOT_UNATTRIBUTED;
}

/* The row of (slot, this cpu) in one of the [slot][cpu] arrays. */
#define own_row(map, slot)                                                     \
	({                                                                     \
		__u32 __key = cpu_count * (slot) + bpf_get_smp_processor_id(); \
		bpf_map_lookup_elem(&(map), &__key);                           \
	})

#endif
