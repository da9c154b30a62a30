#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""C looks as clang-format with the tree's .clang-format writes it."""
import shutil
import subprocess
import sys

import lintlib

if not shutil.which("clang-format"):
    print("clang-format is not installed")
    sys.exit(77)
checked = [str(f) for f in lintlib.c_files()]
argv = ["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", "--style=file"]
done = subprocess.run([*argv, *checked], cwd=lintlib.TOP, check=False)
sys.exit(1 if done.returncode else 0)
