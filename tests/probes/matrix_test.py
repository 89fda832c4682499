#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""matrix.py is green only if every compiler was there, enough was probed, and exactly what is listed failed: with stand-ins for both."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

# Builds a program that prints what the sources say after "// prints: " and ends with the status after "// status: ".
compiler = """#!/bin/sh
sources=
for word; do
  case "$previous" in -o) out=$word ;; esac
  case "$word" in
    *.cpp) sources="$sources $word" ;;
    -fsanitize="$NO_RUNTIME") exit 1 ;;
  esac
  previous=$word
done
{ echo '#!/bin/sh'; sed -n "s|^// prints: \\(.*\\)|echo '\\1'|p; s|^// status: |exit |p" $sources; } > "$out"
chmod +x "$out"
"""
checks = [f"holds: check {i}" for i in range(40)]


class matrix_test(unittest.TestCase):
    matrix = None

    def probe(self, *options, gaps=None, count=20, listed=(), library=(*checks, "40 checks, 0 failed"), status=0, without=(),
              no_runtime=""):
        """(exit status, text) of the matrix over a tree of stand-ins; `gaps` are the statuses of those that fail."""
        with tempfile.TemporaryDirectory() as scratch:
            root, programs = pathlib.Path(scratch, "tree"), pathlib.Path(scratch, "programs")
            probes = root / "tests" / "probes"
            for folder in (probes / "gaps", root / "scheduler", programs):
                folder.mkdir(parents=True)
            for i in range(count):
                said = f"// Instead: nothing.\n// status: {(gaps or {}).get(i, 0)}\n"
                (probes / "gaps" / f"n{i}_gap.cpp").write_text(said, encoding="utf-8")
            (probes / "known_gaps.txt").write_text("".join(f"{line}\n" for line in listed), encoding="utf-8")
            said = [*(f"// prints: {line}" for line in library), f"// status: {status}"]
            (probes / "probe_program.cpp").write_text("\n".join(said) + "\n", encoding="utf-8")
            (root / "scheduler" / "worker.cpp").touch()
            for name in ("clang++-19", "clang++-16", "g++-12"):
                if name not in without:
                    (programs / name).write_text(compiler, encoding="utf-8")
                    (programs / name).chmod(0o755)
            for name in ("sh", "sed", "chmod"):
                (programs / name).symlink_to(shutil.which(name))
            done = subprocess.run([sys.executable, str(self.matrix), "--root", str(root), "--build", f"{scratch}/build", *options],
                                  env=os.environ | {"PATH": str(programs), "NO_RUNTIME": no_runtime}, capture_output=True, text=True,
                                  timeout=120, check=False)
            return done.returncode, done.stdout + done.stderr

    one = ("--compilers", "g++-12", "--levels", "2", "--sanitizers", "plain")

    def expect(self, expected, text, *options, **how):
        status, printed = self.probe(*options, **how)
        self.assertEqual(status, expected, printed)
        self.assertIn(text, printed)

    def test_what_is_listed_fails_and_all_else_holds(self):
        listed = ("n3_gap | g++-12 | 2 | * | a reason", "library: a shape | g++-12 | 2 | plain | a reason")
        library = (*checks, "known to fail with this compiler: a shape; write: another", "40 checks, 0 failed")

        self.expect(0, "62 cells in 1 configurations, 0 errors", *self.one, "--library", gaps={3: 1}, listed=listed, library=library)
        self.expect(0, "20 cells in 1 configurations, 0 errors", *self.one, gaps={3: 1}, listed=listed)

    def test_everything_is_every_compiler_level_and_sanitizer(self):
        self.expect(0, "720 cells in 36 configurations, 0 errors")

    def test_a_failure_that_is_not_listed_is_an_error(self):
        listed = ("n3_gap | g++-12 | 01 | * | a reason", "n3_gap | g++-12 | 2 | asan tsan | a reason")
        library = (*checks, "known to fail with this compiler: a shape; write: another", "40 checks, 0 failed")

        self.expect(1, "n3_gap with g++-12 -O2 plain: status 1", *self.one, gaps={3: 1}, listed=listed)
        self.expect(1, "library: a shape with g++-12 -O2 plain: fails", *self.one, "--library", library=library)
        failed = ("FAILS: one", *checks, "41 checks, 1 failed")
        self.expect(1, "library: one with g++-12 -O2 plain: fails", *self.one, "--library", library=failed, status=1)

    def test_what_a_sanitizer_finds_at_the_end_is_an_error(self):
        self.expect(1, "library: the whole program with g++-12 -O2 plain: status 99", *self.one, "--library", status=99)

    def test_a_program_that_ends_early_is_an_error(self):
        self.expect(1, "library: the whole program with g++-12 -O2 plain: ended early", *self.one, "--library", library=checks)

    def test_a_line_of_the_list_that_is_out_of_date_is_an_error(self):
        self.expect(1, "passes, but is listed", *self.one, listed=("n3_gap | g++-12 | 2 | * | a reason",))
        self.expect(1, "gone_gap, which is no probe", *self.one, listed=("gone_gap | clang++-16 | 2 | * | a reason",))
        gone = ("library: gone | clang++-16 | 2 | * | a reason",)
        self.expect(1, "library: gone, which is no probe", *self.one, "--library", listed=gone)
        for line in ("n3_gap | g++-11 | 2 | * | a reason", "n3_gap | g++-12 | 4 | * | a reason", "n3_gap | g++-12 | 2 | ubsan | a reason"):
            self.expect(1, "there is no such configuration", *self.one, listed=(line,))
        self.expect(1, "five fields", *self.one, listed=("n3_gap | g++-12 | 2 | a reason",))

    def test_a_compiler_that_is_missing_is_named_with_its_packages(self):
        text = "cannot probe clang++-16 tsan: not installed; install clang-16 libclang-rt-16-dev"

        self.expect(2, text, without=("clang++-16",))
        self.expect(2, "cannot probe clang++-16 tsan: its runtime is not installed; install clang-16", no_runtime="thread")

    def test_too_little_is_an_error(self):
        self.expect(1, "19 gaps were probed, at least 20 are expected", *self.one, count=19)
        few = (*checks[2:], "38 checks, 0 failed")
        self.expect(1, "the library was looked at 39 times, at least 40 are expected", *self.one, "--library", library=few)


if __name__ == "__main__":
    matrix_test.matrix = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
