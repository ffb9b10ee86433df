#!/usr/bin/python3
"""Judges what one test machine recorded: judge.py SCENARIO RESULT_DIR.

In: RESULT_DIR/output, in which the guest wrote its own checks as "ok NAME" and "not ok NAME: why",
and the other files that it recorded. Where scenarios/SCENARIO.py exists, its function
judge(result, check) adds the checks that need arithmetic. Out: one line per check; exit 1 when a check
failed or when there was none, because a scenario that checks nothing must not pass.
Tested by every kernel test and by tests/kernel/judge_test.py.
"""

import importlib.util
import pathlib
import sys
import traceback


class Checks:
    """Counts and prints the checks of one scenario."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.failures = []

    def __call__(self, name, held, why=""):
        if held:
            self.passed += 1
            print(f"ok {name}" + (f" ({why})" if why else ""))
        else:
            self.failed += 1
            self.failures.append(f"not ok {name}" + (f": {why}" if why else ""))
            print(self.failures[-1])


def guest_checks(output, checks):
    """Takes over the check lines of the guest. Returns its other lines, which explain a failure."""
    other = []
    for line in output.splitlines():
        if line.startswith("ok "):
            checks(line[3:], True)
        elif line.startswith("not ok "):
            checks(line[7:], False)
        else:
            other.append(line)
    return other


def main(scenario, result):
    checks = Checks()
    other = guest_checks((result / "output").read_text(errors="replace"), checks)
    judge_file = pathlib.Path(__file__).parent / "scenarios" / f"{scenario}.py"
    if judge_file.exists():
        spec = importlib.util.spec_from_file_location(scenario, judge_file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        try:
            module.judge(result, checks)
        except Exception:  # a record that is missing or broken is a failed check, with its reason
            checks("the guest's records can be judged", False, traceback.format_exc(limit=3))
    if checks.passed + checks.failed == 0:
        checks("the scenario made at least one check", False)
    if checks.failed:
        for line in other[-60:]:
            print(f"#   {line}")
        # Once more at the end: who cuts a long output cuts its middle.
        for line in checks.failures:
            print(f"# {line}")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
