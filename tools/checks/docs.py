# SPDX-License-Identifier: Apache-2.0
"""What users read: the comments of public declarations, and the snippets of the README; and the tests that a file's head names."""
import re

from checks import scopes

rules = {
    "documented": "in include/weft/*.hpp each type, function, alias and constant, and each public member function, has a /// comment",
    "checked": "the tests that a file's head names, in its lines from `// Checked` on, are files of the tree",
    "snippet": "a code block of README.md marked <!-- from tests/api/FILE:MARKER --> is what stands between // [MARKER] and // [/MARKER]",
}

# What the compiler calls, not the user.
protocol_names = {
    "await_ready", "await_suspend", "await_resume", "await_transform", "get_return_object", "initial_suspend", "final_suspend",
    "unhandled_exception", "return_value", "return_void", "yield_value", "operator new", "operator delete",
    "operator co_await",
}
# What ranges and iterators have to have, and mean the same everywhere.
vocabulary_names = {"begin", "end", "size", "operator_symbol", "operator*", "operator++", "operator--", "operator==", "operator!="}
snippet_mark = re.compile(r"<!-- from ([\w./-]+):([\w-]+) -->")


def _is_documented(file, entry):
    first, head_end, last = (file.line_of(offset) for offset in (entry.start, entry.end, entry.close))
    if file.lines[first - 1].lstrip().startswith("///"):
        return True
    ends = {first, head_end, last}
    return any(re.match(r"///", file.comments.get(line, "")) for line in ends)


def _is_special_member(plain, name, owner):
    """Destructors, copying and moving, and what is defaulted or deleted have nothing to tell."""
    if name.startswith("~") or re.search(r"=\s*(?:default|delete)\b", plain):
        return True
    parameters = plain[plain.index("(") :]
    return name in (owner, "operator=") and re.match(rf"\(\s*(?:const\s+)?{owner}\s*&&?\s*\w*\s*\)", parameters) is not None


def _is_made_by_calls(entry):
    """Awaiters and iterators: users get them from calls that say what they are."""
    signs = re.compile(r"\b(?:await_ready|await_resume|operator\s+co_await)\b|\boperator\s*\+\+")
    return any(signs.search(member.head) for member in entry.members)


def _has_to_be_documented(entry, owner):
    """The name under which an entry has to be documented, or None."""
    plain = scopes.plain_head(entry.head)
    if entry.kind == "type":
        return None if re.search(r"\b(?:class|struct|union)\s+(?:\w+\s+)*?[\w:]+\s*<", entry.head) else plain
    if entry.kind == "enum":
        return plain
    if re.match(r"(?:template )?(?:friend|static_assert|extern|namespace|typedef|using namespace)\b", plain):
        return None
    if re.match(r"(?:template )?using\b", plain):
        return plain if "=" in plain and not owner else None
    name = scopes.function_name(entry.head)
    if name:
        if "::" in name or name in protocol_names | vocabulary_names:
            return None
        if owner and (_is_special_member(plain, name, owner[0]) or (owner[1] and name == owner[0])):
            return None
        if not owner and re.match(r"(?:template )?(?:explicit )?\w+\s*\(.*\) ARROW ", plain):
            return None  # a deduction guide
        return name
    if owner or entry.kind == "function" or re.match(r"(?:template )?(?:class|struct|union|enum)\b", plain):
        return None
    return plain or None


def _check_scope(file, entries, owner):
    previous = (None, 0)  # the name documented last, and its last line
    for entry in entries:
        if entry.kind == "namespace":
            names = scopes.plain_head(entry.head).partition("namespace")[2].strip()
            if names and "detail" not in names.split("::"):
                yield from _check_scope(file, entry.members, None)
            continue
        if entry.access != "public":
            continue
        name = _has_to_be_documented(entry, owner)
        if name is None:
            continue
        first, last = file.line_of(entry.start), file.line_of(entry.close)
        overload = previous == (name, first - 1)  # the next overload shares the comment of the one right above it
        if overload or _is_documented(file, entry):
            previous = (name, last)
        else:
            yield file.violation(first, "documented", f"add a /// comment to: {' '.join(entry.head.split())[:80]}")
        if entry.kind == "type":
            own_name = re.search(r"(?:class|struct|union)\s+(?:[A-Z_]+\s+)*(\w+)", name)
            yield from _check_scope(file, entry.members, (own_name[1] if own_name else "", _is_made_by_calls(entry)))


def _marked(text, marker):
    """The lines between // [marker] and // [/marker], or None."""
    match = re.search(rf"^[ \t]*// \[{re.escape(marker)}\]\n(.*?)^[ \t]*// \[/{re.escape(marker)}\]$", text, re.S | re.M)
    return match[1].rstrip("\n").split("\n") if match else None


def _check_snippets(tree):
    readme = tree.root / "README.md"
    lines = readme.read_text(encoding="utf-8").split("\n") if readme.is_file() else []
    for at, line in enumerate(lines):
        match = snippet_mark.search(line)
        if not match:
            continue
        origin = tree.root / match[1]
        expected = _marked(origin.read_text(encoding="utf-8"), match[2]) if origin.is_file() else None
        if expected is None:
            yield tree.violation("README.md", at + 1, "snippet", f"{match[1]} has no // [{match[2]}] ... // [/{match[2]}]")
            continue
        opening = at + 1
        if opening >= len(lines) or not lines[opening].startswith("```"):
            yield tree.violation("README.md", at + 1, "snippet", "put the code block right below the mark")
            continue
        closing = next((i for i in range(opening + 1, len(lines)) if lines[i] == "```"), len(lines))
        if lines[opening + 1 : closing] != expected:
            yield tree.violation("README.md", opening + 1, "snippet", f"copy the block from {match[1]}, [{match[2]}] to [/{match[2]}]")


def _check_named_tests(tree, file):
    is_inside = False
    for number, line in enumerate(file.opening_comment().split("\n"), 1):
        is_inside = re.match(r"//\s*Checked\b", line) is not None or (is_inside and re.match(r"//\s{4,}\S", line) is not None)
        for name in re.findall(r"\btests/[\w./-]*\w", line) if is_inside else ():
            if not (tree.root / name).is_file():
                yield file.violation(number, "checked", f"there is no {name}: name the test that checks this file")


def check(tree):
    for file in tree.files:
        if file.is_cpp:
            yield from _check_named_tests(tree, file)
        if re.fullmatch(r"include/weft/[^/]+\.hpp", file.name):
            yield from _check_scope(file, scopes.declarations(file.code), None)
    yield from _check_snippets(tree)
