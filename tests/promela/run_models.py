# SPDX-License-Identifier: Apache-2.0
"""Searches the Promela models with spin: each must be without error, and each planted error must be found. Prints a table of both.

Every statement of a model must be reached by one of its searches, or stand in the list of those that none can reach.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

# Model, its settings, and the fewest states that a search worth the name has.
models = (
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1", 1000000),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=2 -DFROM_SLEEP", 100000),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=2 -DFROM_SLEEP -DDRIVER", 3000000),
    ("park_wake", "-DEARLY=1 -DSUBMITTERS=1 -DFROM_SLEEP -DDRIVER", 100000),
    ("park_wake", "-DEARLY=2 -DSUBMITTERS=1 -DFROM_SLEEP -DDRIVER -DBUSY", 50000),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1 -DLOUD", 100000),
    ("mark", "-DINJECTORS=1 -DFORKS=1", 1000000),
    ("mark", "-DINJECTORS=1 -DFORKS=2 -DFORKER", 500000),
    ("mark", "-DINJECTORS=2 -DFORKS=0 -DFORKER", 100000),
    ("stop_submit", "-DSUBMITTERS=1 -DCHILD", 30000),
    ("stop_submit", "-DSUBMITTERS=1 -DCHILD -DIMPATIENT", 80000),
    ("stop_submit", "-DSUBMITTERS=2", 150000),
    ("stop_submit", "-DSUBMITTERS=2 -DIMPATIENT", 700000),
    ("stop_submit", "-DSUBMITTERS=2 -DGUEST", 200000),
    ("stop_submit", "-DSUBMITTERS=2 -DGUEST -DIMPATIENT", 800000),
    ("stop_submit", "-DSUBMITTERS=2 -DGUEST -DCHILD", 2000000),
)

# Model, process and statement that no search reaches, and why.
unreachable = (
    ("park_wake", "hardware", "-end-", "there may always be another store to move"),
    ("park_wake", "worker", "-end-", "a worker goes on for ever"),
    ("mark", "worker", "-end-", "a worker goes on for ever"),
    ("stop_submit", "hardware", "-end-", "there may always be another store to move"),
)

driven = "-DEARLY=2 -DSUBMITTERS=1 -DFROM_SLEEP -DDRIVER -DBUSY"
forking = "-DINJECTORS=2 -DFORKS=0 -DFORKER"

# Model, settings, the planted error, and what it is.
planted = (
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1 -DLOUD", "NO_RESCAN", "a worker announces itself and sleeps without looking again"),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1 -DLOUD", "RESCAN_BEFORE_ANNOUNCE", "it looks before it announces itself"),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1 -DLOUD", "PUSH_NOT_LOCKED", "a plain store publishes, where an exchange is needed"),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1", "NO_SECOND_LOOK", "after a quiet push nobody looks again"),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1", "NO_BARRIER", "the second look is not behind the barrier of all threads"),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=2 -DFROM_SLEEP", "LAST_SEARCHER_SILENT", "the last searcher does not look when it stops"),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=2 -DFROM_SLEEP", "PLAIN_LOAD_AFTER_QUIET", "a load stands for the empty read-modify-write"),
    ("park_wake", "-DEARLY=0 -DSUBMITTERS=1", "LOAD_BEFORE_THE_STORE", "the compiler moves the look at the word before a quiet push"),
    ("park_wake", driven, "ROLE_FREED_BY_WAKER", "the driver is free before its worker is up"),
    ("park_wake", driven, "UP_WITHOUT_ITS_WAKE", "who gets up by itself does not wait for a faster waker's wake"),
    ("park_wake", driven, "UP_AS_A_SEARCHER", "and does not stop being a searcher"),
    ("mark", forking, "INJECTOR_RAISES_NO_MARK", "the injector only wakes"),
    ("mark", forking, "LAST_SEARCHER_RAISES_NO_MARK", "the last searcher only wakes"),
    ("mark", forking, "MARK_BEFORE_THE_PUSH", "the injector looks at the word before it injects"),
    ("mark", forking, "LOOK_BEFORE_THE_STOP", "the last searcher looks at the queue before it stops"),
    ("mark", forking, "CLEARED_AFTER_THE_LOOK", "the mark is cleared after the look at the queue"),
    ("mark", forking, "DROPPED_WITHOUT_A_LOOK", "a worker lies down, which drops the mark, and does not look"),
    ("mark", forking, "FORKS_ONLY_WAKE", "a worker that forks looks for sleepers only"),
    ("stop_submit", "-DSUBMITTERS=2", "WAKE_NOT_KEPT", "a wake that comes before the sleep is forgotten"),
    ("stop_submit", "-DSUBMITTERS=2", "EXITING_BEFORE_DRAIN", "workers are told to leave before the drain"),
    ("stop_submit", "-DSUBMITTERS=2", "EXITING_AFTER_WAKES", "workers are woken before they are told to leave"),
    ("stop_submit", "-DSUBMITTERS=2", "LISTS_STAY_OPEN", "only the queue closes, not the lists of roots"),
    ("stop_submit", "-DSUBMITTERS=2", "VISITOR_NOT_COUNTED", "the memory does not wait for who is about to wake somebody"),
    ("stop_submit", "-DSUBMITTERS=1 -DCHILD", "COUNT_LIST_BY_LIST", "live roots are counted without holding all lists"),
    ("stop_submit", "-DSUBMITTERS=2 -DGUEST", "GUEST_NOT_COUNTED", "a task of another scheduler is not counted by its host"),
    ("stop_submit", "-DSUBMITTERS=2 -DGUEST -DCHILD -DW=2", "ROOTS_BEFORE_GUESTS", "a guest spawns and leaves between the two looks"),
    ("stop_submit", "-DSUBMITTERS=2 -DIMPATIENT", "CLOSE_BIT_OUTSIDE_THE_WORD", "the closed bit is not in the word of the queue"),
)

here = pathlib.Path(__file__).resolve().parent
compiler = ("gcc", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=2000")
named = r"((?:scheduler|include)/[\w./]+\.[ch]pp): ((?:~?\w+(?:::)?)+(?:, (?:~?\w+(?:::)?)+)*)"  # file: function, function
longest = 300  # seconds for one search, on a machine that has other things to do


class failed(Exception):
    """A model that is not as it must be."""


searched = collections.namedtuple("searched", "errors states depth seconds statements reached")
statement = collections.namedtuple("statement", "process line text")  # of an inline: once for each process


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=longest, check=False)
    return done.returncode, done.stdout + done.stderr


def unreached(text):
    """The statements that pan lists as unreached, each at all its places: {statement: {its states}}."""
    found = collections.defaultdict(set)
    process = None
    for line in text.splitlines():
        if begins := re.fullmatch(r"unreached in (?:proctype )?(\w+)", line):
            process = begins[1]
        elif names := re.fullmatch(r'\t\S+:(\d+), state (\d+), "(.*)"', line):
            found[statement(process, int(names[1]), names[3])].add(int(names[2]))
    return found


def search(model, settings, effort):
    """What comes of an exhaustive search; raises failed where it was none."""
    name = f"{model} {' '.join(settings)}"
    with tempfile.TemporaryDirectory() as folder:
        for command in (("spin", "-a", *settings, str(here / f"{model}.pml")), (*compiler, effort, "-o", "pan", "pan.c")):
            status, text = run(command, folder)
            if status != 0:
                raise failed(f"{name}: {command[0]} failed:\n{text}")
        pan = os.path.join(folder, "pan")
        statements = unreached(run((pan, "-m1"), folder)[1])  # one step reaches next to nothing
        started = time.monotonic()
        _, text = run((pan, "-m100000"), folder)
        seconds = time.monotonic() - started
    found = [re.search(pattern, text) for pattern in (r"errors: (\d+)", r"(\d+) states, stored", r"depth reached (\d+)")]
    if not all(found):
        raise failed(f"{name}: the search gave no result:\n{text}")
    errors, states, depth = (int(match[1]) for match in found)
    if errors == 0 and ("max search depth too small" in text or "Search not completed" in text):
        raise failed(f"{name}: the search is not exhaustive:\n{text}")
    left = unreached(text)
    return searched(errors, states, depth, seconds, set(statements), {s for s in statements if statements[s] - left[s]})


def check_places(root):
    """Every "file: function" that a model's comment names is there, so that a model cannot outlive what it stands for."""
    count = 0
    for model in sorted(here.glob("*.pml")):
        for place, names in re.findall(named, model.read_text(encoding="utf-8")):
            text = (root / place).read_text(encoding="utf-8") if (root / place).is_file() else ""
            for name in names.split(", "):
                count += 1
                if not re.search(rf"\b{re.escape(name.split('::')[-1].lstrip('~'))}\b", text):
                    raise failed(f"{model.name} stands for {name} of {place}, which is not there; look at both again")
    return count


def check_reached(statements, reached):
    """Of a model: what no search reached is what the list says."""
    for model in statements:
        expected = {(process, text) for of, process, text, _ in unreachable if of == model}
        left = sorted(statements[model] - reached[model])
        for process, line, text in left:
            if (process, text) not in expected:
                raise failed(f"{model}, line {line} of it or of what it includes: no search reaches this statement of {process}: {text}")
        if gone := expected - {(process, text) for process, _, text in left}:
            raise failed(f"{model}: reached, or no longer there, though the list says that nothing can reach it: {sorted(gone)}")
        print(f"{model:12} {len(statements[model])} statements, reached but for {len(left)}")


def check_models():
    statements, reached = collections.defaultdict(set), collections.defaultdict(set)
    for model, settings, least in models:
        found = search(model, settings.split(), "-O1")
        print(f"{model:12} {settings:56} {found.states:9} states, depth {found.depth:4}, {found.seconds:6.1f} s", flush=True)
        if found.errors:
            raise failed(f"{model} {settings}: spin found an error; `spin -t -p -g` shows the way to it")
        if found.states < least:
            raise failed(f"{model} {settings}: {found.states} states are too few, at least {least} are expected")
        statements[model] |= found.statements
        reached[model] |= found.reached
    check_reached(statements, reached)


def check_planted():
    for model, settings, error, what in planted:
        found = search(model, [*settings.split(), f"-D{error}"], "-O0")  # soon over: what takes time is gcc
        answer = f"found after {found.states}" if found.errors else f"NOT FOUND in {found.states}"
        print(f"{model:12} {error:27} {what:64} {answer} states", flush=True)
        if not found.errors:
            raise failed(f"{model} {settings} -D{error}: the planted error was not found")
    # A statement that nothing reaches, too: without a child nobody runs it.
    found = search("stop_submit", ["-DSUBMITTERS=1"], "-O0")
    if ("worker", "task = 4") not in {(process, text) for process, _, text in found.statements - found.reached}:
        raise failed("stop_submit -DSUBMITTERS=1: a statement that cannot be reached was not found")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("models", "planted", "places"))
    what = parser.parse_args().what
    try:
        if what == "models":
            check_models()
        elif what == "planted":
            check_planted()
        else:
            print(f"{check_places(here.parent.parent)} places of the library are named, and are there")
    except failed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


sys.exit(main())
