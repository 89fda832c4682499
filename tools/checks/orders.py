# SPDX-License-Identifier: Apache-2.0
"""Memory orders: each is written out, and says which edge it makes or why it makes none."""
import re

from checks import scopes

rules = {
    "order": "every atomic access names its memory order",
    "edge": "an access stronger than relaxed ends with `// E<number>`, defined in the comment its file (or its header) opens with",
    "relaxed": "a relaxed access says why that is enough, in a comment on its line or above it",
    "fence": "no stand-alone fences: ThreadSanitizer does not see them",
    "seam": "atomics come from detail/sync.hpp, so that the model can replace them",
    "waiting": "threads sleep on the futex of detail/sync.hpp, not on what the standard library offers",
}

library = ("include", "scheduler", "coro")
seam = "include/weft/detail/sync.hpp"
_access = re.compile(
    r"(\w*)[\])]*\s*(?:\.|->)\s*(load|store|exchange|compare_exchange_weak|compare_exchange_strong|test_and_set"
    r"|fetch_(?:add|sub|and|or|xor|max|min))\s*\("
)
_order = re.compile(r"\b(?:memory_order(?:_|::)|(?:detail::)?)(relaxed|consume|acquire|release|acq_rel|seq_cst)\b")
_fence = re.compile(r"\batomic_thread_fence\b|\b__atomic_thread_fence\b|\b__sync_synchronize\b|\b_mm_mfence\b")
_seam = re.compile(r"\bstd::atomic(?:_ref|_flag)?\b|\b__atomic_(?!thread_fence)\w+\s*\(|\b__sync_(?!synchronize)\w+\s*\(")
_waiting = re.compile(
    r"\bstd::(?:condition_variable(?:_any)?|counting_semaphore|binary_semaphore|latch|barrier)\b|\.\s*notify_(?:one|all)\s*\("
)
_named_edge = re.compile(r"(?:\b([\w.]+\.[hc]pp)\s+)?\b(E\d+)\b(?:\s+of\s+([\w.]+\.[hc]pp))?")  # E1, deque.hpp E1, E1 of deque.hpp
_declared = re.compile(r"\batomic\s*<[^;{}()]*>\s+(\w+)\s*[;{=(\[]")


def _argument_end(code, at):
    """The offset after the parenthesis that closes the one before `at`."""
    depth = 1
    while at < len(code) and depth:
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        at += 1
    return at


def _top_level(arguments):
    """The arguments of the call itself, without those of calls inside it."""
    before = None
    while before != arguments:
        before, arguments = arguments, re.sub(r"\([^()]*\)", " ", arguments)
    return arguments


def accesses(code):
    """(first line, last line of the statement, orders, object, operation) of every call of an atomic operation."""
    for match in _access.finditer(code):
        end = _argument_end(code, match.end())
        orders = _order.findall(_top_level(code[match.end() : end - 1]))
        statement_end = re.compile(r"[;{}]").search(code, end)
        last = statement_end.start() if statement_end else end
        yield code.count("\n", 0, match.start(2)) + 1, code.count("\n", 0, last) + 1, orders, match[1], match[2]


def _defined_edges(file):
    return set(re.findall(r"^//\s*(?:Edges?:?\s+)?(E\d+)\b", file.opening_comment(), re.M))


def _edges_of(file, files):
    """Edges a comment in `file` may name: its own, and those of the header it implements."""
    found = _defined_edges(file)
    for other in files:
        if other.path.suffix == ".hpp" and other.path.stem == file.path.stem:
            found |= _defined_edges(other)
    return found


def _check_strong(file, first, last, known, by_name):
    said = " ".join(file.comments.get(line, "") for line in range(first, last + 1))
    named = [(before or after, edge) for before, edge, after in _named_edge.findall(said)]
    if not named:
        yield file.violation(first, "edge", "end the line with the edge it makes: // E<number>")
    for elsewhere, edge in named:
        if edge not in (by_name.get(elsewhere, set()) if elsewhere else known):
            where = elsewhere or "the comment that opens this file"
            yield file.violation(first, "edge", f"define {edge} in {where}, or name the edge that this access makes")


def _has_reason(file, first, last, relaxed_lines):
    if any(line in file.comments for line in range(first, last + 1)):
        return True
    line = first - 1
    while line in relaxed_lines and line not in file.comments:  # neighbours may share one comment
        line -= 1
    return line in file.comments


def _own_operations(files):
    """Names of objects whose class has a load, store or exchange of its own, which takes no order."""
    types = set()

    def walk(entries):
        for entry in entries:
            for member in entry.members:
                if member.kind in ("function", "plain") and scopes.function_name(member.head) in ("load", "store", "exchange"):
                    types.update(re.findall(r"\b(?:class|struct)\s+(\w+)", entry.head)[:1])
            walk(entry.members)

    for file in files:
        walk(scopes.declarations(file.code))
    objects = rf"\b(?:{'|'.join(types)})\s*[&*]?\s+(\w+)\s*[;{{=,)(]"
    return {name for file in files for name in re.findall(objects, file.code)} if types else set()


def _check_accesses(file, known, by_name, not_atomic):
    found = [(first, last, orders) for first, last, orders, name, _ in accesses(file.code) if orders or name not in not_atomic]
    relaxed_lines = {line for first, last, orders in found if set(orders) == {"relaxed"} for line in range(first, last + 1)}
    for first, last, orders in found:
        if not orders:
            yield file.violation(first, "order", "name the memory order; if this is no atomic, choose another name for the function")
        elif set(orders) == {"relaxed"}:
            if not _has_reason(file, first, last, relaxed_lines):
                yield file.violation(first, "relaxed", "say why relaxed is enough: // only we write it, for instance")
        else:
            yield from _check_strong(file, first, last, known, by_name)


def _check_operators(file):
    """Atomics used through their operators or conversion, which are seq_cst without saying so."""
    names = "|".join(sorted(set(_declared.findall(file.code))))
    if not names:
        return
    silent = re.compile(
        rf"(?<![\w:&])(?:{names})\s*(?:=(?!=)|\+\+|--|[-+|&^]=)|(?:\+\+|--)\s*(?:[\w]+(?:\.|->))*(?:{names})\b(?!\s*(?:\.|->))"
        rf"|(?:\breturn|!|[=!<>]=)\s*(?:{names})\s*[;)&|]|(?:if|while)\s*\(\s*(?:{names})\s*(?:\)|[=!<>])"
    )
    for number, line in enumerate(file.code_lines):
        if silent.search(line) and not re.search(r"\batomic\s*<", line):
            yield file.violation(number, "order", "an atomic's operator is seq_cst: write load, store, exchange or fetch_ with its order")


def check(tree):
    files = [file for file in tree.files if file.is_cpp and file.folder in library]
    by_name = {file.path.name: _defined_edges(file) for file in files}
    not_atomic = _own_operations(files)
    for file in files:
        yield from _check_accesses(file, _edges_of(file, files), by_name, not_atomic)
        yield from _check_operators(file)
        for number, line in enumerate(file.code_lines):
            if _fence.search(line):
                yield file.violation(number, "fence", "make one of the accesses it orders stronger instead")
            if _seam.search(line) and file.name != seam:
                yield file.violation(number, "seam", "use detail::atomic from detail/sync.hpp")
            if _waiting.search(line):
                yield file.violation(number, "waiting", "use futex_wait and futex_wake from detail/sync.hpp")
