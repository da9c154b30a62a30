# SPDX-License-Identifier: ISC
"""Records of others that a copy takes in are as they were at receipt, like the person's own (s.19(3)): what was changed
since is undone from the log, what cannot be had any more is listed, what came later is left out."""
import json

import pytest

from test_case_copy import approved, contact, copy, message, package, plain, record, rest
from test_erase_scan import scanned
from test_takedown import take_down


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def officer(workspace):
    return workspace.add_user("privacy_officer").api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def friend(boss):
    return contact(boss, name_en="YIP Chi Wai")


def take_in(boss, case, *records):
    names = [f"{kind}:{number}" for kind, number in records]
    for i in range(0, len(names), 100):
        boss.ok("POST", f"/privacy/requests/{case}/found", json={"add": names[i:i + 100]})


def change(boss, path, **values):
    version = boss.ok("GET", path)["version"]
    return boss.ok("PATCH", path, json=values, headers={"If-Match": str(version)})


def note(boss, person, text):
    return boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": text})["id"]


def test_changed_after_receipt(boss, friend):
    person = contact(boss, name_en="LAU Ka Yan")
    told, written = message(boss, friend, "Lau Ka Yan came first", subject="Then"), note(boss, friend, "Ka Yan, first words")
    firm = boss.ok("POST", "/companies", status=201, json={"name_en": "Yip & Co", "remarks": "Ask for Ka Yan", "email": "then@yip.example"})["id"]
    case = record(boss, person)
    change(boss, f"/messages/{told}", body="Somebody came", subject=None)
    change(boss, f"/messages/{told}", body="Nobody came")
    change(boss, f"/activities/{written}", body="Other words")
    change(boss, f"/companies/{firm}", remarks="Ask for nobody", email="now@yip.example")
    take_in(boss, case, ("message", told), ("activity", written), ("company", firm))
    there = copy(boss, case)
    assert plain(there["message", told], "body") == "Lau Ka Yan came first" and plain(there["message", told], "subject") == "Then"
    assert plain(there["activity", written], "body") == "Ka Yan, first words"
    assert plain(there["company", firm], "remarks") == "Ask for Ka Yan" and plain(there["company", firm], "email") == "then@yip.example"
    assert all(not item["own"] and item["changed"] == [] for item in there.values() if item["entity"] != "contact")


def test_of_a_company_whatever_became_of_the_key(boss, workspace):
    firm = boss.ok("POST", "/companies", status=201, json={"name_en": "Rekey & Co", "remarks": "First"})["id"]
    case = record(boss, contact(boss))
    workspace.stack.praya("key", "rotate", workspace.slug)
    change(boss, f"/companies/{firm}", remarks="Second")
    workspace.stack.praya("key", "rotate", workspace.slug)
    take_in(boss, case, ("company", firm))
    assert plain(copy(boss, case)["company", firm], "remarks") == "First"


def test_changed_before_receipt(boss, friend):
    person = contact(boss)
    told = message(boss, friend, "Long ago")
    change(boss, f"/messages/{told}", body="At receipt")
    case = record(boss, person)
    take_in(boss, case, ("message", told))
    item = copy(boss, case)["message", told]
    assert plain(item, "body") == "At receipt" and item["changed"] == []


def test_changed_between_receipt_and_recording(boss, rows, friend):
    person = contact(boss)
    told = message(boss, friend, "Early")
    change(boss, f"/messages/{told}", body="Late")
    case = record(boss, person)
    rows.execute("update privacy_request set received_at = (select created_at from message where message_id = %s) "
                 "where request_id = %s", [told, case])
    take_in(boss, case, ("message", told))
    item = copy(boss, case)["message", told]
    assert plain(item, "body") == "Early" and [x["name"] for x in item["changed"]] == ["body"]


def test_deleted_after_receipt(boss, officer, friend):
    person = contact(boss)
    told, written = message(boss, friend, "Ka Yan was there"), note(boss, friend, "So she was")
    file = boss.ok("POST", f"/contacts/{friend}/attachments", files={"file": ("Lau.txt", b"Lau", "text/plain")})["id"]
    case = record(boss, person)
    for path in (f"/messages/{told}", f"/activities/{written}", f"/attachments/{file}"):
        boss.ok("DELETE", path, headers={"If-Match": str(boss.ok("GET", path)["version"])})
    take_in(boss, case, ("message", told), ("activity", written), ("attachment", file))
    there = copy(boss, case)
    assert plain(there["message", told], "body") == "Ka Yan was there" and plain(there["activity", written], "body") == "So she was"
    assert plain(there["attachment", file], "file_name") == "Lau.txt"
    rest(boss, case)
    approved(boss, officer, case)
    assert package(boss, case)[f"attachments/{file}"] == b"Lau"


def test_what_came_later_is_left_out(boss, friend):
    case = record(boss, contact(boss))
    later = message(boss, friend, "Came after the request")
    take_in(boss, case, ("message", later))
    assert ("message", later) not in copy(boss, case)


def test_whoever_it_hung_on_was_erased_since(stack, boss, officer, friend):
    """Nothing has the text any more: that it went is listed, on the page and in what is handed over."""
    person = contact(boss)
    told, changed = message(boss, friend, "Ka Yan was there", subject="Party"), message(boss, friend, "One")
    case = record(boss, person)
    change(boss, f"/messages/{changed}", body="Two")
    take_in(boss, case, ("message", told), ("message", changed))
    boss.ok("POST", f"/contacts/{friend}/erase", json={"reason": "subject_request", "confirm": str(friend)})
    scanned(stack, boss, friend)
    there = copy(boss, case)
    for number in (told, changed):
        item = there["message", number]
        assert plain(item, "body") is None and {"body", "subject"} <= {x["name"] for x in item["changed"]}
        assert len({x["name"] for x in item["changed"]}) == len(item["changed"]), "each once"
    rest(boss, case)
    approved(boss, officer, case)
    data = json.loads(package(boss, case)["data.json"])
    (item,) = (r for r in data["records"] if (r["kind"], r["id"]) == ("message", told))
    assert "body" in item["changed_since_receipt"]


def test_an_invoice_as_it_was(boss, friend):
    person = contact(boss)
    made = boss.ok("POST", f"/contacts/{friend}/invoices", json={
        "number": "A-1 of then", "issued_on": "2026-01-02", "status": "issued", "bill_to": {"name": "Yip", "address": "1 Old Road"},
        "lines": [{"description": "Course for Ka Yan", "quantity": "1", "unit_amount": "5.00"}]})["id"]
    case = record(boss, person)
    change(boss, f"/invoices/{made}", lines=[{"description": "A course", "quantity": "2", "unit_amount": "5.00"}],
           bill_to={"name": "Yip", "address": "2 New Road"})
    take_in(boss, case, ("invoice", made))
    text = json.dumps(copy(boss, case)["invoice", made])
    assert "Course for Ka Yan" in text and "A course" not in text and "1 Old Road" in text and "New Road" not in text


def test_many_of_many(boss, rows):
    """More than a piece, of several people: each once, and each as it was."""
    case_person = contact(boss)
    friends = [contact(boss, name_en=f"FRIEND {i}") for i in range(3)]
    told = [message(boss, friends[i % 3], f"Ka Yan {i}") for i in range(9)]
    case = record(boss, case_person)
    for number in told:
        change(boss, f"/messages/{number}", body="Gone")
    rows.execute("insert into message (contact_id, channel, direction, body, happened_at, created_at) select %s, 'email', 'in', "
                 "'Many ' || g, now() - interval '1 day', now() - interval '1 day' from generate_series(1, 450) g returning message_id",
                 [friends[0]])
    more = [number for number, in rows.fetchall()]
    take_in(boss, case, *(("message", number) for number in [*told, *more]))
    there = copy(boss, case)
    assert [plain(there["message", number], "body") for number in told] == [f"Ka Yan {i}" for i in range(9)]
    assert all(plain(there["message", number], "body").startswith("Many ") for number in more)


def test_another_persons_number_stays_masked(boss, rows):
    rows.execute("update field set enabled = true where entity = 'contact' and name = 'hkid'")
    other = contact(boss, name_en="POON Yuk", bio="Sister of Ka Yan", hkid="A123456(3)")
    case = record(boss, contact(boss))
    change(boss, f"/contacts/{other}", hkid="G123456(A)", bio="Sister of nobody")
    boss.ok("POST", f"/privacy/requests/{case}/found", json={"add": [f"text:{other}"]})
    item = copy(boss, case)["contact", other]
    assert plain(item, "bio") == "Sister of Ka Yan" and "123456" not in json.dumps(item)


def test_what_was_taken_down_is_in_no_package(boss, officer, friend):
    told = message(boss, friend, "Ka Yan and a secret")
    case = record(boss, contact(boss))
    take_in(boss, case, ("message", told))
    take_down(boss, told)
    item = copy(boss, case)["message", told]
    assert item["taken_down"] and item["fields"] == []
    rest(boss, case)
    approved(boss, officer, case)
    assert "secret" not in package(boss, case)["data.json"].decode()
