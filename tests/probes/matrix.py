#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds each compiler probe with every compiler, level and sanitizer, runs it, and prints the table probe x configuration.

gaps/*_gap.cpp are programs without the library; with --library the probes of the library itself are added. What is known to
fail stands in known_gaps.txt with its reason: a failure that is not listed is an error, and so is a listed one that passes, or
that is no probe. Exit status: 0 if all is as listed, 1 if not or if too little was probed, 2 if a compiler or its runtime is missing.
"""
import argparse
import collections
import itertools
import pathlib
import re
import shutil
import subprocess
import sys

import known_gaps

all_compilers = ("clang++-19", "clang++-16", "g++-12")
all_levels = ("0", "1", "2", "3")
packages = {"clang++-19": "clang-19 libclang-rt-19-dev", "clang++-16": "clang-16 libclang-rt-16-dev", "g++-12": "g++-12"}
fewest_gaps, fewest_checks = 20, 40  # in a configuration: a probe that was left out is a failure
flags = {
    "plain": [],
    "asan": ["-fsanitize=address", "-fno-omit-frame-pointer", "-DWEFT_DEBUG=1"],
    "tsan": ["-fsanitize=thread", "-fno-omit-frame-pointer"],
}
# A status of their own for the sanitizers: what they find at the end of a program is not taken for a check of it that failed.
environment = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:exitcode=99",
    "LSAN_OPTIONS": "exitcode=99",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=99",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
}
language = ["-std=c++20", "-g1", "-w", "-pthread"]
configuration = collections.namedtuple("configuration", "compiler sanitizer level")


def compiled(command):
    """Empty if it worked, else the compiler's first complaint."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode == 0:
        return ""
    complaints = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines() or ["no message"]
    return f"does not compile: {complaints[0][-120:]}"


def ran(program, seconds):
    """(how it ended, what it printed); empty if it ended well."""
    try:
        done = subprocess.run([program], capture_output=True, text=True, timeout=seconds, env=environment, check=False)
    except subprocess.TimeoutExpired as hung:
        return "hangs", (hung.stdout or b"").decode()
    if done.returncode == 0:
        return "", done.stdout
    report = re.search(r"SUMMARY: (.*)", done.stderr)
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
    return (report[1][:120] if report else how), done.stdout


class prober:
    """Where the sources are, and where programs are built."""

    def __init__(self, root, build):
        self.root = pathlib.Path(root)
        self.probes = self.root / "tests" / "probes"
        self.build = pathlib.Path(build)
        self.build.mkdir(parents=True, exist_ok=True)
        self.libraries = {}

    def why_not(self, compiler, sanitizer):
        """Empty if programs of this compiler and sanitizer can be built and run here."""
        if not shutil.which(compiler):
            return "not installed"
        source = self.build / "nothing.cpp"
        source.write_text("int main() {}\n", encoding="utf-8")
        program = self.build / "nothing"
        if compiled([compiler, *language, *flags[sanitizer], str(source), "-o", str(program)]):
            return "its runtime is not installed"
        return ran(program, 60)[0]

    def gap(self, source, at):
        program = self.build / source.stem
        command = [at.compiler, *language, *flags[at.sanitizer], f"-O{at.level}", str(source), "-o", str(program)]
        return compiled(command) or ran(program, 60)[0]

    def library(self, at):
        """The compiled half, once for each compiler and sanitizer; throws if it cannot be built."""
        key = (at.compiler, at.sanitizer)
        if key not in self.libraries:
            folder = self.build / f"{at.compiler}-{at.sanitizer}"
            folder.mkdir(exist_ok=True)
            objects = []
            for source in sorted((self.root / "scheduler").glob("*.cpp")):
                objects.append(str(folder / f"{source.stem}.o"))
                command = [at.compiler, *language, *flags[at.sanitizer], "-O1", "-c", str(source), "-o", objects[-1]]
                why = compiled([*command, f"-I{self.root}/include", f"-I{self.root}"])
                if why:
                    sys.exit(f"{source.name} with {at.compiler} {at.sanitizer}: {why}")
            self.libraries[key] = objects
        return self.libraries[key]

    def library_probes(self, at):
        """{check: empty or how it failed}."""
        sources = [str(path) for path in sorted(self.probes.glob("*_probe.cpp")) if path.stem != "frame_refusal_probe"]
        program = self.build / "library_probes"
        command = [at.compiler, *language, *flags[at.sanitizer], f"-O{at.level}", f"-I{self.root}/include", *sources]
        why = compiled([*command, str(self.probes / "probe_program.cpp"), *self.library(at), "-ltbb", "-o", str(program)])
        if why:
            return {"the whole program": why}
        why, printed = ran(program, 300)
        found = {}
        for result, what in re.findall(r"^(holds|FAILS|known to fail with this compiler): ([^;\n]*)", printed, re.M):
            found[what] = found.get(what, "") or ("" if result == "holds" else "fails")
        summary = re.search(r"^\d+ checks, (\d+) failed$", printed, re.M)
        if summary and summary[1] != "0" and why == "status 1":
            why = ""  # that is for the checks to say
        found["the whole program"] = why if summary else (why or "ended early")
        return found


def advice(source):
    """What a probe says to write, or what the library does, instead."""
    text = source.read_text(encoding="utf-8")
    return " ".join(re.search(r"^// Instead: (.*(?:\n// .*)*)", text, re.M)[1].replace("\n//", "").split())


def table(results, configurations):
    """Prints a row for each probe: . holds, x known to fail, ! error, blank: not run."""
    groups = list(dict.fromkeys((at.compiler, at.sanitizer) for at in configurations))
    width = max(map(len, results))
    print(f"{'':{width}}  " + "  ".join(f"{compiler} {sanitizer}" for compiler, sanitizer in groups))
    for probe, cells in results.items():
        row = []
        for compiler, sanitizer in groups:
            signs = "".join(cells.get(at, (" ",))[0] for at in configurations if (at.compiler, at.sanitizer) == (compiler, sanitizer))
            row.append(f"{signs:{len(compiler) + 1 + len(sanitizer)}}")
        print(f"{probe:{width}}  " + "  ".join(row).rstrip())


def judge(results, known):
    """Turns {probe: {configuration: failure}} into signs; answers the errors, a line each."""
    errors = [f"known_gaps.txt lists {one}, which is no probe" for one in sorted(known.probes() - set(results))]
    for probe, cells in results.items():
        for at, failure in cells.items():
            entry = known.reason(probe, at)
            where = f"{probe} with {at.compiler} -O{at.level} {at.sanitizer}"
            if failure and not entry:
                errors.append(f"{where}: {failure}")
            elif entry and not failure:
                errors.append(f"{where}: passes, but is listed as known to fail ({entry}): take it off the list")
            cells[at] = ("!" if bool(failure) != bool(entry) else "x" if failure else ".", failure)
    return errors


def too_few(results, configurations, with_library):
    """A line for each configuration in which probes are missing."""
    errors = [] if configurations else ["nothing was probed"]
    for at in configurations:
        gaps = sum(at in cells for probe, cells in results.items() if not probe.startswith("library: "))
        checks = sum(at in cells for probe, cells in results.items() if probe.startswith("library: "))
        where = f"{at.compiler} -O{at.level} {at.sanitizer}"
        if gaps < fewest_gaps:
            errors.append(f"{where}: {gaps} gaps were probed, at least {fewest_gaps} are expected")
        if with_library and checks < fewest_checks:
            errors.append(f"{where}: the library was looked at {checks} times, at least {fewest_checks} are expected")
    return errors


def usable(here, compilers, sanitizers):
    """Ends the process, saying what to install, if programs of one cannot be built and run here."""
    missing = {(one, kind): why for one in compilers for kind in sanitizers if (why := here.why_not(one, kind))}
    for (compiler, sanitizer), why in missing.items():
        install = f"; install {packages[compiler]}" if compiler in packages else ""
        print(f"cannot probe {compiler} {sanitizer}: {why}{install}")
    if missing:
        sys.exit(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2], help="the tree to probe (default: this one)")
    parser.add_argument("--build", required=True, help="a folder for programs")
    parser.add_argument("--compilers", default=",".join(all_compilers))
    parser.add_argument("--levels", default=",".join(all_levels))
    parser.add_argument("--sanitizers", default=",".join(flags))
    parser.add_argument("--library", action="store_true", help="the probes of the library, too: many minutes")
    chosen = parser.parse_args()

    here = prober(chosen.root, chosen.build)
    known = known_gaps.read(here.probes / "known_gaps.txt", set(all_compilers), set(all_levels), set(flags), chosen.library)
    compilers, levels, sanitizers = (one.split(",") for one in (chosen.compilers, chosen.levels, chosen.sanitizers))
    usable(here, compilers, sanitizers)
    configurations = list(itertools.starmap(configuration, itertools.product(compilers, sanitizers, levels)))
    sources = sorted((here.probes / "gaps").glob("*_gap.cpp"))
    results = {source.stem: {} for source in sources}
    for at in configurations:
        print(f"probing {at.compiler} -O{at.level} {at.sanitizer}", file=sys.stderr, flush=True)
        for source in sources:
            results[source.stem][at] = here.gap(source, at)
        for check, failure in (here.library_probes(at) if chosen.library else {}).items():
            results.setdefault(f"library: {check}", {})[at] = failure

    errors = judge(results, known) + too_few(results, configurations, chosen.library)
    table(results, configurations)
    for source in sources:
        failures = sorted({failure for sign, failure in results[source.stem].values() if failure})
        if failures:
            print(f"{source.stem}: {'; '.join(failures)}\n  instead: {advice(source)}")
    print("\n".join(errors))
    cells = sum(map(len, results.values()))
    print(f"{cells} cells in {len(configurations)} configurations, {len(errors)} errors")
    sys.exit(1 if errors else 0)


main()
