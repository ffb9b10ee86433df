#!/bin/sh
# The machine itself: cgroup2 with its controllers, BTF and a working runc, so that the other scenarios'
# failures are the agent's.
. ./guest/checks.sh

check "cgroup2 is mounted with the controllers" grep -q 'cpu.*io.*memory.*pids' /sys/fs/cgroup/cgroup.controllers
check "the kernel has BTF" test -s /sys/kernel/btf/vmlinux
check "PSI is on" test -r /proc/pressure/memory
check "runc runs" runc --version
