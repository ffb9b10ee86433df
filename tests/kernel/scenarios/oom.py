"""Judges the oom scenario: every kill has its line, and the lines come in time."""

import statistics

import records

MEDIAN_LIMIT_MS = 100


def judge(result, check):
    victims = [line.split()[1] for line in (result / "victims").read_text().splitlines()]
    kills = records.oom_kills(result / "kernel_log")
    firing = {}
    for ns, alert in records.alerts(result / "alerts"):
        if alert["labels"]["alertname"] == "ContainerOomKilled" and alert["status"] == "firing":
            firing.setdefault(alert["labels"]["id"], []).append(ns)

    check("the kernel killed in all 20 containers", len(kills) == 20, f"{len(kills)} kills in its log")
    for victim in victims:
        times = firing.get(f"/docker/{victim}", [])
        if len(times) != 1:
            check(f"one line for {victim[:12]}", False, f"{len(times)} lines")
    check("each gave one line on stdout", all(len(firing.get(f"/docker/{v}", [])) == 1 for v in victims))

    latencies = [(firing[cgroup][0] - ns) / 1e6 for cgroup, ns in kills.items() if cgroup in firing]
    median = statistics.median(latencies) if latencies else float("inf")
    check(
        f"the median from kill to line is at most {MEDIAN_LIMIT_MS} ms",
        median <= MEDIAN_LIMIT_MS,
        f"median {median:.1f} ms, worst {max(latencies, default=0):.1f} ms of {len(latencies)}",
    )
