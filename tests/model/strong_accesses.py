# SPDX-License-Identifier: Apache-2.0
"""Every access of the library that is stronger than relaxed has a mutant one step weaker, or the table argues why it has none."""
import collections
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "tools"))

from checks import orders, source

weakening = collections.namedtuple("weakening", "file line how")


def line_of(row, folder=root):
    """The number of the one line that a row of the table means."""
    lines = (folder / row.file).read_text(encoding="utf-8").splitlines()
    first = 0
    if row.after:
        first = next((i for i, line in enumerate(lines) if row.after in line), None)
        if first is None:
            raise LookupError(f'{row.file}: no line says "{row.after}"')
    found = [i + 1 for i, line in enumerate(lines) if i >= first and row.text in line]
    if not found or (len(found) > 1 and not row.after):
        raise LookupError(f'{row.file}: {len(found)} lines say "{row.text}"')
    return found[0]


def weaker(operation, said):
    """What an access could be weakened to, by one step, as WEFT_MUTANT says it; a compare-exchange has two orders."""
    steps = {"acquire": ["relaxed"], "release": ["relaxed"], "acq_rel": ["acquire", "release"],
             "seq_cst": [{"load": "acquire", "store": "release"}.get(operation, "acq_rel")]}
    return steps.get(said[0], []) + ["failure" for order in said[1:] if order != "relaxed"]


def weakenings(folder=root):
    """All of them."""
    for name in orders.library:
        for path in sorted((folder / name).rglob("*.[hc]pp")):
            file = source.source(folder, path)
            for line, _, said, _, operation in orders.accesses(file.code):
                for how in weaker(operation, said) if said else []:
                    yield weakening(file.name, line, how)


def complaints(mutants, argued, folder=root):
    """What is wrong with the table, a line each."""
    needed = set(weakenings(folder))
    have, argues = set(), set()
    for row in [*mutants, *argued]:
        if row.file is None:
            continue
        try:
            where = weakening(row.file, line_of(row, folder), row.how)
        except LookupError as gone:
            yield f"the source has changed: {gone}"
            continue
        if row in argued:
            argues.add(where)
            if where not in needed or where in have:
                yield f"{row.file}: argued for nothing: {row.text} {row.how}"
        have.add(where)
    for file, line, how in sorted(needed - have):
        text = (folder / file).read_text(encoding="utf-8").splitlines()[line - 1].strip()
        yield f"{file}:{line}: no mutant, and nothing that argues why, for {how}: {text}"
