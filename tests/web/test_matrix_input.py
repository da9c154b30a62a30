# SPDX-License-Identifier: ISC
"""Every row of the route table, sent what cannot be read and what cannot be right:
with the exact answer, at the parameter's name, and with nothing stored."""
import pytest

import routes
from routes import Findings, body, names, wrong

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PARTS = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def rows(stack):
    return routes.table(stack)


@pytest.fixture(scope="module")
def writing(rows):
    return [row for row in rows if row.writes]


@pytest.fixture(scope="module")
def ask(workspace):
    return routes.Asker(workspace.admin)


@pytest.fixture(autouse=True)
def nothing_is_stored(workspace, ask):
    """Whatever a test of this module sends, no record comes of it and none changes."""
    tables = "contact", "company", "activity", "message", "attachment", "invoice", "app_user", "field", "import", "job"
    counts = " union all ".join(f"select '{t}', count(*) from {t}" for t in tables)
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute(counts)
        before = cursor.fetchall()
        yield
        cursor.execute(counts)
        assert cursor.fetchall() == before


def part(name, value, head=""):
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{head}\r\n\r\n'.encode() + value + b"\r\n"


END = b"--b--\r\n"


def test_a_content_type_that_is_not_taken(writing, ask):
    found = Findings()
    for row in writing:
        types = ["text/xml", "text/plain", "application/octet-stream", "*/*", "", "nonsense"]
        types += [f"{JSON}; charset=big5", f"{JSON}-seq", f"{JSON}; charset=", FORM if not row.page else JSON]
        types += [f"{FORM}; charset=iso-8859-1", "multipart/mixed; boundary=b"]
        types += [PARTS] if not row.page and not row.takes_file else []
        for kind in types:
            found.note(f"{row} {kind}", wrong(row, ask.raw(row, b"{}", kind), 415))
        kind = FORM if row.page else JSON
        for coding in ("gzip", "deflate", "br"):
            answer = ask.raw(row, b"{}", kind, headers={"Content-Encoding": coding})
            found.note(f"{row} {coding}", wrong(row, answer, 415))
    found.done()


BROKEN_JSON = (
    *(b"{", b"}", b"[]", b'"text"', b"1", b"null", b"{'a':1}", b'{"a":1}{', b'{"a":1,}', b'{"a"}', b'{"a":01}'),
    *(b'{"a":1,"a":2}', b'{"a":tru}', b'{"a":NaN}', b'{"a":1e999}', b"{" * 5000, b'{"a":' * 200 + b"1" + b"}" * 200),
    *(b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b'{"a":"\xff"}', b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}'),
    *(b'{"a":"\x00"}', b'{"a":"\\u0000"}', b'{"\\u0000":1}', b'{"a":"\\ud800"}', b'{"a":"\\x41"}', b'{"a":"\n"}', b"{}\x00"),
)


def test_json_that_cannot_be_read(writing, ask):
    found = Findings()
    for row in (r for r in writing if not r.page):
        for content in BROKEN_JSON:
            found.note(f"{row} {content[:20]}", wrong(row, ask.raw(row, content, JSON), 400))
    found.done()


BROKEN_FORM = (b"a=%", b"a=%4", b"a=%zz", b"a=%00", b"%00=a", b"a=%ff", b"a=%c0%af", b"a=%ed%a0%80", b"a=\xff", b"a=\x00", b"=a")
BROKEN_PARTS = (
    *(b"", b"nonsense", b"--b", END[:-4], part("a", b"1"), b"--c\r\n\r\n--c--\r\n", b"--b\r\n\r\nx\r\n" + END),
    *(b'--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n' + END, b"--b\r\nX: " + b"x" * 20000 + b"\r\n\r\n" + END),
    *(part("a", b"\xff") + END, part("a", b"\x00") + END, part("a\x00", b"1") + END),
)


def test_forms_that_cannot_be_read(writing, ask):
    found = Findings()
    for row in (r for r in writing if r.page):
        for content in BROKEN_FORM:
            found.note(f"{row} {content}", wrong(row, ask.raw(row, content, FORM), 400))
    for row in (r for r in writing if r.page or r.takes_file):
        for content in BROKEN_PARTS:
            found.note(f"{row} {content[:60]}", wrong(row, ask.raw(row, content, PARTS), 400))
        for kind in ("multipart/form-data", "multipart/form-data; boundary=", f"{PARTS}{'b' * 200}"):
            found.note(f"{row} {kind[:60]}", wrong(row, ask.raw(row, END, kind), 400))
    found.done()


def test_addresses_that_cannot_be_read(rows, ask):
    found = Findings()
    for row in rows:
        for query in ("a=%00", "%00", "a=%ff", "a=%c3%28", "a=%ed%a0%80", "=1"):
            answer = ask(row, where=f"{row.at()}?{query}", version=1)
            found.note(f"{row}?{query}", wrong(row, answer, 400))
        for end in ("%00", "%ff", "%2f", "%c0%af"):
            answer = ask(row, where=row.at() + end, version=1)
            found.note(f"{row}{end}", wrong(row, answer, 400))
    found.done()


def test_more_than_fits(writing, ask):
    """Told by its length, or not until it is read; in bytes, in fields, in values."""
    found = Findings()
    for row in writing:
        kind, large = (FORM if row.page else JSON), b" " * (1024**2 + 1)
        if row.takes_file:
            continue
        found.note(row, wrong(row, ask.raw(row, large, kind), 413))
        found.note(f"{row} in pieces", wrong(row, ask.raw(row, iter([large[:4096]] * 260), kind), 413))
        if row.page:
            many = b"&".join(b"a=1" for _ in range(row.fields_max + 1))
        else:
            many = b'{"a":[' + b",".join([b"1"] * 60_000) + b"]}"
        found.note(f"{row} many", wrong(row, ask.raw(row, many, kind), 413))
    found.done()


def too_long(param):
    """Values that are just too long, too large or too many."""
    kind, most = param["type"], param["max"]
    if kind in ("text", "long"):
        return ["x" * (most + 1), "陳" * (most + 1)]
    if kind == "integer":
        return [param["min"] - 1, *([most + 1] if most < 2**63 - 1 else [])]
    if kind == "texts":
        return [["x"] * (most + 1), ["x" * 201]]
    if kind == "integers":
        return [[param["min"]] * (most + 1), [param["min"] - 1]]
    return []


def wrong_type(param, row):
    """Values of another kind; of a page's form all are texts."""
    kind = param["type"]
    if row.page or row.takes_file:
        texts = {"filters": ["x"], "integer": ["x", "1.5", "1e3", "0x1", "１"], "boolean": ["yes", "2"], "date": ["x", "2026-02-30", "1"]}
        texts["integers"] = texts["integer"]
        return texts.get(kind, []) + ([["a", "b"]] if kind in ("text", "long", "date", "integer") else [])
    values = {"text": "x", "integer": 1, "boolean": True, "list": ["x"], "numbers": [1], "object": {"a": 1}, "real": 1.5}
    own = {
        **dict.fromkeys(("text", "long"), ("text",)),
        "integer": ("integer",),
        "boolean": ("boolean",),
        "date": (),
        "texts": ("list",),
        "integers": ("numbers",),
        "filters": ("object",),
        "json": tuple(values),
        "file": (),
    }[kind]
    more = {"integer": [2**63, -(2**63) - 1, "1"], "boolean": ["true", 0], "texts": [[1], [["x"]], [None]]}
    return [value for name, value in values.items() if name not in own] + more.get(kind, [])


def in_body(rows):
    return [(row, param) for row in rows if row.writes for param in row.declared("body") if param["type"] != "file"]


def check_at(found, row, answer, name, status):
    found.note(f"{row} {name}", wrong(row, answer, status))
    if answer.status_code == status and not names(row, answer, name):
        found.note(f"{row} {name}", "is not named")


def test_more_than_a_parameter_takes(rows, ask):
    found = Findings()
    for row, param in in_body(rows):
        for value in too_long(param):
            answer = ask(row, values={**body(row), param["name"]: value}, version=1)
            check_at(found, row, answer, param["name"], 422)
    found.done()


def test_another_kind_of_value(rows, ask):
    found = Findings()
    for row, param in in_body(rows):
        for value in wrong_type(param, row):
            answer = ask(row, values={**body(row), param["name"]: value}, version=1)
            check_at(found, row, answer, param["name"], 422)
    found.done()


def test_control_characters_in_a_line(rows, ask):
    found = Findings()
    for row, param in in_body(rows):
        for char in "\x01\x0b\x1b\x7f" + ("\n\r" if param["type"] == "text" else ""):
            if param["type"] in ("text", "long"):
                answer = ask(row, values={**body(row), param["name"]: f"a{char}b"}, version=1)
                check_at(found, row, answer, param["name"], 422)
    found.done()


def test_values_in_the_address(rows, ask):
    found = Findings()
    for row in rows:
        for param in row.declared("query"):
            values = too_long(param) if param["type"] in ("text", "integer") else []
            texts = {"integer": ["x", "1.5", "１"], "boolean": ["yes"], "date": ["x"], "filters": ["x"]}
            # A longer one is refused by the front, as an address.
            values = [value for value in values if len(str(value)) < 1000 or value[0] == "x"]
            for value in values + texts.get(param["type"], []) + [["1", "1"]] * (param["type"] != "boolean"):
                answer = ask(row, query={param["name"]: value}, version=1)
                check_at(found, row, answer, param["name"], 400)
    found.done()


def test_headers_that_cannot_be_right(rows, ask, workspace):
    """They are nobody, or they are refused; none is believed and none breaks anything."""
    client, found = workspace.stack.visitor(workspace.slug), Findings()
    for row in (r for r in rows if r.right != "public"):
        for secret in ("x", "x" * 201, "\x7f", "ÿ", "=" * 43, "' or 1=1"):
            client.cookies.clear()
            url = client.origin + row.at()
            headers = {"Authorization": f"Bearer {secret}".encode("latin-1")}
            answer = client.request(row.method, url, headers=headers)
            if row.page and row.method == "GET":
                went = answer.headers.get("Location")
                found.note(row, None if (answer.status_code, went) == (303, "/login") else answer.status_code)
            else:
                found.note(row, wrong(row, answer, 401))
    found.done()


def test_a_key_of_a_repeated_write_has_a_length(writing, ask):
    """One that is not kept would be taken for one that is."""
    found = Findings()
    for row in (r for r in writing if not r.page and r.method == "POST" and r.right != "public"):
        for key in ("k" * 201, ""):
            answer = ask(row, headers={"Idempotency-Key": key}, version=1)
            # How one signs in is not for a token to change, whatever else is wrong.
            found.note(f"{row} {len(key)}", wrong(row, answer, 403 if row.verify and row.right in ("entry", "self") else 400))
    found.done()
