/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Every type that crosses a BPF map. Included by the BPF programs and by agent/kernel/, by nobody
 * else: agent/kernel turns these rows into model types at the door.
 *
 * Rules: only fixed-width fields, 64-bit first, no implicit padding, the unit in the name.
 * Counters only grow; user space takes differences; nothing is ever reset while the slot is in use.
 */
#ifndef CGS_ABI_H
#define CGS_ABI_H

#ifdef __bpf__
#include <linux/types.h>
#define CGS_ASSERT(condition, message) _Static_assert(condition, message)
#else
#include <linux/types.h>
#ifdef __cplusplus
#define CGS_ASSERT(condition, message) static_assert(condition, message)
#else
#define CGS_ASSERT(condition, message) _Static_assert(condition, message)
#endif
#endif

/* Buckets of the run-queue wait histogram: bucket i counts waits below 2^(i+8) ns, that is 256 ns
 * to 2.1 s; the last one takes the rest. */
#define CGS_WAIT_BUCKETS 24
/* Slot 0 collects what could not be attributed. It is never given to a cgroup. */
#define CGS_SLOT_UNATTRIBUTED 0
/* How far the tag table is probed before the overflow hash is asked. At a load of a quarter,
 * longer runs than this are rare. */
#define CGS_TAG_PROBES 4
/* Longest part of a cgroup's name that an event carries. Names may be longer (4,095 bytes); user
 * space then looks the name up by inode. */
#define CGS_NAME_BYTES 256
#define CGS_COMM_BYTES 16
/* PSI totals in the kernel's order: io some, io full, memory some, memory full, cpu some, full. */
#define CGS_PRESSURES 6
/* A cgroup that does nothing is read whole once in so many walks. */
#define CGS_WALKS_PER_ROUND 16
/* More than any kernel's count of memory events. */
#define CGS_MEMORY_EVENTS 16
/* No helper has this number. The walk calls it where user space has to write the number of the
 * kernel function that flushes a cgroup's totals, before it loads the program. */
#define CGS_FLUSH_CALL 0x63677366

/* One row per (slot, cpu), written by sched_switch on that cpu only: plain adds, no atomics. */
struct cgs_sched_row {
	__u64 run_ns; /* on a cpu; interrupts included, as rq->clock counts them */
	__u64 switches; /* times a task of the slot left a cpu */
	__u64 wait_ns; /* runnable but not running; includes time throttled by the own quota */
	__u64 wait_count;
	__u32 wait_buckets[CGS_WAIT_BUCKETS];
};
CGS_ASSERT(sizeof(struct cgs_sched_row) == 128, "two cache lines");

/* One per cpu: who is running there since when. `sequence` is odd while the row changes. */
struct cgs_cpu_row {
	__u64 sequence;
	__u64 start_ns; /* of the open slice, in rq->clock */
	__u64 cgroup_id; /* 0: idle */
	__s64 monotonic_offset_ns; /* CLOCK_MONOTONIC minus rq->clock */
	__u64 offset_read_ns; /* when the offset was read, in rq->clock */
	__u32 slot;
	__u32 pad32;
	__u64 pad[2];
};
CGS_ASSERT(sizeof(struct cgs_cpu_row) == 64, "one cache line");

/* One row per (slot, cpu), written by cgroup_skb. Bytes are L3 lengths as the socket's cgroup sees
 * them; a GSO buffer counts its segments as packets. */
struct cgs_network_row {
	__u64 receive_bytes;
	__u64 receive_packets;
	__u64 transmit_bytes;
	__u64 transmit_packets;
};
CGS_ASSERT(sizeof(struct cgs_network_row) == 32, "two slots share a cache line of one cpu");

/* One row per (slot, cpu), written by the process hooks. */
struct cgs_process_row {
	__u64 forks; /* processes, not threads */
	__u64 execs;
	__u64 exits; /* processes that ended, whatever the status */
	__u64 exits_failed; /* ... with a status other than 0 */
	__u64 exits_signaled; /* ... by a signal */
	__u64 attaches; /* tasks moved into the cgroup */
	__u64 pad[2];
};
CGS_ASSERT(sizeof(struct cgs_process_row) == 64, "one cache line");

/* A direct-mapped entry cgroup id -> slot. Claim a free entry by compare-and-swap,
 * because both sides publish; write the slot before the id, clear the id before the slot is given
 * to another cgroup, and read the id again after the slot. */
struct cgs_tag {
	__u64 cgroup_id; /* 0: free; CGS_TAG_CLAIMED: about to be published */
	__u32 slot;
	__u32 pad;
};
#define CGS_TAG_CLAIMED (~0ULL)
CGS_ASSERT(sizeof(struct cgs_tag) == 16, "four to a cache line");

/* What a slot stands for. */
enum cgs_slot_state {
	CGS_SLOT_FREE = 0,
	CGS_SLOT_BORN = 1, /* given by BPF at cgroup_mkdir, user space has not seen it yet */
	CGS_SLOT_INNER = 2, /* a slice, a pod, a parent of containers: each child has its own */
	CGS_SLOT_CONTAINER = 3, /* everything below it counts to it */
};

struct cgs_slot {
	__u64 owner_id; /* the cgroup that the walk reads totals from */
	__u32 state; /* enum cgs_slot_state */
	__u32 pad;
};
CGS_ASSERT(sizeof(struct cgs_slot) == 16, "layout is the map contract");

/* Which parts of a walk row hold values; a part that is missing is absent, not zero. */
enum cgs_walk_parts {
	CGS_WALK_CPU = 1 << 0,
	CGS_WALK_BANDWIDTH = 1 << 1,
	CGS_WALK_MEMORY = 1 << 2,
	CGS_WALK_PRESSURE = 1 << 3,
	CGS_WALK_PIDS = 1 << 4,
};

/* One per slot, written by the walk: the kernel's own hierarchical totals of the owner. What a reader needs of a row
 * that did not change is in its first cache line. */
struct cgs_walk_row {
	__u64 sequence; /* of the walk that wrote it */
	__u64 changed_sequence; /* of the walk that last changed a number below the next four */
	__u64 cgroup_id;
	__u64 serial; /* the cgroup's serial number, never used again */
	__u64 inactive_file_pages; /* of the owner and everything below it */
	__u64 whole_sequence; /* of the walk that last read all of it */
	__u64 cpu_ns; /* sum_exec_runtime */
	__u64 cpu_user_ns; /* before the scaling that cpu.stat applies */
	__u64 cpu_system_ns;
	__u64 periods;
	__u64 throttled_periods;
	__u64 throttled_ns;
	__u64 quota_ns; /* per period; all bits set: no quota */
	__u64 period_ns;
	__u64 memory_pages;
	__u64 memory_limit_pages; /* PAGE_COUNTER_MAX: no limit */
	__u64 memory_peak_pages;
	__u64 swap_pages;
	__u64 memory_high_events;
	__u64 memory_max_events;
	__u64 oom_events;
	__u64 oom_kill_events;
	__u64 pressure_ns[CGS_PRESSURES];
	__u64 pids;
	__u64 pids_limit;
	__u64 frozen;
	__u32 parts; /* enum cgs_walk_parts */
	__u32 level;
};
CGS_ASSERT(sizeof(struct cgs_walk_row) == 256, "four cache lines");

/* Losses. Each is exported as a metric by its cause. */
enum cgs_loss {
	CGS_LOSS_RING_FULL = 0, /* an event found no room in the ring buffer */
	CGS_LOSS_NO_SLOT = 1, /* a new cgroup found no free slot */
	CGS_LOSS_TAGS_FULL = 2, /* neither the tag table nor the overflow hash had room */
	CGS_LOSSES = 3,
};

enum cgs_event_kind {
	CGS_EVENT_CGROUP_MADE = 1,
	CGS_EVENT_CGROUP_REMOVED = 2,
	CGS_EVENT_OOM_KILL = 3,
	CGS_EVENT_PROCESS_DIED = 4, /* status other than 0, or by a signal */
};

/* The front of every event. */
struct cgs_event {
	__u64 monotonic_ns;
	__u64 cgroup_id;
	__u64 parent_id; /* CGROUP_MADE */
	__u32 kind; /* enum cgs_event_kind */
	__u32 slot;
	__u32 pid; /* OOM_KILL, PROCESS_DIED */
	__u32 exit_code; /* PROCESS_DIED: as wait(2) returns it */
	char comm[CGS_COMM_BYTES];
};
CGS_ASSERT(sizeof(struct cgs_event) == 56, "layout is the map contract");

/* CGROUP_MADE only: the name follows, cut at CGS_NAME_BYTES and then without its NUL. */
struct cgs_cgroup_event {
	struct cgs_event event;
	char name[CGS_NAME_BYTES];
};

#endif
