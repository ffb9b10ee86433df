#!/usr/bin/python3
"""The command line as a person meets it: exit codes, one-line messages with the fix, hostile names.

Usage: command_line_test.py CGSENTRY. Needs root, for the cases that take something away.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

AGENT = ""


def agent(*arguments, prefix=(), **options):
    return subprocess.run([*prefix, AGENT, *arguments], capture_output=True, text=True, timeout=60,
                          check=False, **options)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def cgroup_root():
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        for line in mounts:
            if " - cgroup2 " in line:
                return line.split()[4]
    raise RuntimeError("cgroup2 is not mounted")


RULES = """groups:
  - name: g
    rules:
      - alert: A
        expr: {}
"""


class Usage(unittest.TestCase):
    def test_version_and_help_are_no_mistakes(self):
        self.assertEqual(agent("version").returncode, 0)
        self.assertEqual(agent("--help").returncode, 0)
        self.assertEqual(agent("run", "--help").returncode, 0)

    def test_bad_usage_is_exit_code_2(self):
        for arguments in ([], ["fly"], ["run", "--no-such-option"], ["check"], ["test"],
                          ["sample", "--format", "xml"]):
            with self.subTest(arguments):
                self.assertEqual(agent(*arguments).returncode, 2)

    def test_a_mistake_in_the_configuration_has_its_place(self):
        with tempfile.TemporaryDirectory() as folder:
            path = write(folder, "c.yaml", "interval: 1s\nsinks:\n  stdot: true\n")
            for command in (["check", path], ["run", "--config", path],
                            ["sample", "--config", path]):
                with self.subTest(command):
                    done = agent(*command)
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(f"{path}:3:3: unknown key `stdot`, did you mean `stdout`?",
                                  done.stdout + done.stderr)

    def test_a_mistake_in_a_rule_has_its_place(self):
        with tempfile.TemporaryDirectory() as folder:
            path = write(folder, "r.yaml", RULES.format("sum(up) by ("))
            for command in (["check", path], ["run", "--rules", path]):
                with self.subTest(command):
                    done = agent(*command)
                    self.assertEqual(done.returncode, 2)
                    self.assertRegex(done.stdout + done.stderr, r"r\.yaml:5:\d+: ")

    def test_a_file_that_is_not_there_is_named(self):
        done = agent("run", "--config", "/nonexistent.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent.yaml", done.stderr)

    def test_a_good_file_is_called_good(self):
        with tempfile.TemporaryDirectory() as folder:
            path = write(folder, "r.yaml", RULES.format("container_memory_usage_bytes > 1"))
            self.assertEqual(agent("check", path).returncode, 0)


class UnitTests(unittest.TestCase):
    """cgsentry test: what is told of expectations that are not met, and promtool's exit codes."""

    TEST = """rule_files: [r*.yaml]
tests:
  - name: first
    input_series: [{{series: up, values: {values}}}]
    alert_rule_test:
      - {{eval_time: 1m, alertname: A, exp_alerts: [{{}}]}}
    promql_expr_test:
      - {{expr: up, exp_samples: [{{labels: up, value: 1}}]}}
"""

    def run_test(self, values, rule="up == 1"):
        with tempfile.TemporaryDirectory() as folder:
            write(folder, "r.yaml", RULES.format(rule))
            path = write(folder, "t.yaml", self.TEST.format(values=values))
            done = agent("test", path)
            return done.returncode, done.stdout.replace(folder + "/", "")

    def test_what_is_as_expected_is_counted(self):
        self.assertEqual(self.run_test("1 1"), (0, "t.yaml: 2 expectations, 0 not met\n"))

    def test_what_is_not_is_told_with_its_place_and_a_difference(self):
        self.assertEqual(self.run_test("2 2"), (1, """t.yaml:6:9: alert A at 1m, in "first"
    - {}
t.yaml:8:16: up at 0s, in "first"
    - up{} 1
    + up{} 2
t.yaml: 2 expectations, 2 not met (- expected, + got)
"""))

    def test_mistakes_are_exit_code_1_with_their_place(self):
        self.assertEqual(self.run_test("1 one"), (1, "t.yaml:4:43: unknown word `one`\n"))
        code, told = self.run_test("1", rule="up ==")
        self.assertEqual(code, 1)
        self.assertRegex(told, r"^r\.yaml:5:\d+: ")

    def test_a_file_that_is_not_there_does_not_hide_the_others(self):
        with tempfile.TemporaryDirectory() as folder:
            path = write(folder, "t.yaml", "tests: []\n")
            done = agent("test", folder + "/none.yaml", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.yaml: No such file or directory", done.stderr)
        self.assertIn("0 expectations", done.stdout)


class Messages(unittest.TestCase):
    def test_a_rule_that_fails_is_named_once(self):
        with tempfile.TemporaryDirectory() as folder:
            rules = write(folder, "rules.yaml", RULES.format("cgsentry_probe_up == on() cgsentry_probe_up"))
            done = agent("run", "--ticks", "3", "--rules", rules)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("cgsentry: warning: rule A: "), 1, done.stderr)


class Reload(unittest.TestCase):
    CONFIG = "external_labels: {{cluster: {}}}\nrules: [{}]\n"
    ANNOTATED = RULES + "        annotations: {{text: '{{{{ $externalLabels.cluster }}}}'}}\n"

    def test_only_the_rules_change(self):
        with tempfile.TemporaryDirectory() as folder:
            before = write(folder, "before.yaml", RULES.format("vector(1)").replace("A", "Before"))
            after = write(folder, "after.yaml", self.ANNOTATED.format("vector(1)").replace("A", "After"))
            config = write(folder, "config.yaml", self.CONFIG.format("blue", before))
            with subprocess.Popen([AGENT, "run", "--config", config, "--ticks", "5"], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
                self.assertIn("Before", running.stdout.readline())
                write(folder, "config.yaml", self.CONFIG.format("green", after))
                running.send_signal(signal.SIGHUP)
                lines, messages = running.communicate(timeout=60)
        self.assertIn("the configuration changed beyond its rules: that needs a restart", messages)
        resolved, fired = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual(resolved["reason"], "rule_removed")
        self.assertEqual(fired["labels"], {"alertname": "After", "cluster": "blue"})
        self.assertEqual(fired["annotations"], {"text": "blue"})

    def test_a_broken_file_changes_nothing_and_is_told(self):
        text = RULES.format("cgsentry_rules_reload_failed == 1") + """\
      - {record: ticks, expr: ticks + 1 or on () vector(1)}
      - {alert: Started, expr: ticks == 1, keep_firing_for: 1h}
      - {alert: Late, expr: ticks == 8}
"""
        with tempfile.TemporaryDirectory() as folder:
            rules = write(folder, "rules.yaml", text)
            with subprocess.Popen([AGENT, "run", "--rules", rules, "--ticks", "9"], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
                told = [running.stdout.readline()]
                write(folder, "rules.yaml", "groups: [{nam: g}]")
                running.send_signal(signal.SIGHUP)
                told.append(running.stdout.readline())
                write(folder, "rules.yaml", text)
                running.send_signal(signal.SIGHUP)
                lines, messages = running.communicate(timeout=60)
        self.assertIn("rules.yaml:1:11: unknown key `nam`", messages)
        story = [(line["labels"]["alertname"], line["status"]) for line in map(json.loads, told + lines.splitlines())]
        # Nothing began anew: the recorded count went on over both reloads.
        self.assertEqual(story, [("Started", "firing"), ("A", "firing"), ("A", "resolved"), ("Late", "firing"),
                                 ("Late", "resolved")])


class Privileges(unittest.TestCase):
    """What the service and the pod are given."""

    def test_three_capabilities_are_enough(self):
        capabilities = "-all,+bpf,+perfmon,+net_admin"
        done = agent("doctor", prefix=("setpriv", "--bounding-set", capabilities, "--inh-caps", "-all"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("ok      bpf walk", done.stdout)
        self.assertIn("ok      bpf network", done.stdout)


class Missing(unittest.TestCase):
    """Something that the agent needs is not there: one line, the fix, exit code 1."""

    def refused(self, what, done):
        self.assertEqual(done.returncode, 1, done.stderr)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 2, done.stderr)
        self.assertIn(what, lines[0])
        self.assertTrue(lines[1].startswith("  fix: "), done.stderr)

    def test_without_capabilities(self):
        self.refused("CAP_BPF", agent("sample", prefix=("setpriv", "--bounding-set", "-all",
                                                        "--inh-caps", "-all")))

    def test_without_btf(self):
        hide = "mount -t tmpfs none /sys/kernel/btf && exec \"$@\""
        self.refused("BTF", agent("sample", prefix=("unshare", "-m", "sh", "-c", hide, "sh")))

    def test_without_cgroup2(self):
        hide = f"umount -l {cgroup_root()} && exec \"$@\""
        self.refused("cgroup2", agent("sample", prefix=("unshare", "-m", "sh", "-c", hide, "sh")))

    def test_doctor_tells_all_of_it_at_once(self):
        done = agent("doctor", prefix=("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAIL    privileges", done.stdout)
        self.assertIn("cgroup2", done.stdout)
        self.assertEqual(agent("doctor").returncode, 0)


class HostileNames(unittest.TestCase):
    def test_no_name_breaks_the_json(self):
        parent = os.path.join(cgroup_root(), f"cgsentry-names-{os.getpid()}").encode()
        names = [b"a\"quote", b"tab\tname", b"\x1b[31mred", b"\xff\xfe\xfd", b"back\\slash",
                 b"\xe2\x80\xaegnp", b"n" * 255]
        os.mkdir(parent)
        try:
            for name in names:
                os.mkdir(os.path.join(parent, name))
            done = agent("sample", "--format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            series = json.loads(done.stdout)["series"]
            ids = {each["labels"]["id"] for each in series if "id" in each["labels"]}
            ours = {each for each in ids if each.startswith("/" + os.path.basename(parent).decode())}
            self.assertEqual(len(ours), len(names) + 1)
            for each in ours:
                self.assertFalse(any(ord(letter) < 32 or ord(letter) == 127 for letter in each))
        finally:
            for name in names:
                os.rmdir(os.path.join(parent, name))
            os.rmdir(parent)


class SeriesLabels(unittest.TestCase):
    def test_series_of_containers_have_them_besides_their_own(self):
        folder = os.path.join(cgroup_root(), f"cgsentry-labels-{os.getpid()}")
        os.mkdir(folder)
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
                config.write("series_labels: {job: kubelet, name: other}\n")
                config.flush()
                done = agent("sample", "--format", "json", "--config", config.name)
            self.assertEqual(done.returncode, 0, done.stderr)
            series = json.loads(done.stdout)["series"]
            name = os.path.basename(folder)
            own = [each["labels"] for each in series if each["labels"].get("id") == "/" + name]
            self.assertTrue(own)
            for labels in own:
                self.assertEqual((labels["job"], labels["name"]), ("kubelet", name))
            agents = [each for each in series if each["metric"].startswith("cgsentry_")]
            self.assertFalse(any("job" in each["labels"] for each in agents))
        finally:
            os.rmdir(folder)


if __name__ == "__main__":
    AGENT = os.path.abspath(sys.argv.pop(1))
    unittest.main()
