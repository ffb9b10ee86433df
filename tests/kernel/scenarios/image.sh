#!/bin/sh
# kernels: 6.1
# root: engines
# image: yes
# memory: 2560
# limit: 300
# The image of deploy/docker/Dockerfile runs privileged as docs/deploying.md says and raises the OOM alert for another
# container.
. ./guest/checks.sh
. ./guest/engines.sh

check "podman takes the image" prepare_podman || exit
check "the image starts" podman run --detach --name cgsentry --privileged --network host --cgroupns host \
  --volume /sys/fs/cgroup:/sys/fs/cgroup:ro localhost/cgsentry:0.1.0
check "the agent in it watches" await 60 logs_have cgsentry watching
check "a greedy container starts" run_greedy
id=$(podman inspect --format '{{.Id}}' greedy)
check "the OOM alert names it" await 20 logs_have cgsentry '"status":"firing"' ContainerOomKilled "$id"
check "the image stops in time" podman stop --time 8 cgsentry
check "it ended by itself" test "$(podman inspect --format '{{.State.ExitCode}}' cgsentry)" = 0
podman logs cgsentry >/result/cgsentry.log 2>&1
