#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a file of the library with one of the changes of mutant_table.py: changed_source.py <change> <file> <output>."""
import pathlib
import sys

sys.dont_write_bytecode = True  # a build leaves nothing behind in the tree

from mutant_table import changes


def changed(change, file):
    """The text of the file with that change."""
    row = next((row for row in changes if row.how == change), None)
    if row is None or not file.match(row.file):
        raise LookupError(f"{change}: no such change of {file}")
    text = file.read_text(encoding="utf-8")
    if text.count(row.text) != 1:
        raise LookupError(f"the source has changed: {row.file} has {text.count(row.text)} times what {change} changes: {row.text.strip()}")
    before, after = text.split(row.text)
    return before + row.instead + after


def main():
    change, file, output = sys.argv[1:]
    try:
        text = changed(change, pathlib.Path(file))
    except LookupError as gone:
        print(gone.args[0], file=sys.stderr)
        return 1
    pathlib.Path(output).write_text(f'#line 1 "{file}"\n{text}', encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
