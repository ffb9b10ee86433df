#!/usr/bin/python3
"""The agent and Prometheus' own tool give random expressions the same values: expressions.py TOOL [COUNT [SEED]].

TOOL is cgsentry, whose `test` is asked, or live_values, which evaluates as a live node does, tick by tick. COUNT
expressions (docs/reliability.md has a campaign's result) over random series, in one file after the other that expects
something else, so that both tools print what they got. Labels and the kind of outcome (values,
nothing, an error) must be equal, numbers equal to 8 digits: the two add in another order. Prints a difference with
the file that shows it, and how many there were; exit code 1 if there was one.
"""

import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import yaml

import grammar

PROMTOOL = str(pathlib.Path(__file__).resolve().parents[1] / "support/promtool.sh")
PER_FILE = 100
RELATIVE = 1e-8
ERROR = "error"
REFUSED = "refused"  # by a live node


def content(seed, count, style):
    chance = random.Random(seed)
    expressions = grammar.Expressions(chance, style)
    step = f"{style.step_seconds}s"
    return {"evaluation_interval": step, "tests": [{
        "interval": step, "input_series": grammar.series(chance, style),
        "promql_expr_test": [{"expr": expressions.any(), "eval_time": f"{grammar.evaluation_time(chance, style)}s",
                              "exp_samples": [{"labels": f'{{case="{number}"}}', "value": number}]}
                             for number in range(count)]}]}


def parse_promtool(output):
    """{case: {labels: value} or ERROR}"""
    found = {}
    for failure in re.split(r"\n    expr: ", output)[1:]:
        head, _, rest = failure.partition("\n")
        if "err: " in head:
            found.setdefault("errors", []).append(head)
            continue
        case = int(re.search(r'exp: \{case="(\d+)"\}', rest)[1])
        got = re.search(r"got: (.*)", rest)[1]
        found[case] = {} if got == "nil" else samples(re.findall(r"((?:[a-z_:]+)?\{.*?\}) (\S+?)(?:, |$)", got))
    return found


def parse_agent(output, places):
    """The same, or REFUSED; `places` has the number of the expression on each line."""
    found = {}
    case = None
    for line in output.splitlines():
        place = re.match(r"\S+?:(\d+):\d+: ", line)
        number = re.match(r"case (\d+)$", line)
        if place or number:
            case = places[int(place[1])] if place else int(number[1])
            found[case] = {}
        elif line.startswith("    ? "):
            found[case] = REFUSED
        elif line.startswith("    ! "):
            found[case] = ERROR
        elif line.startswith("    + ") and case is not None:
            found[case].update(samples([line[6:].rsplit(" ", 1)]))
    return found


def samples(pairs):
    return {normal(labels): float(value.replace("Inf", "inf")) for labels, value in pairs}


def normal(labels):
    """Equal texts for equal labels."""
    name, _, rest = labels.partition("{")
    pairs = re.findall(r'\w+="(?:[^"\\]|\\.)*"', rest) + ([f'__name__="{name}"'] if name else [])
    return "{" + ",".join(sorted(pairs)) + "}"


def same(a, b):
    if ERROR in (a, b) or a.keys() != b.keys():
        return a == b
    return all(close(value, b[labels]) for labels, value in a.items())


def close(a, b):
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=RELATIVE, abs_tol=1e-12)


def run(command, file):
    return subprocess.run([*command, file], capture_output=True, text=True, timeout=600, check=False)


def compare(agent, style, folder, seed, count):
    """[(expression, time, what promtool got, what the agent got)]"""
    file = pathlib.Path(folder) / "expressions.yaml"
    wanted = content(seed, count, style)
    cases = wanted["tests"][0]["promql_expr_test"]
    file.write_text(yaml.safe_dump(wanted, width=1 << 20, sort_keys=False))
    lines = [number for number, line in enumerate(file.read_text().splitlines(), 1) if "expr:" in line]
    oracle = run([PROMTOOL, "test", "rules"], file)
    ours = run([agent] if style.live else [agent, "test"], file)
    theirs = parse_promtool(oracle.stdout + oracle.stderr)
    errors = theirs.pop("errors", [])
    got = parse_agent(ours.stdout + ours.stderr, dict(zip(lines, range(count))))
    if not got:
        raise RuntimeError(f"seed {seed}: {ours.stdout}{ours.stderr}")
    if not theirs or len(theirs) + len(errors) != count:
        raise RuntimeError(f"seed {seed}: {len(theirs)} results, {len(errors)} errors\n{oracle.stderr}\n{ours.stderr}")
    outcomes = [(case, theirs.get(number, ERROR), got.get(number)) for number, case in enumerate(cases)]
    return [(case["expr"], case["eval_time"], a, b) for case, a, b in outcomes if b is None or not same(a, b)]


def main():
    agent = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    style = grammar.LIVE if "live" in pathlib.Path(agent).name else grammar.TESTED
    different = refused = 0
    for start in range(0, count, PER_FILE):
        with tempfile.TemporaryDirectory() as folder:
            for expr, time, theirs, ours in compare(agent, style, folder, seed + start,
                                                    min(PER_FILE, count - start)):
                if ours == REFUSED:
                    refused += 1
                    continue
                different += 1
                print(f"seed {seed + start} at {time}: {expr}\n  promtool {theirs}\n  agent    {ours}", flush=True)
    print(f"{count} expressions, {different} different" + (f", {refused} refused by a live node" if refused else ""))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
