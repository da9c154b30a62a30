# SPDX-License-Identifier: ISC
"""Fields that are hidden or masked: in no search, order, filter, title, timeline or log."""
import pytest

import seen

NAMES = {"name_en": "hidden", "email": "hidden", "phone": "masked", "job_title": "masked", "source": "hidden"}


@pytest.fixture(scope="module")
def cursor(workspace):
    return workspace.database().cursor()


@pytest.fixture(scope="module")
def admin(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def clerk(workspace, cursor):
    fields = {("contact", name): level for name, level in NAMES.items()}
    fields[("message", "body")] = fields[("activity", "subject")] = fields[("message", "happened_at")] = "hidden"
    fields[("invoice", "amount")] = fields[("company", "name_en")] = "hidden"
    return workspace.add_user(seen.profile(cursor, "all", special=("view_audit", "see_vip"), fields=fields))


@pytest.fixture(scope="module")
def program(clerk):
    return clerk.api()


@pytest.fixture(scope="module")
def person(admin):
    company = admin.ok("POST", "/companies", json={"name_en": "Qwertco"})["id"]
    made = admin.ok("POST", "/contacts", json={
        "name_en": "Qwertyson Abel", "name_zh": "歐陽阿寶", "email": "abel@qwerty.example", "phone": "+85293334444",
        "phone2": "+85294445555", "job_title": "Pilot", "company_id": company})
    number = made["id"]
    admin.ok("POST", f"/contacts/{number}/messages", json={"channel": "sms", "direction": "in", "subject": "plain", "body": "qwbody"})
    admin.ok("POST", f"/contacts/{number}/activities", json={"kind": "note", "subject": "qwsubject", "body": "open words"})
    admin.ok("POST", f"/contacts/{number}/invoices", json={"number": "I-7", "issued_on": "2026-01-01", "status": "issued", "amount": "7654.32"})
    admin.ok("PATCH", f"/contacts/{number}", headers={"If-Match": str(admin.ok("GET", f"/contacts/{number}")["version"])},
             json={"email": "new@qwerty.example", "district": "wan_chai"})
    return number


def found(program, q, **more):
    return [c["id"] for c in program.ok("POST", "/contacts/search", json={"q": q, **more})["items"]]


@pytest.mark.parametrize("q", ["qwertyson", "abel", "new@qwerty", "qwerty.example", "93334444", "+852 9333 4444", "qw", "歐陽 abel"])
def test_nobody_is_found_by_what_is_not_shown(admin, program, person, q):
    assert person in found(admin, q)
    assert found(program, q) == []


@pytest.mark.parametrize("q", ["歐陽", "阿寶", "94445555"])
def test_what_is_shown_still_finds(program, person, q):
    assert person in found(program, q)


@pytest.mark.parametrize("name", [*NAMES, "no_such_field"])
def test_filters_orders_and_values_are_refused_alike(program, person, name):
    refused, unknown = (program.get("/contacts", params={f"filter[{field}]": "x"}) for field in (name, "nothing"))
    assert refused.status_code == 400
    assert list(refused.json()["errors"].values()) == list(unknown.json()["errors"].values())
    answer = program.get("/contacts", params={"sort": name})
    assert answer.status_code == 400
    assert answer.json() == program.get("/contacts", params={"sort": "nothing"}).json()


@pytest.mark.parametrize("name", [n for n, level in NAMES.items() if level == "hidden"])
def test_a_hidden_field_is_written_to_like_one_that_is_not_there(program, person, name):
    match = {"If-Match": str(program.ok("GET", f"/contacts/{person}")["version"])}
    texts = [program.patch(f"/contacts/{person}", headers=match, json={field: "x"}).json()["errors"][field]
             for field in (name, "no_such_field")]
    assert texts[0] == texts[1]


def test_records_lists_and_pages_hold_none_of_it(clerk, program, person):
    browser = clerk.browser()
    words = ("Qwertyson", "abel@", "new@qwerty", "93334444", "Pilot", "qwbody", "qwsubject", "7,654.32", "7654.32", "Qwertco")
    for path in (f"/contacts/{person}", "/contacts", "/", "/messages", "/activities", "/invoices", "/companies",
                 f"/contacts/{person}/audit", f"/contacts/{person}/viewers", f"/contacts/{person}/messages/new",
                 f"/contacts/{person}/edit", "/audit"):
        text = browser.page(path)
        assert not [w for w in words if w in text], path
    for path in (f"/contacts/{person}", "/contacts", f"/contacts/{person}/messages", f"/contacts/{person}/activities",
                 f"/contacts/{person}/invoices", f"/contacts/{person}/audit", "/audit", "/companies"):
        text = program.get(path).text
        assert not [w for w in words if w in text], path
    assert "open words" in browser.page(f"/contacts/{person}") and "歐陽阿寶" in browser.page("/contacts")


def test_the_log_is_not_asked_by_a_hidden_field(admin, program, person):
    assert admin.ok("GET", "/audit", params={"field": "email", "contact": person})["items"]
    assert program.ok("GET", "/audit", params={"field": "email", "contact": person})["items"] == []
    assert program.ok("GET", "/audit", params={"field": "no_such_field", "contact": person})["items"] == []
    for event in program.ok("GET", f"/contacts/{person}/audit")["items"]:
        assert not {"email", "name_en", "source"} & {f.rstrip("~") for f in event["fields"]}
        assert not {"email", "name_en"} & {c["field"] for c in event.get("changes", [])}


def test_a_list_whose_usual_order_is_hidden_has_another(program, person):
    first = program.ok("GET", "/messages", params={"limit": 1})
    assert "happened_at" not in first["items"][0]
    assert program.get("/messages", params={"sort": "-happened_at"}).status_code == 400
    assert program.get("/activities", params={"sort": "-id"}).status_code == 400
