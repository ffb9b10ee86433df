#!/bin/sh
# kernels: 6.12
# root: engines
# image: yes
# memory: 2560
# limit: 300
# The pod template of deploy/kubernetes/daemonset.yaml runs under `podman kube play`, with its three capabilities and
# nothing more, and raises the OOM alert for another container.
. ./guest/checks.sh
. ./guest/engines.sh

check "podman takes the image" prepare_podman || exit
cp /test/pod.yaml /result/
check "podman makes the pod" podman kube play --start=false /test/pod.yaml
for pod in /sys/fs/cgroup/libpod_parent/*/; do
  allow_devices "$pod"
done
check "the pod starts" podman pod start cgsentry
check "the agent in it watches" await 60 logs_have cgsentry-cgsentry watching
check "a greedy container starts" run_greedy
id=$(podman inspect --format '{{.Id}}' greedy)
check "the OOM alert names it" await 20 logs_have cgsentry-cgsentry '"status":"firing"' ContainerOomKilled "$id"
check "its capabilities are the three of the manifest" sh -c \
  "podman inspect --format '{{.EffectiveCaps}}' cgsentry-cgsentry | grep -qx '\[CAP_BPF CAP_NET_ADMIN CAP_PERFMON\]'"
check "it keeps its journal on the node" sh -c "ls /var/lib/cgsentry/journal | grep -q ."
podman logs cgsentry-cgsentry >/result/cgsentry.log 2>&1
