#!/usr/bin/python3
"""cgsentry check: what it tells of rule files, as golden files, and its exit codes.

Usage: check_test.py CGSENTRY. CGSENTRY_UPDATE_GOLDEN=1 rewrites the golden files.
"""
import os
import pathlib
import subprocess
import sys
import unittest

AGENT = ""
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden/check"


def check(*arguments):
    done = subprocess.run([AGENT, "check", *arguments], cwd=GOLDEN, capture_output=True, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout


class Check(unittest.TestCase):
    maxDiff = None

    def equals_golden(self, name, text):
        path = GOLDEN / name
        if os.environ.get("CGSENTRY_UPDATE_GOLDEN"):
            path.write_text(text)
        self.assertEqual(text, path.read_text())

    def test_every_mistake_is_told_in_one_run(self):
        code, text = check("mistakes.yaml", "missing.yaml", "warnings.yaml")
        self.assertEqual(code, 2)
        self.equals_golden("mistakes.txt", text)

    def test_warnings_by_the_interval_of_the_configuration(self):
        code, text = check("warnings.yaml", "config.yaml")
        self.assertEqual(code, 0)
        self.equals_golden("warnings.txt", text)

    def test_without_a_configuration_a_tick_takes_a_second(self):
        self.assertNotIn("shorter", check("warnings.yaml")[1])

    def test_warnings_fail_when_that_is_asked_for(self):
        self.assertEqual(check("--strict", "warnings.yaml")[0], 1)
        self.assertEqual(check("--strict", "config.yaml")[0], 0)
        self.assertEqual(check("--strict", "mistakes.yaml")[0], 2)


if __name__ == "__main__":
    AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main()
