#!/usr/bin/python3
"""The count at the end of tests/run.sh cannot flatter. Run by CTest."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import tally

CASE = '<testcase name="{}" status="{}">{}</testcase>'


def run(stages, floor="", kind="full", in_ci=False):
    """stages: list of lists of (name, status). Returns exit status and the printed lines."""
    inner = {"fail": "<failure/>", "notrun": "<skipped/>"}
    with tempfile.TemporaryDirectory() as folder:
        for number, cases in enumerate(stages):
            body = "".join(CASE.format(name, status, inner.get(status, "")) for name, status in cases)
            (pathlib.Path(folder) / f"{number}.xml").write_text(f"<testsuite>{body}</testsuite>")
        floor_file = pathlib.Path(folder) / "floor"
        floor_file.write_text(floor)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = tally.main(folder, floor_file, kind, in_ci)
        return status, printed.getvalue().splitlines()


class Tally(unittest.TestCase):
    def test_a_test_counts_once_however_many_stages_ran_it(self):
        self.assertEqual(run([[("a", "run")], [("a", "run"), ("b", "run")]]), (0, ["2 passed, 0 failed, 0 skipped"]))

    def test_a_test_that_failed_in_one_stage_failed(self):
        status, lines = run([[("a", "run")], [("a", "fail")]])
        self.assertEqual((status, lines), (1, ["failed: a", "0 passed, 1 failed, 0 skipped"]))

    def test_a_skip_fails_in_ci_only(self):
        stages = [[("a", "run"), ("b", "notrun")]]
        self.assertEqual(run(stages)[0], 0)
        self.assertEqual(run(stages, in_ci=True)[0], 1)

    def test_a_run_without_a_test_fails(self):
        self.assertEqual(run([])[0], 1)

    def test_the_number_may_not_fall_below_the_floor_of_its_kind(self):
        stages = [[("a", "run"), ("b", "run")]]
        self.assertEqual(run(stages, floor="quick 9\nfull 2\n")[0], 0)
        self.assertEqual(run(stages, floor="quick 9\nfull 3\n")[0], 1)
        self.assertEqual(run(stages, floor="quick 9\n", kind="some")[0], 0)


if __name__ == "__main__":
    unittest.main()
