#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""The licence stands in the first line of every source file (the second, where
the first says which program reads the file)."""
import lintlib

MARK = "SPDX-License-Identifier: ISC"
SOURCES = tuple(".c .h .py .sql .cs .css .js .mk .am .ac .conf .hdf .sh .service .socket .target".split())
SOURCES += (".in",)
BARE = ("demo", "check", ".ci/run")
FOLDERS = ("scripts", "nginx", "tests/lint", "tests/lib", "tests/bench")


def is_source(file):
    name = file.relative_to(lintlib.TOP)
    if name.name in ("Makefile.in", "config.h.in", "aclocal.m4"):
        return False
    if name.parts[0] == "tests" and file.suffix == ".hdf":
        return False  # data
    if file.suffix in SOURCES or str(name) in BARE:
        return True
    return not file.suffix and str(name).startswith(FOLDERS) and file.name != "packages"


def findings():
    for file in lintlib.files():
        if is_source(file) and file.stat().st_size and not any(MARK in line for line in head(file)):
            yield file, 1, "no SPDX line"


def head(file):
    lines = lintlib.read(file).split("\n", 2)[:2]
    return lines if lines[0].startswith("#!") else lines[:1]


lintlib.report(findings())
