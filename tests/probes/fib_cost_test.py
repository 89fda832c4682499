#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what one fork-join task costs that nobody steals: instructions, and among them the locked ones.

callgrind counts each instruction of fib(24) and of fib(20); the difference, divided by the calls in between, leaves out what
starting and stopping cost, and does not depend on how fast the machine is.
usage: fib_cost_test.py <fib_cost> <most instructions a call, 0: any> <most locked instructions a call>
"""
import sys

sys.dont_write_bytecode = True  # a test leaves nothing behind in the tree

from counted_instructions import counts, locked_addresses

large, small = 24, 20
fib = [0, 1]
while len(fib) < large + 2:
    fib.append(fib[-1] + fib[-2])


def calls(n):
    """How many tasks fib(n) is."""
    return 2 * fib[n + 1] - 1


def main():
    program, most_instructions, most_locked = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    (many, many_total), (few, few_total) = (counts(program, [str(n)], str(fib[n])) for n in (large, small))
    between = calls(large) - calls(small)
    per_call = (many_total - few_total) / between
    locked = sum(many.get(a, 0) - few.get(a, 0) for a in locked_addresses(program)) / between
    print(f"instructions per fib call: {per_call:.1f}")
    print(f"locked instructions per fib call: {locked:.2f}")
    own = (sum(many.values()) - sum(few.values())) / between
    if own < 10 or locked <= 0:
        sys.exit(f"only {own:.1f} instructions a call were found in the program itself: the count is not to be believed")
    if most_instructions and per_call > most_instructions:
        sys.exit(f"a call costs more than {most_instructions:.0f} instructions")
    if locked > most_locked:
        sys.exit(f"a call costs more than {most_locked:.0f} locked instructions")


main()
