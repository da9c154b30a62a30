#!/bin/sh
# SPDX-License-Identifier: ISC
# Refuses in templates what goes around escaping or the Content-Security-Policy.
# templates/README.md has the rules. usage: templates.sh SOURCE_FOLDER
set -eu
exec python3 - "$@" <<'PYTHON'
import os
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("srcdir", "."))
problems = []
COMMAND = re.compile(r"<\?cs(.*?)\?>", re.S)
BANNED = re.compile(r"\s*(uvar|evar|lvar|alt|name|escape|linclude|include)\s*[:!\s]")
ADDRESS = ("href", "src", "action", "formaction", "poster", "cite", "data", "xlink:href")
# A value that is a whole address must be one of these.
SAFE_WHOLE = re.compile(r"\s*var:\s*(path\(.*\)|weburl\(.*\)|Asset\.[a-z0-9_]+)\s*$", re.S)
# Behind these beginnings any value may follow ("/x" but not "/" alone: "//host").
SAFE_START = re.compile(r"(/[A-Za-z0-9_-]|\./|mailto:|tel:|#|\?)")


def complain(path, text, at, what):
    problems.append(f"{path.relative_to(top)}:{text.count(chr(10), 0, at) + 1}: {what}")


def check_commands(path, text):
    params = set()
    for m in COMMAND.finditer(text):
        body = m[1]
        if BANNED.match(body):
            complain(path, text, m.start(), "command not allowed: " + body.strip()[:40])
        s = re.match(r"\s*set:\s*([^=\s]+)", body)
        if s and not re.fullmatch(r"Var\.[A-Za-z0-9_.\[\]]+", s[1]):
            complain(path, text, m.start(), "set: outside Var.*")
        s = re.match(r"\s*(?:each|with|loop):\s*([^=\s]+)\s*=", body) or re.match(r"\s*def:[^(]*\((.*)\)", body, re.S)
        for name in re.split(r"[,\s]+", s[1]) if s else []:
            if name and not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                complain(path, text, m.start(), f"{name}: parameters and loop variables are in lower case")
        if re.search(r"\b(null_escape|text_html|html_strip|js_escape|html_escape|url_validate|css_url_validate)\s*\(", body):
            complain(path, text, m.start(), "function not allowed")


# Macros that print whole attributes, themselves checked where they are defined.
ATTRIBUTES = re.compile(r"\s*call:\s*states\(")


def printed(body):
    return re.match(r"\s*(var|call)\b", body) is not None


def check_tag(path, text, start, tag):
    """tag: from '<' to '>' with its commands."""
    commands = []

    def hold(m):
        commands.append(m[1])
        return f"\x01{len(commands) - 1}\x02"

    flat = COMMAND.sub(hold, tag)
    where = lambda what: complain(path, text, start, what)
    # attributes: name="value" | name='value' | name=value | name
    rest = re.sub(r"^</?[A-Za-z][A-Za-z0-9:-]*", "", flat)
    for m in re.finditer(r"([^\s=\"'/>\x01\x02]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", rest):
        name, value = m[1].lower(), m[2]
        inside = [commands[int(i)] for i in re.findall(r"\x01(\d+)\x02", value)]
        shown = [c for c in inside if printed(c)]
        if name == "style" or re.fullmatch(r"on[a-z]+", name) or name == "srcdoc":
            where(f"{name}= is not allowed")
        if shown and value[0] != '"':
            where(f"{name}: a value needs double quotes")
        if any(c.lstrip().startswith("call") for c in shown):
            where(f"{name}: call: inside an attribute")
        if name in ADDRESS:
            check_address(where, name, value.strip("\"'"), commands)
        if name == "http-equiv" and shown:
            where("http-equiv with a value")
    bare = re.sub(r"=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", "", rest)
    for i in re.findall(r"\x01(\d+)\x02", bare):
        if printed(commands[int(i)]) and not ATTRIBUTES.match(commands[int(i)]):
            where("a value outside an attribute's quotes")


def check_address(where, name, value, commands):
    """What may stand before the first value, on every way through the branches."""
    begun = ""  # literal text before this point; "/x" once an address has safely begun
    before = []  # the same at each open if:
    for part in re.split(r"(\x01\d+\x02)", value):
        m = re.fullmatch(r"\x01(\d+)\x02", part)
        body = commands[int(m[1])].strip() if m else ""
        if not m:
            begun += part
            if re.match(r"\s*(javascript|data|vbscript):", begun, re.I):
                where(f"{name}: {begun[:20]}")
        elif printed(body):
            if not SAFE_START.match(begun) and (begun or not SAFE_WHOLE.match(body)):
                where(f"{name}: use path(), weburl(), Asset.* or begin with a literal path")
            begun = "/x"
        elif re.match(r"if\b", body):
            before.append(begun)
        elif re.match(r"(else|elif|elseif)\b", body) and before:
            begun = before[-1]
        elif body == "/if" and before:
            begun = before.pop()
        elif not re.match(r"(set|each|/each|with|/with|loop|/loop)\b|#", body):
            where(f"{name}: {body.split(':')[0]} inside an address")


def check_markup(path, text):
    held = []
    flat = COMMAND.sub(lambda m: held.append(m[0]) or f"\x01{len(held) - 1}\x02" + "\n" * m[0].count("\n"), text)
    restore = lambda s: re.sub(r"\x01(\d+)\x02\n*", lambda m: held[int(m[1])], s)
    flat = re.sub(r"<!--.*?-->", lambda m: "\n" * m[0].count("\n"), flat, flags=re.S)
    for m in re.finditer(r"<(script|style)\b([^>]*)>(.*?)</\1", flat, re.S | re.I):
        if m[3].strip() or m[1].lower() == "style":
            complain(path, flat, m.start(), f"<{m[1]}> with text")
    for m in re.finditer(r"<[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", flat):
        check_tag(path, flat, m.start(), restore(m[0]))


for path in sorted((top / "templates").rglob("*.cs")):
    text = path.read_text(encoding="utf-8")
    if "SPDX-License-Identifier: ISC" not in text.split("\n", 1)[0]:
        complain(path, text, 0, "the first line is not the licence")
    check_commands(path, text)
    check_markup(path, text)
for p in problems:
    print(p)
sys.exit(1 if problems else 0)
PYTHON
