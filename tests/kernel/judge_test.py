#!/usr/bin/python3
"""The judge of the test machines fails what must fail. Run by CTest."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import judge


def verdict(output, scenario="no_such_scenario"):
    """Exit status and printed lines for a guest that printed `output`."""
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder)
        (result / "output").write_text(output)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = judge.main(scenario, result)
    return status, printed.getvalue().splitlines()


class Judge(unittest.TestCase):
    def test_checks_that_all_hold_pass(self):
        self.assertEqual(verdict("ok a\nnoise\nok b\n"), (0, ["ok a", "ok b"]))

    def test_one_failed_check_fails_the_scenario_and_shows_what_the_guest_said(self):
        status, lines = verdict("ok a\nnoise\nnot ok b: why\n")
        self.assertEqual(status, 1)
        self.assertEqual(lines, ["ok a", "not ok b: why", "#   noise", "# not ok b: why"])

    def test_a_scenario_without_a_check_fails(self):
        self.assertEqual(verdict("")[0], 1)
        self.assertEqual(verdict("everything is okay\n")[0], 1)

    def test_a_word_that_begins_with_ok_is_no_check(self):
        self.assertEqual(verdict("okay then\nok a\n"), (0, ["ok a"]))


if __name__ == "__main__":
    unittest.main()
