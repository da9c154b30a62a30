# SPDX-License-Identifier: ISC
"""Reading what a law keeps of an erased person: by whom, why, how long, and that it
is nowhere else."""
import re
import subprocess

import pytest

from person import canary
from profiles import everything, make_profile

LAW = "Cap. 615"
UNTIL = "2040-06-30"
TERM = {"kept_until": UNTIL, "kept_law": LAW}


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


class Kept:
    """Somebody with something of every kind that a law keeps, erased."""

    def __init__(self, api):
        self.words = {name: canary(name) for name in (
            "address", "subject", "body", "note", "file", "bytes", "payer", "road", "gone")}
        w = self.words
        who = api.ok("POST", "/contacts", json={
            "name_en": canary("name"), "address": w["address"], "job_title": w["gone"], "salary": "31250.00"})
        self.id = who["id"]
        path = f"/contacts/{self.id}"
        for field in ("address", "salary"):
            api.ok("POST", f"{path}/kept", json={"field": field, "until": UNTIL, "law": LAW})
        message = {"channel": "email", "direction": "in", "subject": w["subject"], "body": w["body"], **TERM}
        self.message = api.ok("POST", f"{path}/messages", json=message)["id"]
        self.note = api.ok("POST", f"{path}/activities", json={"kind": "note", "body": w["note"], **TERM})["id"]
        file = {"file": (w["file"] + ".txt", w["bytes"].encode(), "text/plain")}
        self.file = api.ok("POST", f"{path}/attachments", files=file, data=TERM)["id"]
        bill = {"number": "INV-" + canary("n")[-6:], "issued_on": "2026-01-05", "status": "paid", "amount": "10.00",
                "bill_to": {"name": w["payer"], "address": w["road"]}}
        self.invoice = api.ok("POST", f"{path}/invoices", json=bill)["id"]
        api.ok("POST", f"{path}/erase", json={"reason": "subject_request", "confirm": str(self.id)})
        self.path = f"{path}/erase/kept"


@pytest.fixture(scope="module")
def kept(api):
    return Kept(api)


def read(client, kept, reason="authority"):
    return client.post(kept.path, json={"reason": reason})


def test_it_is_read_with_a_reason(api, kept):
    answer = read(api, kept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    items = {item["what"]: item for item in answer.json()["items"]}
    w = kept.words
    assert {what: item["values"] for what, item in items.items()} == {
        "field:address": {"address": w["address"]},
        "field:salary": {"salary": {"amount": "31250.00", "currency": "HKD"}},
        "message": {"subject": w["subject"], "body": w["body"], "sender": None, "recipients": None},
        "activity": {"subject": None, "body": w["note"]},
        "attachment": {"file_name": w["file"] + ".txt"},
        "bill_to": {"name": w["payer"], "address": w["road"]},
    }
    assert [items[what]["id"] for what in ("message", "activity", "attachment", "bill_to")] == [
        kept.message, kept.note, kept.file, kept.invoice]
    for what, item in items.items():
        term = ("2033-01-04", "Cap. 112 s.51C") if what == "bill_to" else (UNTIL, LAW)
        assert (item["until"], item["law"]) == term, what
    assert w["gone"] not in answer.text


def test_each_reading_is_logged_with_fields_and_reason(api, rows, kept):
    rows.execute("select coalesce(max(event_id), 0) from audit_event")
    (last,) = rows.fetchone()
    assert read(api, kept, "complaint").status_code == 200
    rows.execute("select e.entity, e.record_ids, e.subject_ids, s.fields from audit_event e left join field_set s using "
                 "(field_set_id) where event_id > %s and action = 'reveal' and reason = 'complaint' order by event_id", [last])
    assert rows.fetchall() == [
        ("contact", [kept.id], [kept.id], ["address", "salary"]),
        ("message", [kept.message], [kept.id], ["subject", "body", "sender", "recipients"]),
        ("activity", [kept.note], [kept.id], ["subject", "body"]),
        ("attachment", [kept.file], [kept.id], ["file_name"]),
        ("invoice", [kept.invoice], [kept.id], ["bill_to"]),
    ]
    history = api.ok("GET", f"/contacts/{kept.id}/audit")["items"]
    assert [e for e in history if e["action"] == "reveal" and e["reason"] == "complaint"]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "because"}, {"reason": "customer_request"},
                                  {"reason": "subject_request"}, {"reason": ["authority"]}, {"reason": "authority", "all": True}])
def test_without_a_reason_of_the_list_nothing_is_read(api, rows, kept, body):
    rows.execute("select count(*) from audit_event where action = 'reveal' and outcome = 'ok'")
    before = rows.fetchone()
    for path in (kept.path, f"{kept.path}/{kept.file}"):
        answer = api.post(path, json=body)
        assert answer.status_code == 422, answer.text
        assert not [word for word in kept.words.values() if word in answer.text]
    rows.execute("select count(*) from audit_event where action = 'reveal' and outcome = 'ok'")
    assert rows.fetchone() == before


def test_the_page_asks_and_shows_it_once(workspace, kept):
    browser = workspace.admin.browser()
    for place in (f"/contacts/{kept.id}/erase", f"/invoices/{kept.invoice}"):
        assert f'href="{kept.path}"' in browser.page(place), place
    form = browser.form(kept.path, kept.path)
    refused = browser.submit(form, reason="")
    assert refused.status_code == 422 and 'aria-invalid="true"' in refused.text
    for _ in range(2):
        shown = browser.submit(form, reason="books")
        assert shown.status_code == 200 and shown.headers["Cache-Control"] == "no-store"
        for word in ("address", "subject", "body", "note", "file", "payer", "road"):
            assert kept.words[word] in shown.text, word
        assert "31,250.00" in shown.text
        assert kept.words["gone"] not in shown.text and kept.words["bytes"] not in shown.text
    assert not [word for word in kept.words.values() if word in browser.page(kept.path)]


def test_a_file_is_handed_over(api, rows, kept):
    answer = api.post(f"{kept.path}/{kept.file}", json={"reason": "legal"})
    assert answer.status_code == 200 and answer.content.decode() == kept.words["bytes"]
    assert kept.words["file"] in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"].startswith("text/plain")
    rows.execute("select reason, subject_ids from audit_event where action = 'download' and %s = any (record_ids) "
                 "order by event_id desc limit 1", [kept.file])
    assert rows.fetchone() == ("legal", [kept.id])
    assert api.get(f"/attachments/{kept.file}/content").status_code == 410
    for number in (kept.file + 1000, "x", "0", kept.message + 5000):
        assert api.post(f"{kept.path}/{number}", json={"reason": "legal"}).status_code == 404


def test_without_the_right_it_stays_closed(workspace, rows, kept):
    database = workspace.database()
    for special, fields in (((), {}), (("erase",), {}), (("view_audit", "approve_requests", "approve_exports"), {})):
        person = workspace.add_user(make_profile(database, everything("all"), fields, special))
        api, browser = person.api(), person.browser()
        assert read(api, kept).status_code == 403
        assert api.post(f"{kept.path}/{kept.file}", json={"reason": "legal"}).status_code == 403
        assert browser.get(kept.path).status_code == 403
        page = browser.page(f"/invoices/{kept.invoice}")
        assert kept.path not in page and kept.words["payer"] not in page
        if "erase" in special:
            assert kept.path not in browser.page(f"/contacts/{kept.id}/erase")
    assert read(workspace.add_user("staff").api(), kept).status_code == 403
    database.close()


def test_who_does_not_see_the_person_sees_nothing(workspace, kept):
    """The right to requests reaches no further than the contacts one sees."""
    database = workspace.database()
    person = workspace.add_user(make_profile(database, everything("own"), {}, ("run_requests", "erase")))
    api = person.api()
    assert read(api, kept).status_code == 404
    assert api.post(f"{kept.path}/{kept.file}", json={"reason": "legal"}).status_code == 404
    assert person.browser().get(kept.path).status_code == 404
    database.close()


def test_the_right_alone_is_enough(workspace, kept):
    """As for an export of the whole person: hidden fields and records of others are in it."""
    database = workspace.database()
    rights = {"contact.view": "all"}
    hidden = {"contact.salary": "hidden", "contact.address": "hidden"}
    person = workspace.add_user(make_profile(database, rights, hidden, ("run_requests",)))
    answer = read(person.api(), kept)
    assert answer.status_code == 200
    assert {item["what"] for item in answer.json()["items"]} == {
        "field:address", "field:salary", "message", "activity", "attachment", "bill_to"}
    database.close()


def test_another_workspace_has_nothing_of_it(stack, kept):
    other = stack.new_workspace().admin.api()
    assert read(other, kept).status_code == 404
    assert other.post(f"{kept.path}/{kept.file}", json={"reason": "legal"}).status_code == 404


def test_of_who_is_not_erased_nothing_is_kept(api):
    number = api.ok("POST", "/contacts", json={"name_en": "LAM On", "address": "1 Road"})["id"]
    api.ok("POST", f"/contacts/{number}/kept", json={"field": "address", "until": UNTIL, "law": LAW})
    answer = api.post(f"/contacts/{number}/erase/kept", json={"reason": "legal"})
    assert answer.status_code == 404 and "1 Road" not in answer.text
    assert api.post("/contacts/999999/erase/kept", json={"reason": "legal"}).status_code == 404


def places(kept):
    c = f"/contacts/{kept.id}"
    return [c, f"{c}/erase", f"{c}/audit", f"{c}/messages", f"{c}/activities", f"{c}/attachments", f"{c}/invoices",
            f"{c}/kept", f"/messages/{kept.message}", f"/activities/{kept.note}", f"/attachments/{kept.file}",
            f"/invoices/{kept.invoice}", "/contacts?archived=1", "/messages", "/activities", "/invoices", "/audit"]


def test_nothing_of_it_is_on_any_other_page(workspace, api, kept):
    browser, looked = workspace.admin.browser(), 0
    for place in places(kept):
        for client in (api, browser):
            answer = client.get(place)
            assert answer.status_code in (200, 404, 405, 409), place
            looked += answer.status_code == 200
            assert not [n for n, word in kept.words.items() if word in answer.text], place
    assert looked > 20


def test_no_search_and_no_filter_finds_it(api, kept):
    asked = 0
    for word in kept.words.values():
        for what in ("contacts", "messages", "activities"):
            for archived in (False, True):
                answer = api.post(f"/{what}/search", json={"q": word, "archived": archived})
                asked += answer.status_code == 200
                assert answer.status_code in (400, 422) or answer.json()["items"] == [], (what, word)
    assert asked > 10
    answer = api.post("/contacts/search", json={"filter": {"salary": "31250.00"}, "archived": True})
    assert answer.status_code != 200 or answer.json()["items"] == []


def test_in_the_database_it_is_sealed(stack, workspace, kept):
    name = stack.praya_json("tenant", "show", workspace.slug)["database"]
    uri = stack.status["pg_uri"].replace("/postgres?", f"/{name}?", 1)
    text = subprocess.run(["/usr/lib/postgresql/15/bin/pg_dump", uri], stdout=subprocess.PIPE, check=True).stdout.decode()
    assert len(text) > 100000
    assert not [n for n, word in kept.words.items() if word in text]


def test_a_second_person_is_not_opened_with_the_first(api, kept):
    other = Kept(api)
    assert api.post(f"{other.path}/{kept.file}", json={"reason": "legal"}).status_code == 404
    text = read(api, other).text
    assert not [word for word in kept.words.values() if word in text]


def test_after_its_day_it_is_closed_whether_or_not_it_has_been_cleared(movable, clock):
    """The worker need not have come by."""
    workspace = movable.new_workspace()
    kept = Kept(workspace.admin.api())
    assert len(read(workspace.admin.api(), kept).json()["items"]) == 6
    clock("+3000d")  # after the bill-to block's 2033, before 2040
    api = workspace.admin.api()
    left = {item["what"] for item in read(api, kept).json()["items"]}
    assert left == {"field:address", "field:salary", "message", "activity", "attachment"}
    clock("+5200d")
    api, browser = workspace.admin.api(), workspace.admin.browser()
    assert read(api, kept).json()["items"] == []
    assert api.post(f"{kept.path}/{kept.file}", json={"reason": "legal"}).status_code == 404
    page = browser.submit(browser.form(kept.path, kept.path), reason="legal")
    assert page.status_code == 200 and not [word for word in kept.words.values() if word in page.text]
    assert not re.search(rf'href="{kept.path}"', browser.page(f"/invoices/{kept.invoice}"))
