#!/bin/sh
# kernels: none
# memory: 3072
# limit: 700
# scratch: 512
# Records the situations of disks, page cache and network (docs/rules.md, "Recorded situations").
. ./guest/checks.sh
. ./guest/containers.sh
. ./guest/recording.sh

make_files() { # what is read and written over later; in the root cgroup, so nobody is charged
  disk_load make $CONTAINER_ROOT/disk/slow/database 16 0
  disk_load make $CONTAINER_ROOT/disk/slow/table 64 0
  disk_load make $CONTAINER_ROOT/disk/slow/checkpoint 16 0
  disk_load make $CONTAINER_ROOT/disk/fast/index 64 0
  disk_load make $CONTAINER_ROOT/disk/fast/archive 160 0
}

# Sick.
fsync_storm() {
  run_container fsync_storm 0 0 sh -c "sleep 30; disk_load sync /disk/slow/database 16 400"
}
random_reads() {
  run_container random_reads 0 0 sh -c "sleep 30; disk_load random /disk/slow/table 64 400"
}
cache_too_small() {
  run_container cache_too_small $((40 * MEGABYTE)) 0 sh -c "sleep 30; disk_load revisit /disk/fast/index 64 400"
}
receives_a_flood() {
  run_container receives_a_flood 0 0 flow receive 7001
  flow send 7001 0:1 150:1 150:20 240:20 240:1 500:1 >/result/receives_a_flood.peer
}
sends_a_dump() {
  flow receive 7002 &
  run_container sends_a_dump 0 0 flow send 7002 0:1 200:1 200:20 290:20 290:1 500:1
}

# Healthy.
log_writer() { # its page cache fills the limit
  run_container log_writer $((40 * MEGABYTE)) 0 disk_load append /disk/fast/log 80 500 2
}
backup() {
  run_container backup $((40 * MEGABYTE)) 0 disk_load scan /disk/fast/archive 160 500 2
}
cache_under_memory_high() {
  run_container cache_under_memory_high 0 0 sh -c "sleep 2; disk_load append /disk/fast/spool 60 500 1"
  set_file cache_under_memory_high memory.high $((24 * MEGABYTE))
}
checkpoints() {
  run_container checkpoints 0 0 sh -c "while :; do sleep 70; disk_load sync /disk/slow/checkpoint 16 30; done"
}
steady_stream() {
  run_container steady_stream 0 0 flow receive 7003
  flow send 7003 0:12 500:12 >/result/steady_stream.peer
}
growing_stream() {
  flow receive 7004 &
  run_container growing_stream 0 0 flow send 7004 0:1 60:2 120:4 180:8 240:14 300:20 500:20
}
usual_bursts() {
  flow receive 7005 &
  run_container usual_bursts 0 0 flow send 7005 0:0 20:0 20:24 32:24 32:0 60:0 60:24 72:24 72:0 100:0 100:24 112:24 \
    112:0 140:0 140:24 152:24 152:0 180:0 180:24 192:24 192:0 220:0 220:24 232:24 232:0 260:0 260:24 272:24 272:0 \
    300:0 300:24 312:24 312:0 340:0 340:24 352:24 352:0 500:0
}

check "the recorder ticks" start_recorder || exit
check "the disks are there" mount_scratch || exit
check "the files are made" make_files || exit
play 360 fsync_storm random_reads cache_too_small receives_a_flood sends_a_dump \
  log_writer backup cache_under_memory_high checkpoints steady_stream growing_stream usual_bursts
check "the recorder ends" stop_recorder
