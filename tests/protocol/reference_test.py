# SPDX-License-Identifier: Apache-2.0
# The reference gives what was recorded of CPython 3.10: the same traces, with contexts, and the same outcomes of races.
import json
import sys
import unittest

import reference

RECORDED = sys.argv.pop(1)


class Recorded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recorder = reference.Recorder()
        with open(RECORDED, encoding="utf-8") as recorded:
            cls.programs = [json.loads(line) for line in recorded]

    def test_traces(self):
        self.assertGreater(len(self.programs), 100)
        for program in self.programs:
            with self.subTest(program=program["id"]):
                self.assertEqual(self.recorder.run(program), program["trace"])

    def test_outcomes_of_races(self):
        racing = [program for program in self.programs if "race" in program]
        self.assertGreater(len(racing), 10)
        for program in racing:
            race = program["race"]
            with self.subTest(program=program["id"]):
                self.assertEqual(self.recorder.legal(program, race["prefix"], race["a"], race["b"]), race["legal"])


if __name__ == "__main__":
    if not reference.is_usable():
        print(reference.NOT_USABLE)
        sys.exit(reference.SKIPPED)
    unittest.main()
