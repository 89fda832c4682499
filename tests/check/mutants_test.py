#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The runner of the mutants, on programs that only pretend to test: what counts as caught, and what makes the run fail."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

one_mutant = "driver_taken_.store(false, detail::release)"  # of idle.cpp; one test of idle_model
program = """#!{python}
import os, sys, time
mutant = os.environ["WEFT_MUTANT"]
print("{running}", flush=True)
{body}
"""
passes = "sys.exit(0)"
caught = """if mutant:
    print("failed after 7 schedules, repeat with WEFT_REPLAY=s:1:1\\ndata race: planted")
    sys.exit(1)"""


class mutants_test(unittest.TestCase):
    folder = None  # tests/model

    def expect(self, status, said, body, *options, only=one_mutant, running="[ RUN      ] idle_model.planted", programs=("idle_model",)):
        with tempfile.TemporaryDirectory() as build:
            for name in programs:
                fake = pathlib.Path(build) / name
                fake.write_text(program.format(python=sys.executable, body=body, running=running))
                fake.chmod(0o755)
            command = [sys.executable, str(self.folder / "mutants.py"), build, "--only", only, *options]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertIn(said, done.stdout)

    def test_a_failure_of_the_explorer_catches_it(self):
        self.expect(0, "mutants: 1, not caught: 0", caught)

    def test_so_do_a_crash_of_what_is_explored_and_an_expectation(self):
        self.expect(0, "signal 11", 'if mutant: print("explorer: signal 11 in schedule s:1:1"); sys.exit(1)')
        self.expect(0, "[  FAILED  ]", 'if mutant: print("[  FAILED  ] idle_model.planted"); sys.exit(1)')

    def test_a_test_that_passes_does_not(self):
        self.expect(1, "NOT CAUGHT", passes)

    def test_a_test_that_does_not_end_does_not(self):
        self.expect(1, "did not end within 2.0 s", "if mutant: time.sleep(60)", "--timeout", "2")

    def test_a_mutant_that_the_engine_does_not_understand_does_not(self):
        self.expect(1, "ended without saying what failed", 'if mutant: print("explorer: WEFT_MUTANT: no", flush=True); os._exit(2)')

    def test_a_filter_that_finds_no_test_does_not(self):
        self.expect(1, "ran no test", passes, running="[  PASSED  ] 0 tests.")

    def test_a_program_that_fails_without_a_mutant_makes_it_red(self):
        self.expect(1, "wrong: idle_model fails without a mutant", caught.replace("if mutant:", "if True:"))

    def test_a_change_is_caught_by_a_program_of_its_own(self):
        changed = {"only": "roots_before_guests", "programs": ("guests_model", "roots_before_guests_guests_model")}
        self.expect(0, "mutants: 1, not caught: 0", caught.replace("if mutant:", 'if "roots_before_guests" in sys.argv[0]:'), **changed)
        self.expect(1, "NOT CAUGHT", passes, **changed)
        self.expect(1, "did not start", passes, only="roots_before_guests", programs=("guests_model",))

    def test_too_few_mutants_make_it_red(self):
        self.expect(1, "0 mutants, where at least 1 are expected", passes, only="nothinglikeit")
        self.expect(1, "1 mutants, where at least 2 are expected", caught, "--least", "2")


class changed_source_test(unittest.TestCase):
    row = "counted_list_by_list"

    def changed(self, edit=lambda text: text):
        import changed_source  # pylint: disable=import-outside-toplevel
        import strong_accesses  # pylint: disable=import-outside-toplevel

        text = (strong_accesses.root / "scheduler" / "registry.cpp").read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as name:
            file = pathlib.Path(name) / "scheduler" / "registry.cpp"
            file.parent.mkdir()
            file.write_text(edit(text), encoding="utf-8")
            return text, changed_source.changed(self.row, file)

    def test_a_file_is_changed_in_one_place(self):
        text, changed = self.changed()
        self.assertNotEqual(text, changed)
        self.assertNotIn(".lock.unlock()", changed)

    def test_a_text_that_has_gone_is_named(self):
        with self.assertRaisesRegex(LookupError, "the source has changed: scheduler/registry.cpp has 0 times"):
            self.changed(lambda text: text.replace("lock.unlock", "lock.open"))

    def test_a_change_that_is_none_of_the_file_is_named(self):
        self.row = "roots_before_guests"
        with self.assertRaisesRegex(LookupError, "no such change"):
            self.changed()


class strong_accesses_test(unittest.TestCase):
    source = """// E1
    void f() {
      a.load(seq_cst);
      b.exchange(1, acq_rel);
      c.compare_exchange_strong(x, y, release, acquire);
      d.store(1, relaxed);
      e.load(
          acquire);
    }
    """

    def complaints(self, mutants, argued=()):
        import mutant_table  # pylint: disable=import-outside-toplevel
        import strong_accesses  # pylint: disable=import-outside-toplevel

        rows = [mutant_table.mutant("scheduler/x.cpp", "E1", text, how, []) for text, how in mutants]
        reasons = [mutant_table.no_mutant("scheduler/x.cpp", "E1", text, how, "planted") for text, how in argued]
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            (root / "scheduler").mkdir()
            (root / "scheduler" / "x.cpp").write_text(self.source)
            return list(strong_accesses.complaints(rows, reasons, root))

    all_rows = [("a.load(", "acquire"), ("b.exchange(", "acquire"), ("b.exchange(", "release"), ("c.compare_", "relaxed"),
                ("c.compare_", "failure"), ("e.load(", "relaxed")]

    def test_a_table_that_has_each_order_is_right(self):
        self.assertEqual(self.complaints(self.all_rows), [])
        self.assertEqual(self.complaints(self.all_rows[1:], self.all_rows[:1]), [])

    def test_each_order_that_is_left_out_is_named(self):
        for i, (text, how) in enumerate(self.all_rows):
            left = self.complaints(self.all_rows[:i] + self.all_rows[i + 1:])
            self.assertEqual(len(left), 1, left)
            self.assertIn(f"for {how}: {text}", left[0])

    def test_a_weaker_mutant_is_no_substitute(self):
        self.assertEqual(len(self.complaints([("a.load(", "relaxed"), *self.all_rows[1:]])), 1)

    def test_what_argues_for_nothing_is_named(self):
        self.assertIn("argued for nothing", self.complaints(self.all_rows, [("d.store(", "relaxed")])[0])
        self.assertIn("argued for nothing", self.complaints(self.all_rows, self.all_rows[:1])[0])

    def test_a_line_that_has_gone_is_named(self):
        self.assertIn("the source has changed", self.complaints([*self.all_rows, ("gone.load(", "relaxed")])[0])


if __name__ == "__main__":
    mutants_test.folder = pathlib.Path(sys.argv.pop(1))
    sys.path.insert(0, str(mutants_test.folder))
    unittest.main()
