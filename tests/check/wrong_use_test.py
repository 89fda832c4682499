# SPDX-License-Identifier: Apache-2.0
"""The wrong-use table of tests/README.md: every row names a test that exists, or says why there is none."""
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1]).resolve()
least_rows, least_tests = 40, 30


def main():
    """Each broken row in a line of its own."""
    rows = [line.split("|") for line in (folder / "README.md").read_text(encoding="utf-8").splitlines() if re.match(r"\| \d+ \|", line)]
    wrong, count = [], 0
    for number, row in enumerate(rows, 1):
        if len(row) != 6 or row[1].strip() != str(number):
            wrong.append(f"row {number}: it has to have four columns and this number")
            continue
        said = row[4]
        if "`" not in said and "not yet" not in said and "cannot" not in said:
            wrong.append(f"row {number}: name a test, or say why there is none")
        for file, names in re.findall(r"`(\w+/\w+\.cpp)` (\w+(?:, \w+)*)", said):
            path = folder / file
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            for name in names.split(", "):
                count += 1
                if not re.search(rf"^TEST\w*\(\w+, {name}\)", text, re.M):
                    wrong.append(f"row {number}: {file} has no test {name}")
    if len(rows) < least_rows or count < least_tests:
        wrong.append(f"{len(rows)} rows with {count} tests; at least {least_rows} with {least_tests} are expected")
    print("\n".join(wrong) if wrong else f"{len(rows)} rows, {count} tests, all there")
    return 1 if wrong else 0


sys.exit(main())
