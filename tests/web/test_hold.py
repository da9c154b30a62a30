# SPDX-License-Identifier: ISC
"""Holds (row 25): why, who looks again and when; a request for access holds its people by itself."""
import psycopg2
import pytest

from mails import mail_to, text_of
from test_import import counts, import_file
from test_requests import record, step


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture(scope="module")
def reviewer(workspace):
    return workspace.add_user("privacy_officer")


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def claim(rows, reviewer):
    rows.execute("select user_id, (hk_today() + 30)::text from app_user where email = %s", [reviewer.email])
    number, day = rows.fetchone()
    return {"hold": True, "hold_ground": "claim", "hold_reviewer_id": number, "hold_review_on": day}


def person(boss, **fields):
    return boss.ok("POST", "/contacts", status=201, json={"name_en": "Held Person", **fields})


def change(boss, contact, **fields):
    version = boss.ok("GET", f"/contacts/{contact}")["version"]
    return boss.patch(f"/contacts/{contact}", json=fields, headers={"If-Match": str(version)})


def erase(boss, contact):
    return boss.post(f"/contacts/{contact}/erase", json={"reason": "subject_request", "confirm": str(contact)})


def test_row_25_a_hold_says_why_who_and_when(boss, browser, claim):
    contact = person(boss, **claim)["id"]
    seen = boss.ok("GET", f"/contacts/{contact}")
    assert seen["hold"] is True and seen["hold_ground"] == "claim"
    held = seen["holds"]
    assert [(h["ground"], h["review_on"], h["reference"]) for h in held] == [("claim", claim["hold_review_on"], None)]
    assert held[0]["reviewer"]
    page = browser.page(f"/contacts/{contact}")
    assert "Held, cannot be erased for now: Legal claim; to be reviewed by" in page
    refused = erase(boss, contact)
    assert refused.status_code == 409
    assert "Legal claim" in refused.json()["detail"] and held[0]["reviewer"] in refused.json()["detail"]
    # Without it there are none of its particulars, and the person can be erased.
    after = change(boss, contact, hold=False)
    assert after.status_code == 200, after.text
    assert [after.json()[k] for k in ("hold_ground", "hold_reviewer_id", "hold_review_on", "holds")] == [None, None, None, []]
    assert erase(boss, contact).status_code == 200


@pytest.mark.parametrize("left_out", ["hold_ground", "hold_reviewer_id", "hold_review_on"])
def test_row_25_none_without(boss, claim, left_out):
    body = {k: v for k, v in claim.items() if k != left_out}
    answer = boss.post("/contacts", json={"name_en": "Held", **body})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [left_out], answer.text
    contact = person(boss, **claim)["id"]
    answer = change(boss, contact, **{left_out: None})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [left_out], answer.text


def test_what_is_no_hold(boss, claim):
    contact = person(boss)["id"]
    assert list(change(boss, contact, hold=True).json()["errors"]) == ["hold_ground", "hold_reviewer_id", "hold_review_on"]
    assert list(change(boss, contact, hold_ground="claim").json()["errors"]) == ["hold"]
    assert list(change(boss, contact, **{**claim, "hold_review_on": "2020-01-01"}).json()["errors"]) == ["hold_review_on"]
    assert list(change(boss, contact, **{**claim, "hold_ground": "because"}).json()["errors"]) == ["hold_ground"]
    assert list(change(boss, contact, **{**claim, "hold_reviewer_id": 999999}).json()["errors"]) == ["hold_reviewer_id"]
    assert boss.ok("GET", f"/contacts/{contact}")["hold"] is False


def test_the_database_refuses_it_too(boss, rows):
    contact = person(boss)["id"]
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update contact set hold = true where contact_id = %s", [contact])
    assert refused.value.pgcode == "PR061"


def test_the_form_keeps_what_was_typed(browser, claim, rows):
    body = {"name_en": "Typed Held", "hold": "true", "hold_ground": "claim", "hold_reviewer_id": "", "hold_review_on": ""}
    again = browser.write("/contacts", **body)
    assert again.status_code == 422 and "Typed Held" in again.text and "A hold needs a ground" in again.text
    rows.execute("select count(*) from contact where name_en = 'Typed Held'")
    assert rows.fetchone() == (0,)
    made = browser.write("/contacts", **{**body, "hold_reviewer_id": str(claim["hold_reviewer_id"]), "hold_review_on": claim["hold_review_on"]})
    assert made.status_code == 303


def test_row_25_a_request_for_access_holds_its_person_until_it_closes(boss, browser):
    contact = person(boss)["id"]
    case = record(boss, contact_ids=[contact])
    held = boss.ok("GET", f"/contacts/{contact}")["holds"]
    assert [(h["ground"], h["reference"], h["review_on"]) for h in held] == [("request", case["reference"], case["due_rolled_at"])]
    assert f"Open privacy request {case['reference']}" in browser.page(f"/contacts/{contact}")
    assert erase(boss, contact).status_code == 409
    step(boss, case, "withdraw", reason="By letter")
    assert boss.ok("GET", f"/contacts/{contact}")["holds"] == []
    assert erase(boss, contact).status_code == 200


def test_the_day_of_review_is_told(boss, reviewer, claim, rows, workspace):
    contact = person(boss, **claim)["id"]
    rows.execute("update contact set hold_review_on = hk_today() where contact_id = %s", [contact])
    page = reviewer.browser().page("/")
    assert "Holds to review" in page and "filter[hold]=true" in page
    rows.execute("update chore set due_at = now() where name = 'requests'")
    workspace.stack.praya("worker", workspace.slug, "--once")
    rows.execute("select hold_reminded_on = hk_today() from contact where contact_id = %s", [contact])
    assert rows.fetchone() == (True,)
    rows.execute("select count(*) from outbox where kind = 'hold_review'")
    assert rows.fetchone() == (1,)
    # Another day: told again when it comes.
    rows.execute("update contact set hold_review_on = hk_today() + 1 where contact_id = %s returning hold_reminded_on", [contact])
    assert rows.fetchone() == (None,)
    text = text_of(mail_to(workspace.stack, reviewer.email))
    assert f"/contacts/{contact}" in text and "Held Person" not in text


def test_a_file_says_it_as_well(boss, claim, rows, reviewer):
    head = "name_en,hold,hold_ground,hold_reviewer_id,hold_review_on\n"
    text = head + f"Import One,true,claim,{reviewer.email},{claim['hold_review_on']}\nImport Two,true,,,\nImport Three,,claim,,\n"
    rows.execute("select count(*) from contact where hold")
    before = rows.fetchone()[0]
    assert counts(import_file(boss, text.encode())) == (1, 0, 0, 2)
    rows.execute("select count(*) from contact where hold")
    assert rows.fetchone()[0] == before + 1
