#!/usr/bin/python3
"""The agent and Prometheus' own tool judge the same unit test files the same: same_answers_test.py CGSENTRY.

Random series, rules and times, from fixed seeds. What promtool gets for each expectation is asked with a
file that expects nothing; a file that expects exactly that must then pass in both, and one with a single
expectation changed must fail in both.

promtool of Debian 12 is Prometheus 2, whose ranges and lookback include their start. So no sample here lies
on the start of a range, no series is silent for as long as the lookback, and there is no rate(), which takes
its counter's zero into account otherwise.
"""

import copy
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

PROMTOOL = str(pathlib.Path(__file__).resolve().parents[1] / "support/promtool.sh")
AGENT = ""
LOOKBACK = 300
TOKENS = ["0", "1", "2", "-1", "0.5", "0x2", "1x3", "2x1", "0+1x3", "3-1x3", "_", "_x2", "stale", "NaN"]
CONDITIONS = ["m > 0", "m == 1", "sum(m) >= 2", "sum by (i) (m) < 1", "absent(m{i='0'})", "m unless m < 1",
              "max_over_time(m[100s]) > 1", "changes(m[250s]) >= 2", "count(m) > 1", "m > bool 0", "vector(1)"]
RECORDS = ["m", "m > 0", "sum(m)", "sum by (i) (m)", "max_over_time(m[100s])", "R + 1 or on () vector(1)", "-R",
           "sum_over_time(R[130s])", "R offset 1m", "count(ALERTS{alertname='A'})", "max_over_time(R[130s:30s])",
           "count_values('v', m)", "m unless on (i) R", "timestamp(R)", "changes(R[250s])", "delta(R[130s])"]
EXPRESSIONS = ["m", "sum(m)", "-m", "ALERTS", "ALERTS_FOR_STATE", "delta(m[100s])", "irate(m[250s])",
               "max_over_time(m[100s:30s])", "sum_over_time(m[130s:])", "m offset 1m", "count_values('v', m)",
               "timestamp(m)", "max without (i) (m)", "m and on (i) ALERTS{alertstate='firing'}",
               "r0a", "r1a", "r2a", "r3a", "r0b", "r1b", "r2b", "r3b", "changes(r0a[130s])", "r1a - r1a offset 1m",
               "quantile(0.3, m)", "sum(m @ 60)", "bottomk(9, m)", "absent(m)", "stddev_over_time(m[250s])"]


def records(chance, suffix):
    """Recording rules that read each other, those before and after them and themselves."""
    names = [f"r{i}{group}" for group in "ab" for i in range(4)]
    return [{"record": name, "expr": re.sub(r"\bR\b", lambda _: chance.choice(names), chance.choice(RECORDS)),
             **({"labels": {"kind": chance.choice("xy")}} if chance.random() < 0.3 else {})}
            for name in names if name.endswith(suffix)]


def rules(chance):
    """Two groups, of intervals that must not matter."""
    alerts = []
    for name in ("A", "B", "C"):
        rule = {"alert": name, "expr": chance.choice(CONDITIONS), "labels": {"severity": "page", "at": "{{ $value }}"}
                if chance.random() < 0.2 else {"severity": "page"},
                "annotations": {"text": "{{ $labels.i }} is {{ $value | humanize }} on {{ $externalLabels.node }}"}}
        if chance.random() < 0.7:
            rule["for"] = chance.choice(["30s", "1m", "90s", "3m"])
        if chance.random() < 0.5:
            rule["keep_firing_for"] = chance.choice(["30s", "1m", "2m"])
        alerts.append(rule)
    mixed = alerts + records(chance, "a")
    chance.shuffle(mixed)
    return {"groups": [{"name": "g", "interval": chance.choice(["10s", "7m"]), "rules": mixed},
                       {"name": "h", "rules": records(chance, "b")}]}


def expand(tokens):
    """True per interval that has a sample."""
    present = []
    for token in tokens:
        value, _, times = token.partition("x")
        count = int(times) + (value != "_") if times else 1
        present += [value != "_"] * count
    return present


def series(chance, step, length):
    """Values without a gap as long as the lookback, and none after `length` seconds from the last."""
    while True:
        tokens = [chance.choice(TOKENS) for _ in range(chance.randint(4, 12))]
        times = [i * step for i, present in enumerate(expand(tokens)) if present]
        ends = zip(times, times[1:] + [length + 1])
        if times and all(after - before < LOOKBACK for before, after in ends):
            return " ".join(tokens)


def test(chance, evaluation):
    length = chance.choice([180, 300, 420])
    step = chance.choice([15, 30, 60])
    times = [chance.randrange(0, length + 1, 15) for _ in range(6)]
    return {"name": "test", "interval": f"{step}s", "external_labels": {"node": "n1"},
            "input_series": [{"series": f'm{{i="{i}"}}', "values": series(chance, step, length)}
                             for i in range(chance.randint(1, 3))],
            "alert_rule_test": [{"eval_time": f"{time}s", "alertname": name, "exp_alerts": []}
                                for time in sorted(set(times)) for name in ("A", "B", "C")],
            "promql_expr_test": [{"eval_time": f"{chance.choice(times) // evaluation * evaluation}s", "expr": expr,
                                  "exp_samples": []}
                                 for expr in chance.sample(EXPRESSIONS, 9)]}


def seconds(text):
    return sum(int(n) * {"h": 3600, "m": 60, "s": 1}[unit] for n, unit in re.findall(r"(\d+)([hms])", text))


def label_map(text):
    return dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', text))


def got_alerts(output):
    """{(name, seconds): expected alerts} of what fired although nothing was expected."""
    found = {}
    for name, time, got in re.findall(r"alertname: (\w+), time: (\w+),\s+exp:\[\],\s+got:\[(.*?)\n\s+\]", output, re.S):
        found[name, seconds(time)] = [
            {"exp_labels": {k: v for k, v in label_map(labels).items() if k != "alertname"},
             "exp_annotations": label_map(annotations)}
            for labels, annotations in re.findall(r"Labels:\{(.*?)\}\n\s+Annotations:\{(.*?)\}", got)]
    return found


def got_samples(output):
    """{(expression, seconds): expected samples} likewise; None where a value is NaN, which promtool never equals."""
    found = {}
    for expr, time, got in re.findall(r'expr: "(.*?)", time: (\w+),\s+exp: nil\s+got: (.*)', output):
        values = re.findall(r"(\{.*?\}) (\S+?)(?:,|$)", got)
        nan = any(value == "NaN" for _, value in values)
        found[expr, seconds(time)] = None if nan else [{"labels": labels, "value": yaml_number(value)}
                                                      for labels, value in values]
    return found


def yaml_number(text):
    return float(text.replace("+Inf", "inf").replace("-Inf", "-inf"))


class SameAnswers(unittest.TestCase):
    def judge(self, command, file):
        result = subprocess.run([*command, file], capture_output=True, text=True, timeout=120, check=False)
        return result.returncode, result.stdout + result.stderr

    def write(self, folder, name, content):
        path = pathlib.Path(folder) / name
        path.write_text(yaml.safe_dump(content))
        return str(path)

    def filled(self, content, folder):
        """The file with what promtool gets; one test at a time, since its messages do not tell tests apart."""
        for case in content["tests"]:
            alone = self.write(folder, "alone.yaml", {**content, "tests": [case]})
            output = self.judge([PROMTOOL, "test", "rules"], alone)[1]
            self.assertNotIn("err:", output)
            alerts, samples = got_alerts(output), got_samples(output)
            for expectation in case["alert_rule_test"]:
                key = expectation["alertname"], seconds(expectation["eval_time"])
                expectation["exp_alerts"] = alerts.get(key, [])
            for expectation in case["promql_expr_test"]:
                key = expectation["expr"], seconds(expectation["eval_time"])
                expectation["exp_samples"] = samples.get(key, [])
            case["promql_expr_test"] = [e for e in case["promql_expr_test"] if e["exp_samples"] is not None]
        return content

    def check_both(self, file, code):
        for command in ([PROMTOOL, "test", "rules"], [AGENT, "test"]):
            got, output = self.judge(command, file)
            self.assertEqual(got, code, f"{command[0]}\n{pathlib.Path(file).read_text()}\n{output}")

    def test_random_files(self):
        for seed in range(8):
            chance = random.Random(seed)
            evaluation = chance.choice([30, 60])
            with self.subTest(seed), tempfile.TemporaryDirectory() as folder:
                self.write(folder, "rules.yaml", rules(chance))
                content = self.filled({"rule_files": ["rules.yaml"], "evaluation_interval": f"{evaluation}s",
                                       "group_eval_order": chance.choice([["g", "h"], ["h", "g"]]),
                                       "tests": [test(chance, evaluation) for _ in range(6)]}, folder)
                self.check_both(self.write(folder, "filled.yaml", content), 0)
                changed = copy.deepcopy(content)
                expectation = chance.choice(chance.choice(changed["tests"])["alert_rule_test"])
                expectation["exp_alerts"] = [] if expectation["exp_alerts"] else [{"exp_labels": {"i": "9"}}]
                self.check_both(self.write(folder, "changed.yaml", changed), 1)


if __name__ == "__main__":
    AGENT = sys.argv.pop()
    unittest.main()
