# SPDX-License-Identifier: ISC
"""Privacy requests: recorded by anybody, seen by those whom they concern, moved by those who run them."""
import datetime
import re

import pytest

import routes
from harness import Api
from mails import mail_to, text_of
from profiles import everything, make_profile

DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def officer(workspace):
    """A second person who may approve."""
    return workspace.add_user("privacy_officer").api()


@pytest.fixture(scope="module")
def staff(workspace):
    return workspace.add_user("staff").api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def contact(client, **values):
    return client.ok("POST", "/contacts", status=201, json={"name_en": "Chan Tai Man", **values})["id"]


def record(client, **values):
    return client.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", **values})


HONG_KONG = datetime.timezone(datetime.timedelta(hours=8))
# Steps that the law wants notice of, and their letters.
NOTICES = {
    "access": {"fee": "fee", "not_held": "not_held", "comply": "copy", "comply_partly": "partial", "delay": "delay", "refuse": "refuse",
               "withdraw": "withdrawn"},
    "correction": {"correct_partly": "correction_refused", "delay": "delay", "refuse": "correction_refused", "withdraw": "withdrawn"},
    "erasure": {"erase": "erasure", "decline": "erasure", "withdraw": "withdrawn"},
    "opt_out": {},
}


def take(client, case, action, **values):
    """A step as it is sent, whatever it lacks."""
    version = client.ok("GET", f"/privacy/requests/{case['id']}")["version"]
    return client.post(f"/privacy/requests/{case['id']}/{action}", json=values, headers={"If-Match": str(version)})


def step(client, case, action, status=200, **values):
    """Where the law wants notice of it, its letter goes out first."""
    seen = client.ok("GET", f"/privacy/requests/{case['id']}")
    if status == 200 and seen["missing"].get(action) == ["letter"]:
        letter = "held" if action == "comply" and not seen["limb_b"] else NOTICES[seen["kind"]][action]
        if action != "erase":
            answer = take(client, case, action, prepare=True, **values)
            assert answer.status_code == 200 and answer.json()["state"] == seen["state"], answer.text
            values = {}
        sent(client, case, letter, datetime.datetime.now(HONG_KONG).strftime("%Y-%m-%d"))
    answer = take(client, case, action, **values)
    assert answer.status_code == status, f"{action}: {answer.status_code} {answer.text}"
    return answer.json()


def attach(client, case):
    """What is handed over: no copy, no compliance."""
    client.ok("POST", f"/privacy/requests/{case['id']}/files", status=201, files={"file": ("copy.txt", b"All of it", "text/plain")})


def sent(client, case, letter, day):
    """Written, and posted on that day."""
    path = f"/privacy/requests/{case['id']}/letters"
    made = client.ok("POST", path, status=201, json={"letter": letter, "body": "By hand"})
    client.ok("POST", f"{path}/{made['id']}/posted", json={"on": str(day)})


def today(rows):
    rows.execute("select hk_today()")
    return rows.fetchone()[0]


def last_day(rows, case, day):
    """Moves both days of a case, behind the product's back."""
    rows.execute("update privacy_request set received_on = %s, due_on = %s, due_rolled_on = %s where request_id = %s",
                 [day - 40 * DAY, day, day, case["id"]])


# ---- recorded


@pytest.mark.parametrize("received, due, rolled", [
    ("2026-01-05", "2026-02-14", "2026-02-14"),
    ("2025-12-16", "2026-01-25", "2026-01-26"),
    ("2026-01-08", "2026-02-17", "2026-02-20"),
    ("2026-02-22", "2026-04-03", "2026-04-08"),
    ("2024-01-20", "2024-02-29", "2024-02-29"),
    # The day begins in Hong Kong.
    ("2026-01-04T16:00:00Z", "2026-02-14", "2026-02-14"),
    ("2026-01-04T15:59:59Z", "2026-02-13", "2026-02-13"),
])
def test_both_dates_of_the_law(boss, received, due, rolled):
    case = record(boss, received_at=received)
    assert (case["due_at"], case["due_rolled_at"]) == (due, rolled)
    assert case["state"] == "received" and case["statutory"] and not case["statutory_form"]
    assert case["overdue"] is True


def test_a_black_rain_day_moves_the_last_day_alone(boss):
    case = record(boss, received_at="2026-10-13")
    assert (case["due_at"], case["due_rolled_at"]) == ("2026-11-22", "2026-11-23")
    other = record(boss, received_at="2026-10-15")
    made = boss.ok("POST", "/holidays", status=201, json={"day": "2026-11-23", "kind": "black_rain"})
    moved = boss.ok("GET", f"/privacy/requests/{case['id']}")
    assert (moved["due_at"], moved["due_rolled_at"]) == ("2026-11-22", "2026-11-24")
    assert moved["received_at"] == case["received_at"]
    assert [e["action"] for e in moved["events"]] == ["due_moved", "record"]
    assert boss.ok("GET", f"/privacy/requests/{other['id']}")["due_rolled_at"] == other["due_rolled_at"]
    boss.ok("DELETE", f"/holidays/{made['id']}", status=204)
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["due_rolled_at"] == "2026-11-23"


def test_any_member_of_staff_by_any_channel(staff, boss):
    for channel in ("letter", "email", "counter", "phone", "chat"):
        case = record(staff, channel=channel, requestor="Wong Siu Ming")
        assert case["reference"].endswith(f"{case['id']:05}") and case["requestor"]["name"] == "Wong Siu Ming"
        assert case["limb_a"] and case["limb_b"], "both, unless something else is said"
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["requestor"]["name"] == "Wong Siu Ming"


def test_from_a_received_message(boss, staff):
    person = contact(boss, language="zh-Hant", email="mail@example.com")
    message = boss.ok("POST", f"/contacts/{person}/messages", status=201, json={
        "channel": "whatsapp", "direction": "in", "body": "What do you hold on me?", "happened_at": "2026-01-04T18:00:00Z"})["id"]
    sent = boss.ok("POST", f"/contacts/{person}/messages", status=201, json={
        "channel": "email", "direction": "out", "body": "Hello"})["id"]
    case = staff.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "message_id": message})
    assert case["channel"] == "chat" and case["contact_ids"] == [person] and case["language"] == "zh-Hant"
    assert case["due_at"] == "2026-02-14" and case["statutory_form"] is False
    assert case["requestor"]["name"] == "Chan Tai Man"
    refused = boss.post("/privacy/requests", json={"kind": "access", "channel": "email", "message_id": sent})
    assert refused.status_code == 422 and "message_id" in refused.json()["errors"]


def test_of_nobody_of_several_and_of_a_user(boss, rows):
    assert record(boss)["contact_ids"] == []
    people = [contact(boss), contact(boss)]
    assert record(boss, contact_ids=[*people, people[0]])["contact_ids"] == people
    rows.execute("select min(user_id) from app_user")
    user, = rows.fetchone()
    assert record(boss, user_ids=[user])["user_ids"] == [user]


@pytest.mark.parametrize("body, field", [
    ({"channel": "letter"}, "kind"), ({"kind": "access"}, "channel"),
    ({"kind": "portability", "channel": "letter"}, "kind"), ({"kind": "access", "channel": "form"}, "channel"),
    ({"kind": "access", "channel": "pigeon"}, "channel"),
    ({"kind": "access", "channel": "letter", "received_at": "2999-01-01"}, "received_at"),
    ({"kind": "access", "channel": "letter", "received_at": "1996-12-19"}, "received_at"),
    ({"kind": "access", "channel": "letter", "received_at": "yesterday"}, "received_at"),
    ({"kind": "access", "channel": "letter", "contact_ids": [999999999]}, "contact_ids"),
    ({"kind": "access", "channel": "letter", "user_ids": [999999999]}, "user_ids"),
    ({"kind": "access", "channel": "letter", "language": "fr"}, "language"),
    ({"kind": "access", "channel": "letter", "capacity": "friend"}, "capacity"),
    ({"kind": "access", "channel": "letter", "limb_a": False, "limb_b": False}, "limb_b"),
    ({"kind": "access", "channel": "letter", "requestor": {"name": 1}}, "requestor"),
    ({"kind": "access", "channel": "letter", "requestor": {"hkid": "A123456(3)"}}, "requestor"),
    ({"kind": "access", "channel": "letter", "requestor": {"name": "Ho", "email": "no address"}}, "requestor"),
    ({"kind": "access", "channel": "letter", "requestor": {"name": "Ho", "email": "a@b.example, c@d.example"}}, "requestor"),
    ({"kind": "access", "channel": "letter", "period_from": "2026-02-01", "period_to": "2026-01-01"}, "period_to"),
    ({"kind": "access", "channel": "letter", "access_id": 1}, "access_id"),
    ({"kind": "access", "channel": "letter", "due_at": "2026-01-01"}, "due_at"),
    ({"kind": "access", "channel": "letter", "state": "complied"}, "state"),
])
def test_what_is_no_request(boss, rows, body, field):
    rows.execute("select count(*) from privacy_request")
    before = rows.fetchone()
    answer = boss.post("/privacy/requests", json=body)
    assert routes.problem(answer, 422) is None and field in answer.json()["errors"]
    rows.execute("select count(*) from privacy_request")
    assert rows.fetchone() == before


@pytest.mark.parametrize("email", ["no address", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example"])
def test_an_address_that_is_none_is_told_at_its_field(workspace, rows, email):
    browser = workspace.admin.browser()
    rows.execute("select count(*) from privacy_request")
    before = rows.fetchone()
    answer = browser.submit(browser.form("/privacy/requests/new", "/privacy/requests"), kind="access", channel="letter",
                            name="Ho & Sons", email=email, scope="all of it")
    assert answer.status_code == 422 and re.search(r'<input[^>]*name="email"[^>]*aria-invalid="true"', answer.text)
    assert "Ho &amp; Sons" in answer.text and "all of it" in answer.text
    rows.execute("select count(*) from privacy_request")
    assert rows.fetchone() == before


def test_nothing_personal_is_in_plain(boss, rows):
    case = record(boss, requestor={"name": "Secretive Person", "phone": "+852 9123 4567"}, scope="Everything on Plum Lane")
    rows.execute("select row_to_json(r)::text from privacy_request r where request_id = %s", [case["id"]])
    text, = rows.fetchone()
    assert "Secretive" not in text and "9123" not in text and "Plum" not in text


def test_similar_earlier_ones_are_linked(boss, staff):
    person = contact(boss)
    first, second = record(boss, contact_ids=[person]), record(staff, contact_ids=[person])
    second = boss.ok("GET", f"/privacy/requests/{second['id']}")
    record(boss, contact_ids=[person], kind="correction")
    third = record(boss, contact_ids=[person])
    assert second["earlier_ids"] == [first["id"]] and third["earlier_ids"] == [first["id"], second["id"]]
    assert record(boss, contact_ids=[contact(boss)])["earlier_ids"] == []


# ---- seen


def test_one_sees_what_one_recorded(staff, boss, officer, workspace):
    mine, theirs = record(staff), record(boss)
    listed = {c["id"] for c in staff.ok("GET", "/privacy/requests", params={"limit": 200})["items"]}
    assert mine["id"] in listed and theirs["id"] not in listed
    assert staff.get(f"/privacy/requests/{theirs['id']}").status_code == 404
    assert staff.post(f"/privacy/requests/{theirs['id']}/notes", json={"note": "x"}).status_code == 404
    every = {c["id"] for c in officer.ok("GET", "/privacy/requests", params={"limit": 200})["items"]}
    assert {mine["id"], theirs["id"]} <= every
    assert staff.post(f"/privacy/requests/{mine['id']}/search", json={}, headers={"If-Match": "1"}).status_code == 403
    staff.ok("POST", f"/privacy/requests/{mine['id']}/notes", json={"note": "She called again"})
    assert boss.ok("GET", f"/privacy/requests/{mine['id']}")["events"][0]["text"].strip() == "She called again"


def test_a_token_of_fewer_rights_sees_fewer(workspace, boss, rows):
    case = record(boss)
    program = workspace.admin.api("narrow")
    rows.execute("update session set scope = array['contact.view'] where kind = 'token' and session_id = "
                 "(select max(session_id) from session where kind = 'token')")
    rows.execute("update session set scope = array['contact.view', '.self'] where kind = 'token' and session_id = "
                 "(select max(session_id) from session where kind = 'token')")
    rows.execute("update epoch set access = access + 1")
    rows.execute("update privacy_request set recorded_by = null where request_id = %s", [case["id"]])
    assert program.get(f"/privacy/requests/{case['id']}").status_code == 404


def test_pages_of_the_list(boss):
    for _ in range(6):
        record(boss)
    seen, after = [], None
    while True:
        page = boss.ok("GET", "/privacy/requests", params={"limit": 3, **({"after": after} if after else {})})
        seen += page["items"]
        after = page["next"]
        if after is None:
            break
    days = [(c["due_at"], c["id"]) for c in seen]
    assert days == sorted(days) and len({c["id"] for c in seen}) == len(seen) > 4


@pytest.mark.parametrize("query", [{"kind": "x"}, {"state": "x"}, {"assignee": "x"}, {"after": "x"}, {"limit": 0}, {"q": "x"}])
def test_filters_that_are_none(boss, query):
    assert boss.get("/privacy/requests", params=query).status_code == 400


# ---- moved


def test_from_a_letter_to_the_copy(boss, officer, rows):
    case = record(boss, contact_ids=[contact(boss)])
    due = case["due_at"]
    assert "search" in case["allowed"] and "identity" not in case["missing"].get("search", [])
    step(boss, case, "clarify", reason="Which account?")
    step(boss, case, "search")
    case = step(boss, case, "review")
    assert case["missing"]["comply"] == ["identity", "approval", "answer", "letter"] and "comply" not in case["allowed"]
    step(boss, case, "comply", status=409)
    step(boss, case, "fee", status=409, fee_copying="10", fee_lowest="10")
    step(boss, case, "verify", how="id_seen")
    step(boss, case, "fee", fee_copying="10.50", fee_postage="4", fee_lowest="14.50")
    case = step(boss, case, "fee_paid")
    assert case["due_at"] == due, "no state stops the clock"
    rows.execute("select fee from privacy_request where request_id = %s", [case["id"]])
    assert rows.fetchone() == (1450,)
    refused = step(boss, case, "approve", status=403)
    assert "second person" in refused["detail"]
    step(officer, case, "approve")
    step(boss, case, "comply", status=409)
    attach(boss, case)
    case = step(boss, case, "comply")
    assert case["state"] == "complied" and case["closed_at"] and not case["late"] and case["allowed"] == []
    actions = [e["action"] for e in boss.ok("GET", f"/privacy/requests/{case['id']}")["events"]]
    told = ["letter_sent", "letter", "prepare"]
    assert actions == ["comply", *told, "file", "approve", "fee_paid", "fee", *told, "verify", "review", "search", "clarify", "record"]


def test_a_version_that_has_moved(boss):
    case = record(boss)
    path = f"/privacy/requests/{case['id']}/search"
    assert boss.post(path, json={}).status_code == 428
    assert boss.post(path, json={}, headers={"If-Match": str(case["version"] + 1)}).status_code == 412
    assert boss.post(path, json={}, headers={"If-Match": str(case["version"])}).status_code == 200
    assert boss.post(path, json={}, headers={"If-Match": str(case["version"])}).status_code == 412


@pytest.mark.parametrize("action, body, field", [
    ("verify", {}, "how"), ("verify", {"how": "a feeling"}, "how"), ("clarify", {}, "reason"), ("clarify", {"reason": "  "}, "reason"),
    ("delay", {}, "reason"), ("refuse", {"reason": "x"}, "ground"), ("refuse", {"ground": "20(3)(b)"}, "reason"),
    ("refuse", {"reason": "x", "ground": "20(9)"}, "ground"), ("refuse", {"reason": "x", "ground": "24(1)"}, "ground"),
    ("refuse", {"reason": "x", "ground": "20(3)(c)"}, "ground"), ("refuse", {"reason": "x", "ground": "28(5)"}, "ground"),
    ("refuse", {"reason": "x", "ground": "20(3)(d)"}, "other_user_name"),
    ("refuse", {"reason": "x", "ground": "20(3)(d)", "other_user_name": "Other Ltd"}, "other_user_address"),
    ("refuse", {"reason": "x", "ground": "20(3)(b)", "opinion": True}, "opinion"),
    ("withdraw", {}, "reason"), ("duplicate", {}, "duplicate_of"), ("duplicate", {"duplicate_of": 999999999}, "duplicate_of"),
    ("not_a_request", {}, "reason"), ("correct_received_at", {"received_at": "2026-01-01", "reason": "x"}, "evidence"),
    ("correct_received_at", {"received_at": "2999-01-01", "reason": "x", "evidence": "x"}, "received_at"),
    ("search", {"reason": "x"}, "reason"), ("search", {"ground": "20(3)(b)"}, "ground"), ("search", {"state": "review"}, "state"),
])
def test_steps_that_say_too_little(boss, officer, action, body, field):
    case = record(boss)
    refused = step(officer, case, action, status=422, **body)
    assert field in refused["errors"]
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["state"] == "received"


def test_no_such_step(boss):
    case = record(boss)
    assert boss.post(f"/privacy/requests/{case['id']}/delete", json={}, headers={"If-Match": "1"}).status_code == 404
    assert boss.delete(f"/privacy/requests/{case['id']}").status_code == 405


def test_every_ground_of_the_law(boss, officer):
    person = contact(boss)
    earlier = [record(boss, contact_ids=[person]) for _ in range(2)]
    assert len(earlier) == 2
    for ground in ("20(1)(a)(i)", "20(1)(a)(ii)", "20(1)(b)", "20(1)(c)", "20(3)(a)", "20(3)(b)", "20(3)(c)", "20(3)(d)", "20(3)(e)",
                   "20(3)(ea)", "20(3)(f)"):
        case = record(boss, contact_ids=[person])
        more = {"other_user_name": "Other Ltd", "other_user_address": "1 Queen's Road"} if ground == "20(3)(d)" else {}
        assert step(boss, case, "refuse", ground=ground, reason="So it is", **more)["state"] == "refused"
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    step(boss, case, "fee", fee_labour="100", fee_lowest="100")
    assert step(boss, case, "refuse", ground="28(5)", reason="Not paid")["state"] == "refused"


def test_a_refusal_is_in_the_log_book_first(boss, rows):
    case = record(boss, requestor="Lam On")
    step(boss, case, "refuse", ground="20(3)(b)", reason="No year was given")
    rows.execute("select b.ground, b.notice_on = hk_today(), b.entered_at <= e.at, b.reasons::text from log_book b "
                 "join request_event e using (request_id) where b.request_id = %s and e.action = 'refuse'", [case["id"]])
    ground, notice, before, sealed = rows.fetchone()
    assert (ground, notice, before) == ("20(3)(b)", True, True) and "Lam" not in sealed
    rows.execute("insert into log_book (request_id, kind, received_on, ground, reasons, notice_on, late) "
                 "values (%s, 'access', '2020-01-01', 'x', '', '2020-01-01', false) returning entry_id", [case["id"]])
    old, = rows.fetchone()
    rows.execute("alter table log_book disable trigger kept")
    rows.execute("update log_book set entered_at = now() - interval '4 years 1 day' where entry_id = %s", [old])
    rows.execute("alter table log_book enable trigger kept")
    rows.execute("delete from log_book where entry_id = %s", [old])
    assert rows.rowcount == 1, "after four years it may go"


def test_notice_of_delay_until_the_last_day(boss, rows):
    case = record(boss)
    last_day(rows, case, today(rows))
    assert step(boss, case, "delay", reason="The archive is large")["state"] == "delay_noticed"
    late = record(boss)
    last_day(rows, late, today(rows) - DAY)
    seen = boss.ok("GET", f"/privacy/requests/{late['id']}")
    assert seen["overdue"] and seen["missing"]["delay"] == ["in_time", "letter"]
    refused = step(boss, late, "delay", status=409, reason="The archive is large")
    assert "legal last day" in refused["detail"]


def test_a_last_day_in_a_year_that_is_not_announced(boss, rows, workspace):
    case, window = record(boss), workspace.admin.browser()
    assert "not confirmed" not in window.page(f"/privacy/requests/{case['id']}")
    last_day(rows, case, datetime.date(2028, 3, 1))
    assert "not confirmed" in window.page(f"/privacy/requests/{case['id']}")


def test_late_is_possible_and_says_why(boss, rows):
    case = record(boss)
    last_day(rows, case, today(rows) - DAY)
    refused = step(boss, case, "refuse", status=422, ground="20(3)(b)", reason="Nothing to go by")
    assert "late_reason" in refused["errors"]
    case = step(boss, case, "refuse", ground="20(3)(b)", reason="Nothing to go by", late_reason="It lay in a drawer")
    assert case["late"] and not case["overdue"]
    rows.execute("select late from log_book where request_id = %s", [case["id"]])
    assert rows.fetchone() == (True,)


def test_after_notice_of_delay(boss, officer, rows):
    """The copy is not late then; a refusal is."""
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "delay", reason="The archive is large")
    last_day(rows, case, today(rows) - DAY)
    seen = boss.ok("GET", f"/privacy/requests/{case['id']}")
    assert not seen["overdue"]
    refused = step(boss, case, "refuse", status=422, ground="20(3)(b)", reason="x")
    assert "late_reason" in refused["errors"]
    step(boss, case, "review")
    step(officer, case, "approve")
    attach(boss, case)
    assert step(boss, case, "comply")["late"] is False


def test_nobody_approves_what_nobody_has_put_together(boss, officer, rows):
    """Not after notice of delay either: there is no first person then for whom a second could look."""
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "delay", reason="The archive is large")
    for one in (boss, officer):
        refused = step(one, case, "approve", status=409)
        assert "for review" in refused["detail"]
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["missing"]["approve"] == ["review"]
    step(boss, case, "review")
    step(boss, case, "approve", status=403)
    attach(boss, case)
    # Looked for anew is put together anew, by whoever does it then.
    step(boss, case, "delay", reason="There is more")
    step(boss, case, "search")
    step(boss, case, "delay", reason="There is more still")
    step(officer, case, "approve", status=409)
    step(officer, case, "review")
    step(officer, case, "approve", status=403)
    assert step(boss, case, "approve")["missing"]["comply"] == ["letter"]


def test_another_answer_is_approved_anew(boss, officer):
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    path = f"/privacy/requests/{case['id']}/items"
    boss.ok("POST", path, status=201, json={"what": "source", "label": "The till"})
    item = boss.ok("GET", f"/privacy/requests/{case['id']}")["items"][0]["id"]
    boss.ok("POST", f"{path}/{item}", json={"outcome": "not_held"})
    step(boss, case, "review")
    approved = step(officer, case, "approve")
    boss.ok("POST", f"{path}/{item}", json={"outcome": "held"})
    assert "approval" in boss.ok("GET", f"/privacy/requests/{case['id']}")["missing"]["comply"]
    stale = boss.post(f"/privacy/requests/{case['id']}/comply", json={}, headers={"If-Match": str(approved["version"])})
    assert stale.status_code == 412
    step(boss, case, "comply", status=409)
    step(officer, case, "approve")
    boss.ok("POST", path, status=201, json={"what": "source", "label": "The shop"})
    assert "approval" in boss.ok("GET", f"/privacy/requests/{case['id']}")["missing"]["comply"]


def test_what_is_found_after_notice_of_delay_is_approved_too(boss, officer):
    case = record(boss, contact_ids=[contact(boss)])
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    step(boss, case, "delay", reason="The archive is large")
    step(officer, case, "approve")
    boss.ok("POST", f"/privacy/requests/{case['id']}/found", json={"add": [f"contact:{contact(boss)}"]})
    assert "approval" in boss.ok("GET", f"/privacy/requests/{case['id']}")["missing"]["comply"]
    step(boss, case, "comply", status=409)


def test_for_another_only_with_authority(boss):
    case = record(boss, capacity="authorised", requestor="A Solicitor")
    step(boss, case, "clarify", reason="Please send the authority")
    refused = step(boss, case, "search", status=409)
    assert "authority" in refused["detail"]
    step(boss, case, "verify", how="document")
    step(boss, case, "search", status=409)
    step(boss, case, "verify", how="document", authority=True)
    assert step(boss, case, "search")["state"] == "searching"


def test_other_sources_answer_first(boss):
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    path = f"/privacy/requests/{case['id']}/items"
    boss.ok("POST", path, status=201, json={"what": "source", "label": "The till"})
    item = boss.ok("GET", f"/privacy/requests/{case['id']}")["items"][0]
    assert item["label"] == "The till" and item["outcome"] is None
    step(boss, case, "not_held", status=409)
    for outcome in ("sent", "done", "x"):
        assert boss.post(f"{path}/{item['id']}", json={"outcome": outcome}).status_code == 422
    assert boss.post(f"{path}/999999999", json={"outcome": "held"}).status_code == 404
    boss.ok("POST", f"{path}/{item['id']}", json={"outcome": "not_held"})
    assert step(boss, case, "not_held")["state"] == "not_held"
    assert boss.post(path, json={"what": "source", "label": "Too late"}).status_code == 409


def test_a_fee_is_for_a_copy(boss):
    case = record(boss, limb_b=False)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    step(boss, case, "fee", status=409, fee_copying="10", fee_lowest="10")
    other = record(boss)
    step(boss, other, "verify", how="known")
    step(boss, other, "search")
    step(boss, other, "review")
    for fee in ({}, {"fee_copying": "x"}, {"fee_copying": "-1"}, {"fee_overhead": "10"}):
        step(boss, other, "fee", status=422, **fee)


def test_a_correction(boss, rows):
    person = contact(boss)
    access = record(boss, contact_ids=[person])
    step(boss, access, "verify", how="id_seen")
    case = record(boss, kind="correction", contact_ids=[person], access_id=access["id"])
    assert case["state"] == "verifying" and case["identity_how"] == "access_request"
    stranger = record(boss, kind="correction", contact_ids=[contact(boss)], access_id=access["id"])
    assert stranger["state"] == "received", "known for the same person only"
    step(boss, case, "correct")
    step(boss, case, "notify_recipients")
    path = f"/privacy/requests/{case['id']}/items"
    boss.ok("POST", path, status=201, json={"what": "recipient", "label": "A partner"})
    step(boss, case, "close", status=409, copy_sent_on="2026-01-02")
    item = boss.ok("GET", f"/privacy/requests/{case['id']}")["items"][0]["id"]
    boss.ok("POST", f"{path}/{item}", json={"outcome": "ceased", "reason": "Wound up"})
    step(boss, case, "close", status=409, copy_sent_on=str(today(rows)))
    sent(boss, case, "corrected", today(rows))
    for wrong in ({}, {"copy_sent_on": str(today(rows) + DAY)}, {"copy_sent_on": "2020-01-02"}):
        assert "copy_sent_on" in step(boss, case, "close", status=422, **wrong)["errors"]
    assert step(boss, case, "close", copy_sent_on=str(today(rows)))["state"] == "closed"


def test_an_opinion_has_its_note(boss):
    case = record(boss, kind="correction", contact_ids=[contact(boss)])
    refused = step(boss, case, "refuse", status=422, ground="24(3)(b)", reason="It is an opinion", opinion=True)
    assert "opinion_note" in refused["errors"]
    assert step(boss, case, "refuse", ground="24(3)(b)", reason="It is an opinion", opinion=True,
                opinion_note="She says she is never late")["state"] == "refused"


def test_an_erasure_waits_for_the_erasing(boss, workspace):
    person = contact(boss)
    case = record(boss, kind="erasure", contact_ids=[person])
    assert case["statutory"] is False
    path = f"/contacts/{person}/erase"
    refused = boss.post(path, json={"reason": "subject_request", "confirm": str(person)})
    assert refused.status_code == 409 and "privacy request" in refused.json()["detail"], "held while a request is open"
    step(boss, case, "verify", how="known")
    case = step(boss, case, "assess")
    assert case["missing"]["erase"] == ["erased", "letter"]
    boss.ok("POST", path, json={"reason": "subject_request", "confirm": str(person)})
    done = step(boss, case, "erase")
    assert done["state"] == "erased" and done["requestor"]["name"] is None
    # Its key is gone: what nobody could read again is not taken.
    assert boss.post(f"/privacy/requests/{case['id']}/notes", json={"note": "Afterwards"}).status_code == 409


def test_an_erased_person_leaves_the_bare_case(boss, rows):
    person = contact(boss)
    case = record(boss, contact_ids=[person], scope="My file of Plum Lane")
    step(boss, case, "refuse", ground="20(3)(b)", reason="Nothing to go by")
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    seen = boss.ok("GET", f"/privacy/requests/{case['id']}")
    assert seen["state"] == "refused" and seen["due_at"] == case["due_at"] and seen["reference"] == case["reference"]
    assert seen["scope"] is None and seen["requestor"]["name"] is None
    assert "Nothing" not in "".join(e["text"] for e in seen["events"])
    rows.execute("select b.key_id is not null from log_book b where request_id = %s", [case["id"]])
    assert rows.fetchone() == (True,), "the log book keeps its reasons"


def test_an_opt_out_is_at_once(boss, staff):
    case = record(staff, kind="opt_out", contact_ids=[contact(boss)])
    assert case["state"] == "applied" and case["closed_at"]


def test_a_typing_error_in_the_day(boss, officer):
    case = record(boss, received_at="2026-02-22")
    mended = step(boss, case, "correct_received_at", received_at="2026-01-05", reason="Typed wrong", evidence="The postmark")
    assert (mended["due_at"], mended["due_rolled_at"]) == ("2026-02-14", "2026-02-14") and mended["state"] == "received"
    event = boss.ok("GET", f"/privacy/requests/{case['id']}")["events"][0]
    assert event["action"] == "correct_received_at" and "Typed wrong" in event["text"] and "Feb" in event["text"]
    later = {"received_at": "2026-02-22", "reason": "It was right", "evidence": "The stamp"}
    step(boss, case, "correct_received_at", status=403, **later)
    assert step(officer, case, "correct_received_at", **later)["due_rolled_at"] == "2026-04-08"


def test_a_sole_approver_says_why(stack):
    alone = stack.new_workspace()
    boss = alone.admin.api()
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    refused = step(boss, case, "approve", status=422)
    assert "reason" in refused["errors"]
    step(boss, case, "approve", reason="There is nobody else")
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["events"][0]["sole_approver"] is True
    mail = mail_to(stack, alone.admin.email)
    assert case["reference"] in mail["Subject"] and "alone" in text_of(mail)


# ---- many


def test_a_token_is_no_second_person_without_that_right(workspace, staff):
    made = {}
    for scope in (["read", "run_requests"], ["read", "run_requests", "approve_requests"]):
        browser = workspace.admin.browser()
        token = browser.post("/api/v1/tokens", json={"name": "robot", "scope": scope}, headers={"X-CSRF-Token": browser.csrf()})
        made[len(scope)] = Api(workspace.stack, workspace.slug, token.json()["token"])
    case = record(staff)
    step(made[2], case, "not_a_request", status=403, reason="A greeting")
    assert step(made[3], case, "not_a_request", reason="A greeting")["state"] == "not_a_request"


def test_what_it_leads_to_is_named_to_whoever_sees_it(boss, staff):
    person = contact(boss)
    first = record(boss, contact_ids=[person])
    case = record(staff, contact_ids=[person])
    step(boss, case, "duplicate", duplicate_of=first["id"])
    assert staff.get(f"/privacy/requests/{first['id']}").status_code == 404
    for client, wanted in ((boss, ([first["id"]], first["id"])), (staff, ([], None))):
        seen = client.ok("GET", f"/privacy/requests/{case['id']}")
        assert (seen["earlier_ids"], seen["duplicate_of"]) == wanted


def test_six_of_nine(boss, rows, workspace):
    cases = [record(boss) for _ in range(9)]
    for case in cases[:3]:
        step(boss, case, "refuse", ground="20(3)(b)", reason="x")
    ids = [c["id"] for c in cases]
    rows.execute("select user_id from app_user where email = %s", [workspace.admin.email])
    me, = rows.fetchone()
    answer = boss.ok("POST", "/privacy/requests/assign", json={"ids": ids, "assignee_id": me})
    assert (answer["done"], answer["of"], answer["refused"]) == (6, 9, ids[:3])
    mine = {c["id"] for c in boss.ok("GET", "/privacy/requests", params={"assignee": "me", "limit": 200})["items"]}
    assert mine == set(ids[3:])
    window = workspace.admin.browser()
    form = window.form("/privacy?assignee=me", "/privacy/assign")
    asked = window.submit(form, ids=[str(i) for i in ids], assignee_id=str(me))
    assert asked.status_code == 200 and "6 of 9 can do this" in asked.text
    rows.execute("select user_id from app_user where email like 'staff%%' limit 1")
    staff = rows.fetchone()
    if staff:
        assert boss.post("/privacy/requests/assign", json={"ids": ids, "assignee_id": staff[0]}).status_code == 422


# ---- pages


@pytest.mark.parametrize("lang, words", [
    ("en", ("Privacy requests", "days left", "Access", "Target date", "Legal last day", "Recorded")),
    ("zh-Hant", ("私隱要求", "尚餘", "查閱資料要求", "目標日期", "法定最後限期", "已記錄")),
])
def test_pages_in_both_languages(workspace, boss, lang, words):
    person = contact(boss, name_en="Page & <Person>")
    window = workspace.admin.browser()
    window.submit(window.form("/privacy", "/language"), lang=lang)
    assert f'href="/privacy/requests/new?contact={person}"' in window.page(f"/contacts/{person}")
    form = window.form(f"/privacy/requests/new?contact={person}", "/privacy/requests")
    wrong = window.submit(form, kind="access", channel="", scope="Kept <text>")
    assert wrong.status_code == 422 and routes.marked(wrong, "channel") and "Kept &lt;text&gt;" in wrong.text
    made = window.submit(form, kind="access", channel="counter")
    assert made.status_code == 303
    path = made.headers["Location"]
    page = window.page(path)
    assert "Page &amp; &lt;Person&gt;" in page and all(w in page for w in words[3:])
    board = window.page("/privacy?kind=access")
    assert all(w in board for w in words[:3]) and "<svg" in board
    assert words[2] in window.page("/privacy?view=cards")
    answer = window.submit(window.form(f"{path}/refuse", f"{path}/refuse"), reason="Because")
    assert answer.status_code == 422 and routes.marked(answer, "ground") and "Because" in answer.text
    answer = window.submit(window.form(f"{path}/refuse", f"{path}/refuse"), reason="Because", ground="20(3)(b)")
    assert answer.status_code == 303
    assert words[0] in window.page("/privacy?open=0")
    window.submit(window.form("/privacy", "/language"), lang="en")


def test_names_on_a_cases_pages_are_logged_by_field(workspace, boss, rows):
    person = contact(boss)
    case = record(boss, contact_ids=[person])
    window = workspace.admin.browser()
    assert "Chan Tai Man" in window.page(f"/privacy/requests/{case['id']}")
    assert "Chan Tai Man" in window.page(f"/privacy/requests/new?contact={person}")
    rows.execute("select route from audit_event e join field_set s using (field_set_id) where e.entity = 'contact' and e.action = 'view' "
                 "and s.fields = '{name_en,name_zh}' and e.subject_ids = array[%s::integer] order by 1", [person])
    assert len(rows.fetchall()) == 2


def test_views_are_logged(boss, rows):
    person = contact(boss)
    case = record(boss, contact_ids=[person])
    boss.ok("GET", f"/privacy/requests/{case['id']}")
    rows.execute("select action from audit_event where entity = 'request' and record_ids = array[%s::bigint] "
                 "and subject_ids = array[%s::integer] order by event_id", [case["id"], person])
    assert [a for a, in rows.fetchall()] == ["create", "view"]


def test_a_language_one_does_not_read_does_not_become_the_cases(workspace, boss):
    database = workspace.database()
    blind = workspace.add_user(make_profile(database, everything("all"), {"contact.language": "hidden"})).api()
    database.close()
    person = contact(boss, language="zh-Hant")
    made = [record(client, contact_ids=[person])["language"] for client in (blind, boss)]
    assert made == ["en", "zh-Hant"]
