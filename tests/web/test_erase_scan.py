# SPDX-License-Identifier: ISC
"""The second stage of an erasure: what is held of the person elsewhere. Copies in
imports are destroyed; texts of others are named on the receipt, for a person to decide (test_erase_remain)."""
import sys
from pathlib import Path

import pytest

from jobs import done

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

PERSON = {
    "name_en": "CHAN Tai Man",
    "surname_en": "CHAN",
    "name_zh": "陳大文",
    "email": "taiman@scan.example",
    "phone": "+85262349871",
    "job_title": "Manager",
    "tax_id": "77 88 99 00",
    "address": "12 Peel Street",
}


@pytest.fixture
def place(stack):
    """Nobody else's searches and imports are in it."""
    return stack.new_workspace()


@pytest.fixture
def api(place):
    return place.admin.api()


@pytest.fixture
def person(api):
    return api.ok("POST", "/contacts", json=PERSON)["id"]


@pytest.fixture
def other(api):
    return api.ok("POST", "/contacts", json={"name_en": "LEE Siu Fong", "surname_en": "LEE"})["id"]


def erase(api, person):
    api.ok("POST", f"/contacts/{person}/erase", json={"reason": "other", "confirm": str(person)})


def receipt(api, person):
    return api.ok("GET", f"/contacts/{person}/erase")


def scanned(stack, api, person):
    """The receipt once the scan is through."""

    def through():
        stack.praya("worker", api.slug, "--once")
        return receipt(api, person)["stages"][2]["at"] is not None

    assert wait_until(through, 30)
    return receipt(api, person)


def one(place, sql, *values):
    cursor = place.database().cursor()
    cursor.execute(sql, values)
    return cursor.fetchone()


# What others' records hold


def test_what_names_the_person_elsewhere_is_on_the_receipt(stack, place, api, person, other):
    def add(path, body):
        return api.ok("POST", path, json=body)["id"]

    around = f"/contacts/{other}"
    mail = {"channel": "email", "direction": "in"}
    found = {
        ("activity", add(f"{around}/activities", {"kind": "note", "body": "ask TAIMAN@scan.example"})),
        ("activity", add(f"{around}/activities", {"kind": "call", "subject": "from (6234) 98-71"})),
        ("activity", add(f"{around}/activities", {"kind": "note", "body": "見過陳大文先生"})),
        ("message", add(f"{around}/messages", {**mail, "body": "x", "recipients": "b@x.example, taiman@scan.example"})),
        ("message", add(f"{around}/messages", {**mail, "body": "Mr chan tai man called"})),
        ("company", add("/companies", {"name_en": "Shop", "remarks": "owner: Chan Tai Man"})),
        ("contact", add("/contacts", {"name_en": "Somebody", "bio": "lives at 12 peel street, too"})),
        ("contact", add("/contacts", {"name_en": "Chan T M", "phone2": "6234 9871"})),
        ("invoice", add(f"{around}/invoices", {
            "number": "7", "issued_on": "2026-01-05", "status": "paid",
            "lines": [{"description": "Lessons for Chan Tai Man", "quantity": "1", "unit_amount": "1"}]})),
    }
    file = {"file": ("taiman@scan.example.txt", b"x", "text/plain")}
    found.add(("attachment", api.ok("POST", f"{around}/attachments", files=file)["id"]))
    # What many share names nobody.
    add(f"{around}/activities", {"kind": "note", "body": "CHAN is a common name; Manager; 6234 98"})
    add("/contacts", {"name_en": "CHAN Siu Ming", "surname_en": "CHAN", "job_title": "Manager"})
    erase(api, person)
    after = scanned(stack, api, person)
    assert {(r["entity"], r["id"]) for r in after["remains"]} == found
    assert len(after["remains"]) == len(found)
    page = place.admin.browser().page(f"/contacts/{person}/erase")
    for entity, number in found:
        plural = {"company": "companies", "activity": "activities"}.get(entity, entity + "s")
        assert f'href="/{plural}/{number}"' in page


def test_what_was_looked_for_is_gone_after_the_scan(stack, place, api, person):
    erase(api, person)
    scanned(stack, api, person)
    assert one(place, "select needles is null from erasure where contact_id = %s", person) == (True,)


def test_signs_of_patterns_are_only_signs(stack, api, other):
    odd = api.ok("POST", "/contacts", json={"name_en": "100% _x\\ Ltd", "email": "a_b%c@scan.example"})["id"]
    api.ok("POST", f"/contacts/{other}/activities", json={"kind": "note", "body": "aXb%c@scan.example 100 yx Ltd"})
    same = api.ok("POST", f"/contacts/{other}/activities", json={"kind": "note", "body": "A_B%C@scan.example"})
    erase(api, odd)
    assert scanned(stack, api, odd)["remains"] == [{"entity": "activity", "id": same["id"]}]


@pytest.mark.parametrize(("count", "size", "held"), [(2005, 1, (1, 2, 1999, 2000, 2001, 2005)), (7, 1500000, (1, 3, 4, 7))])
def test_many_texts_and_long_ones(stack, place, api, person, other, count, size, held):
    """More than a piece by their number, and by their length; what is looked for stands at the end of a text."""
    cursor = place.database().cursor()
    cursor.execute("insert into message (contact_id, channel, direction, body, happened_at) select %s, 'email', 'in', repeat('Ä ', %s) || "
                   "case when i = any (%s) then case when i %% 2 = 0 then 'ChAn TAI Man' else '(6234) 98.71' end end, now() "
                   "from generate_series(1, %s) i returning message_id", [other, size, list(held), count])
    numbers = sorted(number for number, in cursor.fetchall())
    erase(api, person)
    assert [r["id"] for r in scanned(stack, api, person)["remains"]] == [numbers[i - 1] for i in held]


def test_of_whom_a_text_tells(stack, place, api, other):
    """Names that begin alike, one inside another, and letters that are not of English."""
    names = ("CHAN Tai", "CHAN Tai Man", "CHAN TaÏ", "陳大", "陳大文", "AN Ta")
    people = [api.ok("POST", "/contacts", json={"name_en" if name.isascii() or "C" in name else "name_zh": name})["id"] for name in names]
    texts = ("chan tai man", "Chan Tai", "chan taï", "陳大文先生", "陳 大", "chan-tai", "CHAN TA")
    notes = [api.ok("POST", f"/contacts/{other}/activities", json={"kind": "note", "body": text})["id"] for text in texts]
    order(stack, place, people)
    found = [[notes.index(r["id"]) for r in scanned(stack, api, number)["remains"]] for number in people]
    assert found == [[0, 1], [0], [2], [3], [3], [0, 1, 2, 6]]


# What imports hold

BAD = "email,name_en,phone\n"


def failing(api, *rows):
    """An import all of whose rows are refused: their addresses are none."""
    file = {"file": ("people.csv", (BAD + "\n".join(rows) + "\n").encode(), "text/csv")}
    started = api.ok("POST", "/imports", status=202, files=file)
    done(api, started["job"])
    return started["id"]


def test_refused_rows_of_the_person_go(stack, place, api, person):
    number = failing(
        api,
        "not one,SOMEBODY Else,61111111",
        "taiman@scan.example at,NG A,61111112",
        "not one,NG B,6234 9871",
        "not one,Chan Tai Man,61111113",
        "not one,CHAN,61111114",
    )
    before = api.get(f"/imports/{number}/failed.csv").text
    assert "6234 9871" in before and "SOMEBODY" in before
    head = one(place, "select header from import where import_id = %s", number)
    erase(api, person)
    scanned(stack, api, person)
    after = api.get(f"/imports/{number}/failed.csv").text
    assert "SOMEBODY" in after and "61111114" in after
    assert not [x for x in ("taiman", "6234 9871", "Tai Man") if x in after]
    assert after.splitlines()[0] == before.splitlines()[0]
    # The first rows of the file, for the page that maps columns, lie there sealed.
    assert one(place, "select header from import where import_id = %s", number) != head


def test_an_import_of_others_is_left_alone(stack, place, api, person):
    number = failing(api, "not one,SOMEBODY Else,61111111")
    before = one(place, "select header, (select count(*) from import_failed) from import where import_id = %s", number)
    erase(api, person)
    scanned(stack, api, person)
    after = one(place, "select header, (select count(*) from import_failed) from import where import_id = %s", number)
    assert after == before


def upload(browser, content):
    answer = browser.post(
        "/import",
        data={"_csrf": browser.csrf("/import")},
        files={"file": ("people.csv", content, "text/csv")},
        headers={"Origin": browser.origin},
    )
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rsplit("/", 1)[1])


FAR = "".join(f"Person {n},p{n}@x.example\n" for n in range(400))


@pytest.mark.parametrize(
    "content",
    [
        ("name_en,email\n" + FAR + "X,TaiMan@scan.example\n").encode(),
        ("﻿name_en,email\n" + FAR + "X,taiman@scan.example\n").encode("utf-16"),
        ("name_zh,email\n" + FAR + "陳大文,x@y.example\n").encode("big5"),
        b"name_en,email\nCHAN Tai Man,x@y.example\n",
        "陳大文,x@y.example\n李小明,z@y.example\n".encode(),
    ],
    ids=["far behind", "UTF-16", "Big5", "in the first rows", "without a line of names"],
)
def test_a_waiting_file_with_the_person_is_destroyed(stack, place, api, person, content):
    browser = place.admin.browser()
    number = upload(browser, content)
    kept = upload(browser, ("name_en,email\n" + FAR).encode())
    path = stack.var / "files"
    objects = {f for f in path.rglob("*") if f.is_file()}
    mine = one(place, "select object from import where import_id = %s", number)[0]
    assert any(f.name == mine for f in objects)
    erase(api, person)
    scanned(stack, api, person)
    left = {f.name for f in path.rglob("*") if f.is_file()}
    assert mine not in left
    assert one(place, "select object from import where import_id = %s", kept)[0] in left
    page = browser.page(f"/import/{number}")
    assert "has been erased, so it was destroyed" in page
    assert "Tai Man" not in page and "陳大文" not in page
    state = api.ok("GET", f"/imports/{number}")
    assert state["state"] == "failed" and "destroyed" in state["error"]
    again = browser.post(
        f"/import/{number}",
        data={"_csrf": browser.csrf(), "step": "start"},
        headers={"Origin": browser.origin},
    )
    assert again.status_code == 409
    assert api.ok("GET", f"/imports/{kept}")["state"] == "uploaded"


def test_an_import_on_its_way_is_waited_for_a_day_at_most(stack, place, api, person):
    number = failing(api, "not one,SOMEBODY Else,61111111")
    with place.database() as db:
        # As it stands while its job runs in another worker.
        db.cursor().execute(
            "update job set state = 'running', lease_until = now() + interval '1 hour' "
            "where job_id = (select job_id from import where import_id = %s)", [number])
        db.cursor().execute("update import set state = 'running' where import_id = %s", [number])
    erase(api, person)
    later = "select run_at > created_at from job where kind = 'erase_scan' and state = 'queued'"
    assert wait_until(lambda: one(place, later) == (True,), 15)
    assert receipt(api, person)["stages"][2]["at"] is None
    assert one(place, "select needles is not null from erasure") == (True,)
    with place.database() as db:
        db.cursor().execute("update erasure set erased_at = erased_at - interval '25 hours'")
        db.cursor().execute("update chore set due_at = now() where name = 'erase_due'")
    stack.praya("worker", place.slug, "--once")
    assert wait_until(lambda: receipt(api, person).get("scan_incomplete"), 15)
    assert one(place, "select needles is null from erasure") == (True,)
    assert "by hand" in place.admin.browser().page(f"/contacts/{person}/erase")


def test_a_scan_that_was_given_up_begins_again(stack, place, api, person):
    erase(api, person)
    scanned(stack, api, person)
    with place.database() as db:
        db.cursor().execute(
            "update erasure set scanned_at = null, scrubbed_at = null, "
            "erased_at = erased_at - interval '1 hour'")
        db.cursor().execute("update job set state = 'failed' where kind in ('erase_scan', 'scrub')")
        db.cursor().execute("update chore set due_at = now() where name = 'erase_due'")
    stack.praya("worker", place.slug, "--once")
    query = "select count(*) from job where kind = 'erase_scan'"
    assert wait_until(lambda: one(place, query)[0] == 2, 15)


# What the receipt shows of it while it runs


def test_the_receipt_says_how_far_the_search_is(stack, place, api, person, other):
    """To whoever asked for it or manages the workspace: as far as the job itself may be looked at."""
    erase(api, person)
    scanned(stack, api, person)
    assert one(place, "select done = total and total > 0 from job where kind = 'erase_scan'") == (True,)
    cursor = place.database().cursor()
    cursor.execute("update erasure set scanned_at = null, scrubbed_at = null returning erasure_id")
    (erasure,) = cursor.fetchone()
    cursor.execute("update job set state = 'cancelled' where state in ('queued', 'running')")
    cursor.execute("insert into job (kind, args, unique_key, done, total, run_at) values ('erase_scan', '{\"erasure\": %s}', "
                   "'erase_scan|%s', 1500, 4000, now() + interval '1 hour') returning job_id", [erasure, erasure])
    (job,) = cursor.fetchone()
    window, officer = place.admin.browser(), place.add_user("privacy_officer").browser()
    path = f"/contacts/{person}/erase"
    page = window.page(path)
    assert f'data-job="{job}"' in page and '<progress max="4000" value="1500"' in page and 'http-equiv="refresh"' in page
    assert "1,500" in page and "of 4,000" in page
    assert "data-job" not in officer.page(path) and officer.get(f"/jobs/{job}").status_code == 404
    assert "job" not in receipt(api, person)
    cursor.execute("update job set state = 'cancelled' where job_id = %s", [job])
    assert "data-job" not in window.page(path) and 'http-equiv="refresh"' not in window.page(path)


def test_a_receipt_that_is_through_follows_no_job(stack, place, api, person):
    """The disk is written anew for others, too: that is none of its business."""
    erase(api, person)
    scanned(stack, api, person)
    cursor = place.database().cursor()
    cursor.execute("update erasure set scrubbed_at = now()")
    cursor.execute("update job set state = 'cancelled' where state in ('queued', 'running')")
    cursor.execute("insert into job (kind, unique_key, run_at) values ('scrub', 'scrub', now() + interval '1 hour') returning job_id")
    (job,) = cursor.fetchone()
    assert "data-job" not in place.admin.browser().page(f"/contacts/{person}/erase")
    cursor.execute("update erasure set scrubbed_at = null")
    assert f'data-job="{job}"' in place.admin.browser().page(f"/contacts/{person}/erase")


def incident(api, **texts):
    body = {"kind": "recipient", "title": "A letter", "what": "A letter went astray", **texts}
    return api.ok("POST", "/privacy/incidents", status=201, json=body)["id"]


def test_texts_of_incidents_and_notices_are_named(stack, place, api, person):
    """They are encrypted under keys of their own, and nobody's to delete: a person decides."""
    named = [incident(api, what="It was meant for chan tai man"), incident(api, found_how="He phoned from 6234 9871"),
             incident(api, title="https://x.example/陳大文")]
    noted = incident(api)
    version = api.ok("GET", f"/privacy/incidents/{noted}")["version"]
    api.ok("POST", f"/privacy/incidents/{noted}/note", json={"note": "Wrote to TAIMAN@scan.example"}, headers={"If-Match": str(version)})
    unrelated = incident(api, what="Somebody called Chan, 6234 9872")
    notices = [api.ok("POST", "/privacy/takedowns", status=201, json={"from": sender, "text": text, "deadline_at": "2999-01-01"})["id"]
               for sender, text in (("CHAN Tai Man", "Remove it"), ("PCPD", "Remove it"))]
    erase(api, person)
    remains = scanned(stack, api, person)["remains"]
    found = [(r["entity"], r["id"]) for r in remains]
    assert found == [("incident", n) for n in [*named, noted]] + [("takedown", notices[0])], unrelated
    browser = place.admin.browser()
    text = browser.page(f"/contacts/{person}/erase")
    assert f'href="/privacy/incidents/{noted}"' in text and f'href="/privacy/takedowns/{notices[0]}"' in text


def test_what_lies_under_the_persons_key_goes_with_it(stack, place, api, person):
    """Evidence of a takedown and letters about an incident: nothing to decide about them."""
    message = api.ok("POST", f"/contacts/{person}/messages", status=201, json={
        "channel": "email", "direction": "in", "body": "zq77canary of CHAN Tai Man"})["id"]
    notice = api.ok("POST", "/privacy/takedowns", status=201, json={"from": "PCPD", "text": "x", "deadline_at": "2999-01-01"})["id"]
    (item,) = api.ok("POST", f"/privacy/takedowns/{notice}/items", status=201,
                     json={"entity": "message", "record_id": message})["items"]
    assert "zq77canary" in api.ok("GET", f"/privacy/takedowns/{notice}/items/{item['id']}")["copy"]
    erase(api, person)
    assert scanned(stack, api, person)["remains"] == []
    assert api.get(f"/privacy/takedowns/{notice}/items/{item['id']}").status_code == 410
    connection = place.database()
    rows = connection.cursor()
    rows.execute("select count(*) from takedown_item i join data_key k using (key_id)")
    assert rows.fetchone()[0] == 0, "the key is gone, so the copy opens for nobody"
    connection.close()


# Many in a row


def order(stack, place, contacts):
    """Their erasure as it stands in the ledger when it was cut off, or comes from a backup."""
    number = stack.praya_json("tenant", "show", place.slug)["database"].removeprefix("praya_t_")
    with stack.database_named("praya_cell") as cell:
        cell.cursor().execute("insert into erasure_ledger (tenant_id, contact_id) select %s, unnest(%s::bigint[])", [number, contacts])
    with place.database() as db:
        db.cursor().execute("delete from chore where name = 'erase_resume'")
    stack.praya("worker", place.slug, "--once")


def test_many_who_are_erased_in_a_row_are_looked_for_at_once(stack, place, api, person, other):
    second = api.ok("POST", "/contacts", json={"name_en": "WONG Ka Ming", "phone": "+85261112222", "email": "kaming@scan.example"})["id"]
    third = api.ok("POST", "/contacts", json={"name_en": "NG Nobody Speaks Of"})["id"]
    notes = [api.ok("POST", f"/contacts/{other}/activities", json={"kind": "note", "body": body})["id"]
             for body in ("chan tai man phoned", "Ask 6111-2222, not Chan Tai Man", "Nothing of anybody, 6111 2223")]
    named = incident(api, what="It was meant for kaming@scan.example")
    order(stack, place, [person, second, third])
    found = {number: {(r["entity"], r["id"]) for r in scanned(stack, api, number)["remains"]} for number in (person, second, third)}
    assert found == {
        person: {("activity", notes[0]), ("activity", notes[1])},
        second: {("activity", notes[1]), ("incident", named)},
        third: set(),
    }
    assert one(place, "select count(*) from job where kind = 'erase_scan'") == (1,)
    assert one(place, "select count(*) from erasure where needles is not null") == (0,)


def left_open(stack, place):
    number = stack.praya_json("tenant", "show", place.slug)["database"].removeprefix("praya_t_")
    with stack.database_named("praya_cell") as cell:
        rows = cell.cursor()
        rows.execute("select contact_id from erasure_ledger where tenant_id = %s and done_at is null order by 1", [number])
        return [row[0] for row in rows.fetchall()]


def test_who_cannot_be_erased_keeps_nobody_else_waiting(stack, place, api, person, other):
    """Held, in somebody's hands, ordered twice, of nobody: the others of the transaction are whole all the same."""
    held, busy = (api.ok("POST", "/contacts", json={"name_en": name})["id"] for name in ("WONG Held", "NG Busy"))
    with place.database() as db:
        db.cursor().execute("update contact set hold = true, hold_ground = 'claim', hold_reviewer_id = (select min(user_id) "
                            "from app_user), hold_review_on = hk_today() where contact_id = %s", [held])
    lock = place.database()
    lock.autocommit = False
    lock.cursor().execute("select from contact where contact_id = %s for update", [busy])
    order(stack, place, [person, held, busy, person, 999999, other])
    assert left_open(stack, place) == sorted([held, busy])
    erased = "select array_agg(contact_id order by contact_id) from contact where erased_at is not null"
    assert one(place, erased) == (sorted([person, other]),)
    assert one(place, "select count(*), count(distinct contact_id) from erasure") == (2, 2)
    assert one(place, "select count(*) from audit_event where action = 'erase'") == (2,)
    lock.rollback()
    lock.close()
    with place.database() as db:
        db.cursor().execute("update contact set hold = false where contact_id = %s", [held])
        db.cursor().execute("update chore set due_at = now() where name = 'erase_resume'")
    stack.praya("worker", place.slug, "--once")
    assert left_open(stack, place) == []
    assert one(place, erased) == (sorted([person, other, held, busy]),)


def test_whose_needles_do_not_open_keeps_nobody_else_waiting(stack, place, api, person, other):
    note = api.ok("POST", f"/contacts/{other}/activities", json={"kind": "note", "body": "Chan Tai Man phoned"})["id"]
    second = api.ok("POST", "/contacts", json={"name_en": "WONG Ka Ming"})["id"]
    upload = failing(api, "not one,SOMEBODY Else,61111111")
    with place.database() as db:
        # Nothing is looked for while an import is on its way.
        db.cursor().execute("update job set state = 'running', lease_until = now() + interval '1 hour' "
                            "where job_id = (select job_id from import where import_id = %s)", [upload])
        db.cursor().execute("update import set state = 'running' where import_id = %s", [upload])
    for number in (second, person):
        erase(api, number)
    waiting = "select count(*) from job where kind = 'erase_scan' and state = 'queued' and run_at > created_at"
    assert wait_until(lambda: one(place, waiting) == (2,), 15)
    with place.database() as db:
        db.cursor().execute("update erasure set needles = 'damaged' where contact_id = %s", [second])
        db.cursor().execute("delete from job where kind = 'erase_scan'")
        db.cursor().execute("update import set state = 'failed' where import_id = %s", [upload])
        db.cursor().execute("insert into job (kind, args, unique_key) select 'erase_scan', jsonb_build_object('erasure', min(erasure_id), "
                            "'last', max(erasure_id)), 'erase_scan|both' from erasure")
    assert [r["id"] for r in scanned(stack, api, person)["remains"]] == [note]
    assert receipt(api, second)["stages"][2]["at"] is None
