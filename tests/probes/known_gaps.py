# SPDX-License-Identifier: Apache-2.0
"""The list of what compilers are known to get wrong: known_gaps.txt, a line each: probe | compiler | levels | sanitizers | reason."""
import collections
import sys

known = collections.namedtuple("known", "probe compiler levels sanitizers reason")


class listing:
    """The list, asked by probe and configuration."""

    def __init__(self, entries):
        self.entries = entries

    def probes(self):
        """What is listed."""
        return {one.probe for one in self.entries}

    def reason(self, probe, at):
        """Why `probe` fails at the configuration; empty if it must not."""
        for one in self.entries:
            if one.probe != probe or one.compiler != at.compiler:
                continue
            if at.level in one.levels and (one.sanitizers == "*" or at.sanitizer in one.sanitizers.split()):
                return one.reason
        return ""


def read(path, compilers, levels, sanitizers, with_library):
    """The lines, without those of the library's probes if these are not run. Ends the process at one that can fit nowhere."""
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ", 4)]
        if len(fields) != 5:
            sys.exit(f"known_gaps.txt: five fields are expected: {line}")
        one = known(*fields)
        listed = set() if one.sanitizers == "*" else set(one.sanitizers.split())
        if one.compiler not in compilers or not set(one.levels) <= levels or not listed <= sanitizers:
            sys.exit(f"known_gaps.txt: there is no such configuration: {line}")
        if with_library or not one.probe.startswith("library: "):
            entries.append(one)
    return listing(entries)
