#!/bin/sh
# limit: 240
# Thirty seconds of mixed load in 50 cgroups, then the agent's numbers beside the kernel's own files.
#
# The numbers come out of the running agent through one rule per metric, which fires for every cgroup
# when a marker cgroup appears: an alert's value is the metric's. So they went through the whole walk.
# The files are read before and after; numbers.py compares. The same for `cgsentry sample`.
. ./guest/checks.sh
. ./guest/containers.sh
. ./guest/agent.sh

METRICS="container_cpu_usage_seconds_total container_cpu_user_seconds_total container_cpu_system_seconds_total
container_cpu_run_seconds_total container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total
container_cpu_cfs_throttled_seconds_total container_memory_usage_bytes container_memory_working_set_bytes
container_memory_max_usage_bytes container_memory_rss container_memory_cache
container_pressure_cpu_waiting_seconds_total container_pressure_cpu_stalled_seconds_total
container_pressure_memory_waiting_seconds_total container_pressure_memory_stalled_seconds_total
container_pressure_io_waiting_seconds_total container_pressure_io_stalled_seconds_total
container_processes container_processes_forked_total container_processes_exited_total
container_memory_events_total container_oom_events_total
container_network_receive_bytes_total container_network_transmit_bytes_total
container_network_receive_packets_total container_network_transmit_packets_total"
FILES="cpu.stat cpu.max memory.current memory.peak memory.stat memory.events memory.max
pids.current cpu.pressure memory.pressure io.pressure"

write_metric_rules() {
  echo "groups:"
  echo "  - name: numbers"
  echo "    rules:"
  for metric in $METRICS; do
    echo "      - {alert: $metric, expr: '$metric and on() container_last_seen{id=\"/docker/$(container_id marker)\"}'}"
  done
}

in_cgroup() { # NAME WORD…: runs there in the background; its output in /result/NAME.output
  in_cgroup_path=$(container_cgroup "$1")
  in_cgroup_output=/result/$1.output
  shift
  sh -c "echo \$\$ >$in_cgroup_path/cgroup.procs; exec $*" >"$in_cgroup_output" 2>&1 &
}

start_load() { # NUMBER: what the cgroup with this number does for the next 30 s
  name=load-$1 folder=$(container_cgroup "load-$1")
  port=$((5000 + $1 / 10))
  case $(($1 % 5)) in
    0) # at its quota
      echo "5000 100000" >"$folder/cpu.max"
      in_cgroup "$name" spinner 25 ;;
    1) # holds memory; the first three more than memory.high lets them, so that they stall
      [ "$1" -gt 11 ] || echo 12M >"$folder/memory.high"
      in_cgroup "$name" memory_eater $((12 + $1 % 7)) 600 ;;
    2) # processes that come and go
      in_cgroup "$name" churner $((100 + $1)) "$(echo ok failed signal | cut -d ' ' -f $((1 + $1 % 3)))" ;;
    3) # competes for the two CPUs
      in_cgroup "$name" spinner $((5 + $1 % 4)) ;;
    4) # pairs on loopback: 4 receives from 9, 14 from 19, …; every other pair over TCP
      kind=$([ $(($1 / 10 % 2)) = 0 ] && echo udp || echo tcp)
      if [ $(($1 % 10)) = 4 ]; then
        in_cgroup "$name" traffic receive "$kind" $port
        await 20 grep -q ready "/result/$name.output"
      else
        in_cgroup "$name" traffic send "$kind" $port $((200000 + $1 * 1000)) 1000
      fi ;;
  esac
}

snapshot() { # OUTPUT: every file of every cgroup as "NUMBER FILE LINE"
  number=0
  while [ $number -lt 50 ]; do
    folder=$(cat "/run/folder-$number")
    for file in $FILES; do
      [ ! -e "$folder/$file" ] || sed "s/^/$number $file /" "$folder/$file"
    done
    number=$((number + 1))
  done >"$1"
}

mkdir -p /test/rules
write_metric_rules >/test/rules/numbers.yaml
cp /test/rules/numbers.yaml /result/
write_config /test/rules/numbers.yaml
check "the agent watches" start_agent || exit

mkdir -p /sys/fs/cgroup/docker
echo "+cpu +memory +io +pids" >/sys/fs/cgroup/docker/cgroup.subtree_control
number=0
while [ $number -lt 50 ]; do
  folder=$(container_cgroup load-$number)
  mkdir "$folder"
  echo "$folder" >/run/folder-$number
  echo "$number ${folder#/sys/fs/cgroup}" >>/result/cgroups
  number=$((number + 1))
done
number=0
while [ $number -lt 50 ]; do
  start_load $number
  number=$((number + 1))
done
# The kernel lets neither user nor system time go back, though their shares change, so what a file shows depends on when
# it was read before: it is read as often as the agent looks.
seconds=30
while [ $seconds -gt 0 ]; do
  cat /sys/fs/cgroup/docker/*/cpu.stat >/dev/null
  sleep 1
  seconds=$((seconds - 1))
done

# The load is over; who still runs is who holds memory, and the eaters that memory.high keeps slow.
number=0
while [ $number -lt 50 ]; do
  case $((number % 5)) in
    1) [ $number -gt 11 ] || echo 1 >"$(cat /run/folder-$number)/cgroup.kill" ;;
    *) echo 1 >"$(cat /run/folder-$number)/cgroup.kill" ;;
  esac
  number=$((number + 1))
done
# PSI totals move for up to 2 s after the last stall, and memory.stat is read in turns of 10 ticks.
sleep 13

snapshot /result/before
mkdir "$(container_cgroup marker)"
all_metrics() {
  [ "$(grep -c '"alertname":"container_processes"' /result/alerts)" -ge 51 ]
}
check "the marker lets every metric fire" await 20 all_metrics
sleep 3
snapshot /result/after
check "sample prints one tick as JSON" sh -c "cgsentry sample --config /etc/cgsentry/config.yaml --format json >/result/sample.json"
snapshot /result/last
check "the agent ends within 5 s of SIGTERM" stop_agent
