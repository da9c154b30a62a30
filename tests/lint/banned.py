#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""Functions that invite mistakes, and memory that is not an arena's.

A use with a good reason stands in banned.allow."""
import re

import lintlib

UNSAFE = (
    "strcpy strcat stpcpy sprintf vsprintf strtok gets scanf sscanf fscanf atoi atol atoll atof "
    "strtol strtoll strtoul strtoull strtod localtime gmtime ctime asctime tmpnam tempnam mktemp "
    "alloca rand srand random getenv putenv setenv system popen signal setjmp longjmp"
).split()
MEMORY = "malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf getline".split()
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(UNSAFE + MEMORY))


def findings():
    allowed = [tuple(line.split()) for line in lintlib.listed("banned.allow")]
    used = set()
    for file in lintlib.files("src", ends=(".c", ".h")):
        name = str(file.relative_to(lintlib.TOP))
        text = lintlib.blank(lintlib.read(file))
        for match in CALL.finditer(text):
            function = match.group(1)
            reasons = {e for e in allowed if name.startswith(e[0]) and e[1] == function}
            used |= reasons
            if not reasons:
                yield file, lintlib.line_of(text, match.start()), f"{function}() is banned"
    for where, function in sorted(set(allowed) - used):
        yield lintlib.TOP / "tests/lint/banned.allow", 1, f"{where} uses no {function}() any more"


lintlib.report(findings())
