# SPDX-License-Identifier: Apache-2.0
# What programs and their traces show: names of situations, to be counted.


def situations_in(program):
    """The set of names of what a program with a trace shows."""
    return set(_Reader(program).read())


class _Reader:
    def __init__(self, program):
        self.program = program
        self.kinds = {function["id"]: function["kind"] for function in program["fns"]}
        self.kind_of = {}  # of each activation

    def read(self):
        for event in self.program["trace"]:
            yield from getattr(self, "of_" + event[0])(*event[1:])
        if "race" in self.program:
            yield from self.of_race(**self.program["race"])

    def of_c(self, me, function):
        self.kind_of[me] = self.kinds.get(function, "waiter")
        yield f"call {self.kind_of[me]}"

    def of_y(self, me, value, region):
        yield f"yield {self.kind_of[me]} {place(region)}"

    def of_r(self, me, value):
        yield f"go on {self.kind_of[me]}"

    def of_i(self, me, count):
        yield f"iterate {self.kind_of[me]} {'nothing' if count == 0 else 'something'}"

    def of_s(self, me, slot, how):
        yield f"await {how} {self.kind_of[me]}"

    def of_empty(self, me):
        yield "await nothing"

    def of_x(self, me, kind, argument, context):
        yield f"except {self.kind_of[me]} {kind}"
        yield from of_error("inside", kind, argument, context)

    def of_f(self, me):
        yield f"finally {self.kind_of[me]}"

    def of_t(self, me, region):
        yield f"return {self.kind_of[me]} {place(region)}"

    def of_rr(self, me):
        yield f"reraise {self.kind_of[me]}"

    def of_l(self, me, number):
        yield "log"

    def of_re(self, me, how, result):
        yield f"reenter {self.kind_of[me]} {how} {result[0]}"

    def of_warn(self, text):
        yield f"warning: {text.replace(text.split(chr(39))[1], '...')}"

    def of_unraisable(self, kind, argument, context):
        yield from of_error("unraisable", kind, argument, context)

    def of_op(self, number, name, before, result, after):
        op = self.program["ops"][number]
        state = before[0] if before else "skipped" if result == ["skip"] else "none" if name in ("new", "await", "drop") else "view"
        value = " value" if name == "send" and op[2] is not None else f" {op[2]}" if name == "throw" else ""
        yield f"{name}{value} {state}"
        yield f"{name} {result[0]}"
        if before and before[0] == "SUSPENDED" and name in ("send", "throw", "close", "drop"):
            yield f"{name} at a chain that ends in {end_of(before[1])}"
            yield f"{name} at a chain of {len(before[1])}"
        if name == "close" and after and after[0] == "SUSPENDED":
            yield "closed and still suspended"
        if result[0] == "exc":
            yield from of_error(name, *result[1:])

    def of_end(self, slot, state):
        yield f"end {state[0] if state else 'none'}"

    def of_race(self, prefix, a, b, legal):
        yield f"race {a[0]} {b[0]}"
        yield f"race of {len(legal)} outcomes"
        yield f"race to {legal[0][2][0] if legal[0][2] else 'view'}"


def place(region):
    return {"h": "in except", "f": "in finally"}.get(region, "plain")


def end_of(chain):
    return chain[-1] if chain[-1] in ("Y", "iter", "view") else "a generator"


def of_error(where, kind, argument, context):
    if isinstance(argument, str):
        yield f"{where}: {kind} {argument}"
    depth = 0
    while context is not None:
        depth += 1
        context = context[2]
    yield f"contexts {depth}"
