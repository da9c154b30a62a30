# SPDX-License-Identifier: ISC
"""The package of an approved copy, handed over by a link: as long as it is the approved answer, and to nobody else."""
import io
import re
import secrets
import zipfile

import psycopg2
import pytest

from harness import Api
from mails import link_in, mail_to, text_of
from test_case_copy import approved, boss, contact, copy, message, officer, package, rest, rows, step  # noqa: F401


@pytest.fixture
def program(workspace):
    return Api(workspace.stack, workspace.slug, None)


def case_of(boss, **values):
    people = values.pop("contact_ids", None) or [contact(boss)]
    body = {"kind": "access", "channel": "letter", "contact_ids": people, "form_wanted": "electronic",
            "requestor": {"name": "Lau Wing Sze", "email": f"p{secrets.token_hex(6)}@people.example"}, **values}
    return boss.ok("POST", "/privacy/requests", status=201, json=body)


@pytest.fixture
def ready(boss, officer):
    """A case with a package, whose requestor is known."""
    case = case_of(boss)
    copy(boss, case["id"])
    rest(boss, case["id"])
    approved(boss, officer, case["id"])
    package(boss, case["id"])
    step(boss, case["id"], "verify", how="known")
    return case


def hand_over(boss, case, status=201, **values):
    answer = boss.post(f"/privacy/requests/{case['id']}/handovers", json={"package": True, **values})
    assert answer.status_code == status, answer.text
    return answer.json()


def mails(stack, case, number):
    return mail_to(stack, case["requestor"]["email"], number)


def code(stack, case, number):
    return re.search(r"\b(\d{6})\b", text_of(mails(stack, case, number)))[1]


def test_it_is_fetched_by_link_and_code(boss, stack, program, ready):
    made = hand_over(boss, ready)
    assert made["handovers"][0]["package"] is True and "file_id" not in made["handovers"][0]
    link = link_in(mails(stack, ready, 1), boss.origin)
    program.ok("POST", f"{link}/code", status=202)
    answer = program.post(link, json={"code": code(stack, ready, 2)})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box:
        assert box.testzip() is None and "index.html" in box.namelist()
    seen = boss.ok("GET", f"/privacy/requests/{ready['id']}")
    assert seen["handovers"][0]["state"] == "fetched" and seen["events"][0]["action"] == "handover_fetched"


def test_a_request_is_answered_while_the_workspace_closes(stack):
    """From its arrival to the link and code: all of it goes on."""
    own = stack.new_workspace()
    boss, officer = own.admin.api(), own.add_user("privacy_officer").api()
    person = contact(boss)
    boss.ok("POST", "/workspace/close", json={"confirm": own.slug})
    case = case_of(boss, contact_ids=[person])
    copy(boss, case["id"])
    rest(boss, case["id"])
    approved(boss, officer, case["id"])
    package(boss, case["id"])
    step(boss, case["id"], "verify", how="known")
    hand_over(boss, case)
    link, program = link_in(mails(stack, case, 1), boss.origin), Api(stack, own.slug, None)
    program.ok("POST", f"{link}/code", status=202)
    assert program.post(link, json={"code": code(stack, case, 2)}).status_code == 200
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["handovers"][0]["state"] == "fetched"


def test_the_next_link_ends_the_one_before(boss, stack, program, ready):
    hand_over(boss, ready)
    first = link_in(mails(stack, ready, 1), boss.origin)
    hand_over(boss, ready)
    assert program.post(f"{first}/code").status_code == 410
    assert program.post(f"{link_in(mails(stack, ready, 2), boss.origin)}/code").status_code == 202


def test_an_answer_that_is_put_together_anew_leaves_by_no_old_link(boss, stack, program, ready):
    hand_over(boss, ready)
    link = link_in(mails(stack, ready, 1), boss.origin)
    assert program.get(link).status_code == 200
    boss.ok("POST", f"/privacy/requests/{ready['id']}/items", status=201, json={"what": "source", "label": "The till"})
    assert program.get(link).status_code == 410
    assert program.post(f"{link}/code").status_code == 410
    hand_over(boss, ready, status=409)


TAKEN = "Quuxzanzibar lives at 7 Nathan Road"


def test_what_is_taken_down_leaves_in_no_package(boss, officer, stack, program):
    """Row 43: one that was made of several people's records is over, and a new one is without it."""
    person, second = contact(boss), contact(boss)
    made = [message(boss, number, text) for number, text in ((person, "Good day"), (second, TAKEN))]
    case = boss.ok("POST", "/privacy/requests", status=201, json={
        "kind": "access", "channel": "letter", "contact_ids": [person, second], "form_wanted": "electronic",
        "requestor": {"name": "Lau Wing Sze", "email": f"p{secrets.token_hex(6)}@people.example"}})
    copy(boss, case["id"])
    rest(boss, case["id"])
    approved(boss, officer, case["id"])
    assert TAKEN.encode() in package(boss, case["id"])["data.json"]
    step(boss, case["id"], "verify", how="known")
    hand_over(boss, case)
    link = link_in(mails(stack, case, 1), boss.origin)
    notice = boss.ok("POST", "/privacy/takedowns", status=201, json={"from": "PCPD", "text": "x", "deadline_at": "2999-01-01"})["id"]
    boss.ok("POST", f"/privacy/takedowns/{notice}/items", status=201, json={"entity": "message", "record_id": made[1]})
    assert program.post(f"{link}/code").status_code == 410
    data = package(boss, case["id"])["data.json"]
    assert TAKEN.encode() not in data and b"Good day" in data


@pytest.mark.parametrize("body, field", [
    ({"package": False}, "file_id"),
    ({"file_id": 1}, "file_id"),
    ({"email": "nobody"}, "email"),
])
def test_what_is_no_link(boss, ready, body, field):
    answer = hand_over(boss, ready, status=422, **body)
    assert field in answer["errors"]


def test_no_link_before_there_is_a_package(boss, officer):
    case = case_of(boss)
    copy(boss, case["id"])
    rest(boss, case["id"])
    step(boss, case["id"], "verify", how="known")
    hand_over(boss, case, status=409)
    approved(boss, officer, case["id"])
    assert "package" in hand_over(boss, case, status=422)["errors"]


def test_the_database_hands_over_no_other_package(boss, rows, ready):
    """Neither another case's, nor one that is not the last that was approved."""
    rows.execute("select package_id from privacy_request where request_id = %s", [ready["id"]])
    package_id = rows.fetchone()[0]
    other = case_of(boss)
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("insert into handover (request_id, download_id, hash, email, expires_at) "
                     "values (%s, %s, 'h', 'e', now() + interval '1 day')", [other["id"], package_id])
    assert refused.value.pgcode == "PR043"


@pytest.mark.parametrize("lang, words", [("en", "The package made of the approved copy"), ("zh-Hant", "由已批准複本製作的檔案")])
def test_the_page_offers_it(workspace, boss, ready, lang, words):
    browser = workspace.admin.browser()
    browser.write("/language", lang=lang, back="/")
    path = f"/privacy/requests/{ready['id']}"
    text = browser.page(path)
    assert words in text
    made = browser.submit(browser.form(path, f"{path}/handovers"))
    assert made.status_code == 303
    assert boss.ok("GET", path)["handovers"][0]["package"] is True
    browser.write("/language", lang="en", back="/")
