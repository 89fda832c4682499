# SPDX-License-Identifier: Apache-2.0
"""A source file as the checks see it: its text, its code without comments and literals, and its comments by line."""
import collections
import pathlib
import re

violation = collections.namedtuple("violation", "path line rule advice")

cpp_suffixes = {".hpp", ".cpp", ".h", ".c"}
folders = ("include", "scheduler", "coro", "bench", "tests", "tools", ".ci")
single_files = ("CMakeLists.txt", ".clang-format", ".clang-tidy")

_token = re.compile(
    r"""(?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)
      | (?P<raw>(?:u8|u|U|L)?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<number>\.?\d(?:'?[\w.]|(?<=[eEpP])[+-])*)
      | (?P<char>'(?:\\.|[^'\\\n])+')
      | (?P<word>[A-Za-z_]\w*)""",
    re.S | re.X,
)


def blanked(text):
    """`text` with everything but its line breaks and quotes turned into spaces."""
    return re.sub(r"[^\n\"']", " ", text)


class source:
    """One file. Lines are counted from 1, so every list of lines starts with an empty one."""

    def __init__(self, root, path):
        self.path = path
        self.name = str(path.relative_to(root))
        self.text = path.read_text(encoding="utf-8")
        self.lines = ["", *self.text.split("\n")]
        if self.lines[-1] == "":
            self.lines.pop()
        self.is_cpp = path.suffix in cpp_suffixes
        self.comments = collections.defaultdict(str)  # line -> the comment text on it, markers included
        self.code = self._blank_cpp() if self.is_cpp else self.text
        self.code_lines = ["", *self.code.split("\n")]

    @property
    def folder(self):
        return self.name.split("/")[0]

    @property
    def line_count(self):
        return len(self.lines) - 1

    def line_of(self, offset):
        return self.code.count("\n", 0, offset) + 1

    def opening_comment(self):
        """The comment the file starts with, up to the first line that is neither comment nor empty."""
        found = []
        for number in range(1, len(self.lines)):
            if self.code_lines[number].strip():
                break
            found.append(self.lines[number])
        return "\n".join(found)

    def violation(self, line, rule, advice):
        return violation(self.name, line, rule, advice)

    def _blank_cpp(self):
        def replace(match):
            if match["word"] or match["number"]:
                return match[0]
            if match["comment"]:
                first = self.text.count("\n", 0, match.start()) + 1
                for offset, line in enumerate(match[0].split("\n")):
                    self.comments[first + offset] += line
                return re.sub(r"[^\n]", " ", match[0])
            return blanked(match[0])

        return _token.sub(replace, self.text)


def is_source(path):
    """Whether a file is one that people write and read as code."""
    if path.suffix in cpp_suffixes | {".py", ".sh", ".cmake"} or path.name in single_files:
        return True
    if path.suffix or not path.is_file():
        return False
    with path.open("rb") as opened:
        return opened.read(2) == b"#!"


def load(root):
    """Every source file below `root`, in a stable order."""
    root = pathlib.Path(root)
    found = [root / name for name in single_files if (root / name).is_file()]
    for folder in folders:
        found += [path for path in sorted((root / folder).rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return [source(root, path) for path in found if is_source(path)]
