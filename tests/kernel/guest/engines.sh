#!/bin/sh
# Sourced after checks.sh on the engines disk: podman with cgroupfs and without a network, the image under test and
# a small one to be watched.

prepare_podman() {
  mkdir -p /etc/containers /var/tmp
  cat >/etc/containers/containers.conf <<END
[containers]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
END
  podman load --quiet --input /test/image
  mkdir -p /tmp/load/bin
  cp /test/load/* /test/busybox /tmp/load/bin/
  tar -C /tmp/load -cf - . | podman import --quiet - localhost/load:1
}

run_greedy() { # starts a container with 32 MB that takes more
  podman run --detach --name greedy --network none --memory 32m localhost/load:1 /bin/memory_eater
}

logs_have() { # CONTAINER TEXT…: one line of its output has all of the texts
  logs_container=$1
  shift
  podman logs "$logs_container" >/tmp/logs 2>&1
  for text in "$@"; do
    grep -e "$text" /tmp/logs >/tmp/logs.matching || return 1
    mv /tmp/logs.matching /tmp/logs
  done
}
