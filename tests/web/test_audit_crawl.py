# SPDX-License-Identifier: ISC
"""Completeness: every page and every answer of the API is asked for, and whatever of a person
stands in it has its event: of that very request, about that person, naming that field. A
route that is new is asked because it is in the table."""
import html
import json
import secrets

import pytest

import routes
from jobs import done

# A value that stands nowhere else, for each type of field that can have one.
CANARY = {
    "text": "zq{n}word", "long_text": "zq{n}long", "email": "zq{n}@canary.example", "url": "https://zq{n}.canary.example/",
    "phone": "+8529{n:07d}", "tags": "zq{n}tag", "date": "19{n:02d}-03-07", "number": "7{n:05d}77", "money": "8{n:05d}88",
}
# How a page writes what was typed.
SHOWN = {"phone": lambda v: {v, f"+852 {v[4:8]} {v[8:]}"}, "money": lambda v: {v, f"{int(v):,}"},
         "number": lambda v: {v, f"{int(v):,}"}, "date": lambda v: {v, f"7 Mar {v[:4]}"}}
# The name of a person labels what is theirs; the number of a company or user is a word for it.
LABEL = {"contact.name_en": {"contact_id"}, "contact.name_zh": {"contact_id"}}


def canaries(api, entity, start):
    """{field: value} to send, and {field: texts that show it}."""
    body, shown = {}, {}
    for n, field in enumerate(f for f in api.ok("GET", "/fields")["items"] if f["entity"] == entity and f["enabled"]):
        form = CANARY.get(field["type"])
        if form is None or field.get("computed") or field["name"] == "hold_review_on":
            continue  # a day to come, and of a hold alone
        value = form.format(n=n + start)
        body[field["name"]] = {"amount": value + ".00", "currency": "HKD"} if field["type"] == "money" else (
            [value] if field["type"] == "tags" else value)
        shown[f"{entity}.{field['name']}"] = SHOWN.get(field["type"], lambda v: {v})(value)
    return body, shown


def accepted(api, method, path, body, shown, entity):
    """Sends what the API takes of it; what it refuses is no canary."""
    while True:
        answer = api.request(method, api.origin + "/api/v1" + path, json=body)
        if answer.status_code in (200, 201):
            return answer.json()
        assert answer.status_code == 422, answer.text
        for name in answer.json()["errors"]:
            assert name in body, answer.text
            del body[name]
            shown.pop(f"{entity}.{name}", None)


@pytest.fixture(scope="module")
def filled(stack):
    """A workspace with one person of whom everything is known."""
    place = stack.new_workspace()
    api = place.admin.api()
    numbers, shown = {}, {}
    body, texts = canaries(api, "contact", 1)
    numbers["contact"] = accepted(api, "POST", "/contacts", body, texts, "contact")["id"]
    shown.update(texts)
    for entity, path, fixed, start in (("activity", "activities", {"kind": "note"}, 40),
                                       ("message", "messages", {"channel": "phone", "direction": "out"}, 60)):
        body, texts = canaries(api, entity, start)
        body.update(fixed)
        numbers[entity] = accepted(api, "POST", f"/contacts/{numbers['contact']}/{path}", body, texts, entity)["id"]
        shown.update(texts)
    file = {"file": (f"zq{secrets.token_hex(4)}.txt", b"a file", "text/plain")}
    numbers["attachment"] = api.ok("POST", f"/contacts/{numbers['contact']}/attachments", files=file)["id"]
    shown["attachment.file_name"] = {file["file"][0]}
    number = f"ZQ-{secrets.token_hex(4)}"
    numbers["invoice"] = api.ok("POST", f"/contacts/{numbers['contact']}/invoices",
                                json={"number": number, "currency": "HKD", "status": "issued", "issued_on": "2026-01-05"})["id"]
    shown["invoice.number"] = {number}
    done(api, api.ok("POST", f"/contacts/{numbers['contact']}/export", status=202)["job"])
    change_some(api, numbers, shown)
    return place, numbers, shown


def change_some(api, numbers, shown):
    """What stood there before a change is in the log alone."""
    for entity, path, fields in (("contact", "contacts", ("job_title", "bio")), ("message", "messages", ("body",)),
                                 ("activity", "activities", ("body",))):
        record = api.ok("GET", f"/{path}/{numbers[entity]}")
        old = {f: record[f] for f in fields if record.get(f)}
        assert old, entity
        api.ok("PATCH", f"/{path}/{numbers[entity]}", json={f: f"new{v}" for f, v in old.items()},
               headers={"If-Match": str(record["version"])})
        for field, value in old.items():
            shown[f"{entity}.{field}"] |= {f"new{value}"}


def stands(texts, text):
    return any(t in text for t in texts)


def events_of(rows, request):
    rows.execute("select e.action, e.entity, e.subject_ids, s.fields from audit_event e left join field_set s using (field_set_id) "
                 "where e.request_id = %s", [request])
    return rows.fetchall()


def missing(rows, answer, person, shown):
    """Fields of the person in the answer that no event of its request names."""
    text = html.unescape(answer.text)
    there = {name for name, texts in shown.items() if stands(texts, text)}
    if not there:
        return there, None
    about = [(entity, set(f.rstrip("~") for f in fields or [])) for _, entity, subjects, fields in
             events_of(rows, answer.headers["X-Request-Id"]) if subjects and person in subjects]
    if not about:
        return there, "no event about the person"
    lacks = set()
    for name in there:
        entity, _, field = name.partition(".")
        named = any((e == entity and field in fields) or name in fields or fields & LABEL.get(name, set()) for e, fields in about)
        if not named:
            lacks.add(name)
    return there, f"no event names {sorted(lacks)}" if lacks else None


def addresses(row, numbers):
    """Where a row is asked: with the person's and the records' numbers in its path."""
    if "{id}" not in row.pattern and "{token}" not in row.pattern:
        return [row.pattern]
    first = row.path.split("/")[1]
    kind = {"contacts": "contact", "activities": "activity", "messages": "message", "attachments": "attachment",
            "invoices": "invoice"}.get(first)
    return [row.at(numbers[kind])] if kind and "{token}" not in row.pattern else []


def test_whatever_is_shown_of_a_person_is_in_the_log(stack, filled):
    place, numbers, shown = filled
    connection = place.database()
    rows, found = connection.cursor(), routes.Findings()
    ask = routes.Asker(place.admin)
    seen = set()
    for row in routes.table(stack):
        if row.writes or row.right in ("public",):
            continue
        for where in addresses(row, numbers):
            answer = routes.send(ask.browser if row.page else ask.program, row, where=where)
            if answer.status_code != 200 or not answer.headers.get("Content-Type", "").split(";")[0] in ("text/html", "application/json"):
                continue
            there, finding = missing(rows, answer, numbers["contact"], shown)
            seen |= there
            found.note(f"{row} ({where})", finding)
    connection.close()
    found.done()
    assert seen >= {"contact.name_en", "contact.email", "contact.phone", "message.body", "activity.body", "invoice.number",
                    "attachment.file_name"}, shown.keys() - seen
    assert len(shown) > 20


def test_searches_reveals_and_files_are_in_the_log_field_by_field(filled):
    place, numbers, shown = filled
    connection = place.database()
    rows, api = connection.cursor(), place.admin.api()
    word = next(iter(shown["contact.name_en"]))
    for path, body in (("/contacts/search", {"q": word}), (f"/contacts/{numbers['contact']}/reveal",
                                                          {"fields": ["tax_id"], "reason": "legal"})):
        answer = api.post(path, json=body)
        assert answer.status_code == 200, answer.text
        there, finding = missing(rows, answer, numbers["contact"], shown)
        assert there and finding is None, (path, finding)
    connection.close()


def test_a_look_at_the_log_is_a_look_at_its_values(filled):
    place, numbers, shown = filled
    connection = place.database()
    rows, api = connection.cursor(), place.admin.api()
    found = 0
    for event in api.ok("GET", f"/contacts/{numbers['contact']}/audit?action=update")["items"]:
        answer = api.get(f"/audit/{event['id']}")
        there, finding = missing(rows, answer, numbers["contact"], shown)
        assert finding is None, finding
        assert there == {f"{event['entity']}.{c['field']}" for c in event["changes"]}
        found += len(there)
        page = place.admin.browser().get(f"/audit/{event['id']}")
        assert missing(rows, page, numbers["contact"], shown)[1] is None
    assert found >= 4
    answer = api.get(f"/contacts/{numbers['contact']}/audit?action=update&entity=message")
    rows.execute("select s.entity, s.fields from audit_event e join field_set s using (field_set_id) where e.request_id = %s",
                 [answer.headers["X-Request-Id"]])
    assert rows.fetchall() == [("message", ["body"])], "one event a kind of record and set of fields, and no other"
    connection.close()


def test_an_answer_without_its_event_would_be_found(filled):
    """The crawl itself: one that never looks into the log passes nothing."""
    place, numbers, shown = filled
    connection = place.database()
    rows = connection.cursor()
    answer = place.admin.api().get(f"/contacts/{numbers['contact']}")
    request = answer.headers["X-Request-Id"]
    assert missing(rows, answer, numbers["contact"], shown)[1] is None
    rows.execute("update audit_event set field_set_id = null where request_id = %s", [request])
    assert "no event names" in missing(rows, answer, numbers["contact"], shown)[1]
    rows.execute("update audit_event set subject_ids = null where request_id = %s", [request])
    assert missing(rows, answer, numbers["contact"], shown)[1] == "no event about the person"
    connection.close()
    assert json.loads(answer.text)["id"] == numbers["contact"]
