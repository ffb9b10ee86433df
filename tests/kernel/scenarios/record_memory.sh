#!/bin/sh
# kernels: none
# memory: 3072
# limit: 700
# Records the situations of memory, restarts and processes (docs/rules.md, "Recorded situations").
. ./guest/checks.sh
. ./guest/containers.sh
. ./guest/recording.sh

course_of_steps() { # FIRST_SECOND SECONDS MEGABYTES_FIRST STEP COUNT: a jump of STEP every SECONDS
  steps_at=$1 steps_value=$3 steps_left=$5
  while [ "$steps_left" -gt 0 ]; do
    printf '%s:%s %s:%s ' "$steps_at" "$steps_value" "$((steps_at + $2))" "$steps_value"
    steps_at=$((steps_at + $2)) steps_value=$((steps_value + $4)) steps_left=$((steps_left - 1))
  done
}

# Sick.
slow_leak() {
  run_container slow_leak $((200 * MEGABYTE)) 0 memory_course 0:105 60:105 420:177
}
leak_in_steps() {
  # shellcheck disable=SC2046  # words
  run_container leak_in_steps $((200 * MEGABYTE)) 0 memory_course noise=2 0:105 $(course_of_steps 60 15 108 3 24)
}
fast_leak() {
  run_container fast_leak $((100 * MEGABYTE)) 0 memory_course 0:20 60:20 160:140
}
heap_near_limit() {
  run_container heap_near_limit $((100 * MEGABYTE)) 0 memory_course 0:30 60:30 65:94 400:94
}
shared_memory_near_limit() {
  run_container shared_memory_near_limit $((100 * MEGABYTE)) 0 memory_course shared 0:30 60:30 80:93 400:93
}
worker_killed() { # the parent lives on and starts the next one
  run_container worker_killed $((64 * MEGABYTE)) 0 sh -c "sleep 40; while :; do memory_eater; sleep 50; done"
}
group_killed() {
  run_container group_killed $((64 * MEGABYTE)) 0 sh -c "memory_course 0:20 60:20 70:90; sleep 600"
  set_file group_killed memory.oom.group 1
}
killed_below() { # the limit is that of a cgroup that the container has made for a part of it
  run_container killed_below 0 0 sh -c "sleep 600"
  below=$(container_cgroup killed_below)
  mkdir "$below/main" "$below/worker"
  cat "$below/cgroup.procs" >"$below/main/cgroup.procs"
  echo +memory >"$below/cgroup.subtree_control"
  echo $((48 * MEGABYTE)) >"$below/worker/memory.max"
  sleep 60
  sh -c "echo \$\$ >$below/worker/cgroup.procs; exec memory_eater"
}
over_memory_high() {
  run_container over_memory_high 0 0 memory_course 0:20 60:20 90:300 600:300
  set_file over_memory_high memory.high $((48 * MEGABYTE))
}
crash_by_exit() {
  restart_again_and_again crash_by_exit 8 0 sh -c "sleep 20; exit 3"
}
crash_by_signal() { # somebody outside kills it, a liveness check perhaps
  restart_again_and_again crash_by_signal 8 0 sleep 600 &
  while :; do
    sleep 22
    runc kill "$(container_id crash_by_signal)" KILL
  done
}
crash_by_oom() {
  restart_again_and_again crash_by_oom 8 $((40 * MEGABYTE)) memory_course 0:10 14:10 20:90
}

# Healthy.
steady_at_85() {
  run_container steady_at_85 $((100 * MEGABYTE)) 0 memory_course noise=1 0:20 8:84 400:84
}
heap_of_a_collector() {
  run_container heap_of_a_collector $((100 * MEGABYTE)) 0 memory_course repeat=12 noise=1 0:35 40:80
}
start_that_flattens() {
  run_container start_that_flattens $((100 * MEGABYTE)) 0 memory_course 0:5 60:70 400:70
}
cache_loaded_at_once() {
  run_container cache_loaded_at_once $((100 * MEGABYTE)) 0 memory_course 0:30 90:30 92:75 400:75
}
job_that_ends() {
  restart_again_and_again job_that_ends 1 $((100 * MEGABYTE)) memory_course 0:10 60:60 90:60
}
deploys() { # a new version every half minute, each stopped properly
  restart_again_and_again deploys 10 0 sh -c "trap 'exit 0' TERM; sleep 100 & wait" &
  while :; do
    sleep 30
    runc kill "$(container_id deploys)" TERM
  done
}
timed_job() { # started every half minute, each ends with 0
  restart_again_and_again timed_job 10 0 cpu_duty 25 5 100
}
two_failures() { # that a third start mends
  restart_again_and_again two_failures 2 0 sh -c "sleep 20; exit 1"
  run_container two_failures 0 0 sh -c "sleep 600"
}
short_processes() {
  run_container short_processes 0 0 sh -c "while :; do churner 20 ok; usleep 200000; done"
}
failing_children() {
  run_container failing_children 0 0 sh -c "while :; do churner 5 failed; churner 5 signal; sleep 1; done"
}
crowd_of_processes() {
  run_container crowd_of_processes $((64 * MEGABYTE)) 0 sh -c "while :; do for i in \$(seq 80); do sleep 20 & done; wait; done"
}
signals() {
  run_container signals 0 0 sh -c \
    "sh -c 'trap : USR1; while :; do usleep 500000; done' & sleep 2; while kill -USR1 \$!; do usleep 500000; done"
}

check "the recorder ticks" start_recorder || exit
play 400 slow_leak leak_in_steps fast_leak heap_near_limit shared_memory_near_limit worker_killed group_killed \
  killed_below over_memory_high crash_by_exit crash_by_signal crash_by_oom \
  steady_at_85 heap_of_a_collector start_that_flattens cache_loaded_at_once job_that_ends deploys timed_job \
  two_failures short_processes failing_children crowd_of_processes signals
check "the recorder ends" stop_recorder
