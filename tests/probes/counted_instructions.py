# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of a program under callgrind, one by one, and tells which of them are locked."""
import os
import re
import subprocess
import sys
import tempfile


def counts(program, arguments, expected):
    """{address: executions} of the program's own instructions, and how many instructions were executed in all.

    Ends this test if the program prints something else than `expected`.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind")
        command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no", f"--callgrind-out-file={out}",
                   program, *arguments]
        run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        if run.returncode != 0 or run.stdout.strip() != expected:
            sys.exit(f"{' '.join(command)}: status {run.returncode}, output {run.stdout!r}\n{run.stderr}")
        return read(out, program)


def read(out, program):
    """counts() from callgrind's file."""
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
