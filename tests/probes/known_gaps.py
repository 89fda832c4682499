# SPDX-License-Identifier: Apache-2.0
"""The list of what compilers are known to get wrong: known_gaps.txt, a line each: probe | compiler | levels | sanitizers | reason."""
import collections

known = collections.namedtuple("known", "probe compiler levels sanitizers reason")


class listing:
    """The list, asked by probe and configuration."""

    def __init__(self, entries):
        self.entries = entries

    def reason(self, probe, at):
        """Why `probe` fails at the configuration; empty if it must not."""
        for one in self.entries:
            if one.probe != probe or one.compiler != at.compiler:
                continue
            if at.level in one.levels and (one.sanitizers == "*" or at.sanitizer in one.sanitizers.split()):
                return one.reason
        return ""


def read(path):
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            entries.append(known(*(field.strip() for field in line.split(" | ", 4))))
    return listing(entries)
