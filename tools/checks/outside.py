# SPDX-License-Identifier: Apache-2.0
"""What other programs check for us: clang-format the layout, clang-tidy the names."""
import concurrent.futures
import json
import os
import re
import subprocess

format_program = "clang-format-19"
tidy_program = "clang-tidy-19"
_report = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+):\d+: (?:warning|error): (?P<text>.*)$", re.M)


def _reported(tree, output, rule):
    """The program's reports on files of ours, each once."""
    for match in _report.finditer(output):
        path = os.path.relpath(match["path"], tree.root)
        if not path.startswith(".."):
            yield tree.violation(path, int(match["line"]), rule, match["text"])


def check_format(tree):
    paths = [str(file.path) for file in tree.files if file.is_cpp]
    if not paths:
        return []
    done = subprocess.run([format_program, "--dry-run", "-Werror", *paths], capture_output=True, text=True)
    first = {}
    for found in _reported(tree, done.stderr, "format"):
        first.setdefault(found.path, found._replace(advice=f"run {format_program} -i {found.path}"))
    if done.returncode and not first:
        raise SystemExit(f"{format_program} failed:\n{done.stderr}")
    return list(first.values())


def check_tidy(tree, build):
    """Checks every file of the compile database in `build` that lies in the tree."""
    database = os.path.join(build, "compile_commands.json")
    try:
        with open(database, encoding="utf-8") as opened:
            compiled = {os.path.join(entry["directory"], entry["file"]) for entry in json.load(opened)}
    except OSError as failure:
        raise SystemExit(f"tools/check --tidy needs a build: {failure}") from None
    ours = {str(file.path) for file in tree.files}
    paths = sorted(os.path.realpath(path) for path in compiled if os.path.realpath(path) in ours)
    if not paths:
        raise SystemExit(f"tools/check --tidy: {database} compiles nothing of {tree.root}")

    def run(path):
        return subprocess.run([tidy_program, "--quiet", "-p", build, path], capture_output=True, text=True)

    found = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, done in zip(paths, pool.map(run, paths)):
            reports = set(_reported(tree, done.stdout, "tidy"))
            if (done.returncode or "Skipping" in done.stderr) and not reports:
                raise SystemExit(f"{tidy_program} failed on {path}:\n{done.stdout}{done.stderr}")
            found |= reports
    return sorted(found)
