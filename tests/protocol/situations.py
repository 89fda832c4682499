# SPDX-License-Identifier: Apache-2.0
# Programs for what random ones rarely show, and the names of all that programs have to show (coverage.py gives them).
from itertools import product

KINDS = ("EA", "EB", "RE", "SI", "GE", "GX")
YIELD = ["yield", ["c", 1], ""]
ANSWER = ["yield", ["c", 2], "h"]
LAST = ["yield", ["c", 3], "f"]
EXIT = ("close", "drop", "send", "throw")


def attempt(body, *handlers, last=None):
    return ["try", body, [list(handler) for handler in handlers], last]


def program(name, operations, *functions):
    """A function is a coroutine, or ("gen", *statements)."""
    made = []
    for number, body in enumerate(functions):
        is_generator = body[:1] == ("gen",)
        made.append({"id": number, "kind": "gen" if is_generator else "coro", "body": list(body[1:] if is_generator else body)})
    return {"schema": 1, "name": name, "fns": made, "ops": operations}


def driven(then, slot=0):
    """Operations that make f0, start it, and do something with it."""
    call = {"send": ["send", slot, None], "throw": ["throw", slot, "EA", 200]}.get(then, [then, slot])
    return [["new", slot, 0], ["send", slot, None], call]


IGNORES = attempt([YIELD], ("GE", [ANSWER]))
TURNS = attempt([YIELD], ("ANY", [["raise", "SI", 100]]))
CHAIN = (("await", 1), ("await", 2), ("await", 3), ("await", 4))


def endings():
    """What leaves a coroutine as it is driven or dropped."""
    for how in EXIT:
        # A send goes on to a raise; whatever is thrown in makes one.
        body = attempt([YIELD], last=[["raise", "SI", 100]])
        yield program(f"coroutine-raises-stop-iteration-{how}", driven(how), [body])
        yield program(f"generator-raises-stop-iteration-{how}", driven(how), [["await", 1]], ("gen", body))
        yield program(f"bare-raise-{how}", driven(how), [attempt([YIELD], last=[["return", ["c", 1], "f"]])])
        yield program(f"bare-raise-of-nothing-{how}", driven(how), [attempt([YIELD], ("ANY", [["log", 1]])), ["reraise"]])
        last = attempt([YIELD], last=[["shared", 0]])
        yield program(f"awaits-what-delegates-{how}", driven(how), [["await", 1]], [last])
        yield program(f"views-what-executes-{how}", driven(how), [["await", 1]], [attempt([YIELD], last=[["view", 0]])])
        finished = [["new", 1, 2], ["send", 1, None], ["send", 1, None]]
        last = attempt([YIELD], last=[["shared", 1]])
        yield program(f"awaits-what-finished-{how}", finished + driven(how), [["await", 1]], [last], [YIELD])


    beside = [["new", 1, 1], ["send", 1, None], *driven("drop")]
    yield program("dropped-and-awaits-what-is-awaited", beside, [attempt([YIELD], last=[["shared", 1]])], [YIELD])
    beside = [["new", 1, 1], ["new", 0, 0], ["send", 0, None], ["drop", 0]]
    yield program("dropped-and-awaits-what-executes", beside, [["shared", 1]], [attempt([YIELD], last=[["shared", 1]])])


def exits():
    """Who ignores an exit, seen from outside and by whoever awaits."""
    outer = [attempt([["await", 1]], ("RE", [["log", 1], YIELD]))]
    for how in ("close", "drop", "throw"):
        operations = driven(how)
        if how == "throw":
            operations[-1][2] = "GE"
        for inner in ([IGNORES], ("gen", IGNORES)):
            kind = "generator" if inner[0] == "gen" else "coroutine"
            yield program(f"{kind}-ignores-{how}", operations, [["await", 1]], inner)
            yield program(f"{kind}-ignores-and-is-caught-{how}", operations, outer, inner)
    # A coroutine that is dropped inside a body tells nobody; one that is closed by a throw of its awaiter's does.
    late = attempt([["await", 1]], last=[LAST])
    for inner in ([IGNORES], ("gen", IGNORES)):
        yield program("ignores-and-is-told-later", [*driven("close"), ["send", 0, None]], [late], inner)


def handlers():
    for kind in KINDS:
        clause = attempt([YIELD], (kind, [["return", ["v"], "h"]]))
        raised = attempt([["raise", kind, 100]], (kind, [["return", ["v"], "h"]]))
        thrown = [["new", 0, 0], ["send", 0, None], ["throw", 0, kind, 200]]
        yield program(f"handles-{kind}", thrown, [clause])
        yield program(f"handles-{kind}-in-a-generator", thrown, [["await", 1]], ("gen", clause))
        yield program(f"handles-what-it-raises-{kind}", driven("send"), [["await", 1], raised], ("gen", raised))
        yield program(f"thrown-at-a-view-{kind}", [["new", 0, 0], ["view", 1, 0], ["send", 1, None], ["throw", 1, kind, 200]], [clause])
        yield program(f"thrown-before-the-start-{kind}", [["new", 0, 0], ["throw", 0, kind, 200]], [clause])
    for kind, cause in (("VE", ["shared", 0]), ("AE", ["iter", [20, 21]]), ("RE", ["reraise"])):
        clause = attempt([cause], (kind, [ANSWER]))
        operations = [*driven("send"), ["send", 0, 31]]
        yield program(f"handles-{kind}-of-the-interpreter", operations, [clause])
        yield program(f"handles-{kind}-of-the-interpreter-in-a-generator", operations, [["await", 1]], ("gen", clause))
    turned = attempt([["await", 1]], ("RE", [ANSWER]))
    for inner in ([TURNS], ("gen", TURNS)):
        yield program("sees-a-turned-stop-iteration", driven("throw"), [turned], inner)


def chains():
    for how in (*EXIT, "overwritten"):
        operations = driven("new" if how == "overwritten" else how)
        if how == "overwritten":
            operations[-1] = ["new", 0, 0]
        yield program(f"five-deep-{how}", operations, *([list(one)] for one in CHAIN), [YIELD])
        beside = [["new", 1, 1], ["send", 1, None], *operations]
        yield program(f"through-a-view-{how}", beside, [["view", 1]], [YIELD, YIELD])
        yield program(f"through-a-view-in-a-generator-{how}", beside, [["await", 2]], [YIELD, YIELD], ("gen", ["view", 1]))
        yield program(f"through-an-iterator-{how}", operations, [["await", 1]], ("gen", ["iter", [20, 21]]))


def reentries():
    calls = [["reenter", how] for how in ("send", "throw", "close")]
    inside = attempt([YIELD], last=calls)
    for how in EXIT:
        yield program(f"re-entered-{how}", driven(how), [inside])
        yield program(f"re-entered-by-a-generator-{how}", driven(how), [["await", 1]], ("gen", inside))


def of_two():
    """Two who await one."""
    shared = attempt([["shared", 0]], ("RE", [["log", 1]]))
    first = [["new", 0, 0], ["send", 0, None], ["new", 1, 1], ["send", 1, None]]
    yield program("awaited-by-two", first, [YIELD], [shared])
    yield program("awaited-by-two-uncaught", first, [YIELD], [["shared", 0]])
    yield program("driven-under-its-awaiter", [["new", 0, 0], ["new", 1, 1], ["send", 1, None], ["send", 0, None], ["send", 1, None]],
                  [YIELD], [shared])
    sent = [["new", 0, 0], ["view", 1, 0], ["send", 1, 30], ["send", 0, 30], ["await", 2, 0], ["send", 2, None], ["send", 2, 31]]
    yield program("a-value-before-the-start", [*sent, ["drop", 0], ["send", 2, None]], [YIELD, ["return", ["v"]]])


PROGRAMS = [*endings(), *exits(), *handlers(), *chains(), *reentries(), *of_two()]


def names():
    """Every situation that programs have to show."""
    bodies, places, states = ("coro", "gen"), ("plain", "in except", "in finally"), ("CREATED", "SUSPENDED", "CLOSED")
    found = {f"{what} {body}" for what, body in product(("call", "go on", "finally", "reraise"), bodies)}
    found |= {f"{what} {body} {place}" for what, body, place in product(("yield", "return"), bodies, places)}
    found |= {f"iterate {body} {items}" for body, items in product(bodies, ("nothing", "something"))}
    found |= {f"await {how} {body}" for how, body in product(("shared", "view"), bodies)}
    found |= {f"except {body} {kind}" for body, kind in product(bodies, (*KINDS, "VE", "AE"))}
    found |= {f"reenter {body} {how} {result}" for body, how, result in product(bodies, ("send", "throw", "close"), ("exc", "none"))}
    found |= {f"reenter {body} {how} skip" for body, how in product(bodies, ("throw", "close"))}
    calls = ("send", "send value", "close", *(f"throw {kind}" for kind in KINDS))
    found |= {f"{call} {state}" for call, state in product(calls, (*states, "view", "skipped"))}
    found |= {f"{name} {state}" for name, state in product(("new", "await", "view", "drop"), states)}
    found |= {f"{name} at a chain of {length}" for name, length in product(EXIT, range(1, 6))}
    found |= {f"{name} at a chain that ends in {end}" for name, end in product(EXIT, ("Y", "iter", "view", "a generator"))}
    found |= {f"{name} {result}" for name, result in product(("send", "throw"), ("yield", "return", "exc", "skip"))}
    found |= {"close closed", "close exc", "close skip", "await skip", "view skip", "closed and still suspended", "call waiter", "log"}
    found |= {f"end {state}" for state in (*states, "none")} | {f"contexts {depth}" for depth in range(4)}
    found |= {f"race {a} {b}" for a, b in product(("send", "throw", "close"), repeat=2)} | {f"race of {n} outcomes" for n in (3, 4)}
    found |= {f"race to {state}" for state in (*states, "view")}
    found |= {"warning: coroutine '...' was never awaited", "await nothing"}
    return found | set(errors())


def errors():
    """Texts of the interpreter, and where they are seen."""
    anywhere = (
        "RE coroutine raised StopIteration", "RE generator raised StopIteration", "RE coroutine ignored GeneratorExit",
        "RE generator ignored GeneratorExit", "RE cannot reuse already awaited coroutine", "RE coroutine is being awaited already",
        "RE No active exception to reraise", "VE coroutine already executing",
    )
    for where, text in product(("send", "throw", "close", "inside", "unraisable"), anywhere):
        yield f"{where}: {text}"
    for where in ("send", "inside"):
        yield f"{where}: AE 'list_iterator' object has no attribute 'send'"
    yield "send: TE can't send non-None value to a just-started coroutine"
