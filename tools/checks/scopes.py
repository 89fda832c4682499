# SPDX-License-Identifier: Apache-2.0
"""The declarations of a C++ file: a reader of braces that knows namespaces, types and functions and looks no further."""
import dataclasses
import re

_labels = re.compile(r"\s*(public|private|protected)\s*:(?!:)")
_operator = re.compile(r"\boperator\s*(<=>|<<=?|>>=?|<=|>=|->\*?|<|>|\(\s*\))")


@dataclasses.dataclass
class declaration:
    kind: str  # namespace, type, enum, function, plain
    head: str  # its text up to the brace or semicolon, labels removed
    start: int  # offset of its first character
    end: int  # offset of the brace or semicolon that ends the head
    close: int  # offset of its last character
    access: str
    members: list


def _strip_balanced(text, word):
    """`text` without every `word(...)`, however deep its parentheses."""
    while match := re.search(rf"\b{word}\s*\(", text):
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        text = text[: match.start()] + " " + text[end:]
    return text


def plain_head(head):
    """A head without attributes, template arguments, alignas, decltype, conditional explicit and noexcept, requires(...)."""
    text = _operator.sub("operator_symbol", head)
    text = re.sub(r"\[\[.*?\]\]", " ", text, flags=re.S)
    for word in ("__attribute__", "alignas", "decltype", "explicit", "noexcept", "requires"):
        text = _strip_balanced(text, word)
    text = text.replace("->", " ARROW ")
    before = None
    while before != text:
        before, text = text, re.sub(r"<[^<>;{}]*>", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def _is_type(plain):
    return re.search(r"(?:^|\s)(?:class|struct|union)\s+(?:[A-Z][A-Z_]+\s+)*[\w:]+(?:\s+final)?\s*(?::(?!:).*)?$", plain)


def _kind(head):
    plain = plain_head(head)
    if re.match(r'(?:inline )?namespace\b|extern " *"$', plain):
        return "namespace"
    if re.match(r"(?:typedef )?enum\b", plain):
        return "enum"
    if _is_type(plain) and not re.match(r"friend\b", plain):
        return "type"
    # A member initialised with braces: a colon after the parameters, and a name right before the brace.
    if re.search(r"\)[^:]*(?<!:):(?!:).*[\w>]$", head.strip(), re.S) and "(" in plain:
        return "initialiser"
    if re.search(r"(?:=|\breturn|\brequires)$", plain) or "(" not in plain or re.search(r"[^=!<>]=[^=].*", plain.split("(")[0]):
        return "initialiser"
    return "function"


def function_name(head):
    """The name a function's head declares, with :: in it if it is a member defined outside; None if it declares no function."""
    plain = plain_head(head)
    match = re.search(r"([~\w:]+|operator\s*[^\s\w(]+|operator(?:\s+[\w:&*]+)+)\s*\(", plain)
    if not match or re.match(r"(?:using|typedef|static_assert|friend|extern template|concept)\b", plain):
        return None
    before = plain[: match.start()]
    if re.search(r"[^=!<>]=(?!=)", before):
        return None
    return "::" + match[1] if before.rstrip().endswith("::") else match[1]


class _reader:
    def __init__(self, code):
        # Preprocessor lines hold braces of their own, and belong to no declaration.
        self.code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m[0]), code, flags=re.M)

    def skip_braces(self, at):
        """The offset after the brace that closes the one at `at`."""
        depth = 0
        while at < len(self.code):
            depth += {"{": 1, "}": -1}.get(self.code[at], 0)
            at += 1
            if depth == 0:
                break
        return at

    def read(self, at, access):
        """The declarations from `at` to the end of the scope, and the offset of its closing brace."""
        found, start, parens = [], at, 0
        while at < len(self.code):
            char = self.code[at]
            if char in "([":
                parens += 1
            elif char in ")]":
                parens -= 1
            elif char == "{" and parens:
                at = self.skip_braces(at)
                continue
            elif char == "}":
                return found, at
            elif char in "{;" and not parens:
                access, first = self.unlabelled(start, at, access)
                head = self.code[first:at]
                if char == "{":
                    kind = _kind(head)
                    if kind == "initialiser":
                        at = self.skip_braces(at)
                        continue
                    entry = declaration(kind, head, first, at, at, access, [])
                    if kind in ("namespace", "type"):
                        inner = "private" if re.search(r"\bclass\b", plain_head(head)) else "public"
                        entry.members, entry.close = self.read(at + 1, inner)
                    else:
                        entry.close = self.skip_braces(at) - 1
                    found.append(entry)
                    at = entry.close
                elif head.strip():
                    found.append(declaration("plain", head, first, at, at, access, []))
                start = at + 1
            at += 1
        return found, at

    def unlabelled(self, start, end, access):
        """The access in force after the labels at `start`, and the offset of what follows them."""
        while match := _labels.match(self.code, start, end):
            access, start = match[1], match.end()
        while start < end and self.code[start].isspace():
            start += 1
        return access, start


def declarations(code):
    """The outermost declarations of `code`, whose comments and literals are blank."""
    return _reader(code).read(0, "public")[0]


def functions(code):
    """Every function body at namespace or type scope."""

    def walk(entries):
        for entry in entries:
            if entry.kind == "function":
                yield entry
            yield from walk(entry.members)

    return walk(declarations(code))
