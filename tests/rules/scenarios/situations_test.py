#!/usr/bin/python3
"""The recorded situations are complete: situations_test.py TREE.

In: situations.py, the files beside it, the scenarios that record them, rules/containers.yaml and docs/rules.md. What
the files say about the rules is judged by `cgsentry test` and promtool; see ../CMakeLists.txt.
"""

import pathlib
import re
import sys
import unittest

import replay_files
import situations

TREE = pathlib.Path()
HERE = pathlib.Path(__file__).resolve().parent


class Situations(unittest.TestCase):
    def test_none_is_lost(self):
        # Twenty of each is the aim; who settles one of OPEN raises this.
        self.assertEqual((len(situations.SICK), len(situations.HEALTHY), len(situations.OPEN)), (20, 19, 9))
        self.assertFalse({each.name for each in situations.ALL} & situations.OPEN.keys())

    def test_each_has_a_file_and_each_file_a_situation(self):
        self.assertEqual({path.stem for path in HERE.glob("*.yaml")}, {each.name for each in situations.ALL})

    def test_each_is_played_by_the_scenario_that_it_names(self):
        scripts = {path.stem: path.read_text() for path in (TREE / "tests/kernel/scenarios").glob("record_*.sh")}
        for each in situations.ALL:
            with self.subTest(each.name):
                self.assertRegex(scripts[f"record_{each.recording}"], rf"(?m)^{each.name}\(\) {{")
        for name in situations.OPEN:
            with self.subTest(name):
                self.assertRegex("".join(scripts.values()), rf"(?m)^{name}\(\) {{")

    def test_every_rule_of_containers_is_asked_for_but_one(self):
        rules = set(re.findall(r"alert: (Container\w+)", (TREE / "rules/containers.yaml").read_text()))
        asked = {expected.rule for each in situations.SICK for expected in each.fires}
        self.assertEqual(rules - asked, {"ContainerMemoryPressure"})  # over_memory_high is to do that

    def test_the_files_judge_what_the_table_states(self):
        for each in situations.ALL:
            text = (HERE / f"{each.name}.yaml").read_text()
            with self.subTest(each.name):
                self.assertEqual(text.count("alertname=\"Container"), 4 * len(each.fires))
                self.assertIn("{alertstate=\"firing\"}[30m]", text)

    def test_the_documentation_shows_the_table(self):
        text = (TREE / "docs/rules.md").read_text()
        for row in replay_files.table():
            self.assertIn(f"{row}\n", text)


if __name__ == "__main__":
    TREE = pathlib.Path(sys.argv.pop())
    unittest.main()
