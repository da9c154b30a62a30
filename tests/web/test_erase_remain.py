# SPDX-License-Identifier: ISC
"""What an erasure found elsewhere and somebody decides of: each thing once, with a reason, and what is cleared is gone."""
import secrets

import pytest

from jobs import done
from mails import mails_to
from test_erase_scan import PERSON, api, erase, one, other, person, place, receipt, scanned, wait_until  # noqa: F401


def decide(api, person, item, decision, reason=None, **more):
    body = {"entity": item["entity"], "record_id": item["id"], "decision": decision}
    return api.post(f"/contacts/{person}/erase/remains", json={**body, **({"reason": reason} if reason else {}), **more})


@pytest.fixture
def found(stack, place, api, person, other):
    """A receipt with a note of somebody else, an export that left, and a mail that waits."""
    api.ok("POST", f"/contacts/{other}/activities", json={"kind": "note", "body": "ask taiman@scan.example"})
    done(api, api.ok("POST", f"/contacts/{person}/export")["job"])
    erase(api, person)
    return {r["entity"]: r for r in scanned(stack, api, person)["remains"]}


def test_each_of_what_remains_is_decided(place, api, person, found):
    assert set(found) == {"activity", "export"}
    assert all("decision" not in r for r in found.values())
    assert decide(api, person, found["activity"], "cleared").status_code == 200
    after = decide(api, person, found["export"], "kept", "out_of_reach").json()
    mine = {r["entity"]: r for r in after["remains"]}
    assert mine["activity"]["decision"] == "cleared" and mine["activity"]["reason"] is None
    assert (mine["export"]["decision"], mine["export"]["reason"]) == ("kept", "out_of_reach")
    assert all(r["decided_by"] and r["decided_at"] for r in mine.values())
    # Somebody thinks again: the last word stands, the log has both.
    assert decide(api, person, found["activity"], "kept", "another_person").status_code == 200
    events = [e["reason"] for e in api.ok("GET", "/audit", params={"contact": person, "action": "update"})["items"]]
    assert events.count("remain_kept") == 2 and events.count("remain_cleared") == 1
    page = place.admin.browser().page(f"/contacts/{person}/erase")
    assert "Another person of the same name or number" in page and "not decided" not in page
    assert f'href="/exports/{found["export"]["id"]}"' in page


def test_decided_on_the_page(place, api, person, found):
    window = place.admin.browser()
    item = found["activity"]
    said = {"entity": "activity", "record_id": str(item["id"]), "decision": "kept", "reason": "own_record"}
    answer = window.write(f"/contacts/{person}/erase/remains", **said)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("#remains")
    (mine,) = [r for r in receipt(api, person)["remains"] if r["entity"] == "activity"]
    assert mine["reason"] == "own_record"
    for why in ("because", ""):
        answer = window.write(f"/contacts/{person}/erase/remains", **{**said, "reason": why})
        assert answer.status_code == 422 and "What remains elsewhere" in answer.text
        assert answer.text.count('name="reason" aria-invalid="true"') == 1, "at the record that it is about"
        assert answer.text.count("<details open>") == 1


@pytest.mark.parametrize("change, field", [
    ({"decision": "kept"}, "reason"), ({"decision": "kept", "reason": "because"}, "reason"),
    ({"decision": "maybe"}, "decision"), ({"decision": ""}, "decision"), ({"entity": "letter"}, "decision"),
    ({"record_id": 999999}, "record_id"), ({"entity": "company"}, "record_id"), ({"note": "Chan"}, "note")])
def test_what_is_no_decision(api, person, found, change, field):
    body = {"entity": "activity", "record_id": found["activity"]["id"], "decision": "cleared", **change}
    answer = api.post(f"/contacts/{person}/erase/remains", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"], answer.text
    assert not any("decision" in r for r in receipt(api, person)["remains"])


def test_who_may_not_erase_decides_nothing(place, api, person, found):
    sales = place.add_user("sales").api()
    assert decide(sales, person, found["activity"], "cleared").status_code in (403, 404)
    assert api.post("/contacts/999999/erase/remains", json={"entity": "activity", "record_id": 1, "decision": "cleared"}
                    ).status_code == 404


def test_a_mail_that_waits_and_a_file_go_when_they_are_cleared(stack, place, api, person):
    """Those of the request that asks for it: its files and letters are open until it is closed."""
    case = api.ok("POST", "/privacy/requests", json={
        "kind": "erasure", "channel": "email", "contact_ids": [person], "requestor": {"name": "Chan", "email": PERSON["email"]}})
    with place.database() as db:
        cursor = db.cursor()
        cursor.execute("update privacy_request set state = 'assessing' where request_id = %s", [case["id"]])
        cursor.execute(
            "insert into request_file (request_id, what, name, content_type, object_key, size, sha256) values "
            "(%s, 'answer', '\\x00', 'text/plain', '\\x00', 1, '\\x00') returning file_id", [case["id"]])
        upload = cursor.fetchone()[0]
    erase(api, person)
    items = {r["entity"]: r for r in scanned(stack, api, person)["remains"]}
    assert items["upload"]["id"] == upload and items["upload"]["request"] == case["id"]
    assert decide(api, person, items["upload"], "cleared").status_code == 200
    assert one(place, "select object_key is null, destroyed_at is not null from request_file where file_id = %s", upload) == (
        True, True)


def erasure_of(place, api, person, **more):
    """A request that asks for it, where it can be carried out."""
    case = api.ok("POST", "/privacy/requests", json={
        "kind": "erasure", "channel": "email", "contact_ids": [person], "requestor": {"name": "Chan", "email": PERSON["email"]}, **more})
    one(place, "update privacy_request set state = 'assessing' where request_id = %s returning 1", case["id"])
    return case["id"]


def test_a_mail_that_tells_of_the_person_is_never_sent_once_it_is_cleared(stack, place, api, person):
    """A letter on its way to somebody else: the relay put it off."""
    case, to = erasure_of(place, api, person), f"later-{secrets.token_hex(6)}@example.com"
    path = f"/privacy/requests/{case}/letters"
    letter = api.ok("POST", path, status=201, json={"letter": "acknowledge", "body": "Dear Chan Tai Man, we have your request."})["id"]
    api.ok("POST", f"{path}/{letter}/send", json={"email": to})
    put_off = "select state = 'queued' and run_at > now() from job where kind = 'mail' order by job_id desc limit 1"
    assert wait_until(lambda: one(place, put_off) == (True,), 30)
    erase(api, person)
    items = {r["entity"]: r for r in scanned(stack, api, person)["remains"]}
    assert set(items) == {"letter", "outbox"} and items["letter"]["id"] == letter and items["letter"]["request"] == case
    # A letter is what the law wants kept of a request: it is said why, and goes with the request, its PDF with it.
    refused = decide(api, person, items["letter"], "cleared")
    assert refused.status_code == 422 and "decision" in refused.json()["errors"]
    assert decide(api, person, items["letter"], "kept", "law").status_code == 200
    assert decide(api, person, items["outbox"], "cleared").status_code == 200
    assert one(place, "select state, sealed is null, key_id is null from outbox where outbox_id = %s", items["outbox"]["id"]) == (
        "failed", True, True)
    assert one(place, "select count(*) from data_key where purpose = 'mail'") == (0,)
    one(place, "update job set run_at = now() where kind = 'mail' and state = 'queued' returning 1")
    stack.praya("worker", place.slug, "--once")
    assert mails_to(stack, to) == [] and api.ok("GET", f"{path}/{letter}")["mail_state"] == "failed"
    mine = {r["entity"]: r["decision"] for r in receipt(api, person)["remains"]}
    assert mine == {"letter": "kept", "outbox": "cleared"}


def test_a_letter_and_its_pdf_go_with_their_request(stack, place, api, person):
    case = erasure_of(place, api, person)
    path = f"/privacy/requests/{case}/letters"
    api.ok("POST", f"/privacy/requests/{case}/verify", json={"how": "known"}, headers={
        "If-Match": str(api.ok("GET", f"/privacy/requests/{case}")["version"])})
    letter = api.ok("POST", path, status=201, json={"letter": "erasure", "body": "Dear Chan Tai Man, it is done."})["id"]
    assert wait_until(lambda: api.get(f"{path}/{letter}/pdf").status_code == 200, 30)
    erase(api, person)
    api.ok("POST", f"{path}/{letter}/posted", json={"on": str(one(place, "select hk_today()")[0])})
    version = api.ok("GET", f"/privacy/requests/{case}")["version"]
    assert api.ok("POST", f"/privacy/requests/{case}/erase", json={}, headers={"If-Match": str(version)})["state"] == "erased"
    assert one(place, "select key_id is null from privacy_request where request_id = %s", case) == (True,)
    assert api.get(f"{path}/{letter}/pdf").status_code in (404, 409, 410)
    assert "Tai Man" not in api.get(f"{path}/{letter}").text


def packed(place, api, case, contact):
    """A package of a request with a link to it, behind the product's back: a file that can be fetched."""
    done(api, api.ok("POST", f"/contacts/{contact}/export")["job"])
    (download,) = one(place, "update download set kind = 'request_package', expires_at = now() + interval '1 year' where download_id = "
                             "(select max(download_id) from download) returning download_id")
    one(place, "alter table privacy_request disable trigger user; update privacy_request set package_id = %s where request_id = %s; "
               "alter table privacy_request enable trigger user; select 1", download, case)
    return download


def dark(place, download):
    return one(place, "select object_key = '' and expires_at <= now() from download where download_id = %s", download)[0]


def test_a_package_goes_when_it_is_cleared(stack, place, api, person, other):
    case = erasure_of(place, api, person)
    package = packed(place, api, case, other)
    with place.database() as db:
        cursor = db.cursor()
        cursor.execute("alter table handover disable trigger user")
        cursor.execute("insert into handover (request_id, download_id, hash, email, expires_at) values (%s, %s, 'x', 'x', now() + interval '1 day')",
                       [case, package])
        cursor.execute("alter table handover enable trigger user")
    erase(api, person)
    items = {r["entity"]: r for r in scanned(stack, api, person)["remains"]}
    assert items["package"] == {"entity": "package", "id": package, "request": case}
    assert not dark(place, package)
    assert decide(api, person, items["package"], "kept", "claim").status_code == 200 and not dark(place, package)
    assert decide(api, person, items["package"], "cleared").status_code == 200 and dark(place, package)
    assert one(place, "select ended_at is not null from handover where download_id = %s", package) == (True,)
    assert one(place, "select package_id from privacy_request where request_id = %s", case) == (None,)


def test_nobody_ends_a_package_without_the_decision(place, api, person, other, stack):
    case = erasure_of(place, api, person)
    package = packed(place, api, case, other)
    erase(api, person)
    scanned(stack, api, person)
    one(place, "select erasure_package_end((select max(erasure_id) from erasure), %s)", package)
    assert not dark(place, package)


def test_packages_of_requests_that_are_over_end_with_the_person(place, api, person, other):
    """Whoever else they are about, whose key they lie under."""
    case = api.ok("POST", "/privacy/requests", json={"kind": "erasure", "channel": "email", "contact_ids": [other, person]})["id"]
    package, open_one = packed(place, api, case, other), packed(place, api, erasure_of(place, api, other), other)
    one(place, "update privacy_request set state = 'erased', closed_at = now() where request_id = %s returning 1", case)
    erase(api, person)
    assert dark(place, package) and not dark(place, open_one)
