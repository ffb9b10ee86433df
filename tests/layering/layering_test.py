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


if __name__ == "__main__":
    unittest.main()
