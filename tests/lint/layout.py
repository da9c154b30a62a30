#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""Sizes, includes, and where SQL may stand."""
import re

import lintlib

FUNCTION_MAX = 100
FILE_MAX = 600
# What may be longer for now; a line is struck out, never added.
LONG_FILES = set(lintlib.listed("layout.allow"))
# "Long: one case a type, nothing to share."
REASON = re.compile(r"\bLong: \w+")
INCLUDE_UP = re.compile(r'^\s*#\s*include\s+"[^"]*\.\./', re.MULTILINE)
STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"')
SQL = re.compile(
    r"^\s*(select\s+\S+.*\bfrom\b|insert\s+into\s|update\s+\w+\s+set\b|delete\s+from\s|with\s+\w+\s+as\s"
    r"|(create|alter|drop)\s+(table|index|database|role|schema|function|view)\b|(grant|revoke)\s+\w+\s+on\s)",
    re.IGNORECASE,
)
# Where statements are made: named ones, and those composed of known pieces.
MAKERS = re.compile(r"(?:^STMT|\bsqlb_add)\(.*?\);\n", re.MULTILINE | re.DOTALL)
# db/ speaks for the others, record/ composes statements out of the catalogue,
# and provisioning makes databases, for which there are no parameters.
SQL_ROOMS = ("src/db/", "src/record/", "src/tenant/provision")


def sizes(file, text):
    count = text.count("\n")
    if count > FILE_MAX and str(file.relative_to(lintlib.TOP)) not in LONG_FILES:
        yield file, 1, f"{count} lines; a file has at most {FILE_MAX}"
    for name, line, length in lintlib.functions(text):
        if length > FUNCTION_MAX and not REASON.search(lintlib.comment_above(text, line)):
            yield file, line, (
                f"{name} has {length} lines; above {FUNCTION_MAX}, a comment over it "
                'that begins "Long:" says why'
            )


def includes(file, text):
    for match in INCLUDE_UP.finditer(text):
        yield file, lintlib.line_of(text, match.start()), "an include leaves its room by ../"


def sql(file, text):
    """Elsewhere a statement is a named one, so that a test can prepare it."""
    if str(file.relative_to(lintlib.TOP)).startswith(SQL_ROOMS):
        return
    code = lintlib.blank(text, strings=False)
    named = [match.span() for match in MAKERS.finditer(code)]
    for match in STRING.finditer(code):
        inside = any(start < match.start() < end for start, end in named)
        if SQL.match(match.group(1)) and not inside:
            yield file, lintlib.line_of(code, match.start()), "SQL outside STMT() and sqlb_add()"


def findings():
    for file in lintlib.c_files():
        text = lintlib.read(file)
        yield from sizes(file, text)
        yield from includes(file, text)
        if file.is_relative_to(lintlib.TOP / "src"):
            yield from sql(file, text)


lintlib.report(findings())
