#!/usr/bin/python3
"""The same rules over the same series, in Prometheus and in this engine.

    compare.py COMPARE_BENCH [--containers 1000] [--warm 310] [--seconds 20] [--packs FOLDER]

Starts Debian's Prometheus on loopback with `--query.lookback-delta=5s`, a scrape and an evaluation every second, over
an exposition of so many containers whose values move as in tests/bench/healthy_node.h. After `--warm` seconds every
window is full. Then one process is measured without rules, with each kind of rule, and with all 50; what it uses
without rules is taken off. CPU is that of the process, garbage collection included, divided by the evaluations that it
completed, so one that falls behind is not charged for what it missed. COMPARE_BENCH evaluates the same rules here, on
this machine, right after. `--packs` adds the memory of the engine with the rules of containers of a folder (see
tests/rules/public_packs.py). Nothing is installed and nothing is left behind.
"""

import argparse
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import yaml

TREE = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TREE / "tests/rules"))

GAUGES = ["container_memory_usage_bytes", "container_memory_working_set_bytes", "container_memory_max_usage_bytes",
          "container_memory_swap", "container_memory_cache", "container_memory_rss", "container_memory_mapped_file",
          "container_processes", "container_spec_cpu_period", "container_spec_memory_limit_bytes"]
COUNTERS = ["container_cpu_usage_seconds_total", "container_cpu_user_seconds_total",
            "container_cpu_system_seconds_total", "container_cpu_cfs_periods_total",
            "container_cpu_cfs_throttled_periods_total", "container_fs_reads_bytes_total",
            "container_fs_writes_bytes_total", "container_network_receive_bytes_total",
            "container_network_transmit_bytes_total", "container_processes_forked_total"]
OWN_LABELS = {"container_cpu_usage_seconds_total": ',cpu="total"',
              "container_network_receive_bytes_total": ',interface="all"',
              "container_network_transmit_bytes_total": ',interface="all"'}
KINDS = {
    "thresholds": [f'{gauge}{{name!=""}} {limit}' for gauge in GAUGES for limit in ("> 2e12", "< 0")],
    "rates and ratios":
        [f'rate({counter}{{name!=""}}[1m]) > 1e9' for counter in COUNTERS]
        + [f'{gauge} / container_spec_memory_limit_bytes > 0.9' for gauge in GAUGES[:5]]
        + [f'rate({counter}[1m]) / rate(container_cpu_cfs_periods_total[1m]) > 1e9'
           for counter in COUNTERS[1:3] + COUNTERS[4:7]],
    "aggregations": ["sum by (name) (container_memory_usage_bytes) > 2e12",
                     "max without (id) (container_memory_rss) > 2e12",
                     "sum(rate(container_cpu_usage_seconds_total[1m])) > 1e9",
                     "topk(5, container_memory_working_set_bytes) > 2e12",
                     "quantile(0.95, container_processes) > 2e12"],
    "long windows": ["avg_over_time(container_memory_usage_bytes[5m]) > 2e12",
                     "max_over_time(container_memory_working_set_bytes[5m]) > 2e12",
                     "predict_linear(container_memory_rss[5m], 600) > 2e12",
                     "deriv(container_memory_cache[5m]) > 1e9",
                     "rate(container_network_receive_bytes_total[5m]) > 1e9"],
}
SETTLE = 4  # seconds after a reload


def free_port():
    """A port of loopback that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rule_file(kinds):
    """The text of a rule file; JSON is YAML."""
    return json.dumps({"groups": [
        {"name": kind, "interval": "1s",
         "rules": [{"alert": f"A{number}", "expr": expression} for number, expression in enumerate(KINDS[kind])]}
        for kind in kinds]})


class Exposition(http.server.ThreadingHTTPServer):
    """What Prometheus scrapes; every scrape is one tick of the node."""

    def __init__(self, size):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ticks = 0
        self.series = [(metric, row, f'{metric}{{id="/docker/c{row}",name="c{row}"{OWN_LABELS.get(metric, "")}}} ')
                       for metric in GAUGES + COUNTERS for row in range(size)]

    def body(self):
        self.ticks += 1
        lines, kind = [], ""
        for metric, row, head in self.series:
            if metric != kind:
                kind = metric
                lines.append(f"# TYPE {metric} {'counter' if metric in COUNTERS else 'gauge'}\n")
            if metric in COUNTERS:
                value = row + (0 if "throttled" in metric else self.ticks / 1000)
            else:
                value = 1e12 if "limit" in metric else 1e6 + (row + self.ticks) % 7
            lines.append(f"{head}{value!r}\n")
        return "".join(lines).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """One scrape."""

    def do_GET(self):  # pylint: disable=invalid-name
        body = self.server.body()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Prometheus:
    """A server on loopback whose rules can change while it runs."""

    def __init__(self, work, target):
        self.rules = work / "rules.json"
        self.port = free_port()
        self.rules.write_text(rule_file([]))
        (work / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self.rules)],
            "scrape_configs": [{"job_name": "node", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}]}))
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [server(), f"--config.file={work}/prometheus.yml", f"--storage.tsdb.path={work}/data",
             "--query.lookback-delta=5s", f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-lifecycle",
             "--log.level=error"])
        deadline = time.monotonic() + 60
        while not self.ready():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("Prometheus does not start")
            time.sleep(0.2)

    def ready(self):
        try:
            return self.get("/-/ready") is not None
        except OSError:
            return False

    def get(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def set_rules(self, kinds):
        self.rules.write_text(rule_file(kinds))
        self.get("/-/reload", "POST")
        time.sleep(SETTLE)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1]) * 1024

    def evaluations(self):
        """(rules evaluated, rule evaluations that failed) since the start, for the groups of now."""
        text = self.get("/metrics")

        def total(name):
            return sum(float(value) for value in re.findall(rf"^{name}\{{.*\}} (\S+)$", text, re.M))
        return (total("prometheus_rule_evaluations_total"), total("prometheus_rule_evaluation_failures_total"))

    def measure(self, seconds):
        """(CPU seconds a second, rules evaluated a second, failures)"""
        started, cpu, before = time.monotonic(), self.cpu_seconds(), self.evaluations()
        time.sleep(seconds)
        after, used, passed = self.evaluations(), self.cpu_seconds() - cpu, time.monotonic() - started
        return used / passed, (after[0] - before[0]) / passed, after[1] - before[1]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def server():
    """Debian's Prometheus, unpacked beside its promtool."""
    subprocess.run([TREE / "tests/support/promtool.sh", "--version"], check=True, capture_output=True)
    cache = os.environ.get("CGSENTRY_CACHE", "/var/cache/cgsentry-tests")
    path = pathlib.Path(cache, "prometheus/usr/bin/prometheus")
    return str(path) if path.exists() else "prometheus"


def measure_prometheus(options):
    """{kind: (µs per rule and container, share of the evaluations that were done)}, bytes resident"""
    exposition = Exposition(options.containers)
    threading.Thread(target=exposition.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        prometheus = Prometheus(pathlib.Path(work), exposition.server_port)
        try:
            time.sleep(options.warm)
            ticks, started = exposition.ticks, time.monotonic()
            before, _, _ = prometheus.measure(options.seconds)
            print(f"Prometheus without rules: {before:.3f} of a core, "
                  f"{(exposition.ticks - ticks) / (time.monotonic() - started):.2f} scrapes a second", flush=True)
            raw = {}
            for kind in [*KINDS, "all 50"]:
                prometheus.set_rules(KINDS if kind == "all 50" else [kind])
                raw[kind] = prometheus.measure(options.seconds)
            resident = prometheus.resident_bytes()
            prometheus.set_rules([])
            after, _, _ = prometheus.measure(options.seconds)
            print(f"and afterwards: {after:.3f} of a core", flush=True)
        finally:
            prometheus.stop()
            exposition.shutdown()
    result = {}
    for kind, (used, rate, failures) in raw.items():
        if failures or not rate:
            raise RuntimeError(f"{kind}: {rate} evaluations a second, {failures} failures")
        rules = sum(map(len, KINDS.values())) if kind == "all 50" else len(KINDS[kind])
        result[kind] = ((used - (before + after) / 2) / rate / options.containers * 1e6, rate / rules)
    return result, resident


def ours(bench, containers, texts, ticks=100, paced=False):
    """What compare_bench measures of rule files with these texts."""
    with tempfile.TemporaryDirectory() as work:
        paths = []
        for number, text in enumerate(texts):
            paths.append(pathlib.Path(work, f"{number}.yaml"))
            paths[-1].write_text(text)
        done = subprocess.run([bench, *(["--paced"] if paced else []), str(containers), str(ticks), *map(str, paths)], capture_output=True, text=True,
                              check=True)
    return json.loads(done.stdout)


def packs_text(folder):
    """The rules of a folder that read metrics of containers, in one file."""
    from public_packs import catalogue, rules_of  # pylint: disable=import-outside-toplevel
    known = re.compile("|".join(rf"\b{name}\b" for name, _ in catalogue()))
    rules = [rule for path in sorted(pathlib.Path(folder).glob("*.y*ml")) for _, rule in rules_of(path)
             if known.search(rule["expr"])]
    return yaml.safe_dump({"groups": [{"name": "packs", "rules": rules}]})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--containers", type=int, default=1000)
    parser.add_argument("--warm", type=float, default=310)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--packs")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    theirs, resident = measure_prometheus(options)
    print(f"{options.containers} containers, windows filled for {options.warm:.0f} s; "
          f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs\n")
    print("| kind | rules | Prometheus, µs | its evaluations done | here, ns | with windows, ns | ratio | with windows |\n"
          "|---|---|---|---|---|---|---|---|")
    for kind, (cost, done) in theirs.items():
        figures = ours(options.bench, options.containers, [rule_file(KINDS if kind == "all 50" else [kind])])
        if figures["breaches"] or figures["failures"]:
            raise RuntimeError(f"{kind}: {figures}")
        cells = figures["rules"] * options.containers
        plain = figures["evaluate_ns"] / cells
        whole = plain + figures["append_ns"] / cells
        print(f"| {kind} | {figures['rules']} | {cost:.2f} | {min(done, 1):.0%} | {plain:.1f} | {whole:.1f} "
              f"| {cost * 1e3 / plain:.0f} | {cost * 1e3 / whole:.0f} |", flush=True)
    print(f"\nhere, all 50: {(figures['evaluate_ns'] + figures['append_ns']) / 1e6:.2f} ms of CPU a tick, worst "
          f"{figures['worst_tick_ns'] / 1e6:.2f} ms; {figures['resident_bytes'] / 2**20:.1f} MiB resident, "
          f"Prometheus {resident / 2**20:.1f} MiB")
    paced = ours(options.bench, options.containers, [rule_file(KINDS)], 30, True)
    cells = paced["rules"] * options.containers
    print(f"here, all 50, with a second before each tick: rules {paced['evaluate_ns'] / cells:.1f} ns, with windows "
          f"{(paced['evaluate_ns'] + paced['append_ns']) / cells:.1f} ns per rule and container")
    if options.packs:
        figures = ours(options.bench, options.containers, [packs_text(options.packs)])
        print(f"public packs: {figures['rules']} rules of containers, {figures['resident_bytes'] / 2**20:.1f} MiB resident,"
              f" of which the engine {figures['engine_bytes'] / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
