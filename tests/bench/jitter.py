#!/usr/bin/python3
"""Tick start jitter while nobody takes the alerts.

Usage: jitter.py CGSENTRY [TICKS]. Needs root. The agent's stdout is a pipe that nobody reads, its
webhook a server that accepts and never answers, and a rule fires and resolves for every cgroup in
every second. Prints how late the ticks began: median, p99 and maximum, in milliseconds. The target
is p99 < 50 ms.
"""
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading

CGROUPS = 50
RULES = """groups:
  - name: flapping
    rules:
      - alert: Flaps
        expr: container_last_seen % 2 < 1
"""


def cgroup_root():
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        return next(line.split()[4] for line in mounts if " - cgroup2 " in line)


def silent_server():
    """Accepts everything and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    kept = []

    def accept():
        while True:
            kept.append(server.accept())

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def measure(agent, ticks, folder):
    rules = os.path.join(folder, "rules.yaml")
    config = os.path.join(folder, "config.yaml")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(RULES)
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"log_level: debug\nrules: [{rules}]\njournal: {{path: {folder}/journal}}\n"
                   f"sinks: {{webhooks: [{{url: 'http://127.0.0.1:{silent_server()}/'}}]}}\n")
    blocked_read, blocked_write = os.pipe()
    done = subprocess.run([agent, "run", "--config", config, "--ticks", str(ticks)],
                          stdout=blocked_write, stderr=subprocess.PIPE, text=True, check=True)
    os.close(blocked_read)
    return [int(us) / 1000 for us in re.findall(r"tick \d+: (-?\d+) us late", done.stderr)]


def main():
    agent, ticks = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 120
    parent = os.path.join(cgroup_root(), f"cgsentry-jitter-{os.getpid()}")
    names = [os.path.join(parent, f"c{number}") for number in range(CGROUPS)]
    for name in [parent, *names]:
        os.mkdir(name)
    try:
        with tempfile.TemporaryDirectory() as folder:
            late = sorted(measure(agent, ticks, folder))
    finally:
        for name in [*names, parent]:
            os.rmdir(name)
    p99 = late[min(len(late) - 1, int(len(late) * 0.99))]
    print(f"ticks {len(late)}  median {statistics.median(late):.2f} ms  p99 {p99:.2f} ms  "
          f"max {late[-1]:.2f} ms  (target: p99 < 50 ms)")


if __name__ == "__main__":
    main()
