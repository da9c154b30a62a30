# SPDX-License-Identifier: ISC
"""Row 20: after a refusal the note of what is disputed goes with the opinion (Cap. 486 s.25(2)): on pages, in the
API, in lists and exports, whatever a profile hides; nobody types into it."""
import datetime

import pytest

import routes
from exports import export
from person import canary
from test_requests import HONG_KONG, contact, record, sent, step


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def disputed(boss, note, of=None, person=None, action="refuse", **values):
    """A person whose opinion stays, with a note."""
    person = person or contact(boss, bio="Always late")
    case = record(boss, kind="correction", contact_ids=[person])
    step(boss, case, action, ground="24(3)(b)", reason="It is an opinion", opinion=True, opinion_note=note,
         **({"opinion_of": of} if of else {}), **values)
    return person


def test_page_api_and_timeline_have_the_note_with_the_opinion(boss, workspace):
    note = canary("note")
    person = contact(boss, bio="Always late")
    activity = boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "subject": "Rude", "body": "Was rude"})["id"]
    message = boss.ok("POST", f"/contacts/{person}/messages", json={"channel": "email", "direction": "out", "body": "She is rude"})["id"]
    for of in (f"contact:{person}", f"activity:{activity}", f"message:{message}"):
        disputed(boss, f"{note} {of}", of, person)
    window = workspace.admin.browser()
    for kind, path, number in (("contact", "contacts", person), ("activity", "activities", activity), ("message", "messages", message)):
        assert boss.ok("GET", f"/{path}/{number}")["opinion_note"] == f"{note} {kind}:{number}"
        assert f"{note} {kind}:{number}" in window.page(f"/{path}/{number}")
        listed = next(i for i in boss.ok("GET", f"/{path}", params={"limit": 200})["items"] if i["id"] == number)
        assert listed["opinion_note"] == f"{note} {kind}:{number}"
    timeline = window.page(f"/contacts/{person}")
    assert f"{note} activity:{activity}" in timeline and f"{note} message:{message}" in timeline
    assert note in window.page("/activities"), "where its subject is listed"


def test_no_profile_hides_it(boss, workspace, rows):
    note = canary("hidden")
    person = disputed(boss, note)
    staff = workspace.add_user("staff")
    rows.execute("insert into profile_field (profile_id, entity, field, level) select profile_id, 'contact', 'opinion_note', 'hidden' "
                 "from app_user where email = %s on conflict (profile_id, entity, field) do update set level = 'hidden'", [staff.email])
    seen = staff.api().get(f"/contacts/{person}")
    if seen.status_code == 200:
        assert seen.json()["opinion_note"] == note
    rows.execute("select profile_holds(profile_id) from app_user where email = %s", [staff.email])
    levels, = rows.fetchone()
    rows.execute("select array_agg(name order by entity, position, field_id) from field")
    names, = rows.fetchone()
    assert {levels[i] for i, name in enumerate(names) if name == "opinion_note"} == {"r"}


def test_a_list_that_leaves_has_the_note_where_it_has_the_opinion(boss):
    note = canary("csv")
    person = disputed(boss, note)
    for fields, there in ((["name_en", "bio"], True), (["name_en", "phone"], False), (["name_en", "opinion_note"], True)):
        lines = export(boss, fields=fields)
        assert any(note in (value or "") for line in lines for value in line.values()) == there, fields
    assert person


def test_nobody_types_into_it(boss):
    note = canary("typed")
    person = disputed(boss, note)
    version = boss.ok("GET", f"/contacts/{person}")["version"]
    for value in (None, "", "Something else"):
        answer = boss.patch(f"/contacts/{person}", json={"opinion_note": value}, headers={"If-Match": str(version)})
        assert answer.status_code == 422 and "opinion_note" in answer.json()["errors"]
    answer = boss.post("/contacts", json={"name_en": "X", "opinion_note": "x"})
    assert answer.status_code == 422
    assert boss.ok("GET", f"/contacts/{person}")["opinion_note"] == note


def test_it_goes_with_the_person(boss, rows):
    """With what is erased at once, and with what a law keeps for a while."""
    note = canary("gone")
    person = contact(boss, bio="Always late")
    made = [boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "Was rude", **kept})["id"]
            for kept in ({}, {"kept_until": "2099-01-01", "kept_law": "Cap. 615"})]
    message = boss.ok("POST", f"/contacts/{person}/messages", json={"channel": "email", "direction": "out", "body": "x"})["id"]
    for of in (f"contact:{person}", f"activity:{made[0]}", f"activity:{made[1]}", f"message:{message}"):
        disputed(boss, note, of, person)
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    for table in ("contact", "activity", "message"):
        rows.execute(f"select count(*) from {table} r where to_jsonb(r)::text like %s", [f"%{note}%"])
        assert rows.fetchone() == (0,), table


def test_a_second_one_joins_the_first(boss):
    person = disputed(boss, "First")
    disputed(boss, "Second", person=person)
    assert boss.ok("GET", f"/contacts/{person}")["opinion_note"] == "First\n\nSecond"


def test_of_what_is_corrected_in_part(boss):
    person = contact(boss)
    case = record(boss, kind="correction", contact_ids=[person])
    step(boss, case, "verify", how="known")
    step(boss, case, "correct_partly", ground="24(3)(b)", reason="The rest is an opinion", opinion=True, opinion_note="Never late")
    assert boss.ok("GET", f"/contacts/{person}")["opinion_note"] == "Never late"


@pytest.mark.parametrize("of, field", [("contact:999999999", "opinion_of"), ("invoice:1", "opinion_of"), ("contact", "opinion_of"),
                                       ("contact:x", "opinion_of"), ("foreign", "opinion_of"), ("x" * 41, "opinion_of")])
def test_what_is_no_record_of_the_person(boss, of, field):
    person, other = contact(boss), contact(boss)
    case = record(boss, kind="correction", contact_ids=[person])
    refused = step(boss, case, "refuse", status=422, ground="24(3)(b)", reason="x", opinion=True, opinion_note="y",
                   opinion_of=f"contact:{other}" if of == "foreign" else of)
    assert field in refused["errors"]
    assert boss.ok("GET", f"/contacts/{other}")["opinion_note"] is None
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["state"] == "received"


def test_of_two_people_it_is_said_whose(boss):
    case = record(boss, kind="correction", contact_ids=[contact(boss), contact(boss)])
    refused = step(boss, case, "refuse", status=422, ground="24(3)(b)", reason="x", opinion=True, opinion_note="y")
    assert "opinion_of" in refused["errors"]


def test_the_database_refuses_an_opinion_without_its_note(boss, workspace):
    from test_pdpo_rows import refused_event
    person = contact(boss)
    case = record(boss, kind="correction", contact_ids=[person])
    connection = workspace.database()
    connection.cursor().execute("insert into log_book (request_id, kind, received_on, ground, reasons, notice_on, late) values "
                                "(%s, 'correction', '2026-01-02', 'x', '', '2026-01-02', false)", [case["id"]])
    connection.close()
    sent(boss, case, "correction_refused", datetime.datetime.now(HONG_KONG).strftime("%Y-%m-%d"))
    data = {"opinion": True, "opinion_of": f"contact:{person}"}
    assert refused_event(workspace, case, "refuse", data, ground="24(3)(b)") == "PR024"


@pytest.mark.parametrize("language, words", [("en", "Disputed by the person"), ("zh-Hant", "當事人的爭議")])
def test_the_page_of_the_step(boss, workspace, language, words):
    person = contact(boss)
    boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "subject": "Plain words", "body": "x"})
    case = record(boss, kind="correction", contact_ids=[person])
    window = workspace.admin.browser()
    window.write("/language", lang=language, back="/")
    path = f"/privacy/requests/{case['id']}/refuse"
    assert "Plain words" in window.page(path)
    form = window.form(path, path)
    wrong = window.submit(form, ground="24(3)(b)", reason="x", opinion="true")
    assert wrong.status_code == 422 and routes.marked(wrong, "opinion_note")
    assert window.submit(form, ground="24(3)(b)", reason="x", opinion="true", opinion_of=f"contact:{person}",
                         opinion_note="Not so").status_code == 303
    page = window.page(f"/contacts/{person}")
    assert "Not so" in page and words in page
    window.write("/language", lang="en", back="/")
