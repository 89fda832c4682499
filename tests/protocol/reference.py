# SPDX-License-Identifier: Apache-2.0
# Runs programs with CPython's own coroutines, and records the trace of all that is seen on the way; tools/weft/replay_machine.hpp does
# the same with coroutines of weft. Programs and traces are lines of JSON:
#
#   program  {"schema": 1, "id": int, "fns": [{"id": k, "kind": "coro" or "gen", "body": [statement]}], "ops": [op], "trace": [event]
#            "race"?: {"prefix": n, "a": op, "b": op, "legal": [[result of a, result of b, state]]}}
#            A gen is a generator of types.coroutine. There are three slots, for coroutines and views of them.
#   statement  ["yield", value, region] ["await", fn] ["iter", [int]] ["shared", slot] ["view", slot] ["raise", EXC, int] ["reraise"]
#            ["return", value, region?] ["try", body, [[HANDLER, body]], finally or null] ["reenter", "send"|"throw"|"close"] ["log", n]
#   value    ["c", int or null], or ["v"]: what the last yield or await of this activation gave
#   op       ["new", slot, fn] ["send", slot, v] ["throw", slot, EXC, int] ["close", slot] ["await", slot, target] ["view", slot, target]
#            ["drop", slot]. `await` makes a coroutine that awaits the target, `view` the target's __await__().
#   event    ["c", inst, fn] called; ["y", inst, v, region] yields; ["r", inst, v] goes on; ["i", inst, n] awaits a list's iterator;
#            ["s", inst, slot, how] awaits what is in a slot, ["empty", inst] cannot; ["x", inst, TYPE, arg, ctx] an except clause begins,
#            ["f", inst] a finally; ["t", inst, region] returns; ["rr", inst] raises what it handles; ["l", inst, n];
#            ["re", inst, how, result]; ["warn", text]; ["unraisable", TYPE, arg, ctx]; ["op", k, name, state before, result, state after];
#            ["end", slot, state], then the slot is dropped
#   result   ["yield", v] ["return", v] ["closed", v] ["exc", TYPE, arg, ctx] ["ok"] ["skip"]; ["none"]: nothing to re-enter
#   state    [STATE, [names of what is awaited, down to the innermost]], null for a view or nothing
#   ctx      [TYPE, arg, ctx] of the __context__, cut three levels below the exception
#
# An operation is skipped if it drives an empty slot, or if its target is no coroutine or its own slot. What a slot held goes when its
# successor is made and before that is put there. `reenter` drives what the operation under way drives; its throw and close are skipped
# after an operation that was a throw or close itself: CPython 3.10 and 3.11 crash there. The garbage collector does not run: what only it
# would end is not told of. What 3.10 and 3.11 do differently (cr_suspended, f_lasti) no trace shows; 3.12 and 3.13 do more: they let a
# StopIteration thrown at a coroutine out as it is, and close() gives a value. So only the former two are a reference.
import atexit
import gc
import inspect
import sys
import types
import warnings

import bodies

VERSIONS = ((3, 10), (3, 11))
NOT_USABLE = f"SKIPPED, NOTHING WAS COMPARED: the reference is CPython 3.10 or 3.11, and this is {sys.version}; set Python3_EXECUTABLE"
SKIPPED = 77  # an exit status that ctest tells of
BUSY = ["exc", "VE", "coroutine already executing"]
CONTEXT_LEVELS = 3
_CALLS = ("send", "throw", "close")


def is_usable():
    return sys.implementation.name == "cpython" and sys.version_info[:2] in VERSIONS


def described(exception, levels=CONTEXT_LEVELS):
    """[TYPE, arg, ctx]; null for no exception."""
    if exception is None:
        return None
    context = described(exception.__context__, levels - 1) if levels > 0 else None
    kind = type(exception)
    return [bodies.NAMES.get(kind, kind.__name__), exception.args[0] if exception.args else None, context]


def names_of(awaited):
    names = []
    while awaited is not None:
        if isinstance(awaited, types.CoroutineType):
            names.append(awaited.__name__)
            awaited = awaited.cr_await
        elif isinstance(awaited, types.GeneratorType):
            names.append(awaited.__name__)
            awaited = awaited.gi_yieldfrom
        else:
            names.append("view" if type(awaited).__name__ == "coroutine_wrapper" else "iter")
            awaited = None
    return names


class Machine:
    """One run of a program."""

    def __init__(self, code):
        self.slots = [None, None, None]
        self.trace = []
        self.driven = None
        self.drove = "send"
        self.activations = 0
        self.functions = {
            **bodies.CAUGHT, "Y": bodies.Y, "Items": bodies.Items, "View": bodies.View, "coroutine": types.coroutine,
            "slots": self.slots, "log": self.log, "make": self.make, "holds": self.holds, "enter": self.enter, "reenter": self.reenter,
        }
        exec(code, self.functions)

    def log(self, event):
        self.trace.append(event)

    # Called by the functions.

    def make(self, function, *arguments):
        number = self.activations
        self.activations += 1
        self.log(["c", number, function])
        return waiter(*arguments) if function == "waiter" else self.functions[f"f{function}"](number)

    def holds(self, slot):
        return isinstance(self.slots[slot], types.CoroutineType)

    def enter(self, me, error):
        self.log(["x", me, *described(error)])

    def reenter(self, me, how):
        result = ["skip"]
        if how == "send" or self.drove == "send":
            result = ["none"] if self.driven is None else self.drive(self.driven, how, *(("EA", 0) if how == "throw" else (None,)))
            if result[0] == "exc":
                result[-1] = None
        self.log(["re", me, how, result])

    # Operations.

    def drive(self, slot, how, *arguments):
        try:  # no name here refers to what is driven or thrown: a traceback keeps this frame, and all that it holds
            if how == "send":
                return ["yield", self.slots[slot].send(*arguments)]
            if how == "throw":
                return ["yield", self.slots[slot].throw(bodies.EXCEPTIONS[arguments[0]](arguments[1]))]
            return ["closed", self.slots[slot].close()]
        except StopIteration as end:
            return ["return", end.value]
        except BaseException as failure:
            return ["exc", *described(failure)]

    def operate(self, number, op):
        before = self.state_of(op[1])
        result = self.result_of(op)
        self.log(["op", number, op[0], before, result, self.state_of(op[1])])
        return result

    def result_of(self, op):
        name, slot, *arguments = op
        if name in _CALLS:
            if self.slots[slot] is None:
                return ["skip"]
            self.driven, self.drove = slot, name
            result = self.drive(slot, name, *arguments)
            self.driven = None
            return result
        if name in ("await", "view") and (arguments[0] == slot or not self.holds(arguments[0])):
            return ["skip"]
        made = None
        if name == "new":
            made = self.make(arguments[0])
        elif name == "await":
            made = self.make("waiter", self.slots[arguments[0]])
        elif name == "view":
            made = self.slots[arguments[0]].__await__()
        self.slots[slot] = None
        self.slots[slot] = made
        return ["ok"]

    def state_of(self, slot):
        if not self.holds(slot):
            return None
        one = self.slots[slot]
        return [inspect.getcoroutinestate(one).removeprefix("CORO_"), names_of(one.cr_await)]

    def finish(self):
        """Drops the slots."""
        for slot in range(len(self.slots)):
            self.log(["end", slot, self.state_of(slot)])
            self.slots[slot] = None


async def waiter(target):
    return await target


class Recorder:
    """Runs programs, one at a time, in this process, whose hooks and garbage collector it takes."""

    def __init__(self):
        self.machine = None
        self.runs = 0
        self.source = self.code = None
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *rest, **more: self.tell(["warn", str(message)])
        sys.unraisablehook = lambda report: self.tell(["unraisable", *described(report.exc_value)])
        gc.collect()
        gc.freeze()
        gc.disable()
        atexit.register(gc.collect)  # at the very end nobody would take what cycles have to tell

    def tell(self, event):
        if self.machine is not None:
            self.machine.log(event)

    def run(self, program):
        """Gives the trace."""
        self.machine = machine = self.machine_for(program)
        for number, op in enumerate(program["ops"]):
            machine.operate(number, op)
        machine.finish()
        trace, machine.trace = machine.trace, []
        self.end()
        return trace

    def machine_for(self, program):
        if self.source is not program["fns"]:
            self.source = program["fns"]
            self.code = compile(bodies.source_of(self.source), "program", "exec")
        return Machine(self.code)

    def outcome(self, program, prefix, operations):
        """The results of operations after the first `prefix` of a program, and the state of slot 0."""
        self.machine = machine = self.machine_for(program)
        for number, op in enumerate(program["ops"][:prefix]):
            machine.operate(number, op)
        results = [machine.result_of(op)[:3] for op in operations]
        state = machine.state_of(0)
        self.end()
        return results, state

    def end(self):
        """What ends from here on is told to nobody."""
        self.machine = None
        self.runs += 1
        if self.runs % 64 == 0:
            gc.collect()

    def legal(self, program, prefix, a, b):
        """What two operations on slot 0 may come to that are called at once: [result of a, result of b, state of slot 0].

        An operation on a coroutine is done whole or refused whole: one after the other, in either order, or one alone as the other finds
        the coroutine executing. The oracle is CPython, run in sequence, and that rule, which CPython keeps with real threads."""
        (first, second), state = self.outcome(program, prefix, [a, b])
        found = [[first, second, state]]
        (second, first), state = self.outcome(program, prefix, [b, a])
        found.append([first, second, state])
        (alone,), state = self.outcome(program, prefix, [a])
        found.append([alone, BUSY, state])
        (alone,), state = self.outcome(program, prefix, [b])
        found.append([BUSY, alone, state])
        return [one for i, one in enumerate(found) if one not in found[:i]]
