/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The few kernel structures that the programs read, with just the fields that they read. Offsets
 * come from the running kernel's BTF at load (CO-RE), so order and gaps here mean nothing. A type
 * with ___suffix is the same kernel type as another version has it.
 */
#ifndef CGS_KERNEL_TYPES_H
#define CGS_KERNEL_TYPES_H

#include <linux/types.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

typedef struct {
	s64 counter;
} atomic64_t;

struct kernfs_node {
	const char *name;
	u64 id;
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
	u64 serial_nr; /* of all hierarchies; 0 for a root */
};

struct cgroup_root {
	int hierarchy_id; /* 0: the default (v2) hierarchy */
};

struct task_cputime {
	u64 stime;
	u64 utime;
	unsigned long long sum_exec_runtime;
};

struct cgroup_base_stat {
	struct task_cputime cputime;
};

struct psi_group {
	u64 total[12]; /* [aggregator][state], flat in BTF; aggregator 0 is the averages' */
};

struct cgroup {
	struct cgroup_subsys_state self;
	unsigned long flags;
	int level;
	struct kernfs_node *kn;
	struct cgroup_subsys_state *subsys[16];
	struct cgroup_root *root;
	struct cgroup_base_stat bstat;
	struct psi_group *psi; /* a pointer since 6.1, the oldest kernel with the walk */
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct rq {
	u64 clock;
};

struct cfs_rq {
	struct rq *rq;
};

struct sched_entity {
	struct cfs_rq *cfs_rq;
};

struct sched_info {
	unsigned long long last_queued;
};

struct task_struct;

struct pid_namespace {
	struct task_struct *child_reaper; /* its first process */
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1]; /* one for each namespace, the innermost last */
};

struct task_struct {
	int pid;
	int tgid;
	unsigned int flags;
	int exit_code;
	struct pid *thread_pid;
	char comm[16];
	struct sched_entity se;
	struct sched_info sched_info;
	struct css_set *cgroups;
};

struct cfs_bandwidth {
	s64 period; /* ktime_t */
	u64 quota;
	int nr_periods;
	int nr_throttled;
	u64 throttled_time;
};

struct task_group {
	struct cgroup_subsys_state css;
	struct cfs_bandwidth cfs_bandwidth;
};

struct page_counter {
	atomic_long_t usage;
	unsigned long watermark;
	unsigned long max;
};

struct mem_cgroup_per_node {
	unsigned long lru_zone_size[25]; /* [zone][lru], flat in BTF */
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
	struct page_counter swap;
	atomic_long_t memory_events[9];
	struct mem_cgroup_per_node *nodeinfo[0];
};

struct pids_cgroup {
	struct cgroup_subsys_state css;
	atomic64_t counter;
	atomic64_t limit;
};

struct bpf_iter_meta {
	u64 session_id;
	u64 seq_num;
};

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
};

enum cgroup_subsys_id {
	cpu_cgrp_id = 1,
	memory_cgrp_id = 4,
	pids_cgrp_id = 11,
};

enum memcg_memory_event {
	MEMCG_HIGH = 1,
	MEMCG_MAX = 2,
	MEMCG_OOM = 3,
	MEMCG_OOM_KILL = 4,
};

#pragma clang attribute pop

/* A bit of cgroup.flags; the kernel's enum has no name that CO-RE could look up. The same number
 * since 5.2, where the v2 freezer came. */
#define CGRP_FROZEN_BIT 3

#endif
