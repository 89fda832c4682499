#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Says what `tools/test --full` has done: report.json and report.md beside the logs it left.
usage: full_report.py <folder with release.xml, model.xml and stress_<workers>.txt>
Exit status 1 if a test failed, a law was broken, or a part is missing.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree


def suite(path):
    """What ctest wrote: how many tests, which failed, and everything they printed."""
    if not path.exists():
        return {"tests": 0, "failed": [f"{path.name} is missing"]}, ""
    cases = list(xml.etree.ElementTree.parse(path).getroot().iter("testcase"))
    failed = [case.get("name") for case in cases if case.get("status") != "run"]
    printed = "\n".join(case.findtext("system-out") or "" for case in cases)
    return {"tests": len(cases), "failed": failed}, printed


def schedules(printed):
    """By model test: how many schedules were explored."""
    found = re.findall(r"explored: (\d+) schedules.*\n\[       OK \] (\S+)", printed)
    return {name: int(count) for count, name in found}


def mutants(printed):
    totals = re.search(r"mutants: (\d+), not caught: (\d+)", printed)
    return {"mutants": int(totals[1]), "not_caught": int(totals[2])} if totals else {"mutants": 0, "not_caught": 0}


def faults(printed):
    """By point: how often it was injected."""
    return {point: int(count) for point, count in re.findall(r"^fault: (.*): (\d+) times$", printed, re.M)}


def stress(path):
    """The figures of one run of `weft stress`."""
    text = path.read_text()
    row = re.search(r"^  all +(\d+) +(\d+) ", text, re.M)
    laws = {name: int(re.search(rf"^  {name} +(\d+)", text, re.M)[1]) if re.search(rf"^  {name} +(\d+)", text, re.M) else None
            for name in ("lost", "doubled", "wrong results", "live frames")}
    return {"workers": int(path.stem.split("_")[1]), "tasks": int(row[2]) if row else 0, **laws, "all_laws_held": "All laws held" in text}


def collect(folder):
    release, release_printed = suite(folder / "release.xml")
    model, model_printed = suite(folder / "model.xml")
    runs = sorted((stress(path) for path in folder.glob("stress_*.txt")), key=lambda run: run["workers"])
    return {"suite": release, "model": model, "schedules": schedules(model_printed), "mutants": mutants(model_printed),
            "faults": faults(release_printed), "stress": runs}


def is_green(report):
    return (not report["suite"]["failed"] and not report["model"]["failed"] and bool(report["schedules"]) and bool(report["faults"])
            and report["mutants"]["mutants"] > 0 and report["mutants"]["not_caught"] == 0
            and bool(report["stress"]) and all(run["all_laws_held"] for run in report["stress"]))


def page(report):
    """The report for people."""
    explored, injected, runs = report["schedules"], report["faults"], report["stress"]
    lines = ["# The long version of weft's tests", "",
             "Everything passed." if is_green(report) else "**Something failed.** See below.", "",
             f"- {report['suite']['tests']} tests of the suite, failed: {', '.join(report['suite']['failed']) or 'none'}",
             f"- {report['model']['tests']} model programs, failed: {', '.join(report['model']['failed']) or 'none'}",
             f"- {sum(explored.values()):,} schedules explored by {len(explored)} model tests",
             f"- {report['mutants']['mutants']} mutants, not caught: {report['mutants']['not_caught']}",
             f"- {sum(injected.values()):,} faults injected at {len(injected)} points, "
             f"the least often {min(injected.values(), default=0)} times",
             f"- {sum(run['tasks'] for run in runs):,} tasks run by `weft stress`", "",
             "| workers | tasks | lost | doubled | wrong results | live frames | all laws held |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {run['workers']} | {run['tasks']:,} | {run['lost']} | {run['doubled']} | {run['wrong results']} | {run['live frames']} | "
              f"{'yes' if run['all_laws_held'] else 'NO'} |" for run in runs]
    lines += ["", "| model test | schedules |", "|---|---|"] + [f"| {name} | {count:,} |" for name, count in sorted(explored.items())]
    lines += ["", "| fault | times |", "|---|---|"] + [f"| {point} | {count:,} |" for point, count in sorted(injected.items())]
    return "\n".join(lines) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    report = collect(folder)
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / "report.md").write_text(page(report))
    print("\n".join(page(report).splitlines()[2:10]))
    print(f"report: {folder}/report.md and report.json")
    return 0 if is_green(report) else 1


if __name__ == "__main__":
    sys.exit(main())
