#!/usr/bin/python3
"""Counts the tests of one run: tally.py RESULTS FLOOR_FILE KIND

In: the JUnit files that CTest wrote, one per stage; a file with lines "KIND NUMBER". Out: the failed
and skipped tests by name, then one line "N passed, N failed, N skipped". A test counts once however
many stages ran it, as failed when one of them failed. Exit 1 when a test failed, when the number that
passed is below the floor of this kind of run, or when a test was skipped and CI is set.
Tested by tests/tally_test.py.
"""

import os
import pathlib
import sys
import xml.etree.ElementTree

FAILED, SKIPPED, PASSED = "failed", "skipped", "passed"


def outcome(case):
    """What CTest says of one test case."""
    if case.find("failure") is not None or case.get("status") == "fail":
        return FAILED
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return SKIPPED
    return PASSED


def tally(files):
    """JUnit files -> {test name: outcome}; failed wins over passed, passed over skipped."""
    order = (SKIPPED, PASSED, FAILED)
    found = {}
    for file in files:
        for case in xml.etree.ElementTree.parse(file).iter("testcase"):
            name, now = case.get("name"), outcome(case)
            found[name] = max(found.get(name, SKIPPED), now, key=order.index)
    return found


def floor_of(text, kind):
    """The least number that must pass in a run of this kind; 0 where the file names none."""
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == kind:
            return int(words[1])
    return 0


def main(results, floor_file, kind, in_ci):
    found = tally(sorted(pathlib.Path(results).glob("*.xml")))
    names = {state: [name for name, now in found.items() if now == state] for state in (PASSED, FAILED, SKIPPED)}
    for state in (FAILED, SKIPPED):
        for name in names[state]:
            print(f"{state}: {name}")
    good = not names[FAILED] and bool(names[PASSED])
    if in_ci and names[SKIPPED]:
        print("in CI a skipped test is a failure")
        good = False
    floor = floor_of(pathlib.Path(floor_file).read_text(), kind)
    if len(names[PASSED]) < floor:
        print(f"only {len(names[PASSED])} tests passed; tests/floor wants {floor} in a {kind} run")
        good = False
    print(f"{len(names[PASSED])} passed, {len(names[FAILED])} failed, {len(names[SKIPPED])} skipped")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], in_ci=os.environ.get("CI") == "true"))
