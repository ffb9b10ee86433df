"""Reads what the scenarios record. Used by the judges in scenarios/."""

import json


def stamped(path):
    """Lines "NS TEXT" -> [(ns, text)]."""
    lines = []
    for line in path.read_text(errors="replace").splitlines():
        stamp, _, text = line.partition(" ")
        if stamp.isdigit():
            lines.append((int(stamp), text))
    return lines


def alerts(path):
    """The agent's stdout -> [(ns, alert)]. A line that is not JSON raises: the agent may print no other."""
    return [(ns, json.loads(text)) for ns, text in stamped(path)]


def oom_kills(path):
    """The kernel's log -> {cgroup path of the killed task: ns of the kill}.

    The line that names the cgroup comes before the kill and the one that reports the kill right after it,
    so the second one's time is taken: it makes a latency too short by microseconds, never too long.
    """
    kills, cgroup = {}, None
    for ns, text in stamped(path):
        if text.startswith("oom-kill:"):
            cgroup = dict(part.partition("=")[::2] for part in text.split(",")).get("task_memcg")
        elif "Killed process" in text and cgroup is not None:
            kills.setdefault(cgroup, ns)
            cgroup = None
    return kills
