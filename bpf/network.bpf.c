// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * cgroup_skb, once at the root of the tree: bytes and packets of every socket, by its cgroup.
 *
 * Bytes are those of the network layer (no link header); a GSO buffer has one header here and many
 * on the wire. Packets of containers on the host's network are seen like all others.
 *
 * The adds are atomic although the row is this cpu's own: a task that sends can be interrupted by
 * a softirq that sends for the same container (an ACK), and a lost byte here would be lost for good.
 */
#include "slots.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgs_network_row);
} network_rows SEC(".maps");

/* cgroup_skb programs let the packet pass by returning 1. */
#define PASS 1

static __always_inline __u32 packets_of(const struct __sk_buff *skb)
{
	return skb->gso_segs ? skb->gso_segs : 1;
}

SEC("cgroup_skb/ingress")
int handle_ingress(struct __sk_buff *skb)
{
	struct cgs_network_row *row = own_row(network_rows, slot_of_id(bpf_skb_cgroup_id(skb)));

	if (row) {
		__sync_fetch_and_add(&row->receive_bytes, skb->len);
		__sync_fetch_and_add(&row->receive_packets, packets_of(skb));
	}
	return PASS;
}

SEC("cgroup_skb/egress")
int handle_egress(struct __sk_buff *skb)
{
	struct cgs_network_row *row = own_row(network_rows, slot_of_id(bpf_skb_cgroup_id(skb)));

	if (row) {
		__sync_fetch_and_add(&row->transmit_bytes, skb->len);
		__sync_fetch_and_add(&row->transmit_packets, packets_of(skb));
	}
	return PASS;
}
