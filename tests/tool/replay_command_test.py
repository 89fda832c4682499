# SPDX-License-Identifier: Apache-2.0
# `weft replay` from outside: recorded programs do the same in every mode, a planted difference is found and shown, bad use is told.
import json
import subprocess
import sys
import tempfile
import unittest

RECORDED = sys.argv.pop(2)
PROGRAM = sys.argv.pop(1)
MODES = (("single",), ("migrate", "--workers=3"), ("race", "--races=3"))

with open(RECORDED, encoding="utf-8") as recorded:
    programs = [json.loads(line) for line in recorded]


def replay(*arguments, stdin=""):
    return subprocess.run([PROGRAM, "replay", *arguments], input=stdin, capture_output=True, text=True, timeout=240, check=False)


def lines_of(some):
    return "".join(json.dumps(one) + "\n" for one in some)


def named(name):
    return next(program for program in programs if program.get("name") == name)


def simple(trace):
    """A program that yields once."""
    body = [["yield", ["c", 1], ""], ["return", ["v"], ""]]
    functions = [{"id": 0, "kind": "coro", "body": body}]
    return {"schema": 1, "id": 7, "fns": functions, "ops": [["new", 0, 0], ["send", 0, None]], "trace": trace}


SIMPLE_TRACE = [
    ["c", 0, 0], ["op", 0, "new", None, ["ok"], ["CREATED", []]], ["y", 0, 1, ""],
    ["op", 1, "send", ["CREATED", []], ["yield", 1], ["SUSPENDED", ["Y"]]],
    ["end", 0, ["SUSPENDED", ["Y"]]], ["end", 1, None], ["end", 2, None],
]


class Recorded(unittest.TestCase):
    def expect_the_same(self, *arguments):
        result = replay("--compare", *arguments, RECORDED)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(result.stdout.count("\n"), 1, result.stdout)
        return result.stdout

    def test_every_mode(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                count = sum("race" in program for program in programs) if mode[0] == "race" else len(programs)
                self.assertGreater(count, 10)
                self.assertIn(f"weft replay: {count} programs, none differ (mode {mode[0]}", self.expect_the_same("--mode", *mode))

    def test_with_contexts(self):
        self.assertIn("level 2", self.expect_the_same("--level=2"))
        self.assertIn("level 2", self.expect_the_same("--level=2", "--mode=migrate"))

    def test_operations_move_between_workers(self):
        self.assertRegex(self.expect_the_same("--mode=migrate", "--workers=4"), r"[1-9]\d* of \d+ operations moved")
        self.assertIn(" 0 of ", self.expect_the_same("--mode=migrate", "--workers=1"))

    def test_what_a_mode_does_not_need_is_ignored(self):
        self.expect_the_same("--mode=single", "--workers=2", "--races=3")


class Printed(unittest.TestCase):
    def test_a_trace(self):
        program = simple([])
        result = replay(stdin=lines_of([program]))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(json.loads(result.stdout), {**program, "trace": SIMPLE_TRACE})

    def test_what_is_printed_can_be_compared(self):
        printed = replay("--level=2", RECORDED).stdout
        self.assertEqual(printed.count("\n"), len(programs))
        result = replay("--level=2", "--compare", stdin=printed)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_contexts_are_of_level_2(self):
        program = simple([])
        program["fns"][0]["body"] = [["try", [["raise", "EA", 1]], [["EA", [["raise", "EB", 2]]]], None]]
        results = {level: ["exc", "EB", 2, *context] for level, context in (("1", []), ("2", [["EA", 1, None]]))}
        for level, expected in results.items():
            trace = json.loads(replay(f"--level={level}", stdin=lines_of([program])).stdout)["trace"]
            self.assertIn(["op", 1, "send", ["CREATED", []], expected, ["CLOSED", []]], trace)

    def test_outcomes_of_races(self):
        racing = [program for program in programs if "race" in program]
        printed = replay("--mode=race", "--races=5", RECORDED).stdout.splitlines()
        self.assertEqual(len(printed), len(racing))
        for program, line in zip(racing, printed):
            outcomes = json.loads(line)["outcomes"]
            self.assertGreaterEqual(len(outcomes), 1)
            for outcome in outcomes:
                self.assertIn(outcome, program["race"]["legal"])


class Planted(unittest.TestCase):
    def expect_found(self, program, *parts, mode="single"):
        result = replay("--compare", f"--mode={mode}", stdin=lines_of([simple(SIMPLE_TRACE), program]))
        self.assertEqual((result.returncode, result.stderr), (1, ""), result.stdout)
        self.assertTrue(result.stdout.startswith("stdin:2: program 7 differs"), result.stdout)
        for part in (*parts, "programs, 1 differs (mode " + mode):
            self.assertIn(part, result.stdout)

    def test_another_event(self):
        trace = json.loads(json.dumps(SIMPLE_TRACE))
        trace[2][2] = 2
        for mode in ("single", "migrate"):
            self.expect_found(simple(trace), "at event 2 of 7\n  after     [\"op\",0,\"new\",", "\n  recorded  [\"y\",0,2,\"\"]\n",
                              "\n  seen      [\"y\",0,1,\"\"]\n", mode=mode)

    def test_missing_and_further_events(self):
        last, further = "[\"end\",2,null]", "[\"l\",0,1]"
        self.expect_found(simple(SIMPLE_TRACE[:-1]), "at event 6 of 6\n", "recorded  nothing more\n", f"seen      {last}\n")
        self.expect_found(simple([*SIMPLE_TRACE, json.loads(further)]), "7 of 8\n", f"recorded  {further}\n", "seen      nothing more\n")

    def test_an_outcome_that_is_not_legal(self):
        program = simple(SIMPLE_TRACE)
        program["race"] = {"prefix": 1, "a": ["close", 0], "b": ["close", 0], "legal": [[["ok"], ["ok"], None]]}
        result = replay("--compare", "--mode=race", stdin=lines_of([program]))
        self.assertEqual(result.returncode, 1)
        self.assertIn("stdin:1: program 7 differs in its race\n  legal     [[\"ok\"],[\"ok\"],null]\n  seen      [", result.stdout)

    def test_executing_stands_for_awaited_where_a_throw_is_passed_on(self):
        passing = [program for program in programs if "A21" in program.get("ids", [])]
        self.assertGreater(len(passing), 0)
        result = replay("--compare", stdin=lines_of(passing))
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stdout, r"[1-9]\d* with A21 in CPython's words")  # some drop the exception

    def test_the_other_exception_may_be_caught_elsewhere(self):
        program = simple([
            ["c", 0, 0], ["op", 0, "new", None, ["ok"], ["CREATED", []]], ["c", 1, 1], ["y", 1, 1, ""],
            ["op", 1, "send", ["CREATED", []], ["yield", 1], ["SUSPENDED", ["f1", "Y"]]], ["f", 1], ["s", 1, 0, "shared"],
            ["x", 0, "RE", "coroutine is being awaited already"], ["l", 0, 1],
            ["op", 2, "throw", ["SUSPENDED", ["f1", "Y"]], ["return", None], ["CLOSED", []]],
            ["end", 0, ["CLOSED", []]], ["end", 1, None], ["end", 2, None],
        ])
        program["fns"] = [
            {"id": 0, "kind": "coro", "body": [["try", [["await", 1]], [["RE", [["log", 1]]]], None]]},
            {"id": 1, "kind": "coro", "body": [["try", [["yield", ["c", 1], ""]], [], [["shared", 0]]]]},
        ]
        program["ops"].append(["throw", 0, "EA", 1])
        result = replay("--compare", stdin=lines_of([program]))
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("1 with A21", result.stdout)

    def test_executing_does_not_stand_for_awaited_elsewhere(self):
        program = named("awaits-itself")
        text = lines_of([program]).replace('"VE", "coroutine already executing"', '"RE", "coroutine is being awaited already"')
        self.assertNotEqual(text, lines_of([program]))
        result = replay("--compare", stdin=text)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("coroutine already executing", result.stdout)


class WrongUse(unittest.TestCase):
    def expect_refusal(self, *arguments, names, stdin=""):
        result = replay(*arguments, stdin=stdin)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for name in names:
            self.assertIn(name, result.stderr)

    def test_options(self):
        self.expect_refusal("--mod=single", names=["--mod;", "--mode", "--compare"])
        self.expect_refusal("--mode=all", names=["--mode=all", "single, migrate, race"])
        self.expect_refusal("--level=3", names=["--level=3", "1, 2"])
        self.expect_refusal("--workers=0", names=["1 to 256"])
        self.expect_refusal("--races=0", names=["1 to 1000000"])
        self.expect_refusal("--races", names=["needs a value"])
        self.expect_refusal("--compare=yes", names=["takes no value"])

    def test_options_are_checked_before_programs(self):
        self.expect_refusal(RECORDED, "--races=0", names=["--races=0"])

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            self.expect_refusal(folder + "/missing", names=["missing: cannot be read"])
            self.expect_refusal(folder, names=["cannot be read"])

    def test_programs(self):
        def broken(**changes):
            return lines_of([{**simple([]), **changes}])

        self.expect_refusal(stdin="{\n", names=["stdin:1: no JSON"])
        self.expect_refusal(stdin="\n[1]\n", names=["stdin:2: there is no \"schema\""])
        self.expect_refusal(stdin=broken(schema=2), names=["only schema 1"])
        self.expect_refusal(stdin=broken(ops=[["new", 3, 0]]), names=["from 0 to 2"])
        self.expect_refusal(stdin=broken(ops=[["new", 0, 1]]), names=["from 0 to 0"])
        self.expect_refusal(stdin=broken(ops=[["knew", 0, 0]]), names=["unknown", "knew"])
        self.expect_refusal(stdin=broken(ops=[["throw", 0, "ANY", 1]]), names=["unknown exception", "ANY"])
        self.expect_refusal(stdin=broken(ops=[["send", 0]]), names=["something is missing"])
        self.expect_refusal(stdin=broken(fns=[{"id": 0, "kind": "task", "body": []}]), names=["coro or gen", "task"])
        self.expect_refusal(stdin=broken(fns=[{"id": 0, "kind": "coro", "body": [["jump", 1]]}]), names=["unknown", "jump"])
        self.expect_refusal("--compare", stdin=broken(trace=None), names=["no \"trace\""])

    def test_nothing_to_compare(self):
        for arguments, text in ((("--compare",), ""), (("--compare", "--mode=race"), lines_of([simple(SIMPLE_TRACE)]))):
            result = replay(*arguments, stdin=text)
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stderr, "weft replay: there was nothing to compare\n")

    def test_help(self):
        result = replay("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for word in ("FILE...", "--mode", "--level", "--workers", "--races", "--compare", "Exit status"):
            self.assertIn(word, result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 140)


if __name__ == "__main__":
    unittest.main()
