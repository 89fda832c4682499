# SPDX-License-Identifier: Apache-2.0
"""protocol/README.md: each of the 194 rows is there once and names tests that exist; those marked X, and no others, give a reason."""
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1]).resolve()
areas = {
    "C": 13, "S": 12, "T": 17, "L": 16, "A": 21, "D": 12, "E": 5, "R": 9, "P": 9, "K": 13, "I": 12, "G": 17, "B": 11, "O": 5, "W": 2,
    "Y": 14, "M": 6,
}
rows_of = [f"{area}{number:02}" for area, count in areas.items() for number in range(1, count + 1)]
marks = ("=", "~", "X", "MT", "=MT", "~MT")
least_with_tests = 179
cited = re.compile(r"`([\w./]+\.(?:cpp|c|py))` (\w+(?:, \w+)*)")


def is_in(name, path, text):
    """Whether a test, a program that must not compile, or a static_assert has this name."""
    if path.name == "refused_programs.cpp":
        return re.search(rf"^// {name} says: ", text, re.M)
    if path.suffix == ".py":
        return re.search(rf"^\s+def {name}\(", text, re.M)
    if re.fullmatch(r"[A-Z]\d\d", name):
        return re.search(rf'static_assert\([^;]*"{name}[":]', text)
    return re.search(rf"^TEST\w*\(\w+, {name}\)", text, re.M)


def faults_of(mark, said):
    """What is wrong with what a row names."""
    tests = [(file, name) for file, names in cited.findall(said) for name in names.split(", ")]
    rest = cited.sub("", said).strip(" ;")
    if mark == "X":
        if tests or len(rest) < 20:
            yield "it cannot exist in C++: give the reason, and no test"
        return
    if not tests:
        yield "name a test"
    if rest:
        yield f"only tests may stand there, not: {rest}"
    for file, name in tests:
        path = folder / (file if "/" in file else "protocol/" + file)
        if not path.is_file():
            yield f"there is no {file}"
        elif not is_in(name, path, path.read_text(encoding="utf-8")):
            yield f"{file} has no {name}"


def main():
    """Each fault in a line of its own."""
    lines = (folder / "protocol" / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| [A-Z]\d\d \|", line)]
    wrong, with_tests = [], 0
    for row in rows:
        if len(row) != 5 or row[1] not in marks or not all(row):
            wrong.append(f"{row[0]}: it has to have five columns, and one of the marks {', '.join(marks)}")
            continue
        found = list(faults_of(row[1], row[4]))
        wrong += [f"{row[0]}: {fault}" for fault in found]
        with_tests += row[1] != "X" and not found
    there = [row[0] for row in rows]
    wrong += [f"{row}: it is there {there.count(row)} times" for row in sorted({*rows_of, *there}) if there.count(row) != (row in rows_of)]
    if with_tests < least_with_tests:
        wrong.append(f"{with_tests} rows with tests; at least {least_with_tests} are expected")
    print("\n".join(wrong) if wrong else f"{len(rows)} rows, {with_tests} of them with tests, all there")
    return 1 if wrong else 0


sys.exit(main())
