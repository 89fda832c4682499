# SPDX-License-Identifier: Apache-2.0
"""The form of the files: where they are, what they are called, how they start, how long they are."""
import ast
import collections
import re

from checks import scopes

rules = {
    "top": "the top level holds the fixed folders, CMakeLists.txt, README.md, LICENSE and dotfiles, nothing else",
    "licence": "the first line (after #!) is the SPDX line",
    "purpose": "a comment right after the SPDX line says what the file is for",
    "length": "a file has at most 400 lines",
    "function": "a function has at most 50 lines",
    "line": "a line has at most 140 characters, no tab and no space at its end",
    "name": "no file, type or namespace is named after a word that says nothing, types do not end in _t, and no two files share a name",
    "todo": "nothing is left to be done later: an issue holds that, not a comment",
}

top_level = {"CMakeLists.txt", "LICENSE", "README.md", "bench", "build", "coro", "include", "scheduler", "tests", "tools"}
banned = {"util", "utils", "helper", "helpers", "misc", "common", "base", "impl", "manager", "handler", "info", "data", "core", "ext"}
max_lines, max_function, max_width = 400, 50, 140
may_share_a_name = {"CMakeLists.txt", "main.cpp"}


def _check_top(tree):
    for path in sorted(tree.root.iterdir()):
        if path.name not in top_level and not path.name.startswith("."):
            yield tree.violation(path.name, 1, "top", "move it into one of the folders that are there")


def _check_opening(file):
    number = 2 if file.lines[1:2] and file.lines[1].startswith("#!") else 1
    mark = "//" if file.is_cpp else "#"
    line = file.lines[number] if file.line_count >= number else ""
    if line != f"{mark} SPDX-License-Identifier: Apache-2.0":
        yield file.violation(number, "licence", f"start with: {mark} SPDX-License-Identifier: Apache-2.0")
        return
    following = (text.strip().strip('/#"').strip() for text in file.lines[number + 1 :])
    first = next((text for text in following if text), "")
    kind = file.lines[number + 1].strip() if file.line_count > number else ""
    if not first or not kind.startswith((mark, '"""')):
        yield file.violation(number + 1, "purpose", "say in one sentence what this file is for, right below the SPDX line")


def _check_lines(file):
    if file.line_count > max_lines:
        yield file.violation(file.line_count, "length", f"{file.line_count} lines; split it: at most {max_lines}, about 120 is the aim")
    for number, line in enumerate(file.lines):
        if len(line) > max_width:
            yield file.violation(number, "line", f"{len(line)} characters; at most {max_width}")
        if line != line.rstrip() or "\t" in line:
            yield file.violation(number, "line", "remove the tab or the space at the end")
        if re.search(r"\b(?:TODO|FIXME|XXX)\b", line) and not file.name.startswith(("tools/checks/", "tests/check/")):
            yield file.violation(number, "todo", "do it, or open an issue and remove the comment")


def _function_lengths(file):
    """(first line, number of lines) of every function."""
    if file.is_cpp:
        for entry in scopes.functions(file.code):
            first = file.line_of(entry.start)
            yield first, file.line_of(entry.close) - first + 1
    elif file.path.suffix == ".py":
        for node in ast.walk(ast.parse(file.text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.lineno, node.end_lineno - node.lineno + 1
    else:
        start = None
        for number, line in enumerate(file.lines):
            if re.match(r"\w+\(\) *\{$|function\(", line):
                start = number
            elif start and re.match(r"\}$|endfunction\(", line):
                yield start, number - start + 1
                start = None


def _check_functions(file):
    for line, length in _function_lengths(file):
        if length > max_function:
            yield file.violation(line, "function", f"{length} lines; take it apart: at most {max_function}")


def _declared_names(entries):
    for entry in entries:
        plain = scopes.plain_head(entry.head)
        if entry.kind == "namespace":
            for name in re.findall(r"\w+", plain.partition("namespace")[2]):
                yield entry.start, name
        elif match := re.match(r"(?:.*\s)?(?:class|struct|union|enum|concept)\s+(?:[A-Z_]+\s+)*(\w+)", plain.partition(":")[0]):
            yield entry.start, match[1]
        elif match := re.match(r"using\s+(\w+)\s*=", plain):
            yield entry.start, match[1]
        if entry.kind in ("namespace", "type"):
            yield from _declared_names(entry.members)


def _check_names(file):
    words = banned.intersection(re.split(r"[_.\-]", file.path.name.lower()))
    if words and file.path.name != "CMakeLists.txt":
        yield file.violation(1, "name", f"\"{words.pop()}\" says nothing; name the file after the one idea in it")
    if not file.is_cpp:
        return
    for start, name in _declared_names(scopes.declarations(file.code)):
        words = banned.intersection(name.lower().split("_"))
        if words:
            yield file.violation(file.line_of(start), "name", f"\"{words.pop()}\" in {name} says nothing; name the idea")
        if name.endswith("_t"):
            yield file.violation(file.line_of(start), "name", f"{name}: _t is for other people's types")


def _check_twins(files):
    by_name = collections.defaultdict(list)
    for file in files:
        if file.is_cpp and file.path.name not in may_share_a_name:
            by_name[file.path.name].append(file)
    for name, twins in by_name.items():
        for file in twins[1:]:
            yield file.violation(1, "name", f"{twins[0].name} is called {name}, too; choose another name")


def check(tree):
    yield from _check_top(tree)
    for file in tree.files:
        yield from _check_opening(file)
        yield from _check_lines(file)
        yield from _check_functions(file)
        yield from _check_names(file)
    yield from _check_twins(tree.files)
