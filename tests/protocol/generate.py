# SPDX-License-Identifier: Apache-2.0
# Random programs, each from a seed and its number, and what CPython does with them. As a command it prints them:
#   python3 generate.py SEED COUNT [FIRST]
import json
import random
import sys

import reference
import situations

RAISED = ("EA", "EB", "RE", "SI", "GE", "GX")
HANDLED = ("EA", "EB", "RE", "SI", "GE", "GX", "ANY", "ANY", "EX", "EX", "VE", "TE", "AE")
SLOTS = (0, 0, 0, 1, 2)
MOST_AWAITS = 3  # of one function; what a program does grows with their product
MOST_NESTING = 3

# How often each statement and operation is drawn, and in which programs it is drawn more often.
STATEMENTS = {
    "yield": 34, "await": 34, "try": 24, "return": 3, "raise": 3, "iter": 6, "log": 2, "shared": 3, "view": 3, "reenter": 3, "reraise": 0.5,
}
OPERATIONS = {"send": 45, "throw": 16, "close": 7, "new": 14, "await": 6, "view": 6, "drop": 4}
STYLES = (
    {},
    {"try": 45, "raise": 12, "return": 6, "reraise": 3},
    {"shared": 20, "view": 20, "new": 20},
    {"reenter": 25, "try": 35},
    {"close": 16, "drop": 12, "new": 24},
    {"iter": 20, "throw": 30},
)


class Writer:
    """Writes one program."""

    def __init__(self, seed, number):
        self.random = random.Random(f"{seed}/{number}")
        self.style = self.random.choice(STYLES)
        self.depth = self.random.choice((1, 2, 3, 4, 4))
        self.last = self.depth if self.depth > 1 else self.random.randrange(2)  # of the functions
        self.kinds = ["coro"] + [self.random.choice(("coro", "coro", "gen")) for _ in range(self.last)]
        self.number = number

    def program(self):
        functions = []
        for function, kind in enumerate(self.kinds):
            self.function = function
            self.awaits = 0
            functions.append({"id": function, "kind": kind, "body": self.beginning() + self.block("", 0, 3)})
        return {"schema": 1, "id": self.number, "fns": functions, "ops": self.operations()}

    def drawn(self, weights, *without):
        names = [name for name in weights if name not in without]
        return self.random.choices(names, [self.style.get(name, weights[name]) for name in names])[0]

    def one_in(self, n):
        return self.random.randrange(n) == 0

    # Bodies.

    def beginning(self):
        """So that chains grow long before anything ends them."""
        inner = self.make_yield("", 1) if self.function == self.last else self.make_await("", 1)
        return [] if self.one_in(4) else [inner] if self.one_in(3) else [self.make_try("", 0, [inner])]

    def block(self, region, nesting, most):
        return [self.statement(region, nesting) for _ in range(self.random.randint(1, most))]

    def statement(self, region, nesting):
        cannot = []
        if self.function == self.last or self.awaits == MOST_AWAITS:
            cannot.append("await")
        if nesting == MOST_NESTING:
            cannot.append("try")
        name = "reraise" if region == "h" and self.one_in(8) else self.drawn(STATEMENTS, *cannot)
        return getattr(self, "make_" + name)(region, nesting)

    def value(self):
        return ["v"] if self.one_in(2) else ["c", self.random.choice((None, *range(1, 12)))]

    def make_yield(self, region, nesting):
        return ["yield", self.value(), region]

    def make_await(self, region, nesting):
        self.awaits += 1
        following = self.function + 1
        return ["await", following if self.one_in(2) else self.random.randint(following, self.last)]

    def make_iter(self, region, nesting):
        return ["iter", [self.random.randint(20, 29) for _ in range(self.random.randrange(4))]]

    def make_shared(self, region, nesting):
        return ["shared", self.random.randrange(3)]

    def make_view(self, region, nesting):
        return ["view", self.random.randrange(3)]

    def make_raise(self, region, nesting):
        return ["raise", self.random.choice(RAISED), self.random.randint(100, 104)]

    def make_reraise(self, region, nesting):
        return ["reraise"]

    def make_return(self, region, nesting):
        return ["return", self.value(), region]

    def make_reenter(self, region, nesting):
        return ["reenter", self.random.choice(("send", "throw", "close"))]

    def make_log(self, region, nesting):
        return ["log", self.random.randrange(10)]

    def make_try(self, region, nesting, first=()):
        body = [*first, *self.block(region, nesting + 1, 2)]
        handlers = [[self.random.choice(HANDLED), self.block("h", nesting + 1, 2)] for _ in range(self.random.randrange(3))]
        has_last = not handlers or self.one_in(3)
        return ["try", body, handlers, self.block("f", nesting + 1, 2) if has_last else None]

    # Operations.

    def operations(self):
        made = []
        self.make(made, ["new", 0, 0])
        if self.one_in(2):
            self.make(made, self.operation("new"))
        for _ in range(self.random.randint(4, 16)):
            self.make(made, self.operation(self.drawn(OPERATIONS)))
        return made

    def make(self, made, operation):
        """What is made is mostly started at once."""
        made.append(operation)
        if operation[0] in ("new", "await", "view") and not self.one_in(4):
            made.append(["send", operation[1], None])

    def operation(self, name):
        slot = self.random.choice(SLOTS)
        if name == "send":
            return [name, slot, self.random.choice((None, self.random.randint(30, 39)))]
        if name == "throw":
            return [name, slot, self.random.choice(RAISED), self.random.randint(200, 204)]
        if name == "new":
            return [name, slot, self.random.choice([i for i, kind in enumerate(self.kinds) if kind == "coro"])]
        if name in ("await", "view"):
            return [name, slot, self.random.choice((0, 0, 1, 2))]
        return [name, slot]

    def race(self, program):
        """Two operations on slot 0, at once."""
        calls = [self.operation(self.random.choice(("send", "send", "throw", "close"))) for _ in "ab"]
        for call in calls:
            call[1] = 0
        return {"prefix": self.random.randint(1, len(program["ops"])), "a": calls[0], "b": calls[1]}


def recorded(recorder, program, race):
    """The program with its trace; and with a race, if there is something in slot 0 by then."""
    program["trace"] = recorder.run(program)
    legal = recorder.legal(program, race["prefix"], race["a"], race["b"]) if race else []
    if legal and ["skip"] not in legal[0]:
        program["race"] = {**race, "legal": legal}
    return program


def programs(seed, count, first=0):
    """`count` programs with what CPython does; the first are those of situations.py, the same for each seed."""
    recorder = reference.Recorder()
    for number in range(first, first + count):
        writer = Writer(seed, number)
        program = situations.PROGRAMS[number] if number < len(situations.PROGRAMS) else writer.program()
        program["id"] = number
        yield recorded(recorder, program, writer.race(program))


if __name__ == "__main__":
    if not reference.is_usable():
        sys.exit(reference.NOT_USABLE)
    for one in programs(*map(int, sys.argv[1:])):
        print(json.dumps(one))
