# SPDX-License-Identifier: Apache-2.0
"""Programs that must not compile do not, and the compiler's message says why: refused_programs.cpp, with <compiler> <include>."""
import pathlib
import re
import subprocess
import sys

compiler, include = sys.argv[1:3]
source = pathlib.Path(__file__).with_suffix("").with_name("refused_programs.cpp")
cases = re.findall(r"^#(?:el)?if REFUSED == (\d+)\n// (\S+) says: (.*)$", source.read_text(encoding="utf-8"), re.M)


def compile_case(number):
    """(whether it compiles, what the compiler says in one line)"""
    command = [compiler, "-std=c++20", "-fsyntax-only", f"-DREFUSED={number}", "-I", include, str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode == 0, " ".join(done.stderr.split())


def main():
    """0 if all is as the file says."""
    wrong = []
    compiles, said = compile_case(0)
    if not compiles:
        wrong.append(f"without a refused program it has to compile: {said[:500]}")
    for number, row, words in cases:
        compiles, said = compile_case(number)
        if compiles:
            wrong.append(f"{number} ({row}): it compiles")
        elif words not in said:
            wrong.append(f"{number} ({row}): '{words}' is not in: {said[:2000]}")
    if len(cases) < 14:
        wrong.append(f"{len(cases)} programs, at least 14 are expected")
    print("\n".join(wrong) if wrong else f"{len(cases)} programs, all refused")
    return 1 if wrong else 0


sys.exit(main())
