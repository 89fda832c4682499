#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Weakens the library one access or step at a time and expects a model test to fail; prints who caught what, and how soon.

A mutant names a file, a text that stands on exactly one of its lines (after `after`, if that is given), and how the access on that
line is weakened: see tests/support/explorer/mutation.hpp. If the text is gone the run fails: whoever changes an order changes its
mutant. `tests` are tried in order, by program and by GoogleTest filter.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # running a check leaves nothing behind in the tree

from mutant_table import argued, mutants

root = pathlib.Path(__file__).resolve().parents[2]


def line_of(mutant):
    """The number of the one line that the mutant means."""
    lines = (root / mutant.file).read_text().splitlines()
    first = 0
    if mutant.after:
        first = next((i for i, line in enumerate(lines) if mutant.after in line), None)
        if first is None:
            raise LookupError(f'{mutant.file}: no line says "{mutant.after}"')
    found = [i + 1 for i, line in enumerate(lines) if i >= first and mutant.text in line]
    if not found or (len(found) > 1 and not mutant.after):
        raise LookupError(f'{mutant.file}: {len(found)} lines say "{mutant.text}"')
    return found[0]


def run(build, test, mutant_name, options):
    """(what the program said, whether it failed) for one test under a mutant."""
    program, _, test_filter = test.partition(":")
    environment = dict(os.environ, WEFT_MUTANT=mutant_name, WEFT_SCHEDULES=str(options.schedules), WEFT_SEED=str(options.seed))
    environment.pop("WEFT_REPLAY", None)
    command = [str(build / program), "--gtest_filter=" + (test_filter or "*")]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=options.timeout, check=False)
    except subprocess.TimeoutExpired:
        return "no end within the time", True
    return done.stdout + done.stderr, done.returncode != 0


def caught_by(build, mutant, options):
    """(test, schedules, first line of the failure), or None if all tests pass."""
    name = mutant.how if mutant.file is None else f"{mutant.file}:{line_of(mutant)}:{mutant.how}"
    for test in mutant.tests:
        said, failed = run(build, test, name, options)
        if not failed:
            continue
        running = re.findall(r"\[ RUN      \] (\S+)", said)
        after = re.search(r"failed after (\d+) schedules[^\n]*\n([^\n]*)", said)
        if after:
            return running[-1], after[1], after[2][:60]
        crash = re.search(r"signal \d+", said)
        return running[-1] if running else test, "?", crash[0] if crash else said.strip().splitlines()[-1][:60]
    return None


def judged(mutant, options):
    """(the mutant's line of the table, whether it was caught)."""
    where = f"{pathlib.Path(mutant.file).name if mutant.file else 'sync.hpp'} {mutant.edge}: {mutant.text.strip()[:48]} {mutant.how}"
    try:
        caught = caught_by(options.build, mutant, options)
    except LookupError as gone:
        return f"{where:88} THE SOURCE HAS CHANGED: {gone}", False
    if caught is None:
        return f"{where:88} NOT CAUGHT", False
    return f"{where:88} {caught[0]:64} {caught[1]:>6}  {caught[2]}", True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="where the model tests are built")
    parser.add_argument("--schedules", type=int, default=50_000, help="for each test (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=300, help="seconds for each program")
    parser.add_argument("--only", default="", help="mutants whose line in the table contains this")
    options = parser.parse_args()

    missed = 0
    chosen = [mutant for mutant in mutants if options.only in str(mutant)]
    print(f"{'mutant':88} {'caught by':64} after schedules")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for line, caught in pool.map(lambda mutant: judged(mutant, options), chosen):
            print(line, flush=True)
            missed += not caught
    print(f"mutants: {len(mutants)}, not caught: {missed}")
    for place, reason in argued:
        print(f"argued: {place}: {reason}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
