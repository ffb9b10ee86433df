#!/usr/bin/python3
"""What promtool does not ask of the shipped rules: pack_test.py TREE.

In: TREE/rules/*.yaml, their unit tests and docs/rules.md. Every rule has a severity and both texts, a
section in the documentation, and unit tests in which it fires and in which it does not; every window is
one that the documentation counts in its memory.
"""

import pathlib
import re
import sys
import unittest

import yaml

TREE = pathlib.Path()
SEVERITIES = {"critical", "warning", "info"}
WINDOWS = {"30s", "2m", "5m"}


def rules():
    """Every alerting rule of every pack."""
    for path in sorted((TREE / "rules").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


def outcomes():
    """{alert name: {True when a unit test expects it to fire, False when one expects it not to}}"""
    found = {}
    for path in sorted((TREE / "rules" / "tests").glob("*.yaml")):
        for test in yaml.safe_load(path.read_text())["tests"]:
            for case in test["alert_rule_test"]:
                found.setdefault(case["alertname"], set()).add(bool(case["exp_alerts"]))
    return found


class Pack(unittest.TestCase):
    def test_a_person_can_act_on_every_alert(self):
        for rule in rules():
            with self.subTest(rule["alert"]):
                self.assertIn(rule["labels"]["severity"], SEVERITIES)
                self.assertTrue(rule["annotations"]["summary"])
                self.assertTrue(rule["annotations"]["description"])
                self.assertTrue("for" in rule or "keep_firing_for" in rule, "nothing keeps it from flapping")

    def test_every_rule_is_documented(self):
        documented = set(re.findall(r"^### (\w+)", (TREE / "docs" / "rules.md").read_text(), re.M))
        self.assertEqual(documented, {rule["alert"] for rule in rules()})

    def test_every_rule_is_tested_both_ways(self):
        tested = outcomes()
        for rule in rules():
            with self.subTest(rule["alert"]):
                self.assertEqual(tested.get(rule["alert"]), {True, False})

    def test_rules_share_their_windows(self):
        for rule in rules():
            with self.subTest(rule["alert"]):
                self.assertLessEqual(set(re.findall(r"\[(\w+)\]", rule["expr"])), WINDOWS)

    def test_slices_are_left_out(self):
        for rule in rules():
            with self.subTest(rule["alert"]):
                selectors = re.findall(r"\bcontainer_\w+(\{[^}]*\})?", rule["expr"])
                self.assertTrue(all('name!=""' in selector for selector in selectors))


if __name__ == "__main__":
    TREE = pathlib.Path(sys.argv.pop())
    unittest.main()
