#!/bin/sh
# Sourced after checks.sh and containers.sh: the situations of tests/rules/scenarios, played and recorded.
#
# A situation is a shell function of its name, which returns when its part is over. Its containers have
# its name, too; who only takes part (a neighbour, the other end of a stream) has another one. All of
# them are played at once.
#
# /result/recording    of series_recorder
# /result/NAME.output  what the container prints: "begin SECONDS_SINCE_BOOT" first, mostly
# /result/marks        "NAME WHAT SECONDS_SINCE_BOOT", where the container cannot say it itself
# /result/kernel_log   the kernel's messages with times, the OOM kills among them

# shellcheck disable=SC2034  # for the scenarios
MEGABYTE=1048576

# shellcheck disable=SC2034
SAY_BEGIN="echo begin \$(cut -d ' ' -f 1 /proc/uptime)" # in a container, for a load that does not say it itself

start_recorder() {
  make_container_root
  kernel_log >/result/kernel_log &
  series_recorder /result/recording /usr/share/cgsentry/rules/containers.yaml 2>/result/recorder.log &
  recorder=$!
  await 30 recorder_ticks
}

recorder_ticks() {
  grep -q '^tick' /result/recording
}

mount_scratch() { # in every container: /disk/fast and /disk/slow
  for scratch in fast slow; do
    mkdir -p "$CONTAINER_ROOT/disk/$scratch"
    mount -t ext4 "$(scratch_disk $scratch)" "$CONTAINER_ROOT/disk/$scratch"
  done
}

scratch_disk() { # SERIAL: prints its device
  for block in /sys/block/vd*; do
    [ "$(cat "$block/serial")" != "$1" ] || echo "/dev/${block##*/}"
  done
}

mark() { # NAME WHAT
  mark_ms=$(uptime_ms)
  echo "$1 $2 ${mark_ms%???}.${mark_ms#"${mark_ms%???}"}" >>/result/marks
}

set_file() { # NAME FILE VALUE: in the container's cgroup
  echo "$3" >"$(container_cgroup "$1")/$2"
}

restart_again_and_again() { # NAME TIMES MEMORY_BYTES|0 WORD…: as an engine with a restart policy does
  restart_name=$1 restart_times=$2 restart_memory=$3
  shift 3
  while [ "$restart_times" -gt 0 ]; do
    mark "$restart_name" start
    run_to_end "$restart_name" "$restart_memory" 0 "$@"
    mark "$restart_name" end
    restart_times=$((restart_times - 1))
    sleep 2
  done
}

play() { # SECONDS SITUATION…: all at once, for that time; then "ok" for each that has begun
  play_end=$(($(uptime_ms) + $1 * 1000))
  shift
  for situation in "$@"; do
    echo "# $situation"
    ("$situation") &
    # One after the other: many starts at once would be a load of their own.
    await 20 test -e "/result/$situation.output"
  done
  while [ "$(uptime_ms)" -lt $play_end ]; do
    sleep 1
  done
  for situation in "$@"; do
    check "$situation was played" test -e "/result/$situation.output"
  done
}

end_containers() { # of the situations: so that the next ones have the machine for themselves
  for folder in /sys/fs/cgroup/docker/*/; do
    echo 1 >"$folder/cgroup.kill"
  done
}

stop_recorder() {
  kill -TERM "$recorder"
  wait "$recorder"
}
