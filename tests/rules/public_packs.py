#!/usr/bin/python3
"""What public rule packs are worth on this agent: public_packs.py CGSENTRY FOLDER [LABEL=VALUE…].

In: a folder of rule files as others publish them (Prometheus' `groups:`, or a PrometheusRule object of Kubernetes,
whose `spec` has them) and labels that the agent's series have besides their own (`series_labels` of the
configuration). Out: one line per rule of containers and per rule that does not load, and a count of the others by
file. Exit 0 when every rule loads and evaluates.

A rule is given to `cgsentry check` alone, as it is written; what that says of metrics nobody measures is the third
column, and metrics that another rule of the folder records count as measured. Then `cgsentry test` evaluates it over
series of every metric in docs/metrics.md, for a container, a pod's container and a service. A selector that finds
none of them is in the fourth column. Not in CTest, because nothing of the packs is in this tree.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

TREE = pathlib.Path(__file__).resolve().parents[2]
ROWS = [
    {"id": "/docker/" + "a" * 64, "name": "a" * 12, "runtime": "docker", "container_id": "a" * 64},
    {"id": "/kubepods/pod1/" + "b" * 64, "name": "b" * 12, "runtime": "containerd", "container_id": "b" * 64,
     "pod_uid": "1"},
    {"id": "/system.slice/ssh.service", "name": "ssh.service", "runtime": "systemd"},
]
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?")


def catalogue():
    """[(metric, its constant labels)] of containers, as docs/metrics.md has them."""
    rows = re.findall(r"^\| `(container_\w+)(?:\{(.*)\})?` \|", (TREE / "docs/metrics.md").read_text(), re.M)
    return [(name, dict(re.findall(r'(\w+)="([^"]*)"', labels))) for name, labels in rows]


def rules_of(path):
    """The rules of a file, each with its group's name."""
    document = yaml.safe_load(path.read_text())
    for group in document.get("spec", document).get("groups", []):
        yield from ((group["name"], rule) for rule in group["rules"])


def series(labels):
    """The agent's series for unit tests: counters that grow, gauges that stand."""
    for name, own in catalogue():
        values = "0+1x40" if name.endswith(("_total", "_bucket")) else "100x40"
        for row in ROWS:
            pairs = ", ".join(f'{key}="{value}"' for key, value in {**labels, **row, **own}.items())
            yield {"series": f"{name}{{{pairs}}}", "values": values}


class Pack:
    """Every rule of the folder as a file of its own, and what the agent says of each."""

    def __init__(self, agent, folder, labels, work):
        self.agent = agent
        self.work = work
        self.labels = labels
        self.metrics = {name for name, _ in catalogue()}
        self.rules = [(path.stem, group, rule) for path in sorted(folder.glob("*.y*ml"))
                      for group, rule in rules_of(path)]
        self.files = []
        for number, (_, group, rule) in enumerate(self.rules):
            self.files.append(work / f"{number}.yaml")
            self.files[-1].write_text(yaml.safe_dump({"groups": [{"name": group, "rules": [rule]}]}))

    def check(self):
        """({number: mistakes}, {number: metrics that nobody measures})"""
        done = subprocess.run([self.agent, "check", *map(str, self.files)], capture_output=True, text=True, check=False)
        mistakes, missing = {}, {}
        for line in done.stdout.splitlines():
            place = re.match(r".*/(\d+)\.yaml:\d+:\d+: (.*)", line)
            if not place:
                continue
            number, text = int(place[1]), place[2]
            if not text.startswith("warning: "):
                mistakes.setdefault(number, []).append(text)
            elif lacks := re.search(r"nothing measures `([^`]+)`", text):
                missing.setdefault(number, set()).add(lacks[1])
        return mistakes, missing

    def evaluate(self, number):
        """(what failed or "", selectors of the agent's metrics that find nothing)"""
        rule = self.rules[number][2]
        selectors = sorted({name + (braces or "") for name, braces in SELECTOR.findall(rule["expr"])
                            if name in self.metrics})
        # An expectation that cannot be met shows what came.
        cases = [{"expr": expression, "eval_time": "30m", "exp_samples": [{"labels": "none_such", "value": 0}]}
                 for expression in [rule["expr"], *(f"count({selector})" for selector in selectors)]]
        case = {"interval": "1m", "input_series": list(series(self.labels)), "promql_expr_test": cases}
        path = self.work / "test.yaml"
        path.write_text(yaml.safe_dump({"rule_files": [], "evaluation_interval": "1m", "tests": [case]}, width=10**6))
        done = subprocess.run([self.agent, "test", str(path)], capture_output=True, text=True, check=False)
        answers = re.split(r"^\S*test\.yaml:\d+:\d+: ", done.stdout, flags=re.M)[1:]
        if len(answers) != len(cases):
            return (done.stdout + done.stderr).strip() or "no answer", []
        failure = "" if re.search(r"^ +- none_such", answers[0], re.M) else answers[0].strip()
        return failure, [each for each, answer in zip(selectors, answers[1:])
                         if not re.search(r"^ +\+ ", answer, re.M)]

    def concerns(self, number):
        """The rule reads something that this agent has, or would have if it were cAdvisor."""
        names = {name for name, _ in SELECTOR.findall(self.rules[number][2]["expr"])}
        return bool(names & self.metrics) or any(name.startswith("container_") for name in names)


def main():
    agent, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    labels = dict(each.split("=", 1) for each in sys.argv[3:])
    bad = 0
    others = {}
    with tempfile.TemporaryDirectory() as work:
        pack = Pack(agent, folder, labels, pathlib.Path(work))
        mistakes, missing = pack.check()
        print("| rule | loads | evaluates | metrics that nobody measures | selectors that find nothing |\n|---|---|---|---|---|")
        for number, (stem, _, rule) in enumerate(pack.rules):
            failure, unmatched = pack.evaluate(number)
            bad += bool(mistakes.get(number) or failure)
            if not pack.concerns(number) and number not in mistakes and not failure:
                others[stem] = others.get(stem, 0) + 1
                continue
            print(f"| `{rule.get('alert') or rule.get('record')}` | {'; '.join(mistakes.get(number, ['yes']))} "
                  f"| {failure or 'yes'} | {', '.join(sorted(missing.get(number, [])))} | {', '.join(unmatched)} |")
    for stem, count in others.items():
        print(f"{stem}: {count} more rules load and evaluate, over metrics that the agent does not have")
    print(f"{len(pack.rules)} rules, {bad} that do not load or evaluate")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
