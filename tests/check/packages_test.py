# SPDX-License-Identifier: Apache-2.0
"""tools/run and tools/test before they build: what they install, as whom, and how they give up; every system program is a stand-in."""
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

# Each stand-in writes its name and arguments into $LOG.
dpkg_query = """#!/bin/sh
for package; do :; done
case " $MISSING " in *" $package "*) echo not-installed; exit 1;; esac
printf installed
"""
identity = "#!/bin/sh\necho $WHO\n"
sudo = """#!/bin/sh
if [ "$1" = -n ]; then exit $NO_SUDO; fi
echo "sudo" >> "$LOG"
exec "$@"
"""
logged = """#!/bin/sh
echo "${0##*/} ${DEBIAN_FRONTEND:-} $*" >> "$LOG"
"""
failing = "#!/bin/sh\nexit 100\n"


class packages_test(unittest.TestCase):
    tools = None

    def run_command(self, command, *arguments, without=(), **settings):
        """Exit status, messages and log of a command on a machine made of stand-ins, in a copy of the tree with nothing to build."""
        with tempfile.TemporaryDirectory() as scratch:
            root, programs, log = (pathlib.Path(scratch, name) for name in ("tree", "programs", "log"))
            (root / "tools").mkdir(parents=True)
            (root / "build" / "release").mkdir(parents=True)
            (root / "tests" / "probes").mkdir(parents=True)
            programs.mkdir()
            log.touch()
            for name in ("run", "test", "packages.sh"):
                (root / "tools" / name).write_bytes((self.tools / name).read_bytes())
            stand_ins = {"dpkg-query": dpkg_query, "id": identity, "sudo": sudo, "apt-get": logged, "cmake": logged, "ctest": logged}
            stand_ins |= {f"../tree/{name}": logged for name in ("build/release/weft", "tests/probes/matrix.py", "tools/full_report.py")}
            for name, text in stand_ins.items():
                if name not in without:
                    path = programs / name
                    path.write_text(settings.pop(name, text), encoding="utf-8")
                    path.chmod(0o755)
            for name in ("dirname", "nproc", "env", "cat", "sh", "bash", "rm", "mkdir"):
                (programs / name).symlink_to(f"/usr/bin/{name}")
            environment = {"PATH": str(programs), "LOG": str(log), "MISSING": "", "WHO": "0", "NO_SUDO": "1"} | settings
            done = subprocess.run(
                ["/usr/bin/env", "bash", str(root / "tools" / command), *arguments],
                env=environment, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
            )
            return done.returncode, done.stdout + done.stderr, log.read_text(encoding="utf-8").splitlines()

    def test_nothing_missing_leaves_apt_alone(self):
        status, _, log = self.run_command("run", "--threads=1", "--workloads=fib:20")

        self.assertEqual(status, 0)
        self.assertFalse([line for line in log if "apt-get" in line or "sudo" in line])
        self.assertEqual(log[-1], "weft  bench --threads=1 --workloads=fib:20")

    def test_root_installs_exactly_what_is_missing_and_asks_nothing(self):
        for command in ("run", "test"):
            status, messages, log = self.run_command(command, MISSING="valgrind clang-19")

            self.assertEqual(status, 0)
            self.assertEqual(log[0], "apt-get  update -q")
            self.assertEqual(log[1], "apt-get noninteractive install -q -y --no-install-recommends clang-19 valgrind")
            self.assertIn("clang-19 valgrind", messages)

    def test_a_user_installs_through_sudo(self):
        status, _, log = self.run_command("test", MISSING="cmake", WHO="1000", NO_SUDO="0")

        self.assertEqual(status, 0)
        self.assertEqual(log[:2], ["sudo", "apt-get  update -q"])
        self.assertEqual(log[2:4], ["sudo", "apt-get noninteractive install -q -y --no-install-recommends cmake"])

    def test_without_root_and_sudo_the_packages_are_named(self):
        for without in ((), ("sudo",)):
            for command in ("run", "test"):
                status, messages, log = self.run_command(command, MISSING="valgrind cmake", WHO="1000", without=without)

                self.assertEqual(status, 2)
                self.assertIn("cmake valgrind", messages)
                self.assertEqual(log, [])

    def test_without_apt_the_packages_are_named(self):
        status, messages, log = self.run_command("run", MISSING="cmake", without=("apt-get",))

        self.assertEqual(status, 2)
        self.assertIn("cmake", messages)
        self.assertEqual(log, [])

    def test_a_failing_installation_stops_everything_and_names_the_packages(self):
        fails_to_install = '#!/bin/sh\n[ "$1" = update ] || exit 100\n'
        for apt_get, who in itertools.product((failing, fails_to_install), ("0", "1000")):
            for command in ("run", "test"):
                status, messages, log = self.run_command(
                    command, MISSING="valgrind cmake", WHO=who, NO_SUDO="0", **{"apt-get": apt_get}
                )

                self.assertEqual(status, 2)
                self.assertIn("apt-get failed", messages)
                self.assertIn("apt-get install --no-install-recommends cmake valgrind\n", messages)
                self.assertEqual([line for line in log if line != "sudo"], [])

    def test_a_failing_build_is_not_followed_by_the_job(self):
        for command in ("run", "test"):
            status, _, log = self.run_command(command, cmake=failing)

            self.assertNotEqual(status, 0)
            self.assertEqual(log, [])

    def test_the_status_of_the_job_is_handed_on(self):
        self.assertEqual(self.run_command("test", ctest="#!/bin/sh\nexit 8\n")[0], 8)
        self.assertEqual(self.run_command("run", **{"../tree/build/release/weft": "#!/bin/sh\nexit 7\n"})[0], 7)

    def test_options_of_tools_test_go_to_ctest_and_no_test_is_an_error(self):
        _, _, log = self.run_command("test", "-L", "unit")

        self.assertIn("--no-tests=error", log[-1])
        self.assertTrue(log[-1].startswith("ctest ") and log[-1].endswith(" -L unit"))

    def test_the_long_version_scales_counts_and_patience_and_hands_on_the_rest(self):
        scale_logged = '#!/bin/sh\necho "ctest at $WEFT_SCALE $*" >> "$LOG"\n'
        _, _, log = self.run_command("test", "--full", "-L", "stress", ctest=scale_logged)

        self.assertIn("-DWEFT_TIMEOUT_FACTOR=10", log[0])
        self.assertTrue(log[-1].startswith("ctest at 10 ") and log[-1].endswith(" -L stress"), log[-1])
        self.assertNotIn("--full", log[-1])
        self.assertTrue(self.run_command("test", "--full", "-N", ctest=scale_logged, WEFT_SCALE="3")[2][-1].startswith("ctest at 3 "))
        self.assertIn("-DWEFT_TIMEOUT_FACTOR=1 ", self.run_command("test")[2][0])

    def test_the_long_version_runs_the_model_tests_weft_stress_and_the_compiler_probes_and_reports(self):
        counts_logged = '#!/bin/sh\necho "report of $WEFT_SCHEDULES and $WEFT_STRESS_TASKS" >> "$LOG"\n'
        for given, counts in (({}, "250000 and 2e8"), ({"WEFT_SCHEDULES": "7", "WEFT_STRESS_TASKS": "9"}, "7 and 9")):
            status, _, log = self.run_command("test", "--full", **{"../tree/tools/full_report.py": counts_logged}, **given)

            self.assertEqual((status, log[-1]), (0, f"report of {counts}"))
            self.assertEqual(len([line for line in log if line.startswith("ctest ")]), 2)
            self.assertEqual(len([line for line in log if line.startswith("weft  stress ")]), 5)
            self.assertEqual(len([line for line in log if line.startswith("matrix.py ") and line.endswith(" --library")]), 1)
        for part in ("build/release/weft", "tests/probes/matrix.py", "tools/full_report.py"):
            self.assertEqual(self.run_command("test", "--full", **{f"../tree/{part}": "#!/bin/sh\nexit 1\n"})[0], 1, part)

    def test_only_the_long_version_wants_the_compiler_that_only_the_probes_need(self):
        for arguments, wants in (((), False), (("--full",), True), (("--full", "-N"), False)):
            log = self.run_command("test", *arguments, MISSING="clang-16 libclang-rt-16-dev")[2]

            self.assertEqual([line for line in log if line.endswith("--no-install-recommends clang-16 libclang-rt-16-dev")] != [], wants)

    def test_help_installs_and_builds_nothing(self):
        for command in ("run", "test"):
            status, messages, log = self.run_command(command, "--help", MISSING="cmake")

            self.assertEqual((status, log), (0, []))
            self.assertIn(f"usage: tools/{command}", messages)
        for word in ("--full", "WEFT_SCALE", "WEFT_SCHEDULES", "WEFT_STRESS_TASKS"):
            self.assertIn(word, self.run_command("test", "--help")[1])


if __name__ == "__main__":
    packages_test.tools = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
