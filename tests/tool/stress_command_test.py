# SPDX-License-Identifier: Apache-2.0
# `weft stress` from outside: a clean run says so, every planted defect is found and named, and bad options are told in one line.
import itertools
import re
import subprocess
import sys
import unittest

FLAVOUR = sys.argv.pop(2)
PROGRAM = sys.argv.pop(1)
LAWS = ("lost", "doubled", "wrong results", "live frames")


def stress(*arguments):
    return subprocess.run([PROGRAM, "stress", *arguments], capture_output=True, text=True, timeout=240, check=False)


def figure(text, name):
    """What stands beside a name in the table."""
    return re.search(rf"^  {name} +(\S+)", text, re.M)[1]


class Clean(unittest.TestCase):
    def expect_clean(self, *arguments):
        result = stress(*arguments)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("All laws held", result.stdout)
        for law in LAWS:
            self.assertEqual(figure(result.stdout, law), "0", law)
        return result.stdout

    def test_workers_and_seeds(self):
        for workers in (1, 2, 4, 16):
            for seed in (1, 2, 3):
                with self.subTest(workers=workers, seed=seed):
                    text = self.expect_clean("--tasks=1e5", f"--workers={workers}", f"--seed={seed}")
                    self.assertRegex(text, r"(?m)^  all +\d+ +100000 ")
                    self.assertIn(f"to repeat: weft stress --tasks=100000 --workers={workers} --seed={seed}", text)

    def test_few_tasks(self):
        for tasks in ("1", "2", "3", "300", "10007"):
            with self.subTest(tasks=tasks):
                self.assertRegex(self.expect_clean("--tasks", tasks, "--seed=5"), rf"(?m)^  all +\d+ +{tasks} ")

    def test_everything_is_drawn(self):
        text = self.expect_clean("--tasks=1e5", "--seed=1")
        kinds = ("trees", "failing", "handles", "yields", "wakes", "moves", "submits", "handed over", "bursts", "schedulers")
        for kind in kinds:
            self.assertGreater(int(figure(text, kind)), 0, kind)
        self.assertLessEqual(max(map(len, text.splitlines()[1:])), 110)

    def test_a_seed_repeats_the_choices(self):
        texts = [self.expect_clean("--tasks=2e4", "--seed", seed) for seed in "778"]
        rows = [re.findall(r"(?m)^  [a-z ]+ +\d+ +\d+   .*(?<!second)$", text) for text in texts]
        self.assertGreaterEqual(len(rows[0]), 10)
        self.assertEqual(rows[0][:10], rows[1][:10])
        self.assertNotEqual(rows[0][:10], rows[2][:10])

    def test_duration_ends_a_run_without_a_number_of_tasks(self):
        text = self.expect_clean("--duration=300ms", "--seed=1")
        self.assertGreater(int(re.search(r"(?m)^  all +\d+ +(\d+)", text)[1]), 0)
        self.assertIn("to repeat: weft stress --duration=300ms --workers=4 --seed=1", text)

    def test_a_seed_is_drawn_and_told(self):
        self.assertRegex(self.expect_clean("--tasks=1000"), r"to repeat: .*--seed=\d+")


class Planted(unittest.TestCase):
    def expect_found(self, plant, names, patience="1s", length="--tasks=5e4"):
        result = stress(length, "--seed=7", f"--patience={patience}", f"--plant={plant}")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertRegex(result.stdout, rf"(?m)^found: .*{names}")
        self.assertIn("A LAW IS BROKEN, with seed 7.", result.stdout)
        self.assertRegex(result.stdout, rf"(?m)^to repeat: weft stress {length[:8]}.*--seed=7.*--plant={plant}$")
        for word in ("state of round", "lane 0", "foreign wakes: ", "scheduler stress: ", "live roots"):
            self.assertIn(word, result.stdout)
        self.assertIn("weft stress: a law is broken", result.stderr)
        return result.stdout

    # Long enough for a machine with much else to do: a stall that is none would be found in place of what was planted.
    def test_lost_wakeup(self):
        text = self.expect_found("lost-wakeup", "a lost wake-up or a hang: nothing happened for", patience="2s")
        self.assertEqual((figure(text, "lost"), figure(text, "live frames")), ("-", "-"), "nobody knows")
        slept, woken = map(int, re.search(r"foreign wakes: (\d+) tasks went to sleep, (\d+) were woken", text).groups())
        self.assertLess(woken, slept)

    def test_double_run(self):
        self.assertEqual(figure(self.expect_found("double-run", "doubled: ", patience="20s"), "doubled"), "1")

    def test_leak(self):
        text = self.expect_found("leak", "leak: \"planted: never ends\" did not end", patience="4s")
        self.assertNotEqual(figure(text, "live frames"), "0")

    def test_overflow(self):
        self.expect_found("overflow", "overflow: somebody wrote past the end of the program's buffer", patience="20s")

    def test_with_a_duration_alone(self):
        named = (("lost-wakeup", "2s", "a lost wake-up or a hang"), ("double-run", "20s", "doubled: "), ("leak", "4s", "leak: "),
                 ("overflow", "20s", "overflow: "))
        for plant, patience, names in named:
            with self.subTest(plant=plant):
                self.expect_found(plant, names, patience, length="--duration=1s")

    def test_what_takes_a_sanitizer(self):
        planted = (("race", "tsan", "data race"), ("use-after-free", "asan", "heap-use-after-free"))
        for (plant, flavour, words), length in itertools.product(planted, ("--tasks=1e4", "--duration=1s")):
            with self.subTest(plant=plant, length=length):
                result = stress(length, "--seed=1", f"--plant={plant}")
                if FLAVOUR == flavour:
                    self.assertNotIn(result.returncode, (0, 2), result.stdout)
                    self.assertIn(words, result.stderr)
                else:
                    self.assertEqual(result.returncode, 2, result.stderr)


class WrongUse(unittest.TestCase):
    def expect_refusal(self, *arguments, names):
        result = stress(*arguments)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for name in names:
            self.assertIn(name, result.stderr)

    def test_options(self):
        self.expect_refusal("--task=1", names=["--task;", "--tasks", "--plant"])
        self.expect_refusal("--tasks=0", names=["--tasks=0", "1e7"])
        self.expect_refusal("--tasks", names=["needs a value"])
        self.expect_refusal("--workers=0", names=["1 to 256"])
        self.expect_refusal("--seed=x", names=["whole number"])
        self.expect_refusal("--duration=soon", names=["30s"])
        self.expect_refusal("--patience=0", names=["500ms"])
        self.expect_refusal("--plant=bug", names=["lost-wakeup, double-run, leak, overflow"])

    def test_help(self):
        result = stress("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for word in ("--tasks", "--workers", "--seed", "--duration", "--patience", "--plant", "lost-wakeup", "Exit status"):
            self.assertIn(word, result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 140)


if __name__ == "__main__":
    unittest.main()
