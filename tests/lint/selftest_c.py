#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""The lints of C find what they are for, and do not cry at what is right."""
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEAD = "/* SPDX-License-Identifier: ISC */\n"
LONG = HEAD + "int\nf(void)\n{\n" + "\tg();\n" * 110 + "}\n"

# lint, file, content, found?
CASES = (
    ("spdx", "src/a.c", "int a;\n", True),
    ("spdx", "src/a.c", HEAD + "int a;\n", False),
    ("spdx", "scripts/tool", "#!/bin/sh\n# SPDX-License-Identifier: ISC\n", False),
    ("spdx", "scripts/tool", "#!/bin/sh\n:\n# SPDX-License-Identifier: ISC\n", True),
    ("spdx", "sql/0001_a.sql", "select 1;\n", True),
    ("spdx", "README.md", "# Praya\n", False),
    ("format", "src/a.c", HEAD + "int\nf(void)\n{\n\treturn 1;\n}\n", False),
    ("format", "src/a.c", HEAD + "int f(void) { return 1; }\n", True),
    ("banned", "src/a.c", "void f(char *p) { strcpy(p, \"x\"); }\n", True),
    ("banned", "src/a.c", "void f(char *p) { free (p); }\n", True),
    ("banned", "src/a.c", "void f(void) { int year = atoi(\"1\"); }\n", True),
    ("banned", "src/a.c", "/* strcpy(a, b) */ const char *s = \"strcpy(\";\n", False),
    ("banned", "src/a.c", "void f(struct a *a) { a->free(a); }\n", False),
    ("banned", "src/a.c", "void f(void) { PQfree(1); localtime_r(a, b); }\n", False),
    ("layout", "src/a.c", LONG, True),
    ("layout", "src/a.c", LONG.replace("int\nf", "/* Long: one case a type. */\nint\nf"), False),
    ("layout", "src/a.c", LONG.replace("int\nf", "/* Does much. */\nint\nf"), True),
    ("layout", "src/a.c", LONG.replace("int\nf", "/* Long: a. */\n\nint\nf"), True),
    ("layout", "tests/unit/a.c", HEAD + "\n" * 700, True),
    ("layout", "src/a.c", HEAD + "\n" * 700, True),
    ("layout", "src/a.c", HEAD + "int\nf(void)\n{\n}\n", False),
    ("layout", "src/a.c", '#include "../db/tx.h"\n', True),
    ("layout", "src/a.c", '#include "tx.h"\n', False),
    ("layout", "src/crm/a.c", 'const char *s = "select a from b where c = $1";\n', True),
    ("layout", "src/crm/a.c", 'STMT(x, "a.x", 1,\n\t"select a from b where c = $1");\n', False),
    ("layout", "src/crm/a.c", 'f(void)\n{\n\tsqlb_add(&b, "select a from b");\n}\n', False),
    ("layout", "src/crm/a.c", 'f(void)\n{\n\tsend(c, "select a from b");\n}\n', True),
    ("layout", "src/crm/a.c", '/* "delete from b" */\nconst char *s = "update";\n', False),
    ("layout", "src/db/a.c", 'const char *s = "select a from b";\n', False),
)


def found(lint, name, content):
    with tempfile.TemporaryDirectory() as top:
        file = Path(top) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        (Path(top) / ".clang-format").write_text((HERE.parents[1] / ".clang-format").read_text())
        argv = [sys.executable, "-B", str(HERE / f"{lint}.py"), top]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode == 77:
            return None
        return done.returncode != 0


def main():
    wrong = [case for case in CASES if found(*case[:3]) not in (case[3], None)]
    for lint, name, content, expected in wrong:
        print(f"{lint}: should {'' if expected else 'not '}complain of {name}: {content[:60]!r}")
    sys.exit(1 if wrong else 0)


main()
