#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report of the long version: what it reads out of the logs, and what makes it red."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

laws = ("lost", "doubled", "wrong results", "live frames")


def junit(cases):
    """As ctest writes it: {name: (status, what was printed)}."""
    inner = "".join(f'<testcase name="{name}" status="{status}"><system-out>{text}</system-out></testcase>'
                    for name, (status, text) in cases.items())
    return f"<testsuite>{inner}</testsuite>"


def explored(name, *lines):
    """What a model test prints."""
    said = "".join(f"explored: {line}\n" for line in lines)
    return f"[ RUN      ] {name}\n{said}[       OK ] {name} (6 ms)\n"


def stress_log(tasks=200_000_000, verdict="All laws held: every task ran once.", **found):
    rows = "".join(f"  {law:22} {found.get(law.replace(' ', '_'), 0):>12}   what it means\n" for law in laws)
    return f"  kind         operations         tasks   what\n  all                 930 {tasks:>13}   in 44.7 s\n\n{rows}\n{verdict}\n"


class full_report_test(unittest.TestCase):
    report = None

    def setUp(self):
        self.tests = {f"unit_{i}": ("run", "") for i in range(99)}
        self.points = {f"memory for call {i}": 100 for i in range(40)}
        self.models = [explored(f"parker_model.number_{i}", "250001 random schedules of at most 13 steps, share 1") for i in range(24)]
        self.mutants = "mutants: 24, not caught: 0"
        self.logs = {f"stress_{workers}.txt": stress_log() for workers in (1, 2, 4, 8, 16)}
        self.logs["matrix.txt"] = "2448 cells in 36 configurations, 0 errors\n"

    def run_report(self, without=(), **environment):
        """(exit status, report.json, report.md)"""
        faults = "".join(f"fault: {point}: {hits} times\n" for point, hits in self.points.items())
        logs = self.logs | {"release.xml": junit(self.tests | {"allocation_fault": ("run", faults)}),
                            "model.xml": junit({"parker_model": ("run", "".join(self.models)), "model_mutants": ("run", self.mutants)})}
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for log, text in logs.items():
                if log not in without:
                    (folder / log).write_text(text)
            plain = {key: value for key, value in os.environ.items() if key not in ("WEFT_SCHEDULES", "WEFT_STRESS_TASKS")}
            done = subprocess.run([str(self.report), name], env=plain | environment, capture_output=True, text=True, check=False)
            self.assertEqual(done.stderr, "")
            return done.returncode, json.loads((folder / "report.json").read_text()), (folder / "report.md").read_text()

    def expect_red(self, *reasons, **how):
        """The reasons given, and no other."""
        status, figures, text = self.run_report(**how)
        self.assertEqual(status, 1, reasons)
        self.assertIn("**Something failed.**", text)
        self.assertEqual(figures["wrong"], list(reasons))
        for reason in reasons:
            self.assertIn(f"- {reason}\n", text)
        self.setUp()

    def test_it_adds_up_what_was_done(self):
        status, figures, text = self.run_report()

        self.assertEqual((status, figures["wrong"], figures["below"]), (0, [], []), text)
        self.assertEqual(figures["schedules"]["parker_model.number_7"], {"random": 250001, "share": 1})
        self.assertEqual(figures["mutants"], {"mutants": 24, "not_caught": 0})
        self.assertEqual(figures["faults"], self.points)
        self.assertEqual(figures["matrix"], {"cells": 2448, "configurations": 36, "errors": 0})
        self.assertEqual([(run["workers"], run["tasks"], run["lost"]) for run in figures["stress"]],
                         [(workers, 200000000, 0) for workers in (1, 2, 4, 8, 16)])
        for line in ("6,000,024 random schedules explored by 24 model tests",
                     "4,000 faults injected at 40 points, the least often 100 times",
                     "1,000,000,000 tasks run", "24 mutants, not caught: 0",
                     "2,448 cells of compiler probes in 36 configurations, errors: 0",
                     "Everything passed."):
            self.assertIn(line, text)
        self.assertNotIn("Below", text)

    def test_what_failed_or_is_missing_makes_it_red(self):
        self.tests["unit_7"] = ("fail", "")
        self.expect_red("failed: unit_7")
        del self.tests["unit_7"], self.tests["unit_8"]
        self.expect_red("too few tests: 98, at least 100 are expected")
        self.expect_red("failed: model.xml is missing", "too few model tests: 0, at least 24 are expected",
                        "too few mutants: 0, at least 24 are expected", without=("model.xml",))
        self.expect_red("failed: release.xml is missing", "too few tests: 0, at least 100 are expected",
                        "too few points: 0, at least 40 are expected", without=("release.xml",))

    def test_every_model_test_explores_what_was_asked_for(self):
        few = "250000 random schedules of at most 9 steps, share 1"
        self.models[3] = explored("few.one", "249999 random schedules of at most 9 steps, share 1; 20000 of the bounded walk")
        self.expect_red("few.one: 249,999 random schedules of 250,000")
        self.models[3] = explored("few.one", "1000001 random schedules of at most 9 steps, share 4, 750002 guessed in vain")
        self.expect_red("few.one: 249,999 random schedules of 250,000")
        self.models.append(explored("few.one", "12499 random schedules of at most 9 steps, share 0.05"))
        self.expect_red("few.one: 12,499 random schedules of 12,500")
        self.expect_red(*(f"parker_model.number_{i}: 250,001 random schedules of 300,000" for i in range(24)), WEFT_SCHEDULES="300000")
        self.models[3] = explored("half.one", "125001 random schedules of at most 9 steps, share 0.5")
        self.expect_red("too few model tests: 23, at least 24 are expected")
        self.models[3:] = [explored("split.one", few.replace("250000", "125000").replace("share 1", "share 0.5"), few), *self.models[4:]]
        self.assertEqual(self.run_report()[1]["schedules"]["split.one"], {"random": 375000, "share": 1})

    def test_mutants_are_many_and_caught(self):
        self.mutants = "mutants: 24, not caught: 1"
        self.expect_red("mutants that were not caught: 1")
        self.mutants = "mutants: 23, not caught: 0"
        self.expect_red("too few mutants: 23, at least 24 are expected")

    def test_every_fault_is_injected_a_hundred_times_and_there_are_many(self):
        self.points["memory for call 5"] = 99
        self.expect_red("fault: memory for call 5: 99 times")
        del self.points["memory for call 5"]
        self.expect_red("too few points: 39, at least 40 are expected")

    def test_stress_runs_are_judged_by_their_figures(self):
        for law in laws:
            self.logs["stress_8.txt"] = stress_log(**{law.replace(" ", "_"): 7})
            self.expect_red(f"weft stress on 8 workers: {law} 7")
        self.logs["stress_8.txt"] = stress_log(verdict="A LAW IS BROKEN")
        self.expect_red("weft stress on 8 workers: a law is broken")
        self.logs["stress_8.txt"] = stress_log(live_frames="-")
        self.expect_red("weft stress on 8 workers: live frames None")
        self.logs["stress_8.txt"] = stress_log(tasks=199_999_999)
        self.expect_red("weft stress: 999,999,999 tasks of 1,000,000,000")
        self.expect_red("weft stress on 4 workers is missing", "weft stress: 800,000,000 tasks of 1,000,000,000", without=("stress_4.txt",))

    def test_the_compiler_probes_were_all_run(self):
        self.logs["matrix.txt"] = "2448 cells in 36 configurations, 3 errors\n"
        self.expect_red("errors of the compiler probes: 3")
        self.logs["matrix.txt"] = "2159 cells in 35 configurations, 0 errors\n"
        self.expect_red("too few configurations: 35, at least 36 are expected", "too few cells: 2159, at least 2160 are expected")
        self.expect_red("too few configurations: 0, at least 36 are expected", "too few cells: 0, at least 2160 are expected",
                        without=("matrix.txt",))

    def test_less_that_was_asked_for_is_said_to_be_below_the_bar(self):
        self.logs = {name: text.replace("200000000", "  1000000") for name, text in self.logs.items()}

        status, figures, text = self.run_report(WEFT_STRESS_TASKS="1e6", WEFT_SCHEDULES="1000")

        self.assertEqual(status, 0, text)
        self.assertEqual(figures["asked"], {"schedules": 1000, "stress_tasks": 1000000})
        self.assertIn("**Below the bar**: WEFT_STRESS_TASKS asks for 1,000,000; the bar is 200,000,000.", text)
        self.assertIn("**Below the bar**: WEFT_SCHEDULES asks for 1,000; the bar is 250,000.", text)
        self.assertNotIn("Everything passed.", text)


if __name__ == "__main__":
    full_report_test.report = pathlib.Path(sys.argv.pop(1)).resolve() / "full_report.py"
    unittest.main()
