/*
 * Takes the device programs off a cgroup: allow_devices CGROUP
 *
 * Podman 4.3 puts "no device at all" on the cgroup of a pod when it manages cgroups itself, which no
 * container below can undo, so a pod cannot start. A node has systemd do it, where this is not so.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kMaxPrograms = 16 };

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

int main(int argc, char **argv)
{
	__u32 ids[kMaxPrograms];
	union bpf_attr attr;
	__u32 count;
	int cgroup;

	if (argc != 2)
		return fprintf(stderr, "usage: allow_devices CGROUP\n"), 2;
	cgroup = open(argv[1], O_RDONLY | O_DIRECTORY);
	if (cgroup < 0)
		return perror(argv[1]), 1;
	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (__u32)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (__u64)(unsigned long)ids;
	attr.query.prog_cnt = kMaxPrograms;
	if (bpf(BPF_PROG_QUERY, &attr) != 0)
		return perror("BPF_PROG_QUERY"), 1;
	count = attr.query.prog_cnt;
	for (__u32 i = 0; i < count; i++) {
		long program;

		memset(&attr, 0, sizeof(attr));
		attr.prog_id = ids[i];
		program = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
		if (program < 0)
			return perror("BPF_PROG_GET_FD_BY_ID"), 1;
		memset(&attr, 0, sizeof(attr));
		attr.target_fd = (__u32)cgroup;
		attr.attach_bpf_fd = (__u32)program;
		attr.attach_type = BPF_CGROUP_DEVICE;
		if (bpf(BPF_PROG_DETACH, &attr) != 0)
			return perror("BPF_PROG_DETACH"), 1;
	}
	printf("%u device programs taken off\n", count);
	return 0;
}
