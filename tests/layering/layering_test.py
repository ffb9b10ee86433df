#!/usr/bin/python3
"""The include checker finds what it must find, and nothing else. Run by CTest."""

import pathlib
import tempfile
import unittest

import layering

ROOMS = {"base", "model", "kernel", "promql", "rule", "sink", "pipeline", "command", "main"}


def complaints(path, text):
    return [what for _, what in layering.check_source(path, text, ROOMS)]


class Includes(unittest.TestCase):
    def test_a_stage_may_include_base_model_and_itself(self):
        text = '#include "base/fd.h"\n#include "model/alert.h"\n#include "sink/queue.h"\n#include <vector>\n'
        self.assertEqual(complaints("sink/stdout.cpp", text), [])

    def test_a_stage_may_not_include_another_stage(self):
        self.assertEqual(complaints("sink/stdout.cpp", '#include "kernel/rows.h"\n'), ["sink may not include kernel"])

    def test_model_may_not_look_up(self):
        self.assertEqual(complaints("model/alert.h", '#include "rule/pack.h"\n'), ["model may not include rule"])

    def test_nobody_but_the_commands_includes_the_pipeline(self):
        self.assertEqual(complaints("rule/pack.cpp", '#include "pipeline.h"\n'), ["rule may not include pipeline"])
        self.assertEqual(complaints("rule/pack.cpp", '#include "loop.h"\n'), ["rule may not include pipeline"])
        self.assertEqual(complaints("command/run.cpp", '#include "pipeline.h"\n'), [])
        self.assertEqual(complaints("loop.cpp", '#include "pipeline.h"\n'), [])

    def test_a_room_that_is_not_in_the_table_is_a_complaint(self):
        self.assertEqual(
            complaints("newcomer/a.cpp", '#include "base/fd.h"\n'),
            ["room newcomer is not in the table of tests/layering/layering.py"],
        )

    def test_an_include_in_a_comment_does_not_count(self):
        self.assertEqual(complaints("sink/a.cpp", '// #include "kernel/rows.h"\n/*\n#include "rule/a.h"\n*/\n'), [])

    def test_the_line_number_survives_a_comment_of_several_lines(self):
        found = layering.check_source("sink/a.cpp", '/* a\n b */\n#include "kernel/rows.h"\n', ROOMS)
        self.assertEqual([line for line, _ in found], [3])


class Libraries(unittest.TestCase):
    def test_libbpf_stays_in_kernel(self):
        self.assertEqual(complaints("kernel/rows.cpp", '#include <bpf/libbpf.h>\n#include "abi.h"\n'), [])
        self.assertEqual(len(complaints("promql/a.cpp", "#include <bpf/libbpf.h>\n")), 1)
        self.assertEqual(len(complaints("pipeline.cpp", '#include "cgsentry.skel.h"\n')), 1)

    def test_yaml_cpp_stays_in_yaml(self):
        self.assertEqual(len(complaints("rule/a.cpp", "#include <yaml-cpp/yaml.h>\n")), 1)

    def test_libcurl_stays_in_two_files_of_sink(self):
        self.assertEqual(complaints("sink/http_client.cpp", "#include <curl/curl.h>\n"), [])
        self.assertEqual(len(complaints("sink/webhook.cpp", "#include <curl/curl.h>\n")), 1)


class Time(unittest.TestCase):
    def test_only_the_clock_and_the_pipeline_ask_for_the_time(self):
        for call in ("clock_gettime(CLOCK_MONOTONIC, &t);", "std::chrono::system_clock::now();", "time(nullptr);"):
            self.assertEqual(len(complaints("rule/a.cpp", call)), 1, call)
            self.assertEqual(complaints("base/clock.cpp", call), [])
            self.assertEqual(complaints("pipeline.cpp", call), [])

    def test_words_that_merely_end_in_time_are_not_calls(self):
        for text in ("start_time(0);", "const Timestamp now = tick.time();", "// system_clock::now()"):
            self.assertEqual(complaints("rule/a.cpp", text), [], text)


class Files(unittest.TestCase):
    def test_a_file_begins_with_a_comment(self):
        self.assertIsNone(layering.check_head("agent/a.h", "// What it owns.\n#pragma once\n"))
        self.assertIsNone(layering.check_head("tests/a.sh", "#!/bin/sh\n# What it does.\n"))
        self.assertIsNotNone(layering.check_head("agent/a.h", "#pragma once\n"))
        self.assertIsNotNone(layering.check_head("tests/a.sh", "#!/bin/sh\necho\n"))

    def test_a_source_may_leave_its_head_to_its_header(self):
        self.assertIsNone(layering.check_head("agent/a.cpp", '#include "a.h"\n', has_header=True))
        self.assertIsNotNone(layering.check_head("agent/a.cpp", '#include "b.h"\n', has_header=False))

    def test_names_that_say_nothing_are_refused(self):
        for path in ("agent/util/a.h", "agent/base/string_utils.h", "tests/common.sh", "agent/rule_manager.cpp"):
            self.assertIsNotNone(layering.check_name(path), path)
        for path in ("agent/base/text.h", "agent/promql/miscount.h", "agent/base/utility_meter.h"):
            self.assertIsNone(layering.check_name(path), path)

    def test_a_whole_tree_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            (tree / "agent" / "kernel").mkdir(parents=True)
            (tree / "agent" / "sink").mkdir()
            (tree / "agent" / "kernel" / "rows.h").write_text("// Rows.\n")
            (tree / "agent" / "sink" / "queue.h").write_text('// Queue.\n#include "kernel/rows.h"\n')
            self.assertEqual(layering.check_tree(tree), ["agent/sink/queue.h:2: sink may not include kernel"])


class References(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for path in ("agent/base/fd.h", "tests/unit/base/fd_test.cpp", "docs/alerts.md"):
            (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / path).write_text("// A file.\n")

    def missing(self, text):
        return layering.check_references(self.tree, text)

    def test_files_folders_and_globs_that_exist_are_fine(self):
        for text in (
            "Tested by tests/unit/base/fd_test.cpp.",
            "Tested by tests/unit/base and tests/unit/*/*_test.cpp.",
            "See docs/alerts.md, [docs](docs/) and `docs/alerts.md#sinks`.",
        ):
            self.assertEqual(self.missing(text), [], text)

    def test_what_does_not_exist_is_told_with_its_line(self):
        self.assertEqual(
            self.missing("// Fine.\n// Tested by\n// tests/unit/base/duration_test.cpp.\n"),
            [(3, "tests/unit/base/duration_test.cpp does not exist")],
        )
        self.assertEqual(self.missing("(docs/gone.md)"), [(1, "docs/gone.md does not exist")])
        self.assertEqual(self.missing("tests/unit/rule."), [(1, "tests/unit/rule does not exist")])
        self.assertEqual(
            self.missing("tests/unit/promql/*_test.cpp"), [(1, "tests/unit/promql/*_test.cpp does not exist")]
        )

    def test_a_file_named_alone_behind_tested_by_must_be_somewhere_below_tests(self):
        self.assertEqual(self.missing("Tested by tests/unit/base and\n// fd_test.cpp."), [])
        self.assertEqual(
            self.missing("// Tested by tests/unit/base and\n// clock_test.cpp. Not other_test.cpp."),
            [(2, "clock_test.cpp does not exist")],
        )

    def test_tails_of_other_paths_and_placeholders_are_not_references(self):
        for text in ("rules/tests/a.yaml", "$build/tests/load", "${DIR}/docs/a.md", "unit-tests/a", "my_docs/a.md"):
            self.assertEqual(self.missing(text), [], text)
        for text in ("docs/NAME.md", "tests/unit/ROOM/*_test.cpp", "tests/fuzz/seeds/NAME"):
            self.assertEqual(self.missing(text), [], text)
        self.assertEqual(len(self.missing("docs/README.md")), 1)

    def test_every_folder_of_the_tree_is_looked_at(self):
        paths = ("agent/base/fd.h", "deploy/a.service", "docs/b.md", "README.md")
        for path in paths:
            (self.tree / path).parent.mkdir(exist_ok=True)
            (self.tree / path).write_text("// See docs/gone.md.\n")
        (self.tree / "docs" / "picture").write_bytes(b"\0 docs/gone.md")
        self.assertEqual(
            layering.check_tree(self.tree),
            [f"{path}:1: docs/gone.md does not exist" for path in paths],
        )


if __name__ == "__main__":
    unittest.main()
