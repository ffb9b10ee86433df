#!/usr/bin/python3
"""Checks which room of agent/ may include what: layering.py TREE.

In: the sources below TREE/agent. Out: one line for each include or call that breaks the rule of
docs/architecture.md, exit 1 when there is one. The direction of dependencies:

    base < model < {kernel, cgroup, identity, window, promql, template, alert, sink, serve, record, yaml}
         < {sampler, rule, config} < pipeline < command < main

Besides: who may touch libbpf, yaml-cpp, libcurl and the clock; that every file begins with a comment;
that no file or folder hides behind a name such as util; and that what a file of the tree says about
tests and pages is there: each path below tests/ or docs/ and each file after "Tested by".
Tested by tests/layering/layering_test.py.
"""

import pathlib
import re
import sys

# Room -> the rooms that it may include besides itself. A room that is not listed is a mistake: whoever
# adds one decides here where it stands.
ROOMS = {
    "base": set(),
    "model": {"base"},
    "kernel": {"base", "model"},
    "cgroup": {"base", "model"},
    "identity": {"base", "model"},
    "window": {"base", "model"},
    "promql": {"base", "model", "window"},
    "template": {"base", "model"},
    "alert": {"base", "model"},
    "sink": {"base", "model", "template"},
    "serve": {"base", "model"},
    "record": {"base", "model"},
    "yaml": {"base", "model"},
    "sampler": {"base", "model", "kernel", "cgroup", "identity"},
    "rule": {"base", "model", "promql", "template", "yaml"},
    "config": {"base", "model", "yaml"},
}
# The top is not a stage: the pipeline may include every room, the commands the pipeline as well. The files
# beside the rooms (the loop that drives it, say) are the pipeline, but for main.cpp.
STAGES = set(ROOMS)
ROOMS["pipeline"] = STAGES
ROOMS["command"] = STAGES | {"pipeline"}
ROOMS["main"] = {"base", "model", "config", "command"}

# Pattern of an #include target -> the places (room, or room/file stem) that may have it.
LIBRARIES = [
    (r"(bpf/|.*\.skel\.h$|linux/bpf\.h$|abi\.h$)", {"kernel"}, "libbpf, the skeleton and bpf/abi.h"),
    (r"yaml-cpp/", {"yaml"}, "yaml-cpp"),
    (r"curl/", {"sink/http_client", "sink/mail"}, "libcurl"),
    (r"microhttpd", {"serve"}, "the HTTP server library"),
    (r"CLI/", {"command", "main"}, "CLI11"),
]

# Calls that ask the operating system for the time. Everybody else gets `Timestamp now`.
CLOCK = re.compile(
    r"\b(clock_gettime|gettimeofday|timespec_get|(?:system|steady|high_resolution)_clock::now)\b"
    r"|(?:std::|(?<![\w.:>]))time\s*\(\s*(?:nullptr|NULL|0)\s*\)|\b(?:localtime|gmtime)\s*\("
)
CLOCK_PLACES = {
    "base/clock",
    "pipeline",
    "command/run",  # the deadlines of the drain, when the loop and its clock have ended
    "base/log",  # holds back repeated messages; nothing that it prints or counts depends on the time
}

EMPTY_NAMES = re.compile(r"(^|_)(utils?|commons?|helpers?|managers?|misc)($|_)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".h", ".cpp", ".c"}
COMMENT_START = {".h": ("//", "/*"), ".cpp": ("//", "/*"), ".c": ("//", "/*"), ".py": ('"""', "#"), ".sh": ("#",)}

# A path from the root of the tree, not the tail of a longer one. It may hold * for a glob.
REFERENCE = re.compile(r"(?<![\w./$}{-])(?:tests|docs)/[\w*][\w*./-]*")
# The sentence that says where a file is tested, over the ends of comment lines, and the files in it
# that are named without their folder.
TESTED_BY = re.compile(r"Tested by\s(.*?)(?:\.\s|\.?\Z|\*/|\"\"\")", re.S)
BARE_FILE = re.compile(r"(?<![\w./-])[\w*]+_(?:test|fuzz)\.(?:cpp|py|sh)\b")
# NAME and ROOM in a path stand for what the reader puts there.
PLACEHOLDER = re.compile(r"/(?:NAME|ROOM)(?:[/.]|$)")
REFERRING = ("agent", "bpf", "deploy", "docs", "rules", "tests", ".ci")
# Its paths are planted: some of them must not exist.
PLANTED = "tests/layering/layering_test.py"


def room_of(path):
    """agent/-relative path -> its room."""
    parts = pathlib.PurePath(path).parts
    if len(parts) > 1:
        return parts[0]
    return "main" if pathlib.PurePath(path).stem == "main" else "pipeline"


def place_allowed(path, places):
    """True when the file's room, or its room/stem, is among the places."""
    pure = pathlib.PurePath(path)
    return room_of(path) in places or str(pure.with_suffix("")) in places


def without_comments(text):
    """The text with comments blanked and line numbers kept. String literals with // in them lose their
    tail, which no rule here looks at."""
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found.group().count("\n"), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def check_include(path, target, ours, rooms):
    """The complaint about one include, or None. `ours`: in quotes, so a file below agent/ when its
    room is one of `rooms`, those that exist there."""
    for pattern, places, what in LIBRARIES:
        if re.match(pattern, target):
            allowed = place_allowed(path, places)
            return None if allowed else f"only {', '.join(sorted(places))} may include {what}"
    room, other = room_of(path), room_of(target)
    if not ours or other == room or other not in rooms:
        return None
    if room not in ROOMS:
        return f"room {room} is not in the table of tests/layering/layering.py"
    if other not in ROOMS[room]:
        return f"{room} may not include {other}"
    return None


def check_source(path, text, rooms):
    """All complaints about one file of agent/ as (line, complaint)."""
    found = []
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        include = INCLUDE.match(line)
        if include:
            complaint = check_include(path, include.group(2), include.group(1) == '"', rooms)
            if complaint:
                found.append((number, complaint))
        elif CLOCK.search(line) and not place_allowed(path, CLOCK_PLACES):
            found.append((number, "only base/clock and the pipeline ask for the time; take `Timestamp now`"))
    return found


def check_head(path, text, has_header=False):
    """Every source file begins with a comment that says what it is (after a #! line, if it has one).
    The head of a .cpp may be that of the .h beside it."""
    if has_header and pathlib.PurePath(path).suffix == ".cpp":
        return None
    starts = COMMENT_START.get(pathlib.PurePath(path).suffix)
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    if starts and not (lines and lines[0].startswith(starts)):
        return "the file does not begin with a comment"
    return None


def check_name(path):
    """Names that promise nothing collect everything."""
    for part in pathlib.PurePath(path).parts:
        if EMPTY_NAMES.search(part.split(".")[0]):
            return f"'{part}' says nothing; name what it owns"
    return None


def check_references(tree, text):
    """Paths below tests/ and docs/ that the text names and that are not there, as (line, complaint)."""
    found = []

    def missing(start, name, pattern):
        if PLACEHOLDER.search(name):
            return
        if not any(True for _ in tree.glob(pattern)):
            found.append((text.count("\n", 0, start) + 1, f"{name} does not exist"))

    for match in REFERENCE.finditer(text):
        name = match.group().rstrip("./-")
        missing(match.start(), name, name)
    for sentence in TESTED_BY.finditer(text):
        for match in BARE_FILE.finditer(sentence.group(1)):
            missing(sentence.start(1) + match.start(), match.group(), "tests/**/" + match.group())
    return found


def referring_files(tree):
    """The files whose references are looked at: all that people read, at the root as well."""
    for folder in REFERRING:
        yield from (path for path in sorted((tree / folder).rglob("*")) if path.is_file())
    yield from (path for path in sorted(tree.glob("*")) if path.is_file())


def check_tree(tree):
    """All complaints about a source tree, as printable lines."""
    agent = tree / "agent"
    rooms = {room_of(path.relative_to(agent)) for path in agent.rglob("*") if path.suffix in SOURCES}
    lines = []
    for folder in ("agent", "bpf", "tests", "deploy"):
        for path in sorted((tree / folder).rglob("*")):
            if not path.is_file():
                continue
            shown = path.relative_to(tree)
            complaints = [(1, check_name(shown))]
            if path.suffix in COMMENT_START:
                text = path.read_text(errors="replace")
                complaints.append((1, check_head(shown, text, path.with_suffix(".h").exists())))
                if folder == "agent" and path.suffix in SOURCES:
                    complaints += check_source(path.relative_to(agent), text, rooms)
            lines += [f"{shown}:{number}: {what}" for number, what in complaints if what]
    for path in referring_files(tree):
        shown = path.relative_to(tree)
        content = path.read_bytes()
        if str(shown) == PLANTED or b"\0" in content:
            continue
        missing = check_references(tree, content.decode(errors="replace"))
        lines += [f"{shown}:{number}: {what}" for number, what in missing]
    return lines


if __name__ == "__main__":
    mistakes = check_tree(pathlib.Path(sys.argv[1]))
    print("\n".join(mistakes) or "the rooms keep to the rule")
    sys.exit(1 if mistakes else 0)
