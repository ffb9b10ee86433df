"""The situations that the shipped containers' rules are judged by: what runs, what must be told, how soon.

Each is played by the shell function of its name in the scenario record_RECORDING.sh of the kernel tests, and recorded
there. The stated times are what docs/rules.md promises: the rule's `for`, the part of its range that the trouble must
fill, and a few seconds of grace. They were written before the recording was judged. Used by replay_files.py and
situations_test.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """A rule that must fire within `seconds` of when the trouble begins, and not before it."""

    rule: str
    seconds: int
    # "begin" or "begin+60": since the container's load says it began, so many seconds later.
    # "begin of NAME": since another container's load did. "kill": the kernel's first OOM kill.
    # "start 4": since that start of the container.
    since: str = "begin"


@dataclass(frozen=True)
class Situation:
    name: str
    recording: str
    runs: str
    fires: tuple[Expected, ...] = ()  # none: a healthy container that is busy
    why: str = ""


NEAR_QUOTA = ("ContainerCpuNearQuota", 160)
THROTTLED = ("ContainerCpuThrottled", 90)
CPU_PRESSURE = ("ContainerCpuPressure", 160)
NEAR_LIMIT = ("ContainerMemoryNearLimit", 90)
WILL_HIT = ("ContainerMemoryWillHitLimit", 300)
OOM_KILLED = ("ContainerOomKilled", 2)
IO_PRESSURE = ("ContainerIoPressure", 160)
CRASH_LOOPING = ("ContainerCrashLooping", 2)
RECEIVE_SPIKE = ("ContainerNetworkReceiveSpike", 40)
TRANSMIT_SPIKE = ("ContainerNetworkTransmitSpike", 40)

SICK = (
    Situation("one_thread_at_quota", "cpu", "one thread that wants a whole CPU, quota 0.08",
              (Expected(*THROTTLED), Expected(*NEAR_QUOTA)), "what is throttled all the time uses all of its quota"),
    Situation("threads_at_quota", "cpu", "six processes that want a CPU each, quota 0.1",
              (Expected(*THROTTLED), Expected(*NEAR_QUOTA)), "as above"),
    Situation("bursts_over_quota", "cpu", "four processes at once every 250 ms, 80 % of a quota of 0.12",
              (Expected(*THROTTLED),)),
    Situation("noisy_neighbours", "cpu", "one thread, until three others want the same CPU",
              (Expected(*CPU_PRESSURE, since="begin of neighbour_3"),)),
    Situation("small_weight", "cpu", "one thread with cpu.weight 10 beside one with 100, then four",
              (Expected(*CPU_PRESSURE),)),
    Situation("heap_near_limit", "memory", "a heap of 94 % of the limit, steady",
              (Expected(*NEAR_LIMIT, since="begin+65"),)),
    Situation("shared_memory_near_limit", "memory", "shared memory of 93 % of the limit",
              (Expected(*NEAR_LIMIT, since="begin+80"),)),
    Situation("slow_leak", "memory", "leaks 0.2 MB/s, from half of a limit of 200 MB",
              (Expected(*WILL_HIT, since="begin+60"),)),
    Situation("leak_in_steps", "memory", "leaks 3 MB every 15 s, with 2 MB of noise",
              (Expected(*WILL_HIT, since="begin+60"),)),
    Situation("fast_leak", "memory", "leaks 1.2 MB/s until it is killed: no trend of minutes",
              (Expected(*OOM_KILLED, since="kill"),)),
    Situation("worker_killed", "memory", "a parent starts workers that are OOM killed every 50 s",
              (Expected(*OOM_KILLED, since="kill"),)),
    Situation("group_killed", "memory", "memory.oom.group: all processes are killed at once",
              (Expected(*OOM_KILLED, since="kill"),)),
    Situation("killed_below", "memory", "the limit of a cgroup within the container is hit",
              (Expected(*OOM_KILLED, since="kill"),)),
    Situation("fsync_storm", "disk_and_network", "synchronous 4 KB writes on a disk of 25 a second",
              (Expected(*IO_PRESSURE),)),
    Situation("random_reads", "disk_and_network", "random 4 KB reads of the same disk", (Expected(*IO_PRESSURE),)),
    Situation("crash_by_exit", "memory", "exits with 3 after 20 s, again and again",
              (Expected(*CRASH_LOOPING, since="start 4"),)),
    Situation("crash_by_signal", "memory", "is killed from outside after 20 s, again and again",
              (Expected(*CRASH_LOOPING, since="start 4"),)),
    Situation("crash_by_oom", "memory", "outgrows its limit 20 s after each start",
              (Expected(*OOM_KILLED, since="kill"), Expected(*CRASH_LOOPING, since="start 4")),
              "one says what kills it, the other that this goes on"),
    Situation("receives_a_flood", "disk_and_network", "receives 20 MB/s instead of 1",
              (Expected(*RECEIVE_SPIKE, since="begin+150"),)),
    Situation("sends_a_dump", "disk_and_network", "sends 20 MB/s instead of 1",
              (Expected(*TRANSMIT_SPIKE, since="begin+200"),)),
)

HEALTHY = (
    Situation("full_cpu_alone", "cpu", "one thread uses a CPU that nobody else wants"),
    Situation("fair_share", "cpu", "two containers want the same CPU, each gets half"),
    Situation("below_its_quota", "cpu", "70 % of its quota, evenly"),
    Situation("minute_job_at_quota", "cpu", "at its quota for 10 s of every minute"),
    Situation("minute_job", "cpu", "wants a whole CPU for 10 s of every minute, no quota"),
    Situation("steady_at_85", "memory", "85 % of the limit, steady"),
    Situation("heap_of_a_collector", "memory", "a heap between 35 and 80 % of the limit, 40 s a cycle"),
    Situation("start_that_flattens", "memory", "grows to 70 % of the limit within a minute of its start"),
    Situation("cache_loaded_at_once", "memory", "loads 45 % of the limit within two seconds"),
    Situation("job_that_ends", "memory", "uses 60 % of the limit and ends with 0"),
    Situation("timed_job", "memory", "started every half minute, ends with 0"),
    Situation("two_failures", "memory", "fails twice, then runs"),
    Situation("short_processes", "memory", "fifty short-lived processes a second"),
    Situation("failing_children", "memory", "eight children a second that fail or are killed"),
    Situation("crowd_of_processes", "memory", "eighty processes that come and go"),
    Situation("checkpoints", "disk_and_network", "synchronous writes on the slow disk for 30 of 100 s"),
    Situation("steady_stream", "disk_and_network", "receives 12 MB/s all the time"),
    Situation("growing_stream", "disk_and_network", "sends up to twice as much every minute, from 1 to 20 MB/s"),
    Situation("usual_bursts", "disk_and_network", "sends 24 MB/s for 12 of every 40 s"),
)

# Played as well, and not to be judged by yet: {name: what came of it}. No file is kept of them. They are findings, not
# tests that may be left out for being red; docs/rules.md shows them.
OPEN = {
    "near_its_quota": "sick. `ContainerCpuThrottled` fires as well, after 113 s; not looked into",
    "over_memory_high": "sick. Silent: the load wanted too little, so the pressure lasted 42 s. The load is corrected",
    "cache_too_small": "sick. `ContainerMemoryNearLimit` instead of `ContainerMemoryPressure`: waiting for memory took "
                       "less than a tenth of the time",
    "hourly_job_at_quota": "healthy. `ContainerCpuThrottled` fires: the range of 30 s prolongs 40 s of work beyond its "
                           "`for` of 1m",
    "deploys": "healthy. `ContainerCrashLooping` fired, for a defect of the agent that is mended since",
    "log_writer": "healthy. `ContainerMemoryNearLimit` fires: the working set has all of the page cache in it. Its disk "
                  "was full as well; that is corrected",
    "backup": "healthy. `ContainerMemoryNearLimit` fires, as for `log_writer`",
    "cache_under_memory_high": "healthy. Silent, but its disk was full; that is corrected",
    "signals": "healthy. Silent, but its load ended at once; that is corrected",
}

ALL = SICK + HEALTHY
