#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Says what `tools/test --full` has done: report.json and report.md beside the logs it left.
usage: full_report.py <folder with release.xml, model.xml, matrix.txt and stress_<workers>.txt>
How much was asked for stands in WEFT_SCHEDULES and WEFT_STRESS_TASKS; less than the bars is said to be below them.
Exit status 1 if a test failed, a law was broken, or a part is missing or did less than it has to.
"""
import collections
import json
import os
import pathlib
import re
import sys
import xml.etree.ElementTree

# The bars. Schedules are those of a test, tasks those of all runs of `weft stress`.
fewest = {"schedules": 250_000, "tasks": 1_000_000_000, "tests": 100, "model tests": 24, "mutants": 24, "points": 40, "hits": 100,
          "configurations": 36, "cells": 36 * (20 + 40)}
workers_wanted = (1, 2, 4, 8, 16)
laws = ("lost", "doubled", "wrong results", "live frames")


def asked():
    """What the environment asks for: schedules of a model test, tasks of a run of `weft stress`."""
    return {"schedules": int(os.environ.get("WEFT_SCHEDULES") or str(fewest["schedules"]), 0),
            "stress_tasks": int(float(os.environ.get("WEFT_STRESS_TASKS") or fewest["tasks"] // len(workers_wanted)))}


def suite(path):
    """What ctest wrote: how many tests, which failed, and everything they printed."""
    if not path.exists():
        return {"tests": 0, "failed": [f"{path.name} is missing"]}, ""
    cases = list(xml.etree.ElementTree.parse(path).getroot().iter("testcase"))
    failed = [case.get("name") for case in cases if case.get("status") != "run"]
    printed = "\n".join(case.findtext("system-out") or "" for case in cases)
    return {"tests": len(cases), "failed": failed}, printed


def schedules(printed):
    """By model test: how many random schedules counted, and its share of those asked for. A guess in vain and a walk do not count."""
    found, name = {}, None
    line = r"^explored: (\d+) random schedules of at most \d+ steps, share ([^\s,;]+)(?:, (\d+) guessed in vain)?|^\[ RUN +\] (\S+)"
    for count, share, in_vain, started in re.findall(line, printed, re.M):
        name = started or name
        if count:
            one = found.setdefault(name, {"random": 0, "share": 0})
            one["random"] += int(count) - int(in_vain or 0)
            one["share"] = min(1, one["share"] + float(share))
    return found


def mutants(printed):
    totals = re.search(r"mutants: (\d+), not caught: (\d+)", printed)
    return {"mutants": int(totals[1]), "not_caught": int(totals[2])} if totals else {"mutants": 0, "not_caught": 0}


def faults(printed):
    """By point: how often it was injected."""
    found = collections.Counter()
    for point, count in re.findall(r"^fault: (.*): (\d+) times$", printed, re.M):
        found[point] += int(count)
    return dict(found)


def matrix(path):
    """The compiler probes' last line."""
    totals = re.search(r"^(\d+) cells in (\d+) configurations, (\d+) errors$", path.read_text() if path.exists() else "", re.M)
    return dict(zip(("cells", "configurations", "errors"), map(int, totals.groups() if totals else (0, 0, 0))))


def stress(path):
    """The figures of one run of `weft stress`."""
    text = path.read_text()
    row = re.search(r"^  all +(\d+) +(\d+) ", text, re.M)
    found = {name: int(re.search(rf"^  {name} +(\d+)", text, re.M)[1]) if re.search(rf"^  {name} +(\d+)", text, re.M) else None
             for name in laws}
    return {"workers": int(path.stem.split("_")[1]), "tasks": int(row[2]) if row else 0, **found, "all_laws_held": "All laws held" in text}


def collect(folder):
    release, release_printed = suite(folder / "release.xml")
    model, model_printed = suite(folder / "model.xml")
    runs = sorted((stress(path) for path in folder.glob("stress_*.txt")), key=lambda run: run["workers"])
    report = {"asked": asked(), "suite": release, "model": model, "schedules": schedules(model_printed), "mutants": mutants(model_printed),
              "faults": faults(release_printed), "stress": runs, "matrix": matrix(folder / "matrix.txt")}
    return report | {"wrong": wrong(report), "below": below(report)}


def wrong(report):
    """What makes it red, a sentence each."""
    found = [f"failed: {name}" for part in ("suite", "model") for name in report[part]["failed"]]
    full = [name for name, one in report["schedules"].items() if one["share"] == 1]
    explored = report["asked"]["schedules"]
    found += [f"{name}: {one['random']:,} random schedules of {int(explored * one['share']):,}"
              for name, one in report["schedules"].items() if one["random"] < int(explored * one["share"])]
    found += [f"fault: {point}: {hits} times" for point, hits in report["faults"].items() if hits < fewest["hits"]]
    if report["mutants"]["not_caught"]:
        found.append(f"mutants that were not caught: {report['mutants']['not_caught']}")
    if report["matrix"]["errors"]:
        found.append(f"errors of the compiler probes: {report['matrix']['errors']}")
    counts = {"tests": report["suite"]["tests"], "model tests": len(full), "mutants": report["mutants"]["mutants"],
              "points": len(report["faults"]), "configurations": report["matrix"]["configurations"], "cells": report["matrix"]["cells"]}
    found += [f"too few {what}: {count}, at least {fewest[what]} are expected" for what, count in counts.items() if count < fewest[what]]
    return found + wrong_stress(report)


def wrong_stress(report):
    found = []
    for run in report["stress"]:
        broken = [f"{law} {run[law]}" for law in laws if run[law] != 0]
        if broken or not run["all_laws_held"]:
            found.append(f"weft stress on {run['workers']} workers: {', '.join(broken) or 'a law is broken'}")
    ran = [run["workers"] for run in report["stress"]]
    found += [f"weft stress on {workers} workers is missing" for workers in workers_wanted if workers not in ran]
    tasks, wanted = sum(run["tasks"] for run in report["stress"]), report["asked"]["stress_tasks"] * len(workers_wanted)
    if tasks < wanted:
        found.append(f"weft stress: {tasks:,} tasks of {wanted:,}")
    return found


def below(report):
    """Which bars this run was asked not to reach."""
    wanted = {"WEFT_SCHEDULES": (report["asked"]["schedules"], fewest["schedules"]),
              "WEFT_STRESS_TASKS": (report["asked"]["stress_tasks"], fewest["tasks"] // len(workers_wanted))}
    return [f"{name} asks for {given:,}; the bar is {bar:,}" for name, (given, bar) in wanted.items() if given < bar]


def page(report):
    """The report for people."""
    explored, injected, runs = report["schedules"], report["faults"], report["stress"]
    lines = ["# The long version of weft's tests", ""]
    verdict = "**Something failed.**" if report["wrong"] else "What was asked for passed." if report["below"] else "Everything passed."
    lines += [verdict, *(f"- {one}" for one in report["wrong"]), *(f"- **Below the bar**: {one}." for one in report["below"])]
    lines += ["", f"- {report['suite']['tests']} tests of the suite, failed: {len(report['suite']['failed'])}",
              f"- {report['model']['tests']} model programs, failed: {len(report['model']['failed'])}",
              f"- {sum(one['random'] for one in explored.values()):,} random schedules explored by {len(explored)} model tests",
              f"- {report['mutants']['mutants']} mutants, not caught: {report['mutants']['not_caught']}",
              f"- {sum(injected.values()):,} faults injected at {len(injected)} points, "
              f"the least often {min(injected.values(), default=0)} times",
              f"- {sum(run['tasks'] for run in runs):,} tasks run by `weft stress`",
              f"- {report['matrix']['cells']:,} cells of compiler probes in {report['matrix']['configurations']} configurations, "
              f"errors: {report['matrix']['errors']}", ""]
    return "\n".join(lines + tables(explored, injected, runs)) + "\n"


def tables(explored, injected, runs):
    lines = ["| workers | tasks | lost | doubled | wrong results | live frames | all laws held |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {run['workers']} | {run['tasks']:,} | {run['lost']} | {run['doubled']} | {run['wrong results']} | {run['live frames']} | "
              f"{'yes' if run['all_laws_held'] else 'NO'} |" for run in runs]
    lines += ["", "| model test | random schedules | share of those asked for |", "|---|---|---|"]
    lines += [f"| {name} | {one['random']:,} | {one['share']:g} |" for name, one in sorted(explored.items())]
    return lines + ["", "| fault | times |", "|---|---|"] + [f"| {point} | {count:,} |" for point, count in sorted(injected.items())]


def main():
    folder = pathlib.Path(sys.argv[1])
    report = collect(folder)
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / "report.md").write_text(page(report))
    print(page(report).split("\n| workers", 1)[0].split("\n", 2)[2])
    print(f"report: {folder}/report.md and report.json")
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
