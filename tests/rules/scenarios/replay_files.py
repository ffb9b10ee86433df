#!/usr/bin/python3
"""Turns recordings of test machines into unit test files of rules: replay_files.py CGSENTRY FOLDER [NAME...]

In: FOLDER/*-record_*/, the records of run_vm.sh (recording, NAME.output, marks, kernel_log), and situations.py. Out:
NAME.yaml beside this file for each situation (all, or those named), in promtool's format, so that the rules can be
judged without a machine. What each situation expects comes from situations.py, never from the recording. Besides, the
time to firing is measured with CGSENTRY and written at the head of the file.

replay_files.py --table prints the table of docs/rules.md out of these heads.

A file has the series that the rules read, of that container and of the agent, one value a second. The container is
called as its situation instead of by its 64 digits; no value is rounded. A counter that the agent saw at birth gets
the zero that the agent itself counts from. Where a container is gone the series is stale.
"""

import hashlib
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass, field

import situations
from situations import Expected, Situation

HERE = pathlib.Path(__file__).resolve().parent
GRACE = 0.05  # of a second: a tick is never early, and late by less than a second
BEFORE = 5  # seconds that a file begins before its container
HEAD = re.compile(r"^# fired: (\w+) after (-?\d+) s", re.M)
STALE = "stale"


@dataclass
class Life:
    """A series while one container lived: its values by the second since the recording began."""

    labels: dict[str, str]
    born: float | None
    values: dict[int, str] = field(default_factory=dict)
    end: int = 0  # the first second without it


@dataclass
class Recording:
    folder: pathlib.Path
    begin: float  # seconds since boot
    seconds: int
    lives: list[Life]


def parse_labels(text: str) -> dict[str, str]:
    """NAME{a="x", b="y"}; the name as __name__."""
    name, _, rest = text.partition("{")
    found = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*")', rest)
    return {"__name__": name} | {key: json.loads(value) for key, value in found}


def read_recording(folder: pathlib.Path) -> Recording:
    lives: dict[str, Life] = {}
    current: dict[str, str] = {}
    begin, second = None, 0
    for line in (folder / "recording").read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "tick":
            time = float(rest.split()[0])
            begin = time if begin is None else begin
            close_tick(lives, current, second)
            second = math.floor(time - begin + GRACE)
        elif word == "series":
            number, born, labels = rest.split(" ", 2)
            lives[number] = Life(parse_labels(labels), None if born == "-" else float(born))
        elif rest == "-":
            lives[word].end = second
            current.pop(word)
        else:
            current[word] = rest
    close_tick(lives, current, second)
    for number in current:
        lives[number].end = second + 1
    return Recording(folder, begin, second + 1, list(lives.values()))


def close_tick(lives: dict[str, Life], current: dict[str, str], second: int) -> None:
    """What stands when the next tick begins are the values of `second`; a second without a tick has none."""
    for number, value in current.items():
        lives[number].values[second] = value


def series_of(recording: Recording, situation: str) -> dict[tuple, list[str]]:
    """The columns of one container's series and the agent's, all as long as the recording."""
    digits = hashlib.sha256(f"{situation}\n".encode()).hexdigest()
    result: dict[tuple, list[str]] = {}
    for life in recording.lives:
        labels = dict(life.labels)
        if labels.pop("container_id", "") == digits:
            labels |= {"id": f"/docker/{situation}", "name": situation}
        elif not labels["__name__"].startswith("cgsentry_"):
            continue
        column = result.setdefault(tuple(sorted(labels.items())), ["_"] * recording.seconds)
        if life.end < recording.seconds and column[life.end] == "_":
            column[life.end] = STALE
        for second, value in life.values.items():
            column[second] = value
        put_zero_of_birth(column, life, recording.begin)
    return result


def put_zero_of_birth(column: list[str], life: Life, begin: float) -> None:
    if life.born is None or not life.labels["__name__"].endswith("_total"):
        return
    second = math.floor(life.born - begin + GRACE)
    if second >= 0 and column[second] in ("_", STALE):
        column[second] = "0"


def notation(column: list[str]) -> str:
    """Runs and integer slopes in short."""
    words = []
    at = 0
    while at < len(column):
        end = at + 1
        step = slope(column[at:at + 2])
        while end < len(column) and slope(column[end - 1:end + 1]) == step and column[at] != STALE:
            end += 1
        if step is None or end - at < 3:
            end = at + 1
            words.append(column[at])
        elif column[at] == "_":
            words.append(f"_x{end - at}")
        else:
            words.append(f"{column[at]}{f'{step:+d}' if step else ''}x{end - at - 1}")
        at = end
    return " ".join(words)


def slope(pair: list[str]) -> int | None:
    """Between two neighbours that are equal or whole numbers; None where there is none."""
    if len(pair) < 2 or STALE in pair:
        return None
    if pair[0] == pair[1]:
        return 0
    if all(word.isdigit() and len(word) < 16 for word in pair):
        return int(pair[1]) - int(pair[0])
    return None


def cut(series: dict[tuple, list[str]], situation: str) -> tuple[int, dict[tuple, list[str]]]:
    """Without the seconds before the container; where the file begins."""
    def first(column: list[str]) -> int:
        return next((at for at, word in enumerate(column) if word not in ("_", STALE)), len(column))

    begin = min(first(column) for labels, column in series.items() if ("name", situation) in labels)
    begin = max(0, begin - BEFORE)
    kept = {labels: column[begin:] for labels, column in series.items()}
    return begin, {labels: column for labels, column in kept.items() if set(column) - {"_", STALE}}


def onset(recording: Recording, situation: str, since: str) -> float:
    """When the trouble began, in seconds since boot; see Expected.since."""
    kind, _, rest = since.partition(" ")
    if kind == "kill":
        digits = hashlib.sha256(f"{situation}\n".encode()).hexdigest()
        log = (recording.folder / "kernel_log").read_text()
        return int(re.search(rf"^(\d+) oom-kill:.*task_memcg=/docker/{digits}", log, re.M)[1]) * 1e-9
    if kind == "start":
        starts = re.findall(rf"^{situation} start ([\d.]+)", (recording.folder / "marks").read_text(), re.M)
        return float(starts[int(rest) - 1])
    name = rest.removeprefix("of ") or situation
    said = "".join(path.read_text() for path in sorted(recording.folder.glob(f"{name}.[op]*")))
    return float(re.search(r"^begin ([\d.]+)", said, re.M)[1]) + float(since.partition("+")[2] or 0)


def written_series(series: dict[tuple, list[str]]) -> list[str]:
    lines = []
    for key, column in sorted(series.items()):
        labels = dict(key)
        metric = labels.pop("__name__")
        selector = ",".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
        lines.append(f"      - series: '{metric}{{{selector}}}'")
        lines.append("        values: >-")
        lines += textwrap.wrap(notation(column), 118, initial_indent=" " * 10, subsequent_indent=" " * 10,
                               break_long_words=False, break_on_hyphens=False)
    return lines


def expectation(expr: str, second: int, samples: list[str]) -> list[str]:
    lines = [f"      - expr: '{expr}'", f"        eval_time: {second}s"]
    return lines + (["        exp_samples:"] + [f"          - {sample}" for sample in samples]
                    if samples else ["        exp_samples: []"])


def sample(rule: str, name: str) -> str:
    return f"{{labels: '{{alertname=\"{rule}\",name=\"{name}\"}}', value: 1}}"


def expectations(situation: Situation, onsets: dict[str, float], last: int) -> list[str]:
    lines = []
    for each in situation.fires:
        now = f'count by (alertname, name) (ALERTS{{alertname="{each.rule}",alertstate="firing"}})'
        lines += expectation(now, math.floor(onsets[each.rule]), [])
        lines += expectation(now, math.ceil(onsets[each.rule] + each.seconds), [sample(each.rule, situation.name)])
    ever = 'count by (alertname, name) (max_over_time(ALERTS{alertstate="firing"}[30m]))'
    return lines + expectation(ever, last, [sample(each.rule, situation.name) for each in
                                            sorted(situation.fires, key=lambda one: one.rule)])


def test_file(head: list[str], series: list[str], expected: list[str], rules: str) -> str:
    return "\n".join([*(f"# {line}".rstrip() for line in head), f"rule_files: [{rules}]", "evaluation_interval: 1s",
                      "tests:", "  - interval: 1s", "    input_series:", *series, "    promql_expr_test:",
                      *expected]) + "\n"


def measured(cgsentry: str, series: list[str], last: int) -> dict[str, int]:
    """{rule: the second in which it fired first}: asked with an expectation that cannot be met."""
    first = 'min by (alertname) (min_over_time(timestamp(ALERTS{alertstate="firing"})[30m:1s]))'
    rules = str(HERE.parents[2] / "rules/containers.yaml")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(test_file([], series, expectation(first, last, []), rules))
        file.flush()
        told = subprocess.run([cgsentry, "test", file.name], capture_output=True, text=True, check=False)
    found = re.findall(r'^\s*\+ \{alertname="(\w+)"\} (\S+)', told.stdout + told.stderr, re.M)
    if told.returncode not in (0, 1) or (told.returncode == 1 and not found):
        sys.exit(told.stdout + told.stderr)
    return {rule: int(float(second)) for rule, second in found}


def head_of(situation: Situation, fired: dict[str, int], onsets: dict[str, float], release: str) -> list[str]:
    lines = [f"{situation.name}: {situation.runs}", "",
             f"Recorded by the scenario record_{situation.recording} on {release}, written by",
             "tests/rules/scenarios/replay_files.py."]
    if situation.why:
        lines.append(f"More than one rule fires: {situation.why}.")
    return lines + [f"fired: {rule} after {math.ceil(second - onsets.get(rule, 0))} s"
                    for rule, second in sorted(fired.items())]


def write(cgsentry: str, recording: Recording, situation: Situation) -> None:
    begin, series = cut(series_of(recording, situation.name), situation.name)
    text = written_series(series)
    last = recording.seconds - begin - 1
    onsets = {each.rule: onset(recording, situation.name, each.since) - recording.begin - begin
              for each in situation.fires}
    fired = measured(cgsentry, text, last)
    release = (recording.folder / "release").read_text().strip()
    path = HERE / f"{situation.name}.yaml"
    path.write_text(test_file(head_of(situation, fired, onsets, release), text,
                              expectations(situation, onsets, last), "../../../rules/containers.yaml"))
    wrong = set(fired) ^ {each.rule for each in situation.fires}
    late = [each.rule for each in situation.fires
            if each.rule in fired and fired[each.rule] > math.ceil(onsets[each.rule] + each.seconds)]
    told = ", ".join(f"{rule} {second - onsets.get(rule, 0):+.0f} s" for rule, second in fired.items())
    print(f"{'WRONG ' if wrong or late else ''}{situation.name}: {told or 'silent'}, {path.stat().st_size // 1024} KB")


def table() -> list[str]:
    """The rows of docs/rules.md."""
    rows = ["| sick | what ran | rule | stated | measured |", "|---|---|---|---|---|"]
    for situation in situations.SICK:
        fired = dict(HEAD.findall((HERE / f"{situation.name}.yaml").read_text()))
        for at, each in enumerate(situation.fires):
            first = f"| `{situation.name}` | {situation.runs}" if at == 0 else "| | "
            rows.append(f"{first} | {each.rule} | {each.seconds} s | {fired.get(each.rule, '-')} s |")
    rows += ["", "| healthy | what ran |", "|---|---|"]
    rows += [f"| `{situation.name}` | {situation.runs} |" for situation in situations.HEALTHY]
    return rows + ["", "| open | what came of it |", "|---|---|"] + [
        f"| `{name}` | {found} |" for name, found in situations.OPEN.items()]


def main(arguments: list[str]) -> None:
    if arguments == ["--table"]:
        print("\n".join(table()))
        return
    cgsentry, folder, *names = arguments
    recordings: dict[str, Recording] = {}
    for situation in situations.ALL:
        found = sorted(pathlib.Path(folder).glob(f"*-record_{situation.recording}/recording"))
        if found and (not names or situation.name in names):
            if situation.recording not in recordings:
                recordings[situation.recording] = read_recording(found[0].parent)
            write(cgsentry, recordings[situation.recording], situation)


if __name__ == "__main__":
    main(sys.argv[1:])
