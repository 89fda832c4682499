#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report of the long version: what it reads out of the logs, and what makes it red."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

suite_log = """<testsuite><testcase name="allocation_fault" status="run"><system-out>fault: memory for spawn: 103 times
fault: memory for run: 100 times
</system-out></testcase><testcase name="unit" status="{status}"><system-out/></testcase></testsuite>"""
model_log = """<testsuite><testcase name="parker_model" status="run"><system-out>[ RUN      ] parker_model.sleeps
explored: 250000 schedules of at most 13 steps
[       OK ] parker_model.sleeps (6 ms)
</system-out></testcase><testcase name="model_mutants" status="run"><system-out>mutants: 91, not caught: {missed}
</system-out></testcase></testsuite>"""
stress_log = """  kind         operations         tasks   what they are
  all                 930     200000000   in 44.7 s, 4.5 million a second

  lost                              0   tasks that never ran
  doubled                           0   tasks that ran twice, or when they were over
  wrong results                     0   sums, failures and homes that were not what they must be
  live frames                       0   coroutines left over at the end
{verdict}
"""


class full_report_test(unittest.TestCase):
    report = None

    def run_report(self, status="run", missed=0, verdict="All laws held: every task ran once.", without=()):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            logs = {"release.xml": suite_log.format(status=status), "model.xml": model_log.format(missed=missed),
                    "stress_1.txt": stress_log.format(verdict=verdict), "stress_16.txt": stress_log.format(verdict=verdict)}
            for log, text in logs.items():
                if log not in without:
                    (folder / log).write_text(text)
            done = subprocess.run([str(self.report), name], capture_output=True, text=True, check=False)
            return done.returncode, json.loads((folder / "report.json").read_text()), (folder / "report.md").read_text()

    def test_it_adds_up_what_was_done(self):
        status, figures, text = self.run_report()

        self.assertEqual(status, 0, text)
        self.assertEqual(figures["schedules"], {"parker_model.sleeps": 250000})
        self.assertEqual(figures["mutants"], {"mutants": 91, "not_caught": 0})
        self.assertEqual(figures["faults"], {"memory for spawn": 103, "memory for run": 100})
        runs = [(run["workers"], run["tasks"], run["lost"]) for run in figures["stress"]]
        self.assertEqual(runs, [(1, 200000000, 0), (16, 200000000, 0)])
        for line in ("250,000 schedules explored by 1 model tests", "203 faults injected at 2 points, the least often 100 times",
                     "400,000,000 tasks run", "Everything passed."):
            self.assertIn(line, text)

    def test_what_failed_or_is_missing_makes_it_red(self):
        for broken in ({"status": "fail"}, {"missed": 1}, {"verdict": "A law was broken."}, {"without": ("model.xml",)},
                       {"without": ("release.xml",)}, {"without": ("stress_1.txt", "stress_16.txt")}):
            status, _, text = self.run_report(**broken)

            self.assertEqual(status, 1, broken)
            self.assertIn("**Something failed.**", text)


if __name__ == "__main__":
    full_report_test.report = pathlib.Path(sys.argv.pop(1)).resolve() / "full_report.py"
    unittest.main()
