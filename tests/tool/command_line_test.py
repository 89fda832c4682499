# SPDX-License-Identifier: Apache-2.0
# The weft program from outside: exit codes, the one line of an error, the report, and what happens when a run fails.
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
FIELDS = {
    "workload": str,
    "size": int,
    "implementation": str,
    "threads": int,
    "median_s": float,
    "min_s": float,
    "runs_s": list,
    "ns_per_task": float,
    "speedup": (float, type(None)),
    "peak_rss_kib": int,
    "correct": bool,
    "steals": (int, type(None)),
}
TINY = "--workloads=fib:12,skynet:3,nqueens:6,matmul:64"
DRIVEN = "--workloads=send:1000,depth:10,generator:1000"


def weft(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=240, check=False, **options)


def without_progress(text):
    """What a command said apart from how far it was, which it tells on a machine that takes long."""
    return re.sub(r"(?m)^weft bench: \d+ of \d+ runs done, now .*\n", "", text)


class WrongUse(unittest.TestCase):
    def expect_refusal(self, *arguments, names):
        result = weft(*arguments)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for name in names:
            self.assertIn(name, result.stderr)

    def test_command(self):
        self.expect_refusal(names=["bench", "info", "replay", "stress", "--help"])
        self.expect_refusal("benhc", names=["benhc", "bench", "info"])

    def test_unknown_option(self):
        self.expect_refusal("bench", "--colour=red", names=["--colour", "--workloads", "--json"])
        self.expect_refusal("info", "--workloads=fib", names=["--workloads", "--json"])
        self.expect_refusal("bench", "fib", names=["fib", "--workloads"])

    def test_abseils_own_options_are_not_ours(self):
        self.expect_refusal("bench", "--flagfile=x", names=["--flagfile", "--workloads"])
        self.expect_refusal("bench", "--nosuite", names=["--nosuite", "--suite"])

    def test_bad_size(self):
        self.expect_refusal("bench", "--workloads=fib:51", names=["fib:51", "0 to 50"])
        self.expect_refusal("bench", "--workloads", "matmul:100", names=["powers of two", "32", "8192"])

    def test_unknown_workload(self):
        self.expect_refusal("bench", "--workloads=fob", names=["fob", "fib, skynet, nqueens, matmul, for, for_heavy"])

    def test_unknown_implementation(self):
        self.expect_refusal("bench", "--implementations=weft,omp", names=["omp", "weft, joined, tbb, serial, floor, flat, plain, python"])

    def test_bad_numbers(self):
        self.expect_refusal("bench", "--threads=0", names=["1 to 256"])
        self.expect_refusal("bench", "--threads", names=["needs a value"])
        self.expect_refusal("bench", "--repetitions=1.5", names=["whole number"])
        self.expect_refusal("bench", "--timeout=never", names=["whole number"])

    def test_suite_and_workloads(self):
        self.expect_refusal("bench", "--suite", "--workloads=fib:12", names=["--suite", "--workloads"])

    def test_report_that_cannot_be_written(self):
        self.expect_refusal("bench", "--json=/nonexistent/report.json", names=["/nonexistent/report.json", "No such file"])
        self.expect_refusal("bench", "--json", "/", names=["directory"])
        self.expect_refusal("bench", "--json=", names=["file"])

    def test_several_lines_in_an_argument_still_give_one(self):
        self.expect_refusal("bench", "--workloads=a\nb", names=["a\\nb"])


class Help(unittest.TestCase):
    def test_help(self):
        commands = ([], ["bench"], ["info"], ["measure"], ["stress"])
        for arguments in (*([*command, "--help"] for command in commands), ["bench", "--help", "--junk"]):
            result = weft(*arguments)
            self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
            self.assertTrue(result.stdout.startswith("weft"), result.stdout)
            self.assertLessEqual(max(map(len, result.stdout.splitlines())), 140)

    def test_bench_help_names_everything_that_can_be_chosen(self):
        text = weft("bench", "--help").stdout
        options = ("--workloads", "--suite", "--implementations", "--threads", "--repetitions", "--json")
        for word in (*options, "fib", "skynet", "nqueens", "matmul", "weft", "tbb", "serial", "floor"):
            self.assertIn(word, text)

    def test_version(self):
        result = weft("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"^weft \d+\.\d+\.\d+\n$")


class Machine(unittest.TestCase):
    def test_json_agrees_with_the_affinity_mask(self):
        report = json.loads(weft("info", "--json").stdout)
        self.assertEqual(report["affinity_cpus"], len(os.sched_getaffinity(0)))
        self.assertGreaterEqual(report["default_workers"], 1)
        self.assertLessEqual(report["default_workers"], report["affinity_cpus"])

    def test_default_workers_follow_the_affinity_mask(self):
        one = {min(os.sched_getaffinity(0))}
        result = weft("info", "--json", preexec_fn=lambda: os.sched_setaffinity(0, one))
        self.assertEqual(json.loads(result.stdout)["default_workers"], 1)

    def test_text(self):
        result = weft("info")
        self.assertEqual(result.returncode, 0)
        for word in ("processor", "quota", "oneTBB", "default workers"):
            self.assertIn(word, result.stdout)


class Bench(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = os.path.join(self.directory.name, "report.json")

    def report(self, *arguments, **options):
        result = weft("bench", "--json", self.path, *arguments, **options)
        with open(self.path, encoding="utf-8") as file:
            return result, json.load(file)

    def test_report(self):
        result, rows = self.report(TINY, "--threads=1,2", "--repetitions=2")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(rows), 4 * (2 * 2 + 2))
        for row in rows:
            self.assertEqual(list(row), list(FIELDS))
            for name, kind in FIELDS.items():
                self.assertIsInstance(row[name], kind, (name, row))
            self.assertTrue(row["correct"], row)
            self.assertEqual(len(row["runs_s"]), 2)
            self.assertEqual(row["min_s"], min(row["runs_s"]))
            self.assertEqual(row["steals"] is None, row["implementation"] in ("tbb", "serial"))
            self.assertGreater(row["peak_rss_kib"], 0)

    def test_table(self):
        result = weft("bench", TINY, "--threads=1", "--repetitions=1")
        self.assertEqual((result.returncode, without_progress(result.stderr)), (0, ""))
        lines = result.stdout.splitlines()
        self.assertIn("processors usable", lines[0])
        for word in ("fib 12", "skynet 3", "nqueens 6", "matmul 64", "steals: ", "spread: "):
            self.assertIn(word, result.stdout)
        self.assertLessEqual(max(map(len, lines[1:])), 110)

    def test_what_is_driven_is_compared_with_one_thread(self):
        result, rows = self.report(DRIVEN, "--threads=1,2", "--repetitions=1")
        self.assertEqual((result.returncode, without_progress(result.stderr)), (0, ""))
        self.assertEqual([(row["workload"], row["implementation"], row["threads"]) for row in rows],
                         [("send", "weft", 1), ("send", "python", 1), ("depth", "weft", 1), ("depth", "flat", 1),
                          ("generator", "weft", 1), ("generator", "plain", 1), ("generator", "python", 1)])
        self.assertTrue(all(row["correct"] for row in rows), rows)
        self.assertLessEqual(max(map(len, result.stdout.splitlines()[1:])), 110)

    def test_a_python_that_is_not_there_is_left_out(self):
        result, rows = self.report("--workloads=send:1000", "--repetitions=1", env={"PATH": self.directory.name})
        self.assertEqual((result.returncode, without_progress(result.stderr)),
                         (0, "weft bench: python is left out: there is no python3 in PATH\n"))
        self.assertEqual([row["implementation"] for row in rows], ["weft"])
        alone = weft("bench", "--workloads=send:1000", "--implementations=python", env={"PATH": ""})
        self.assertEqual(alone.returncode, 1)
        self.assertIn("nothing is left to run", alone.stderr)

    def test_implementations_that_compute_none_of_the_workloads_are_refused(self):
        self.assertEqual(weft("bench", "--workloads=send", "--implementations=tbb,floor").returncode, 2)

    def test_a_report_that_was_there_is_replaced(self):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("x" * 100000)
        _, rows = self.report("--workloads=fib:10", "--implementations=serial", "--repetitions=1")
        self.assertEqual(len(rows), 1)

    def test_a_run_that_takes_too_long_fails_the_whole(self):
        result, rows = self.report("--workloads=fib:50,fib:10", "--implementations=serial", "--timeout=1", "--repetitions=1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("took too long", result.stdout)
        self.assertIn("1 of 2 rows failed", result.stderr)
        self.assertEqual([row["correct"] for row in rows], [False, True])

    def test_a_run_that_dies_fails_the_whole(self):
        limit = 300 << 20  # too little for three matrices of 256 MiB
        result, rows = self.report("--workloads=matmul:8192", "--implementations=serial", "--repetitions=1",
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("exit status 1", result.stdout)
        self.assertFalse(rows[0]["correct"])
        self.assertIsNone(rows[0]["median_s"])

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([PROGRAM, "bench", "--workloads=fib:10", "--implementations=serial", "--repetitions=1"],
                                    stdout=full, stderr=subprocess.DEVNULL, timeout=60, check=False)
        self.assertEqual(result.returncode, 1)


class Measure(unittest.TestCase):
    def test_line(self):
        result = weft("measure", "--workload=fib:15", "--implementation=tbb", "--threads=2")
        self.assertEqual(result.returncode, 0, result.stderr)
        line = json.loads(result.stdout)
        self.assertTrue(line["correct"])
        self.assertEqual(line["tasks"], 1973)

    def test_what_an_implementation_does_not_compute(self):
        result = weft("measure", "--workload=fib:15", "--implementation=python")
        self.assertEqual((result.returncode, result.stderr), (2, "weft measure: python does not compute fib; weft does\n"))

    def test_a_python_that_is_not_there(self):
        result = weft("measure", "--workload=send:15", "--implementation=python", env={"PATH": ""})
        self.assertEqual((result.returncode, result.stderr), (1, "weft: there is no python3 in PATH\n"))


if __name__ == "__main__":
    unittest.main()
