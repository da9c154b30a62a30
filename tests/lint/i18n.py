#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Checks the message catalogues: usage i18n.py [SOURCE_FOLDER [--unused]]

A line of i18n/*.hdf is "key = text" with a dotted key of [a-z0-9_], a comment
or empty. Refused are: a key twice or without a text, a key that only one
catalogue has, a number of "%s" that differs or exceeds one, words that have no
place on a screen, a T.* of templates/ and a message key of src/ that no
catalogue has, and a call that leaves "%s" empty.

A message key in C is the key argument of the functions below, any text of
three or more dotted words ("contact.list.title") and of some SECTIONS. A key that is put together
at run time ("nav.%s") must have at least one key that fits.
"""
import os
import pathlib
import re
import sys

LANGUAGES = ("en", "zh-Hant")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
# Functions whose calls hold a message key, and the argument's position from 0.
KEY_ARGUMENT = {
    "err_new": 2, "err_arg": 2, "err_make": 2, "err_add_field": 3,
    "view_text": 2, "response_flash": 1, "say": 1, "form_hint": 2, "params_fail": 3, "refuse": 3, "model_badge": 3,
    "model_notice": 3,
}
# Of those, where the argument that fills "%s" comes next; err_new() has none.
FILLED = ("err_add_field", "err_arg", "view_text", "params_fail", "refuse", "model_notice", "err_new")
# Sections whose keys are no name of anything else.
SECTIONS = ("common", "error", "flash")
# Three dotted words that mean something else.
NO_KEYS = {"hdf.loadpaths.0"}
BANNED = {
    "en": (r"\bPII\b", r"\btenant", r"\bsealed\b", r"\bunseal"),
    "zh-Hant": ("隱私", "信息", "導出", "導入", "網路", "服務器", "用户", "更正資料"),
}

problems = []


def complain(where, what):
    problems.append(f"{where}: {what}")


def read_catalogue(path, lang):
    keys = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        where = f"{path.name}:{number}"
        if line == "" or line.startswith("#"):
            continue
        m = re.fullmatch(r"([^\s=]+) = (\S.*)", line)
        if not m or not KEY.fullmatch(m[1]) or m[2] != m[2].strip():
            complain(where, 'not "key = text"')
            continue
        key, text = m[1], m[2]
        if key in keys:
            complain(where, f"{key} is here twice")
        for word in BANNED[lang]:
            if re.search(word, text, re.I):
                complain(where, f"{key}: a word that does not belong on a screen ({word})")
        keys[key] = text
    return keys


def compare(catalogues):
    for lang, keys in catalogues.items():
        for other, others in catalogues.items():
            for key in sorted(set(keys) - set(others)):
                complain(f"{other}.hdf", f"lacks {key}")
    english = catalogues["en"]
    for lang, keys in catalogues.items():
        for key, text in keys.items():
            if text.count("%s") != english.get(key, text).count("%s"):
                complain(f"{lang}.hdf", f"{key}: the number of %s differs from English")
            if text.count("%s") > 1 or text.count("%") != text.count("%s"):
                complain(f"{lang}.hdf", f"{key}: at most one %s, and no other %")


def strip_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)


def arguments(text, start):
    """The texts of the arguments of the call whose '(' stands before start."""
    depth, quote, out, current, i = 1, None, [], "", start
    while i < len(text) and depth > 0:
        c = text[i]
        if quote:
            if c == "\\":
                current += c
                i += 1
                c = text[i]
            elif c == quote:
                quote = None
        elif c in "\"'":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        if depth == 1 and c == "," and not quote:
            out.append(current)
            current = ""
        elif depth > 0:
            current += c
        i += 1
    out.append(current)
    return out


def keys_of_source(text):
    """(line, key or pattern) of each message key of a C file."""
    text = strip_comments(text)
    for m in re.finditer(r"\b(" + "|".join(KEY_ARGUMENT) + r")\s*\(", text):
        args = arguments(text, m.end())
        if len(args) <= KEY_ARGUMENT[m[1]]:
            continue
        line = text.count("\n", 0, m.start()) + 1
        argument = args[KEY_ARGUMENT[m[1]]].strip()
        for s in re.findall(r'"([^"]*)"', argument):
            if "." in s or argument == f'"{s}"':
                yield line, s
    for m in re.finditer(r'"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+){2,}|(?:' + "|".join(SECTIONS) + r')\.[a-z0-9_]+)"', text):
        if m[1] not in NO_KEYS:
            yield text.count("\n", 0, m.start()) + 1, m[1]


def unfilled(text, english):
    """(line, key) of each call that leaves the "%s" of its message empty."""
    text = strip_comments(text)
    for m in re.finditer(r"\b(" + "|".join(FILLED) + r")\s*\(", text):
        at, args = KEY_ARGUMENT[m[1]], [a.strip() for a in arguments(text, m.end())]
        if len(args) <= at or (len(args) > at + 1 and args[at + 1] != "NULL"):
            continue
        for key in re.findall(r'"([^"]*)"', args[at]):
            if "%s" in english.get(key, ""):
                yield text.count("\n", 0, m.start()) + 1, key


def keys_of_template(text):
    """(line, key, is_prefix): T.a.b, and T.a[x] or T.a[x].b as the prefix a."""
    for command in re.finditer(r"<\?cs(.*?)\?>", text, re.S):
        body = command[1]
        if body.lstrip().startswith("#"):
            continue
        body = re.sub(r"\"[^\"]*\"|'[^']*'", '""', body)
        for m in re.finditer(r"(?<![\w.])T\.([A-Za-z0-9_.]+)(\[)?", body):
            yield text.count("\n", 0, command.start()) + 1, m[1].rstrip("."), m[2] == "["


def matches(pattern, keys):
    """The keys a key or a pattern ("nav.%s") stands for."""
    if "%" not in pattern:
        return {pattern} & keys
    parts = re.split(r"%(?:s|d|lld|zu)", pattern)
    expression = re.compile(r"[a-z0-9_]+".join(re.escape(p) for p in parts))
    return {k for k in keys if expression.fullmatch(k)}


def main():
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("srcdir", "."))
    catalogues = {l: read_catalogue(top / "i18n" / f"{l}.hdf", l) for l in LANGUAGES}
    compare(catalogues)
    keys = set().union(*catalogues.values())
    used, prefixes = set(), set()
    for path in sorted((top / "templates").rglob("*.cs")):
        for line, key, prefix in keys_of_template(path.read_text(encoding="utf-8")):
            (prefixes if prefix else used).add(key)
            if not prefix and key not in keys or prefix and not any(k.startswith(key + ".") for k in keys):
                complain(f"{path.relative_to(top)}:{line}", f"no catalogue has T.{key}")
    for path in sorted((top / "src").rglob("*.[ch]")):
        for line, key in unfilled(path.read_text(encoding="utf-8"), catalogues["en"]):
            complain(f"{path.relative_to(top)}:{line}", f"nothing fills the %s of {key}")
        for line, key in keys_of_source(path.read_text(encoding="utf-8")):
            found = matches(key, keys)
            used |= found
            if not found:
                complain(f"{path.relative_to(top)}:{line}", f"no catalogue has {key}")
    if "--unused" in sys.argv:
        for key in sorted(keys - used):
            if not any(key.startswith(p + ".") for p in prefixes):
                print("unused:", key)
    for p in dict.fromkeys(problems):
        print(p)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
