"""Judges the numbers scenario: the agent's metrics equal the cgroups' own files and the loads' counts."""

import json

import records

RELATIVE = 0.01
PAGE = 4096
# A run-queue clock and the task clock differ by the cost of the switch itself.
RUN_SECONDS_RELATIVE = 0.02
UDP_HEADERS = 28
TCP_HEADERS = 60
# The kernel splits the run time into user and system by samples of its timer (250 Hz), and lets neither go back when
# the share of the samples changes. So what a reader gets depends on when it was read before: two readers differ by what
# the shares have wandered, which grows with the root of the number of samples. That is the resolution of the split.
TIMER_TICK_SECONDS = 4e-3
SPLIT_METRICS = ("container_cpu_user_seconds_total", "container_cpu_system_seconds_total")
SPLIT_NEEDS_SECONDS = 1


def split_resolution(used_seconds):
    """Seconds by which two readers of the same split may differ: four standard deviations of samples at even shares."""
    return TIMER_TICK_SECONDS * max(3, 4 * (used_seconds / TIMER_TICK_SECONDS * 0.25) ** 0.5)


def read_snapshot(path):
    """{(cgroup number, file): {key: number}}; a file with one number has the key ""."""
    found = {}
    for line in path.read_text().splitlines():
        number, file, *words = line.split()
        values = found.setdefault((int(number), file), {})
        if file.endswith(".pressure"):
            values[words[0]] = int(words[-1].partition("=")[2])
        elif len(words) == 1:
            values[""] = float("inf") if words[0] == "max" else int(words[0])
        elif file != "cpu.max":
            values[words[0]] = int(words[1])
    return found



# Metric (with the labels that tell its series apart) -> (file, key, factor to the metric's unit, resolution).
ORACLE = {
    "container_cpu_usage_seconds_total": ("cpu.stat", "usage_usec", 1e-6, 1e-6),
    "container_cpu_user_seconds_total": ("cpu.stat", "user_usec", 1e-6, 0),
    "container_cpu_system_seconds_total": ("cpu.stat", "system_usec", 1e-6, 0),
    "container_cpu_cfs_periods_total": ("cpu.stat", "nr_periods", 1, 1),
    "container_cpu_cfs_throttled_periods_total": ("cpu.stat", "nr_throttled", 1, 1),
    "container_cpu_cfs_throttled_seconds_total": ("cpu.stat", "throttled_usec", 1e-6, 1e-6),
    "container_memory_usage_bytes": ("memory.current", "", 1, PAGE),
    "container_memory_max_usage_bytes": ("memory.peak", "", 1, PAGE),
    "container_memory_rss": ("memory.stat", "anon", 1, PAGE),
    "container_memory_cache": ("memory.stat", "file", 1, PAGE),
    "container_processes": ("pids.current", "", 1, 1),
    "container_oom_events_total": ("memory.events", "oom_kill", 1, 1),
}
for _resource in ("cpu", "memory", "io"):
    for _word, _key in (("waiting", "some"), ("stalled", "full")):
        ORACLE[f"container_pressure_{_resource}_{_word}_seconds_total"] = (f"{_resource}.pressure", _key, 1e-6, 1e-6)


def within(value, low, high, relative, resolution):
    """True when value lies between two readings of the oracle, give or take."""
    slack = max(relative * max(abs(low), abs(high)), resolution)
    return min(low, high) - slack <= value <= max(low, high) + slack


def key_of(metric, labels):
    """(metric, id, the labels that do not say whose it is)"""
    identity = ("id", "name", "image", "runtime", "pod", "namespace", "container", "node", "alertname")
    rest = {name: value for name, value in labels.items() if name not in identity}
    return metric, labels.get("id", ""), tuple(sorted(rest.items()))


def metrics_of_alerts(result):
    """{key_of: value}"""
    found = {}
    for _, alert in records.alerts(result / "alerts"):
        if alert["status"] == "firing":
            labels = alert["labels"]
            found.setdefault(key_of(labels["alertname"], labels), float(alert["value"]))
    return found


def compare_with_files(metrics, cgroups, before, after, check, whose, one_shot=False):
    """One check per metric over all cgroups."""
    for metric, (file, key, factor, resolution) in ORACLE.items():
        compared, wrong = 0, []
        late = one_shot and metric in SPLIT_METRICS
        for number, cgroup in cgroups.items():
            if key not in before.get((number, file), {}):
                continue
            if late and before[number, file]["usage_usec"] * 1e-6 < SPLIT_NEEDS_SECONDS:
                continue
            low, high = before[number, file][key] * factor, after[number, file][key] * factor
            if metric in SPLIT_METRICS:
                resolution = split_resolution(after[number, file]["usage_usec"] * 1e-6)
            values = [value for (name, at, _), value in metrics.items() if (name, at) == (metric, cgroup)]
            # cAdvisor leaves the throttling metrics out where no quota is set.
            if not values and "_cfs_" in metric and low == 0:
                continue
            compared += 1
            if len(values) != 1 or not within(values[0], low, high, RELATIVE, resolution):
                wrong.append(f"load-{number}: {values} is not in {low}..{high}")
        enough = compared >= (5 if late else 10 if "_cfs_" in metric else 50)
        check(f"{whose} {metric} equals {file}", enough and not wrong, f"{compared} cgroups" + "".join("; " + w for w in wrong[:4]))


def compare_cpu_sum(metrics, cgroups, check, whose):
    """However the run time is split: no part of it is lost."""
    wrong = []
    for number, cgroup in cgroups.items():
        used, *parts = (one(metrics, name, cgroup) for name in ("container_cpu_usage_seconds_total", *SPLIT_METRICS))
        if not within(sum(parts), used, used, 1e-6, 1e-6):
            wrong.append(f"load-{number}: {parts} are not {used}")
    check(f"{whose} user and system seconds add up to what was used", not wrong, "; ".join(wrong[:4]))


def one(metrics, metric, cgroup, **labels):
    """The value of one series, or -1: then no comparison holds."""
    wanted = set(labels.items())
    values = [v for (name, at, rest), v in metrics.items() if (name, at) == (metric, cgroup) and wanted <= set(rest)]
    return values[0] if len(values) == 1 else -1


def compare_network(metrics, cgroups, result, check):
    """UDP to the byte; TCP by what its socket says and by what one side sent and the other received."""
    for receiver in range(4, 50, 10):
        sender = receiver + 5
        udp = receiver // 10 % 2 == 0
        counts = {}
        for number in (receiver, sender):
            counts[number] = json.loads((result / f"load-{number}.output").read_text().splitlines()[-1])
        name = f"network bytes of pair {receiver}/{sender} ({'udp' if udp else 'tcp'})"
        sent = one(metrics, "container_network_transmit_bytes_total", cgroups[sender])
        got = one(metrics, "container_network_receive_bytes_total", cgroups[receiver])
        back = one(metrics, "container_network_transmit_bytes_total", cgroups[receiver])
        backed = one(metrics, "container_network_receive_bytes_total", cgroups[sender])
        payload = counts[sender]["bytes"]
        check(f"{name}: the programs agree", payload == counts[receiver]["bytes"] and payload > 0, f"{counts}")
        if udp:
            wire = payload + UDP_HEADERS * counts[sender]["packets"]
            answers = UDP_HEADERS * counts[receiver]["answers"]
            check(f"{name} equal what was sent", (sent, got) == (wire, wire), f"{sent} and {got}, sent {wire}")
            check(f"{name} equal what was answered", (back, backed) == (answers, answers), f"{back} and {backed}, answered {answers}")
        else:
            # A segment's headers have 40 to 60 bytes, but a burst counts as one segment until the wire; the
            # sender's last ACK comes after it has asked its socket.
            on_wire = counts[sender]["sent"]
            most = on_wire + TCP_HEADERS * (counts[sender]["segments"] + 1)
            check(f"{name} are those of its socket", on_wire < sent <= most and on_wire >= payload, f"{sent} in {on_wire}..{most}")
            check(f"{name} agree on both sides within 1 %", within(got, sent, sent, RELATIVE, 120), f"{got} received, {sent} sent")


def compare_processes(metrics, cgroups, result, check):
    """Every process of a churner was counted as started and under the way in which it ended."""
    wrong = []
    for number in range(2, 50, 5):
        cause = ("ok", "failed", "signal")[number % 3]
        started = int((result / f"load-{number}.output").read_text().split()[-1])
        forked = one(metrics, "container_processes_forked_total", cgroups[number])
        exited = one(metrics, "container_processes_exited_total", cgroups[number], cause=cause)
        # The churner itself ends with "ok"; the shell that became it was forked elsewhere.
        own = 1 if cause == "ok" else 0
        if forked != started or exited != started + own:
            wrong.append(f"load-{number}: {started} started, {forked} forked, {exited} {cause}")
    check("every process of the churners is counted", not wrong, "; ".join(wrong[:4]))


def compare_run_seconds(metrics, cgroups, before, check):
    """The sched program's own sum of on-CPU time, against the kernel's."""
    wrong = []
    for number, cgroup in cgroups.items():
        used = before[number, "cpu.stat"]["usage_usec"] * 1e-6
        ran = one(metrics, "container_cpu_run_seconds_total", cgroup)
        if used > 1 and not within(ran, used, used, RUN_SECONDS_RELATIVE, 1e-3):
            wrong.append(f"load-{number}: ran {ran}, used {used}")
    check("run seconds of the sched program are within 2 % of the kernel's", not wrong, "; ".join(wrong[:4]))


def metrics_of_sample(text):
    """`cgsentry sample --format json` -> {key_of: value}"""
    return {key_of(one["metric"], one["labels"]): float(one["value"]) for one in json.loads(text)["series"]}


def judge(result, check):
    cgroups = {int(n): path for n, path in (line.split() for line in (result / "cgroups").read_text().splitlines())}
    before, after = read_snapshot(result / "before"), read_snapshot(result / "after")
    metrics = metrics_of_alerts(result)
    compare_with_files(metrics, cgroups, before, after, check, "the running agent's")
    compare_cpu_sum(metrics, cgroups, check, "the running agent's")
    compare_network(metrics, cgroups, result, check)
    compare_processes(metrics, cgroups, result, check)
    compare_run_seconds(metrics, cgroups, before, check)
    last = read_snapshot(result / "last")
    sample = metrics_of_sample((result / "sample.json").read_text())
    compare_with_files(sample, cgroups, after, last, check, "sample's", True)
    compare_cpu_sum(sample, cgroups, check, "sample's")
