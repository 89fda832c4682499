#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what one fork-join task costs that nobody steals: instructions, and among them the locked ones.

callgrind counts each instruction of fib(24) and of fib(20); the difference, divided by the calls in between, leaves out what
starting and stopping cost, and does not depend on how fast the machine is.
usage: fib_cost_test.py <fib_cost> <most instructions a call, 0: any> <most locked instructions a call>
"""
import os
import re
import subprocess
import sys
import tempfile

large, small = 24, 20
fib = [0, 1]
while len(fib) < large + 2:
    fib.append(fib[-1] + fib[-2])


def calls(n):
    """How many tasks fib(n) is."""
    return 2 * fib[n + 1] - 1


def counts(program, n, folder):
    """{address: executions} of the program's own instructions, and how many instructions were executed in all."""
    out = os.path.join(folder, f"callgrind.{n}")
    command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no", f"--callgrind-out-file={out}", program, str(n)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    if run.returncode != 0 or run.stdout.split() != [str(fib[n])]:
        sys.exit(f"{' '.join(command)}: status {run.returncode}, output {run.stdout!r}\n{run.stderr}")
    executed, objects, current, total, inclusive = {}, {}, "", 0, False
    with open(out, encoding="utf-8") as lines:
        for line in lines:
            named = re.match(r"(c?)ob=\((\d+)\)(?: (.*))?$", line)
            if named:
                if named[3]:
                    objects[named[2]] = named[3]  # a number stands for the name from its first use on, even a callee's
                if not named[1]:
                    current = objects[named[2]]
            elif line.startswith("calls="):
                inclusive = True  # the next line is what the callee cost: counted where it is executed
            elif inclusive:
                inclusive = False
            elif position := re.match(r"0x([0-9a-f]+) \S+ (\d+)$", line):
                total += int(position[2])
                if os.path.basename(current) == os.path.basename(program):
                    address = int(position[1], 16)
                    executed[address] = executed.get(address, 0) + int(position[2])
    return executed, total


def locked_addresses(program):
    """Where the program has locked instructions: those with the prefix, exchanges with memory, and full fences."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", program], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\s*([0-9a-f]+):\s+(lock .*|mfence.*|xchg\s.*\(.*\).*)$", listing, re.M)
    return {int(address, 16) for address, _ in found}


def main():
    program, most_instructions, most_locked = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        (many, many_total), (few, few_total) = counts(program, large, folder), counts(program, small, folder)
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
