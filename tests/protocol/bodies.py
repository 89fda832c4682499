# SPDX-License-Identifier: Apache-2.0
# Turns the functions of a program into Python: each becomes a function of CPython's own, compiled, so that blocks, exceptions and
# delegation are the interpreter's. What they call is in the namespace that reference.py gives them:
#   log(event)  make(fn) -> what fn's call gives  holds(slot)  slots  enter(inst, error): an except clause begins  reenter(inst, how)
#   Y  Items  View: what is awaited  EA ... GX: the exceptions
import types


class EA(Exception):
    pass


class EB(EA):
    pass


class GX(GeneratorExit):
    pass


EXCEPTIONS = {"EA": EA, "EB": EB, "RE": RuntimeError, "SI": StopIteration, "GE": GeneratorExit, "GX": GX}
CAUGHT = {**EXCEPTIONS, "ANY": BaseException, "EX": Exception, "VE": ValueError, "TE": TypeError, "AE": AttributeError}
NAMES = {kind: name for name, kind in EXCEPTIONS.items()} | {ValueError: "VE", TypeError: "TE", AttributeError: "AE"}


@types.coroutine
def Y(value):
    """What a coroutine awaits to yield."""
    return (yield value)


class Items:
    """Awaited with the iterator of a list, which has neither send, throw nor close."""

    def __init__(self, items):
        self.items = items

    def __await__(self):
        return iter(self.items)


class View:
    """Awaited through the view of a coroutine, past the check that a coroutine makes."""

    def __init__(self, of):
        self.of = of

    def __await__(self):
        return self.of.__await__()


def source_of(functions):
    """The text of a program's functions, f0 and so on; each takes the number of its activation."""
    lines = []
    for function in functions:
        writer = _Writer(lines, function["kind"] == "gen")
        writer.write(0, "@coroutine" if writer.is_generator else "")
        writer.write(0, f"{'' if writer.is_generator else 'async '}def f{function['id']}(me):")
        writer.write(1, "x = None")
        writer.write(1, "if False: yield" if writer.is_generator else "pass")
        writer.block(1, function["body"])
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, lines, is_generator):
        self.lines = lines
        self.is_generator = is_generator

    def write(self, depth, text):
        self.lines.append(" " * depth + text)

    def block(self, depth, statements):
        for name, *arguments in statements:
            getattr(self, "do_" + name)(depth, *arguments)
        if not statements:
            self.write(depth, "pass")

    def receive(self, depth, awaited):
        """x becomes what an await, or a yield, gives."""
        self.write(depth, f"x = {awaited}")
        self.write(depth, "log(['r', me, x])")

    def delegate(self, depth, to_coroutine, to_generator=None):
        self.receive(depth, f"yield from {to_generator or to_coroutine}" if self.is_generator else f"await {to_coroutine}")

    def do_yield(self, depth, what, region):
        self.write(depth, f"value = {_expression(what)}")
        self.write(depth, f"log(['y', me, value, {region!r}])")
        self.receive(depth, "yield value" if self.is_generator else "await Y(value)")

    def do_await(self, depth, function):
        self.delegate(depth, f"make({function})")

    def do_iter(self, depth, items):
        self.write(depth, f"log(['i', me, {len(items)}])")
        self.delegate(depth, f"Items({items})", f"{items}")

    def do_shared(self, depth, slot):
        self.if_held(depth, slot, "shared")
        self.delegate(depth + 1, f"slots[{slot}]")

    def do_view(self, depth, slot):
        self.if_held(depth, slot, "view")
        self.delegate(depth + 1, f"View(slots[{slot}])", f"slots[{slot}].__await__()")

    def if_held(self, depth, slot, how):
        self.write(depth, f"if not holds({slot}): log(['empty', me])")
        self.write(depth, "else:")
        self.write(depth + 1, f"log(['s', me, {slot}, '{how}'])")

    def do_raise(self, depth, kind, argument):
        self.write(depth, f"raise {kind}({argument})")

    def do_reraise(self, depth):
        self.write(depth, "log(['rr', me])")
        self.write(depth, "raise")

    def do_return(self, depth, what, region=""):
        self.write(depth, f"log(['t', me, {region!r}])")
        self.write(depth, f"return {_expression(what)}")

    def do_try(self, depth, body, handlers, last):
        self.write(depth, "try:" if handlers or last is not None else "if True:")
        self.block(depth + 1, body)
        for kind, statements in handlers:
            name = f"error{depth}"  # keeps it as long as the clause lasts, whatever is caught inside
            self.write(depth, f"except {kind} as {name}:")
            self.write(depth + 1, f"enter(me, {name})")
            self.block(depth + 1, statements)
        if last is not None:
            self.write(depth, "finally:")
            self.write(depth + 1, "log(['f', me])")
            self.block(depth + 1, last)

    def do_reenter(self, depth, how):
        self.write(depth, f"reenter(me, '{how}')")

    def do_log(self, depth, number):
        self.write(depth, f"log(['l', me, {number}])")


def _expression(what):
    return "x" if what[0] == "v" else repr(what[1])
