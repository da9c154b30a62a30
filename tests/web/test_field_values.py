# SPDX-License-Identifier: ISC
"""Every field of the catalogue, of every kind of record: what it takes, in which
form it keeps it, and that all else is refused at the field."""
import pytest

from person import add_custom_fields
from routes import Findings, marked, page, problem

CHILDREN = ("activity", "message", "invoice")
PATHS = {
    **{"contact": "/contacts", "company": "/companies", "activity": "/activities"},
    **{"message": "/messages", "invoice": "/invoices"},
}
# What a record of each kind has at least.
LEAST = {
    "contact": {"name_en": "LAM On"},
    "company": {"name_en": "Lam & Co"},
    "activity": {"kind": "note", "body": "x"},
    "message": {"channel": "sms", "direction": "in", "body": "x"},
    "invoice": {"number": "1", "issued_on": "2026-01-02", "status": "draft", "amount": "1.00"},
}
# What the value of a field asks of another.
BESIDE = {
    "kept_law": {"kept_until": "2045-01-02"},
    "kept_until": {"kept_law": "Cap. 112 s.51C"},
    "activity.due_on": {"kind": "task"},
    "activity.done_at": {"kind": "task"},
    "keep_until": {"issued_on": "2017-01-02"},
    "hold": {"hold_ground": "claim", "hold_reviewer_id": 1, "hold_review_on": "2099-01-02"},
    "hold_reviewer_id": {"hold": True, "hold_ground": "claim", "hold_review_on": "2099-01-02"},
}
LONG = "x" * 3_000
# Nothing of this is a value of any field.
NONSENSE = ({"a": 1}, {}, [[]], [{}], [None], [1], {"amount": None}, {"amount": "1.00", "currency": None})
TEXTS = {
    "number": ("x", "1,000", "1e3", "--1", "1.1234567", "9" * 19, "0x10", "１x", "."),
    "date": ("x", "2026-02-29", "2026-13-01", "1-2-3", "20260102x", "0000-01-01", "2026-00-10"),
    "time": ("x", "2026-02-29T10:00:00Z", "2026-01-01T25:00", "2026-01-01T10:00:00+99:00", "noon"),
    "choice": ("no_such_choice", "x' or 1=1"),
    "boolean": ("maybe", "2", "yess"),
    "email": ("x", "a@b", "a@@b.example", "@b.example", "a@b..example", "a b@c.example", "a@1.2", "x" * 65 + "@b.example"),
    "phone": ("x", "123", "0" * 9, "+852 1", "9123 45678 1", "+" + "9" * 16, "9123<4567"),
    "url": ("x", "javascript:alert(1)", "ftp://a.example", "//a.example", "https://", "https://a b.example", "https://a.example/" + LONG),
    "hkid": ("x", "1234567", "A12345", "ABC123456(7)", "A123456(12)"),
    "money": ("x", "1.005", "1,23", "HK", "1e3", "9" * 19, "1.2.3", {"amount": 1}, {"amount": "1", "currency": "USD"}),
    "currency": ("x", "HK", "hkd", "XXX", "HKDX"),
    "tags": (["x" * 51], [str(n) for n in range(51)], ["4111 1111 1111 1111"], "x" * 51),
    "user": ("x", "0", "-1", "1.5", "999999999", 999_999_999, 2**63),
    "text": ("4111 1111 1111 1111", "card 5500-0000-0000-0004"),
}
for reference in ("team", "company", "contact"):
    TEXTS[reference] = TEXTS["user"]
# Values of JSON that are of another kind than the field.
OTHER_KINDS = {
    **dict.fromkeys(("text", "long_text", "date", "time", "choice", "email", "phone", "url", "hkid"), (True, 1, 1.5, ["x"])),
    **{"currency": (True, 1, ["HKD"]), "number": (True, ["1"]), "boolean": (1, 0, ["true"])},
    **{"money": (True, ["1"]), "tags": (True, 1), "user": (True, [1])},
}
GOOD = {
    "number": (("1", 1), ("-0.5", -0.5), (12.25, 12.25), (0, 0), ("1000000.000001", 1000000.000001)),
    "date": (("2026-01-02", "2026-01-02"), ("2024-02-29", "2024-02-29"), ("2/1/2026", "2026-01-02")),
    "time": (("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"), ("2026-01-02T11:04:05+08:00", "2026-01-02T03:04:05Z")),
    "boolean": ((True, True), (False, False), ("true", True), ("0", False)),
    "email": ((" Siu.Ming@EXAMPLE.com ", "Siu.Ming@example.com"), ("ａ@b.example", "a@b.example")),
    "phone": (("9123 4567", "+85291234567"), ("(852) 9123-4567", "+85291234567"), ("0044 20 7946 0000", "+442079460000")),
    "url": (("example.com", "https://example.com"), ("HTTP://EXAMPLE.com/A?b=c#d", "http://example.com/A?b=c#d")),
    "money": (("1234.5", "1234.50"), (7, "7.00"), ({"amount": "0.01", "currency": "HKD"}, "0.01"), ("-1", "-1.00")),
    "tags": ((["b", "a", "b", " a "], ["b", "a"]), ("x, y,x", ["x", "y"])),
    "text": (("  a\t b  ", "a b"), ("陳大文", "陳大文"), ("<b>&amp;\"'", "<b>&amp;\"'"), ("O\u200bK", "OK")),
    "long_text": ((" a \r\n b ", "a\nb"), ("陳\n\n大文", "陳\n\n大文")),
}


@pytest.fixture(scope="module")
def api(workspace):
    api = workspace.admin.api()
    with workspace.database() as connection, connection.cursor() as cursor:
        add_custom_fields(cursor)
        cursor.execute("update field set enabled = true")
    return api


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture(scope="module")
def contact(api):
    return api.ok("POST", "/contacts", json={"name_en": "CHAN Tai Man"})["id"]


@pytest.fixture(scope="module")
def fields(workspace, api):
    """What can be written: entity, name, type, longest text."""
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select entity, name, type, coalesce(max_length, case type when 'long_text' then 20000 else 200 end), sealed "
            "from field where writable and entity = any(%s) and name not in ('kind', 'channel', 'direction', 'contact_id') "
            "order by entity, name",
            (list(PATHS),),
        )
        found = cursor.fetchall()
    assert {kind for _, _, kind, _, _ in found} >= set(TEXTS) - {"contact", "currency"}
    return found


@pytest.fixture(scope="module")
def records(api, contact):
    """One record of each kind, to be changed."""
    made = {"contact": api.ok("GET", f"/contacts/{contact}")}
    for entity in PATHS:
        if entity != "contact":
            made[entity] = api.ok("POST", PATHS[entity], json=with_contact(entity, contact))
    return made


def with_contact(entity, contact, **values):
    more = {"contact_id": contact} if entity in CHILDREN else {}
    return {**LEAST[entity], **more, **values}


def beside(entity, name):
    return BESIDE.get(name) or BESIDE.get(f"{entity}.{name}", {})


def bad_texts(kind, longest):
    if kind not in ("text", "long_text"):
        return TEXTS[kind]
    return TEXTS.get(kind, ()) + ("x" * (longest + 1),) + (("陳" * (longest + 1),) if longest < 50_000 else ())


def free(entity, kind, value):
    """Text about people may quote a card; a field may not hold one."""
    return entity in ("activity", "message") and kind == "text" and str(value)[0] in "4c"


def count(workspace):
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(f"(select sum(version) from {entity})" for entity in PATHS))
        return cursor.fetchone()


def at_field(answer, row_is_page, name):
    found = page(answer, 422) if row_is_page else problem(answer, 422)
    if found is None and row_is_page and not marked(answer, name):
        return "is not marked on the form"
    if found is None and not row_is_page and name not in answer.json().get("errors", {}):
        return f"is not named: {answer.json().get('errors')}"
    return found


def test_what_is_no_value_is_refused_at_its_field(workspace, api, contact, fields, records):
    found, before = Findings(), count(workspace)
    for entity, name, kind, longest, _ in fields:
        values = bad_texts(kind, longest) + OTHER_KINDS.get(kind, OTHER_KINDS["user"]) + NONSENSE
        for value in values:
            if free(entity, kind, value) or (kind == "tags" and value == {}):
                continue
            body = {**beside(entity, name), name: value}
            made = api.post(PATHS[entity], json=with_contact(entity, contact, **body))
            found.note(f"{entity}.{name} = {str(value)[:40]}", at_field(made, False, name))
            record = records[entity]
            headers = {"If-Match": str(record["version"])}
            changed = api.patch(f"{PATHS[entity]}/{record['id']}", json={name: value}, headers=headers)
            found.note(f"change of {entity}.{name} to {str(value)[:40]}", at_field(changed, False, name))
    found.done()
    assert count(workspace) == before


def test_the_form_comes_back_with_what_was_typed(workspace, browser, fields, records):
    found, before = Findings(), count(workspace)
    forms = {e: browser.form(f"{PATHS[e]}/{r['id']}/edit", f"{PATHS[e]}/{r['id']}/edit") for e, r in records.items()}
    for entity, name, kind, longest, sealed in fields:
        for value in (v for v in bad_texts(kind, longest)[:3] if isinstance(v, str) and not free(entity, kind, v)):
            answer = browser.submit(forms[entity], **{name: value})
            found.note(f"{entity}.{name} = {value[:40]}", at_field(answer, True, name))
            if kind not in ("choice", "boolean", "user", "team", "company", "currency") and not sealed:
                shown = value.replace("&", "&amp;").replace("<", "&lt;") in answer.text
                found.note(f"{entity}.{name} = {value[:40]}", None if shown else "what was typed is lost")
    found.done()
    assert count(workspace) == before


def test_values_are_kept_in_one_form(api, contact, fields):
    found = Findings()
    for entity, name, kind, longest, _ in fields:
        for value, kept in GOOD.get(kind, ()):
            if isinstance(kept, str) and len(kept) > longest or name == "hold_review_on":
                continue  # a day to come: test_hold has it
            values = {**({} if kept is False else beside(entity, name)), name: value}
            answer = api.post(PATHS[entity], json=with_contact(entity, contact, **values))
            shown = answer.json().get(name)
            shown = shown["amount"] if kind == "money" and isinstance(shown, dict) else shown
            if name in answer.json().get("masked", []):
                shown = kept if shown == "••••••" else shown
            found.note(f"{entity}.{name} = {value!r}", None if shown == kept else f"{answer.status_code} {answer.text[:300]}")
    found.done()


def test_the_longest_text_is_kept_whole(api, contact, fields):
    found = Findings()
    for entity, name, kind, longest, sealed in fields:
        if kind in ("text", "long_text") and not sealed and longest < 50_000:
            value = "陳" * longest
            values = {**beside(entity, name), name: value}
            made = api.ok("POST", PATHS[entity], json=with_contact(entity, contact, **values))
            found.note(f"{entity}.{name}", None if made[name] == value else f"{len(made[name])} of {longest}")
    found.done()


def test_unknown_and_kept_by_praya(workspace, api, contact, records):
    found, before = Findings(), count(workspace)
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("select entity, name from field where not writable and entity = any(%s)", (list(PATHS),))
        own = cursor.fetchall()
    assert ("contact", "last_activity_at") in own
    names_of_rows = [(e, n) for e in PATHS for n in ("id", "version", "created_at", "erased", "cf_1", "nothing", "archived")]
    for entity, name in own + names_of_rows:
        made = api.post(PATHS[entity], json=with_contact(entity, contact, **{name: "1"}))
        found.note(f"{entity}.{name}", at_field(made, False, name))
        headers = {"If-Match": str(records[entity]["version"])}
        changed = api.patch(f"{PATHS[entity]}/{records[entity]['id']}", json={name: "1"}, headers=headers)
        found.note(f"change of {entity}.{name}", at_field(changed, False, name))
    found.done()
    assert count(workspace) == before
