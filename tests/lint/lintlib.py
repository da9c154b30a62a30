# SPDX-License-Identifier: ISC
"""What the lints share: finding files, looking at C without its comments, and
reporting. A lint prints "file:line: what" for each finding and fails if there
is one."""
import os
import re
import sys
from pathlib import Path

# The tree to look at: the argument, automake's srcdir, or the lint's own tree.
TOP = Path(
    sys.argv[1] if len(sys.argv) > 1 else os.environ.get("srcdir") or Path(__file__).parents[2]
).resolve()
SKIP = {".git", "_build", "_inst", "build", "var", "autom4te.cache", "__pycache__", ".pytest_cache"}

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'", re.DOTALL
)
_FUNCTION = re.compile(r"^([a-z_]\w*)\(.*?\)\n\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def files(*folders, ends=("",)):
    """All files below the folders (the whole tree when none is named)."""
    found = []
    for folder in folders or (".",):
        for path, names, leaves in os.walk(TOP / folder):
            names[:] = sorted(n for n in names if n not in SKIP and not n.startswith("build"))
            found += [Path(path) / leaf for leaf in sorted(leaves) if leaf.endswith(tuple(ends))]
    return found


def c_files():
    return files("src", "tests", ends=(".c", ".h"))


def blank(text, strings=True):
    """C text with comments (and the inside of strings) made spaces, so that
    places stay where they were."""

    def hide(match):
        token = match.group(0)
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        if strings:
            return token[0] + " " * (len(token) - 2) + token[-1]
        return token

    return _TOKEN.sub(hide, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def functions(text):
    """(name, first line, number of lines) of each function of K&R-styled C."""
    for match in _FUNCTION.finditer(blank(text)):
        yield match.group(1), line_of(text, match.start()), match.group(0).count("\n") + 1


def comment_above(text, line):
    """The comment over a function whose name stands in `line`, its type in the
    line before; "" when there is none."""
    above = text.split("\n")[: line - 2]
    if not above or not above[-1].endswith("*/"):
        return ""
    first = len(above) - 1
    while first > 0 and not above[first].lstrip().startswith("/*"):
        first -= 1
    return "\n".join(above[first:])


def read(file):
    return file.read_text(encoding="utf-8")


def listed(name):
    """The lines of a list beside the lints, without comments; none if the tree
    has no such list."""
    file = TOP / "tests/lint" / name
    lines = read(file).splitlines() if file.exists() else []
    return [line for line in lines if line and not line.startswith("#")]


def report(findings):
    """findings: (file, line, what). Never returns."""
    findings = list(findings)
    for file, line, what in findings:
        print(f"{file.relative_to(TOP)}:{line}: {what}")
    sys.exit(1 if findings else 0)
