#!/bin/sh
# kernels: none
# limit: 700
# Records the situations of CPUs (docs/rules.md, "Recorded situations"). The machine has two: the first is
# fought for, the second has room.
. ./guest/checks.sh
. ./guest/containers.sh
. ./guest/recording.sh

FOUGHT_FOR="taskset 1"
WITH_ROOM="taskset 2"

on_cpu() { # "taskset MASK" NAME QUOTA_US|0 WORD…
  on_cpu=$1 on_cpu_name=$2 on_cpu_quota=$3
  shift 3
  # shellcheck disable=SC2086  # words
  run_container "$on_cpu_name" 0 "$on_cpu_quota" $on_cpu "$@"
}

# Sick.
busy_neighbours() { # no situation, but part of the next two
  for number in 1 2 3; do
    on_cpu "$FOUGHT_FOR" neighbour_$number 0 sh -c "sleep 30; $SAY_BEGIN; spinner 400"
  done
  : >/result/busy_neighbours.output
}
noisy_neighbours() {
  on_cpu "$FOUGHT_FOR" noisy_neighbours 0 spinner 400
}
small_weight() {
  on_cpu "$FOUGHT_FOR" small_weight 0 sh -c "sleep 1; $SAY_BEGIN; spinner 400"
  set_file small_weight cpu.weight 10
}
near_its_quota() {
  on_cpu "$WITH_ROOM" near_its_quota 10000 sh -c "sleep 30; cpu_duty 400 2.4 25"
}
one_thread_at_quota() {
  on_cpu "$WITH_ROOM" one_thread_at_quota 8000 sh -c "sleep 30; $SAY_BEGIN; spinner 400"
}
threads_at_quota() {
  on_cpu "$WITH_ROOM" threads_at_quota 10000 sh -c "sleep 30; $SAY_BEGIN; spinner 400 6"
}
bursts_over_quota() {
  on_cpu "$WITH_ROOM" bursts_over_quota 12000 sh -c "sleep 30; cpu_duty 400 6 250 4"
}

# Healthy.
below_its_quota() {
  on_cpu "$WITH_ROOM" below_its_quota 10000 cpu_duty 400 1.75 25
}
minute_job_at_quota() { # 10 s a minute
  on_cpu "$WITH_ROOM" minute_job_at_quota 8000 sh -c "while :; do sleep 50; spinner 10; done"
}
hourly_job_at_quota() { # 40 s, once
  on_cpu "$WITH_ROOM" hourly_job_at_quota 8000 sh -c "sleep 60; spinner 40; sleep 600"
}
minute_job() {
  on_cpu "$WITH_ROOM" minute_job 0 sh -c "while :; do sleep 50; spinner 10; done"
}
full_cpu_alone() {
  on_cpu "$FOUGHT_FOR" full_cpu_alone 0 spinner 400
}
fair_share() {
  on_cpu "$WITH_ROOM" fair_share 0 spinner 400
  on_cpu "$WITH_ROOM" fair_share_other 0 spinner 400
}

check "the recorder ticks" start_recorder || exit
play 230 busy_neighbours noisy_neighbours small_weight near_its_quota one_thread_at_quota threads_at_quota \
  bursts_over_quota below_its_quota minute_job_at_quota hourly_job_at_quota minute_job
end_containers
play 200 full_cpu_alone fair_share
check "the recorder ends" stop_recorder
