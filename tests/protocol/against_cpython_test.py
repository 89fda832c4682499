# SPDX-License-Identifier: Apache-2.0
# New random programs do the same with weft's coroutines as with CPython's: on one thread, moved between workers, and in races. Each run
# draws other programs; WEFT_SEED=<the seed it prints> repeats them, WEFT_SCALE multiplies how many there are.
#
# What is compared: every event of a trace in its order, with the contexts of exceptions (level 2), for modes single and migrate. C++ has
# no __context__; that of a program's exceptions is kept by `weft replay`, so level 2 says that coroutines run, end and go in CPython's
# order, and level 1 all that a user sees. Of a race, that its outcome is one of those that reference.py found to be legal.
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import coverage
import generate
import reference
import situations

PROGRAM = sys.argv.pop(1)
COUNT = 2000
LEAST = 200  # more than those of situations.py
MODES = (
    ("--mode=single", "--level=1"),
    ("--mode=single", "--level=2"),
    ("--mode=migrate", "--level=1", "--workers=4"),
    ("--mode=migrate", "--level=2", "--workers=4"),
    ("--mode=race", "--races=10", "--workers=4"),
)


def seed():
    given = os.environ.get("WEFT_SEED")
    chosen = int(given, 0) if given else random.SystemRandom().getrandbits(32)
    print(f"seed: WEFT_SEED={chosen} repeats this run's random choices", flush=True)
    return chosen


class AgainstCPython(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.count = max(LEAST, int(COUNT * float(os.environ.get("WEFT_SCALE") or 1)))
        cls.seed = seed()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.file = pathlib.Path(cls.folder.name, "programs.jsonl")
        cls.shown = collections.Counter()
        with open(cls.file, "w", encoding="utf-8") as lines:
            for program in generate.programs(cls.seed, cls.count):
                cls.shown.update(coverage.situations_in(program))
                lines.write(json.dumps(program) + "\n")

    def test_no_mode_differs(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                result = subprocess.run([PROGRAM, "replay", "--compare", *mode, self.file], capture_output=True, text=True, check=False)
                print(result.stdout[-2000:], flush=True)
                again = f"generate.py {self.seed} {self.count} > programs.jsonl; weft replay --compare {' '.join(mode)} programs.jsonl"
                self.assertEqual((result.returncode, result.stderr), (0, ""), f"{result.stdout[:10000]}\nto repeat: {again}")
                self.assertIn("none differ", result.stdout)

    def test_every_situation_is_shown(self):
        names = situations.names()
        rarest = sorted(names, key=lambda name: self.shown[name])[:5]
        print(f"{self.count} programs show {len(names)} situations; the rarest:", *(f"\n{self.shown[name]:8} {name}" for name in rarest))
        if self.count >= COUNT:
            self.assertEqual([name for name in rarest if self.shown[name] == 0], [])


if __name__ == "__main__":
    if not reference.is_usable():
        print(reference.NOT_USABLE)
        sys.exit(reference.SKIPPED)
    unittest.main()
