#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what a send costs with the yield that answers it: one locked instruction in a coroutine at any depth, none in a generator.

The difference of many round trips and few leaves out what starting and stopping cost. The program counts allocations itself.
usage: round_trip_cost_test.py <round_trip_cost>
"""
import sys

sys.dont_write_bytecode = True  # a test leaves nothing behind in the tree

from counted_instructions import counts, locked_addresses

many_trips, few_trips = 3000, 1000
no_allocations = 0
locked_instructions = {"coroutine": 1, "deep": 1, "generator": 0}


def main():
    program = sys.argv[1]
    locked = locked_addresses(program)
    failures = []
    instructions = {}
    for what, expected in locked_instructions.items():
        (many, many_total), (few, few_total) = (
            counts(program, [what, str(trips)], f"{trips} {no_allocations}") for trips in (many_trips, few_trips))
        trips = many_trips - few_trips
        instructions[what] = (many_total - few_total) / trips
        found = {address: (many.get(address, 0) - few.get(address, 0)) / trips for address in locked}
        found = {address: times for address, times in found.items() if times}
        print(f"{what}: {instructions[what]:.1f} instructions a round trip, {sum(found.values()):.2f} of them locked")
        if instructions[what] < 10:
            failures.append(f"{what}: {instructions[what]:.1f} instructions a round trip are not to be believed")
        if sum(found.values()) != expected:
            where = ", ".join(f"{times:g} at {address:#x}" for address, times in found.items()) or "none"
            failures.append(f"{what}: {expected} locked instructions a round trip are due, found {where}")
    if instructions["deep"] > instructions["coroutine"] + 1:
        failures.append("a round trip costs more instructions through 1000 awaits than through one")
    if failures:
        sys.exit("\n".join(failures))


main()
