#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Weakens the library one access or step at a time and expects a model test to fail; prints who caught what, and how soon.

A mutant names a file, a text that stands on exactly one of its lines (after `after`, if that is given), and how the access on that
line is weakened: see tests/support/explorer/mutation.hpp. If the text is gone the run fails: whoever changes an order changes its
mutant. A change puts another text there, in a program <how>_<test> of its own. `tests` are tried in order, by program and by GoogleTest
filter. A test that does not come to an end, that runs nothing or that ends without saying what failed has caught nothing: the run
fails. So it does if a program fails without a mutant, too, if an access stronger than relaxed has no mutant one step weaker, and if
there are fewer mutants than --least.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # running a check leaves nothing behind in the tree

import strong_accesses
from mutant_table import argued, argued_steps, change, changes, mutants

_failed = re.compile(r"failed after (\d+) schedules[^\n]*\n([^\n]*)")
_crashed = re.compile(r"explorer: signal \d+")
_plain_failure = "[  FAILED  ]"
_running = re.compile(r"\[ RUN      \] (\S+)")


class no_answer(Exception):
    """A test that says nothing about its mutant."""


def run(test, mutant_name, schedules, options):
    """What one test says under a mutant, or under none (""), and whether it failed."""
    program, _, test_filter = test.partition(":")
    environment = dict(os.environ, WEFT_MUTANT=mutant_name, WEFT_SCHEDULES=str(schedules), WEFT_SEED=str(options.seed))
    environment.pop("WEFT_REPLAY", None)
    command = [str(options.build / program), "--gtest_filter=" + (test_filter or "*")]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=options.timeout, check=False)
    except subprocess.TimeoutExpired:
        raise no_answer(f"{test} did not end within {options.timeout} s") from None
    except OSError as error:
        raise no_answer(f"{test} did not start: {error.strerror}") from None
    said = done.stdout + done.stderr
    if not _running.search(said):
        raise no_answer(f"{test} ran no test, status {done.returncode}: {said.strip()[-100:]}")
    return said, done.returncode != 0


def tries(mutant):
    """(test, the mutant's name for the engine), one after the other."""
    if isinstance(mutant, change):
        return [(f"{mutant.how}_{test}", "") for test in mutant.tests]
    name = mutant.how if mutant.file is None else f"{mutant.file}:{strong_accesses.line_of(mutant)}:{mutant.how}"
    return [(test, name) for test in mutant.tests]


def caught_by(mutant, options):
    """(test, schedules, first line of the failure), or None if all tests pass."""
    for test, name in tries(mutant):
        said, failed = run(test, name, options.schedules, options)
        if not failed:
            continue
        running = _running.findall(said)[-1]
        if after := _failed.search(said):
            return running, after[1], after[2][:60]
        if crash := _crashed.search(said):
            return running, "?", crash[0]
        if _plain_failure in said:
            return running, "?", _plain_failure
        raise no_answer(f"{test} ended without saying what failed: {said.strip()[-100:]}")
    return None


def judged(mutant, options):
    """(the mutant's line of the table, whether it was caught)."""
    where = f"{pathlib.Path(mutant.file).name if mutant.file else 'sync.hpp'} {mutant.edge}: {mutant.text.strip()[:48]} {mutant.how}"
    try:
        caught = caught_by(mutant, options)
    except (LookupError, no_answer) as error:
        return f"{where:88} ERROR: {error}", False
    if caught is None:
        return f"{where:88} NOT CAUGHT", False
    return f"{where:88} {caught[0]:64} {caught[1]:>6}  {caught[2]}", True


def fails_anyway(program, options):
    """What is wrong with a program without a mutant, or None. A short dose: its own test in ctest runs more."""
    short_dose = 500
    try:
        said, failed = run(program, "", min(options.schedules, short_dose), options)
    except no_answer as error:
        return str(error)
    return f"{program} fails without a mutant: {said.strip()[-200:]}" if failed else None


def options_given():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="where the model tests are built")
    parser.add_argument("--schedules", type=int, default=50_000, help="for each test (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=300, help="seconds for each program")
    parser.add_argument("--only", default="", help="mutants whose line in the table contains this")
    parser.add_argument("--least", type=int, help="how many mutants there must be (default: 24; with --only: 1)")
    options = parser.parse_args()
    if options.least is None:
        options.least = 1 if options.only else 24
    return options


def main():
    options = options_given()
    chosen = [mutant for mutant in [*mutants, *changes] if options.only in str(mutant)]
    programs = sorted({test.partition(":")[0] for mutant in chosen for test in mutant.tests})
    wrong = list(strong_accesses.complaints(mutants, argued))
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong += filter(None, pool.map(lambda program: fails_anyway(program, options), programs))
        print(f"{'mutant':88} {'caught by':64} after schedules")
        for line, caught in pool.map(lambda mutant: judged(mutant, options), chosen):
            print(line, flush=True)
            missed += not caught
    print(f"mutants: {len(chosen)}, not caught: {missed}")
    for row in argued:
        print(f"argued: {pathlib.Path(row.file).name} {row.edge}: {row.text} {row.how}: {row.why}")
    for place, reason in argued_steps:
        print(f"argued: {place}: {reason}")
    if len(chosen) < options.least:
        wrong.append(f"{len(chosen)} mutants, where at least {options.least} are expected")
    for complaint in wrong:
        print(f"wrong: {complaint}")
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
