#!/usr/bin/python3
"""Files that were made to exhaust whoever reads them get a clear error, in bounded memory.

Usage: hostile_files_test.py CGSENTRY. Each file goes through `check`, `run --rules` and `test`; the peak of
the process' resident memory is judged, and the time only by a limit far beyond what any of them takes. Needs
nothing but the binary.
"""
import os
import subprocess
import sys
import tempfile
import threading
import unittest

AGENT = ""
# Sanitizers, of which CTest tells, keep shadows of memory and what was freed.
SANITIZED = bool(os.environ.get("CGSENTRY_SANITIZE"))
MOST_KB = 350_000 * (8 if SANITIZED else 1)
SECONDS = 120 * (4 if SANITIZED else 1)
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=16:detect_leaks=0"}

GROUP = "groups:\n- name: g\n  rules:\n"


def rules(count, expression, rest=""):
    return GROUP + "".join(f"  - {{alert: A{i}, expr: '{expression.replace('NUMBER', str(i))}'{rest}}}\n"
                           for i in range(count))


def laughs():
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for before, name in zip("abcdefgh", "bcdefghi"):
        lines.append(f"{name}: &{name} [{','.join(['*' + before] * 9)}]")
    return "\n".join(lines)


FILES = {
    "a 100 MB file": (("# " + "x" * 98 + "\n") * 1_000_000, "larger than 2 MB"),
    "a million rules": (rules(1_000_000, "up"), "larger than 2 MB"),
    "as many rules as a file can hold": (rules(12_000, "upNUMBER > 1", ", for: 1m"), "more than 10000 rules"),
    "billions of laughs": (laughs(), "anchors are not supported"),
    "a deep expression": (rules(1, "(" * 30_000 + "1" + ")" * 30_000), "nested too deep"),
    "a deep expression of signs": (rules(1, "-" * 60_000 + "1"), "nested too deep"),
    "a long chain": (rules(1, "a" + "+a" * 30_000), "nested too deep"),
    "a long expression": (rules(1, "x" * 100_000), "too long"),
    "deep YAML in one line": ("groups: " + "[" * 1_000_000, "longer than 128 KB"),
    "deep YAML over lines": ("groups: " + "[\n" * 1_000_000, "a key must be a plain word"),
    "deep YAML of maps": ("".join(" " * i + "a:\n" for i in range(2_000)), "nested too deeply"),
    "deep YAML of dashes": ("- " * 60_000, "nested too deeply"),
    "a map of very many words": ("{" + "a," * 900_000, "longer than 128 KB"),
    "a map of very many lines": ("{" + "a,\n" * 690_000, "a key must be a plain word"),
    "very many keys": ("".join(f"k{i}: 1\n" for i in range(60_000)), "there are more mistakes"),
    "very many mistakes": (rules(30_000, "up >"), "there are more mistakes"),
    "very many patterns": (rules(30_000, 'up{a=~"[^a]{999}NUMBER"}'), "patterns"),
    "many patterns in one": (GROUP + "  - {alert: A, expr: 'up{" + ",".join(['a=~"[^a]{999}"'] * 2_500) + "}'}\n",
                             "more than 200 patterns"),
    "a deep template": (rules(1, "up", ", labels: {a: '" + "{{ if 1 }}" * 6_000 + "'}"), "nested too deeply"),
    "zeros": ("\0" * 1_000_000, "not text"),
}


def measured(*arguments):
    """Exit code, output and KB of the largest resident memory."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen([AGENT, *arguments], stdout=output, stderr=output, env=ENVIRONMENT)
        timer = threading.Timer(SECONDS, child.kill)
        timer.start()
        _, status, used = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return child.returncode, output.read().decode(errors="replace"), used.ru_maxrss


class Hostile(unittest.TestCase):
    def judge(self, path, expected, code, *arguments):
        with self.subTest(" ".join(arguments)):
            got, output, peak = measured(*arguments)
            self.assertEqual(got, code, output[:500])
            self.assertIn(expected, output)
            self.assertIn(path, output)
            self.assertLess(len(output), 100_000)
            self.assertLess(peak, MOST_KB)

    def test_every_kind_gets_its_error_from_every_command(self):
        with tempfile.TemporaryDirectory() as folder:
            tests = os.path.join(folder, "tests.yaml")
            for name, (text, expected) in FILES.items():
                path = os.path.join(folder, "hostile.yaml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                with open(tests, "w", encoding="utf-8") as file:
                    file.write("rule_files: [hostile.yaml]\ntests:\n- interval: 1m\n")
                with self.subTest(name):
                    # Without `groups`, which may be out of reach, a file is taken for a configuration.
                    self.judge(path, expected, 2, "check", path)
                    self.judge(path, expected, 2, "run", "--rules", path)
                    self.judge(path, expected, 1, "test", tests)

    def test_a_file_that_never_ends(self):
        self.judge("/dev/zero", "larger than 2 MB", 2, "check", "/dev/zero")
        self.judge("/dev/zero", "larger than 2 MB", 2, "run", "--rules", "/dev/zero")
        self.judge("/dev/zero", "larger than 2 MB", 1, "test", "/dev/zero")
        self.judge("/dev/zero", "larger than 2 MB", 2, "run", "--config", "/dev/zero")


if __name__ == "__main__":
    AGENT = sys.argv.pop(1)
    unittest.main()
