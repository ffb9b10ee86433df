#!/bin/sh
# The machine itself: cgroup2 with its controllers, BTF and containers with limits, so that the other
# scenarios' failures are the agent's.
. ./guest/checks.sh
. ./guest/containers.sh

check "cgroup2 is mounted with the controllers" grep -q 'cpu.*io.*memory.*pids' /sys/fs/cgroup/cgroup.controllers
check "the kernel has BTF" test -s /sys/kernel/btf/vmlinux
check "PSI is on" test -r /proc/pressure/memory

limit=33554432
check "runc starts a container" run_container greedy $limit 0 sh -c "memory_eater || sleep 600"
check "the container has its limit" grep -q "^$limit\$" "$(container_cgroup greedy)/memory.max"
check "the kernel kills what takes more" await 20 grep -q 'oom_kill 1' "$(container_cgroup greedy)/memory.events"
check "the container can be removed" remove_container greedy
check "its cgroup is gone" test ! -e "$(container_cgroup greedy)"

kernel_log >/result/kernel_log &
check "the kernel's log has times on the monotonic clock" await 5 grep -q '^error [0-9]*$' /result/kernel_log
