#!/bin/sh
# Sourced by every scenario: what a check is and how to wait. Output lines "ok NAME" and "not ok NAME"
# are the contract with judge.py. Plain POSIX shell: busybox in the initramfs, bash on a disk.

check() { # NAME COMMAND…: holds when the command succeeds; its output is shown when it does not
  check_name=$1
  shift
  if "$@" >/tmp/check.output 2>&1; then
    echo "ok $check_name"
  else
    echo "not ok $check_name: '$*' gave $?"
    tail -n 20 /tmp/check.output
    return 1
  fi
}

await() { # SECONDS COMMAND…: until the command succeeds, or fails after that time
  await_end=$(($(uptime_ms) + $1 * 1000))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(uptime_ms)" -lt "$await_end" ] || return 1
    /test/busybox usleep 50000
  done
}

uptime_ms() { # milliseconds since boot, the only clock that a guest without a network has
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}0"
}
