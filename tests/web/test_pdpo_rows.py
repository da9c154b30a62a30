# SPDX-License-Identifier: ISC
"""What the Ordinance wants of requests, row by row, where it is not in a test of the thing itself (tests/README.md
has the list of rows): the copy itself, consent of others, fees, the copy as corrected."""
import json

import psycopg2
import pytest

import routes
from harness import parse_forms
from test_case_copy import SECRETS, TEXT, approved, copy, marks, message, package, rest
from test_case_copy import contact as person_of
from test_requests import DAY, attach, contact, record, sent, step, take, today


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


@pytest.fixture(scope="module")
def friend(boss, workspace):
    connection = workspace.database()
    connection.cursor().execute("update field set enabled = true where entity = 'contact' and name = 'hkid'")
    connection.close()
    return person_of(boss, name_en="KWOK Mei Fong", name_zh="郭美芳", phone="61234567", email="mei.fong@other.example", hkid="C123456(9)")


def ready(boss, officer, case):
    """Looked through, who asks is known, approved."""
    step(boss, case, "verify", how="id_seen")
    step(boss, case, "search")
    step(boss, case, "review")
    step(officer, case, "approve")


def refused_event(workspace, case, action, data, to=None, ground=None):
    """The database's answer to a step as the product would store it."""
    connection = workspace.database()
    rows = connection.cursor()
    rows.execute("select current_database(), min(user_id) from app_user")
    role, me = rows.fetchone()
    rows.execute("begin")
    rows.execute(f'set local role "{role}"')
    rows.execute("select gate_system('worker', %s, 'test')", [me])
    try:
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute("insert into request_event (request_id, action, to_state, ground, note, data) values (%s, %s, %s, %s, 'x', %s)",
                         [case["id"], action, to, ground, json.dumps(data)])
        return refused.value.pgcode
    finally:
        rows.execute("rollback")
        connection.close()


# ---- row 4: both limbs


def test_row_4_a_copy_that_was_asked_for_is_there_before_it_ends(boss, officer, workspace):
    case = record(boss, contact_ids=[contact(boss)])
    ready(boss, officer, case)
    refused = step(boss, case, "comply", status=409)
    assert "make the package" in refused["detail"]
    step(boss, case, "comply_partly", status=409, ground="20(3)(f)", reason="x")
    assert refused_event(workspace, case, "comply", {}) == "PR022"
    # What shows who asks is no answer.
    case_files = boss.ok("GET", f"/privacy/requests/{case['id']}")["files"]
    assert case_files == []
    attach(boss, case)
    assert step(boss, case, "comply")["state"] == "complied"


def test_row_4_whether_it_is_held_needs_no_copy(boss, officer):
    case = record(boss, contact_ids=[contact(boss)], limb_a=True, limb_b=False)
    ready(boss, officer, case)
    assert step(boss, case, "comply")["state"] == "complied"
    assert "held" in {d["letter"] for d in boss.ok("GET", f"/privacy/requests/{case['id']}")["letters_due"]} or \
        "held" in {x["letter"] for x in boss.ok("GET", f"/privacy/requests/{case['id']}")["letters"]}


# ---- row 9: with consent


def people(boss, case):
    return {p["who"]: p for p in boss.ok("GET", f"/privacy/requests/{case}/copy?all=true")["people"]}


def test_row_9_with_consent_of_the_other_their_particulars_are_handed_over(boss, officer, friend, rows):
    person = person_of(boss, name_en="LAU Chi Ho", language="en")
    told = message(boss, person, TEXT)
    case = boss.ok("POST", "/privacy/requests", status=201, json={
        "kind": "access", "channel": "letter", "contact_ids": [person], "language": "en"})["id"]
    copy(boss, case)
    other = people(boss, case)["KWOK Mei Fong"]
    assert other["consent"] is None and other["marks"] == 5
    given = boss.ok("POST", f"/privacy/requests/{case}/copy/consent", json={"person": other["id"], "reference": "Her letter of 3 May"})
    assert given["consent"] == "Her letter of 3 May"
    seen = people(boss, case)["KWOK Mei Fong"]
    assert seen["consent"] == "Her letter of 3 May" and seen["consented_at"]
    rest(boss, case)
    approved(boss, officer, case)
    text = package(boss, case)["data.json"].decode()
    for secret in SECRETS[:5]:
        assert secret in text, "with consent"
    for secret in SECRETS[5:]:
        assert secret not in text, "nobody else consented"
    rows.execute("select position('Her letter' in consent::text) from request_alias where consent is not null")
    assert rows.fetchall() == [(0,)], "not in plain"
    event = next(e for e in boss.ok("GET", f"/privacy/requests/{case}")["events"] if e["action"] == "consent")
    assert "Her letter of 3 May" in event["text"]
    assert told


def test_row_9_consent_that_is_taken_back_before_approval(boss, officer, friend):
    person = person_of(boss, name_en="LAU Chi Wai")
    message(boss, person, TEXT)
    case = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", "contact_ids": [person]})["id"]
    copy(boss, case)
    other = people(boss, case)["KWOK Mei Fong"]["id"]
    path = f"/privacy/requests/{case}/copy/consent"
    boss.ok("POST", path, json={"person": other, "reference": "By telephone"})
    boss.ok("POST", path, json={"person": other, "reference": "  "})
    assert people(boss, case)["KWOK Mei Fong"]["consent"] is None
    rest(boss, case)
    approved(boss, officer, case)
    assert "Kwok Mei Fong" not in package(boss, case)["data.json"].decode()


def test_row_9_what_is_no_consent(boss, officer, friend, workspace, rows):
    one, two = (boss.ok("POST", "/privacy/requests", status=201, json={
        "kind": "access", "channel": "letter", "contact_ids": [person_of(boss)]})["id"] for _ in range(2))
    message(boss, friend, "x")
    for case in (one, two):
        subject = boss.ok("GET", f"/privacy/requests/{case}")["contact_ids"][0]
        rows.execute("update privacy_request set received_at = now() + interval '1 hour' where request_id = %s", [case])
        message(boss, subject, TEXT)
        copy(boss, case)
    foreign = people(boss, two)["KWOK Mei Fong"]["id"]
    path = f"/privacy/requests/{one}/copy/consent"
    for body in ({"person": foreign, "reference": "x"}, {"person": 999999999, "reference": "x"}, {"reference": "x"}, {"person": "x"}):
        answer = boss.post(path, json=body)
        assert answer.status_code == 422 and "person" in answer.json()["errors"]
    assert routes.problem(workspace.add_user("staff").api().post(path, json={"person": foreign, "reference": "x"}), 403) is None
    rest(boss, two)
    approved(boss, officer, two)
    late = boss.post(f"/privacy/requests/{two}/copy/consent", json={"person": foreign, "reference": "x"})
    assert routes.problem(late, 409) is None, "what was approved stands"
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update request_alias set consent = 'x' where alias_id = %s", [foreign])
    assert refused.value.pgcode == "PR028"


@pytest.mark.parametrize("language, words", [("en", "Other people in this copy"), ("zh-Hant", "本複本提及的其他人")])
def test_row_9_on_the_page(boss, workspace, friend, language, words):
    person = person_of(boss)
    message(boss, person, TEXT)
    case = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", "contact_ids": [person]})["id"]
    item = copy(boss, case)
    window = workspace.admin.browser()
    window.write("/language", lang=language, back="/")
    text, other = window.page(f"/privacy/requests/{case}/copy"), people(boss, case)["KWOK Mei Fong"]["id"]
    form = next(f for f in parse_forms(text, f"/privacy/requests/{case}/copy")
                if f.action.endswith("/consent") and dict(f.fields)["person"] == str(other))
    assert words in text
    assert window.submit(form, reference="Signed form 7").status_code == 303
    consented = [p for i in copy_items(boss, case) for p in marks(i).values() if p["consent"]]
    assert consented and "Signed form 7" in window.page(f"/privacy/requests/{case}/copy?all=1")
    assert item
    window.write("/language", lang="en", back="/")


def copy_items(boss, case):
    return boss.ok("GET", f"/privacy/requests/{case}/copy?all=true")["items"]


# ---- row 17: the fee


def in_review(boss):
    case = record(boss)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    step(boss, case, "review")
    return case


@pytest.mark.parametrize("fee, field", [
    ({"fee_copying": "20", "fee_lowest": "19.99"}, "fee_lowest"), ({"fee_copying": "20"}, "fee_lowest"),
    ({"fee_copying": "20", "fee_lowest": "x"}, "fee_lowest"), ({"fee_copying": "20", "fee_lowest": "-1"}, "fee_lowest"),
    ({"fee_copying": "12", "fee_labour": "8.50", "fee_lowest": "20.49"}, "fee_lowest"),
    ({"fee_lowest": "20"}, "fee_copying"), ({"fee_overhead": "20", "fee_lowest": "20"}, "fee_overhead"),
    ({"fee": "20", "fee_lowest": "20"}, "fee")])
def test_row_17_no_more_than_in_the_cheapest_form_and_for_items_of_cost_only(boss, fee, field):
    case = in_review(boss)
    refused = step(boss, case, "fee", status=422, **fee)
    assert field in refused["errors"]
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["state"] == "review"
    assert step(boss, case, "fee", fee_copying="20", fee_lowest="20.00")["state"] == "fee_pending"


def test_row_17_the_database_says_so_too(boss, workspace, rows):
    case = in_review(boss)
    sent(boss, case, "fee", today(rows))
    for data in ({"fee": 2000, "fee_items": {"copying": 2000}, "fee_lowest": 1999}, {"fee": 2000, "fee_items": {"copying": 2000}},
                 {"fee": 2000, "fee_items": {"overhead": 2000}, "fee_lowest": 2000}, {"fee": 2000, "fee_lowest": 2000},
                 {"fee": 2000, "fee_items": {"copying": 1000}, "fee_lowest": 2000}, {}):
        assert refused_event(workspace, case, "fee", data) == "PR024", data


def test_row_17_none_for_a_correction_or_a_refusal(boss, workspace, rows):
    correction = record(boss, kind="correction")
    fee = {"fee_copying": "1", "fee_lowest": "1"}
    assert step(boss, correction, "fee", status=409, **fee)
    assert refused_event(workspace, correction, "fee", {"fee": 1}) == "PR021"
    case = in_review(boss)
    refused = step(boss, case, "refuse", status=422, ground="20(3)(b)", reason="x", **fee)
    assert "fee_copying" in refused["errors"]
    assert take(boss, case, "refuse", prepare=True, ground="20(3)(b)", reason="x").status_code == 200
    sent(boss, case, "refuse", today(rows))
    assert refused_event(workspace, case, "refuse", {"fee": 1}, ground="20(3)(b)") == "PR024"
    step(boss, case, "refuse")
    assert step(boss, case, "fee", status=409, **fee)


# ---- row 18: the copy as corrected


def test_row_18_a_correction_closes_once_its_copy_has_gone_out(boss, workspace, rows):
    case = record(boss, kind="correction", contact_ids=[contact(boss)])
    day = str(today(rows))
    step(boss, case, "verify", how="known")
    step(boss, case, "correct")
    step(boss, case, "notify_recipients")
    seen = boss.ok("GET", f"/privacy/requests/{case['id']}")
    assert seen["missing"]["close"] == ["corrected_sent"] and "close" not in seen["allowed"]
    assert "as corrected" in step(boss, case, "close", status=409, copy_sent_on=day)["detail"]
    assert refused_event(workspace, case, "close", {"copy_sent_on": day}) == "PR022"
    # Written is not sent.
    boss.ok("POST", f"/privacy/requests/{case['id']}/letters", status=201, json={"letter": "corrected", "body": "By hand"})
    step(boss, case, "close", status=409, copy_sent_on=day)
    sent(boss, case, "corrected", today(rows))
    assert refused_event(workspace, case, "close", {"copy_sent_on": str(today(rows) + DAY)}) == "PR024"
    assert refused_event(workspace, case, "close", {}) == "PR024"
    assert step(boss, case, "close", copy_sent_on=day)["state"] == "closed"


def test_row_18_is_overdue_on_day_41_without_notice(boss, rows):
    case = record(boss, kind="correction", received_at=str(today(rows) - 41 * DAY))
    rows.execute("update privacy_request set due_rolled_on = hk_today() - 1 where request_id = %s", [case["id"]])
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["overdue"]
    step(boss, case, "delay", status=409, reason="Too late")
    rows.execute("update privacy_request set due_rolled_on = hk_today() where request_id = %s", [case["id"]])
    assert not boss.ok("GET", f"/privacy/requests/{case['id']}")["overdue"]
    assert step(boss, case, "delay", reason="The archive is large")["state"] == "delay_noticed"
