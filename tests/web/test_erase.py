# SPDX-License-Identifier: ISC
"""Ordering an erasure, and what the receipt says."""
import contextlib
import re
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobs import done

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def contact(api):
    return api.ok("POST", "/contacts", json={"name_en": "NG Wai", "email": f"wai.{secrets.token_hex(4)}@example.com"})["id"]


def order(contact, **changes):
    body = {"reason": "subject_request", "confirm": str(contact), **changes}
    return {name: value for name, value in body.items() if value is not None}


def erase(api, contact, **changes):
    return api.post(f"/contacts/{contact}/erase", json=order(contact, **changes))


def unchanged(api, contact):
    return api.ok("GET", f"/contacts/{contact}")["name_en"] == "NG Wai"


WRONG = [
    ({"reason": "because"}, "reason"),
    ({"reason": "resumed"}, "reason"),
    ({"reason": ""}, "reason"),
    ({"reason": None}, "reason"),
    ({"confirm": "0"}, "confirm"),
    ({"confirm": "NG Wai"}, "confirm"),
    ({"confirm": ""}, "confirm"),
    ({"confirm": None}, "confirm"),
]


@pytest.mark.parametrize("changes, field", WRONG)
def test_a_wrong_order_is_refused_at_its_field(api, browser, contact, changes, field):
    answer = erase(api, contact, **changes)
    assert answer.status_code == 422, answer.text
    assert list(answer.json()["errors"]) == [field]
    path = f"/contacts/{contact}/erase"
    typed = {"reason": "inaccurate", "confirm": str(contact), **changes}
    page = browser.submit(browser.form(path, path), **typed)
    assert page.status_code == 422
    wrong = re.findall(r'<(?:input|select)[^>]* name="(\w+)"[^>]* aria-invalid="true"', page.text)
    assert wrong == [field]
    if field == "confirm":
        assert 'value="inaccurate" selected' in page.text
    assert unchanged(api, contact)


def test_refused_while_a_hold_stands(api, contact):
    version = api.ok("GET", f"/contacts/{contact}")["version"]
    api.ok("PATCH", f"/contacts/{contact}", json={
        "hold": True, "hold_ground": "claim", "hold_reviewer_id": 1, "hold_review_on": "2099-01-01"}, headers={"If-Match": str(version)})
    assert erase(api, contact).status_code == 409
    assert unchanged(api, contact)


def test_refused_when_the_record_has_moved(api, contact):
    path = f"/contacts/{contact}/erase"
    assert api.post(path, json=order(contact), headers={"If-Match": "99"}).status_code == 412
    assert unchanged(api, contact)


def test_refused_a_second_time(api, contact):
    assert erase(api, contact).status_code in (200, 201)
    assert erase(api, contact).status_code == 409


def lines_of(api, invoice):
    return [line["description"] for line in api.ok("GET", f"/invoices/{invoice}")["lines"]]


def test_invoices_stay_whole_until_the_law_lets_go(api, browser, contact):
    bill = {
        "number": "INV-7",
        "issued_on": "2026-01-05",
        "status": "paid",
        "lines": [
            {"description": "Piano lessons for NG Wai", "quantity": "2", "unit_amount": "450.00"},
            {"description": "Travel", "quantity": "1", "unit_amount": "80.00"},
        ],
        "bill_to": {"name": "NG Wai", "address": "1 Road"},
    }
    made = api.ok("POST", f"/contacts/{contact}/invoices", json=bill)
    receipt = erase(api, contact).json()
    kept = {k["what"]: k for k in receipt["kept"]}
    term = {"law": "Cap. 112 s.51C", "until": "2033-01-04", "next": "2033-01-04", "erased_at": None}
    assert kept["bill_to"] == {"what": "bill_to", "count": 1, "left": 1, **term}
    assert kept["invoice_lines"] == {"what": "invoice_lines", "count": 2, "left": 2, **term}
    assert kept["invoice"] == {"what": "invoice", "count": 1, "law": None, "until": None}
    after = api.ok("GET", f"/invoices/{made['id']}")
    assert [after[k] for k in ("amount", "lines", "number", "version")] == [
        made[k] for k in ("amount", "lines", "number", "version")
    ]
    assert after["bill_to"] is None, "to be read for a reason only"
    read = api.ok("POST", f"/contacts/{contact}/erase/kept", json={"reason": "books"})
    assert [item["values"] for item in read["items"]] == [made["bill_to"]]
    page = browser.page(f"/contacts/{contact}/erase")
    assert "Words of invoice lines" in page and "Cap. 112 s.51C" in page and "4 Jan 2033" in page


def test_invoices_whose_term_is_over_lose_their_words_at_once(api, contact):
    bill = {
        "number": "INV-8",
        "issued_on": "2015-03-04",
        "status": "paid",
        "lines": [{"description": "Old lessons", "quantity": "3", "unit_amount": "100.00"}],
        "bill_to": {"name": "NG Wai", "address": None},
    }
    number = api.ok("POST", f"/contacts/{contact}/invoices", json=bill)["id"]
    receipt = erase(api, contact).json()
    assert [k["what"] for k in receipt["kept"]] == ["invoice"]
    after = api.ok("GET", f"/invoices/{number}")
    assert after["bill_to"] is None and after["amount"]["amount"] == "300.00"
    assert [(x["description"], x["quantity"], x["amount"]["amount"]) for x in after["lines"]] == [
        (None, "3", "300.00")
    ]


def test_what_is_kept_is_listed_by_law_with_its_days(api, contact):
    for until, law in (("2040-01-31", "Cap. 615"), ("2041-02-28", "Cap. 615"), ("2040-05-05", "Cap. 571")):
        body = {"channel": "sms", "direction": "in", "body": "x", "kept_until": until, "kept_law": law}
        api.ok("POST", f"/contacts/{contact}/messages", json=body)
    kept = erase(api, contact).json()["kept"]
    assert {(k["law"], k["count"], k["next"], k["until"]) for k in kept} == {
        ("Cap. 615", 2, "2040-01-31", "2041-02-28"),
        ("Cap. 571", 1, "2040-05-05", "2040-05-05"),
    }


def test_a_sealed_field_goes_whatever_its_category(workspace, api):
    field = {
        "entity": "contact",
        "name": "lucky_number",
        "type": "number",
        "label_en": "Lucky number",
        "label_zh": "幸運號碼",
        "pii": "none",
        "purpose": "Gifts",
        "sealed": True,
    }
    done(api, api.ok("POST", "/fields", status=202, json=field)["job"])
    person = api.ok("POST", "/contacts", json={"name_en": "LEE Ann", "lucky_number": 88123456})
    search = {"filter": {"lucky_number": "88123456"}}
    assert len(api.ok("POST", "/contacts/search", json=search)["items"]) == 1
    receipt = erase(api, person["id"]).json()
    assert "lucky_number" in receipt["cleared"]["fields"]
    assert api.ok("GET", f"/contacts/{person['id']}").get("lucky_number") is None
    for archived in (False, True):
        found = api.ok("POST", "/contacts/search", json={**search, "archived": archived})
        assert found["items"] == []
    cursor = workspace.database().cursor()
    cursor.execute("select column_name from field where name = 'lucky_number'")
    column = cursor.fetchone()[0]
    cursor.execute(f"select {column}, {column}_bi from contact where contact_id = %s", [person["id"]])
    assert cursor.fetchone() == (None, None)


# While others are at work


@contextlib.contextmanager
def holding(workspace, sql):
    """Somebody else holds a lock meanwhile."""
    with contextlib.closing(workspace.database()) as connection:
        connection.autocommit = False
        connection.cursor().execute(sql)
        yield


def waiting(cursor, count):
    cursor.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    return cursor.fetchone()[0] == count


def race(api, program, cursor, workspace, contact):
    """A message that was let in before the erasure and would be written after it: what became
    of both. None: it gave up waiting, as the product does after five seconds, before the
    erasure had come as far."""
    body = {"channel": "sms", "direction": "in", "body": "slipped in"}
    with holding(workspace, "lock table message in share mode"), ThreadPoolExecutor(2) as pool:
        late = pool.submit(program.post, f"/contacts/{contact}/messages", json=body)
        assert wait_until(lambda: waiting(cursor, 1), 10)
        erasing = pool.submit(erase, api, contact)
        assert wait_until(lambda: waiting(cursor, 2) or late.done(), 10)
        cursor.execute(
            "select pg_terminate_backend(l.pid) from pg_locks l where l.granted and l.mode = 'ShareLock' "
            "and l.relation = 'message'::regclass"
        )
    return None if late.result().status_code == 503 else (erasing.result(), late.result())


def test_nothing_new_slips_in_while_the_person_is_erased(workspace, api):
    # All is at hand before the lock is taken.
    program, cursor = workspace.admin.api(), workspace.database().cursor()
    for _ in range(5):
        contact = api.ok("POST", "/contacts", json={"name_en": "NG Wai"})["id"]
        answers = race(api, program, cursor, workspace, contact)
        if answers:
            break
    assert answers, "it always gave up"
    erasing, late = answers
    assert erasing.status_code in (200, 201)
    assert late.status_code == 409, late.text
    cursor.execute("select count(*) from message where contact_id = %s", [contact])
    assert cursor.fetchone() == (0,)


def ledger(stack, workspace, contact):
    number = stack.praya_json("tenant", "show", workspace.slug)["id"]
    cursor = stack.database_named("praya_cell").cursor()
    cursor.execute(
        "select count(*), count(done_at) from erasure_ledger where tenant_id = %s and contact_id = %s",
        [number, contact],
    )
    return cursor.fetchone()


def test_an_order_stands_when_it_cannot_be_carried_out_at_once(stack, workspace, api, browser, contact):
    api.ok("POST", f"/contacts/{contact}/messages", json={"channel": "sms", "direction": "in", "body": "x"})
    path = f"/contacts/{contact}/erase"
    form = browser.form(path, path)
    assert api.get(path).status_code == 404
    with holding(workspace, f"select from message where contact_id = {contact} for update"):
        page = browser.submit(form, reason="other", confirm=str(contact))
        assert page.status_code == 503
        assert "The erasure is under way" in page.text and "is on record" in page.text
        assert "Nothing was changed" not in page.text
        # Asked again, it is the same order.
        answer = erase(api, contact)
        assert answer.status_code == 503 and "is on record" in answer.json()["detail"]
        assert ledger(stack, workspace, contact) == (1, 0)
    assert api.ok("GET", f"/contacts/{contact}")["erasing"] is True
    assert "This person is being erased" in browser.page(f"/contacts/{contact}")
    order = api.ok("GET", path)
    assert order["state"] == "ordered" and order["ordered_at"] and order["erased_at"] is None
    assert [s["at"] for s in order["stages"]] == [None] * 4
    assert "Being erased" in browser.page(path)
    workspace.database().cursor().execute("update chore set due_at = now() where name = 'erase_resume'")
    stack.praya("worker", workspace.slug, "--once")
    assert wait_until(lambda: api.ok("GET", path)["state"] != "ordered", 15)
    assert ledger(stack, workspace, contact) == (1, 1)
    after = api.ok("GET", f"/contacts/{contact}")
    assert (after["erased"], after["erasing"]) == (True, False)
    assert api.ok("GET", path)["reason"] == "resumed"
