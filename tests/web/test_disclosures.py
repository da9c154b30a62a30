# SPDX-License-Identifier: ISC
"""Row 19: who received data of a person within twelve months is told of its correction, or it is said why not, before it closes."""
import csv
import io
import json
import re
import zipfile

import psycopg2
import pytest

import routes
from harness import parse_forms
from jobs import done, export_person
from test_pdpo_rows import refused_event
from test_requests import DAY, contact, record, sent, step, today


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def write(boss, person, day, to="Harbour Courier Ltd"):
    return boss.ok("POST", f"/contacts/{person}/disclosures", status=201, json={
        "disclosed_on": str(day), "recipient": to, "purpose": "Delivery", "fields": ["email"]})["id"]


def seen(boss, person):
    return boss.ok("GET", f"/contacts/{person}/disclosures")["items"]


def recipients(boss, case):
    return [i for i in boss.ok("GET", f"/privacy/requests/{case['id']}")["items"] if i["what"] == "recipient"]


def corrected(boss, person):
    case = record(boss, kind="correction", contact_ids=[person])
    step(boss, case, "verify", how="known")
    step(boss, case, "correct")
    return case


def test_to_whom_when_what_and_why(boss, rows):
    person = contact(boss)
    write(boss, person, today(rows))
    item, = seen(boss, person)
    assert item["recipient"] == "Harbour Courier Ltd" and item["purpose"] == "Delivery"
    assert item["fields"] == ["email"] and item["disclosed_on"] == str(today(rows)) and item["source"] == "register"
    rows.execute("select position('Harbour'::bytea in recipient) from disclosure where contact_id = %s", [person])
    assert rows.fetchall() == [(0,)], "not in plain"


@pytest.mark.parametrize("field, value", [("disclosed_on", "2999-01-01"), ("disclosed_on", "x"), ("disclosed_on", None), ("recipient", " "),
                                          ("purpose", None), ("fields", ["no_such"]), ("fields", [])])
def test_what_is_no_disclosure(boss, rows, field, value):
    person = contact(boss)
    body = {"disclosed_on": str(today(rows)), "recipient": "A", "purpose": "B", "fields": ["email"], field: value}
    if value is None:
        del body[field]
    answer = boss.post(f"/contacts/{person}/disclosures", json=body)
    assert answer.status_code in (400, 422) and field in answer.json()["errors"]
    assert seen(boss, person) == []


def test_for_whom_it_is_not(boss, workspace, rows):
    person = contact(boss)
    staff = workspace.add_user("staff").api()
    for answer in (staff.get(f"/contacts/{person}/disclosures"), staff.post(f"/contacts/{person}/disclosures", json={})):
        assert routes.problem(answer, 403) is None
    assert boss.get("/contacts/999999999/disclosures").status_code == 404


def test_exports_and_mails_to_others_are_listed_of_themselves(boss, rows):
    person = contact(boss, email="me@own.example")
    for to in ("me@own.example", "Insurer <claims@insurer.example>"):
        boss.ok("POST", "/messages", status=201, json={"contact_id": person, "channel": "email", "direction": "out", "recipients": to,
                                                       "subject": "s", "body": "b"})
    job = boss.ok("POST", f"/contacts/{person}/export", status=202, json={})["job"]
    done(boss, job)
    found = seen(boss, person)
    assert sorted(i["source"] for i in found) == ["export", "mail"], "a mail to the person is none"
    assert next(i for i in found if i["source"] == "mail")["recipient"] == "Insurer <claims@insurer.example>"


def test_a_list_that_somebody_was_in_is_listed(boss, rows):
    inside, outside = (contact(boss, name_en=n, surname_en=n) for n in ("Lai Inside", "Mok Outside"))
    begun = boss.ok("POST", "/contacts/export", status=202, json={"reason": "transfer", "format": "csv", "fields": ["name_en"], "q": "Lai Inside"})
    done(boss, begun["job"])
    item, = seen(boss, inside)
    assert item["source"] == "export" and item["fields"] == ["name_en"] and item["purpose"]
    assert seen(boss, outside) == []


def test_a_list_is_known_by_its_own_event(boss, rows):
    """Not by who asked last before it: two lists of one person, of the same kind, at the same moment."""
    inside, other = (contact(boss, name_en=n, surname_en=n) for n in ("Yip Ownlist", "Fok Otherlist"))
    for name in ("Yip Ownlist", "Fok Otherlist"):
        done(boss, boss.ok("POST", "/contacts/export", status=202, json={
            "reason": "transfer", "format": "csv", "fields": ["name_en"], "q": name})["job"])
    rows.execute("select array_agg(export_id order by export_id desc) from (select export_id from export order by export_id desc limit 2) x")
    second, first = rows.fetchone()[0]
    rows.execute("update export set created_at = (select created_at + interval '1 microsecond' from export where export_id = %s) "
                 "where export_id = %s", [first, second])
    assert [i["ref"] for i in seen(boss, inside)] == [first]
    assert [i["ref"] for i in seen(boss, other)] == [second]


def list_of(boss, name):
    return done(boss, boss.ok("POST", "/contacts/export", status=202, json={
        "reason": "transfer", "format": "csv", "fields": ["name_en"], "q": name})["job"])


def register_in(boss, person, job=None):
    """The disclosures as they stand in an export of the person, newest last."""
    job = job or boss.ok("POST", f"/contacts/{person}/export", status=202, json={})["job"]
    answer = boss.get(done(boss, job)["download"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box:
        return list(csv.DictReader(io.StringIO(box.read("disclosures.csv").decode("utf-8-sig"))))


def test_an_export_does_not_list_itself(boss, rows):
    """Neither the one that is being made, nor in its stead the last list of whoever asked for it, which the person was not in."""
    person = contact(boss, name_en="Tse Alone")
    contact(boss, name_en="Hui Elsewhere")
    list_of(boss, "Hui Elsewhere")
    assert register_in(boss, person) == []
    assert [i["source"] for i in seen(boss, person)] == ["export"], "afterwards it is there, once"
    assert len(register_in(boss, person)) == 1
    # A worker that is killed over it begins anew.
    rows.execute("select max(export_id) from export where contact_id = %s", [person])
    assert len({i["ref"] for i in seen(boss, person)}) == len(seen(boss, person)) == 2


def test_a_copy_that_is_put_together_is_no_disclosure(boss, workspace):
    """Nor is an earlier list of whoever put it together."""
    person = contact(boss, name_en="Tse Copied")
    list_of(boss, "Hui Elsewhere")
    case = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", "contact_ids": [person]})["id"]
    done(boss, boss.ok("POST", f"/privacy/requests/{case}/copy", status=202)["job"])
    assert seen(boss, person) == []
    item, = (i for i in boss.ok("GET", f"/privacy/requests/{case}/copy?all=true")["items"] if i["entity"] == "contact")
    assert not any(f["name"].startswith("disclosed.") for f in item["fields"])


def test_lists_of_earlier_releases_are_found_still(boss, rows):
    """Their events do not say of which export they are."""
    person = contact(boss, name_en="Tse Earlier")
    list_of(boss, "Tse Earlier")
    rows.execute("set session_replication_role = replica")
    rows.execute("update audit_event set request_id = null where action = 'export' and %s = any (subject_ids)", [person])
    assert rows.rowcount >= 1
    assert [i["source"] for i in seen(boss, person)] == ["export"]


def test_only_who_received_the_corrected_field_is_told(boss, rows):
    person, day = contact(boss), str(today(rows))
    for to, fields in (("Mailing House", ["email"]), ("Courier", ["address", "phone"]), ("Insurer", ["phone", "email"])):
        boss.ok("POST", f"/contacts/{person}/disclosures", status=201, json={
            "disclosed_on": day, "recipient": to, "purpose": "x", "fields": fields})
    boss.ok("POST", "/messages", status=201, json={"contact_id": person, "channel": "email", "direction": "out",
                                                   "recipients": "somebody@else.example", "subject": "s", "body": "b"})
    case = record(boss, kind="correction", contact_ids=[person])
    path = f"/privacy/requests/{case['id']}/items"
    for body in ({"what": "field", "label": "Email", "field": "no_such"}, {"what": "source", "label": "x", "field": "email"}):
        assert list(boss.post(path, json=body).json()["errors"]) == ["field"]
    boss.ok("POST", path, status=201, json={"what": "field", "label": "Email", "field": "email"})
    item, = [i for i in boss.ok("GET", f"/privacy/requests/{case['id']}")["items"] if i["what"] == "field"]
    assert item["field"] == "email"
    boss.ok("POST", f"{path}/{item['id']}", json={"outcome": "done"})
    step(boss, case, "verify", how="known")
    step(boss, case, "correct")
    told = sorted(i["label"].split(" (")[0] for i in recipients(boss, case))
    assert told == ["Insurer", "Mailing House", "somebody@else.example"], "of a mail it is not known what it said"


def test_row_19_eleven_months_are_listed_thirteen_are_not_and_each_is_told_or_not(boss, workspace, rows):
    person = contact(boss)
    day = today(rows)
    write(boss, person, day - 335 * DAY, "Eleven")
    write(boss, person, day - 330 * DAY, "Also")
    write(boss, person, day - 396 * DAY, "Thirteen")
    case = corrected(boss, person)
    listed = recipients(boss, case)
    assert sorted(i["label"].split(" (")[0] for i in listed) == ["Also", "Eleven"]
    step(boss, case, "notify_recipients")
    sent(boss, case, "corrected", day)
    close = {"copy_sent_on": str(day)}
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["missing"]["close"] == ["recipients"]
    assert "recipient" in {d["letter"] for d in boss.ok("GET", f"/privacy/requests/{case['id']}")["letters_due"]}
    step(boss, case, "close", status=409, **close)
    assert refused_event(workspace, case, "close", close) == "PR022"
    path = f"/privacy/requests/{case['id']}/items"
    boss.ok("POST", f"{path}/{listed[0]['id']}", json={"outcome": "sent"})
    for why in ({}, {"reason": "  "}):
        answer = boss.post(f"{path}/{listed[1]['id']}", json={"outcome": "ceased", **why})
        assert answer.status_code == 422 and "reason" in answer.json()["errors"]
    answer = workspace.admin.browser().write(f"{path}/{listed[1]['id']}", outcome="ceased")
    assert answer.status_code == 422 and f'id="why-{listed[1]["id"]}" name="reason" maxlength="1000" aria-invalid="true"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 1, "at the recipient that it is about"
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update request_item set outcome = 'ceased' where item_id = %s", [listed[1]["id"]])
    assert refused.value.pgcode == "PR024"
    step(boss, case, "close", status=409, **close)
    boss.ok("POST", f"{path}/{listed[1]['id']}", json={"outcome": "ceased", "reason": "Wound up in May"})
    assert recipients(boss, case)[1]["reason"] == "Wound up in May"
    # One more that nobody has listed yet.
    write(boss, person, day, "Late entry")
    assert boss.ok("GET", f"/privacy/requests/{case['id']}")["missing"]["close"] == ["unlisted"]
    assert refused_event(workspace, case, "close", close) == "PR022"
    assert boss.ok("POST", f"/privacy/requests/{case['id']}/recipients")["listed"] == 1
    assert boss.ok("POST", f"/privacy/requests/{case['id']}/recipients")["listed"] == 0
    boss.ok("POST", f"{path}/{recipients(boss, case)[2]['id']}", json={"outcome": "sent"})
    assert step(boss, case, "close", **close)["state"] == "closed"


def test_row_19_a_correction_in_part_waits_for_them_too(boss, workspace, rows):
    person = contact(boss)
    write(boss, person, today(rows))
    case = record(boss, kind="correction", contact_ids=[person])
    step(boss, case, "verify", how="known")
    step(boss, case, "correct_partly", status=409, ground="24(3)(b)", reason="x")
    boss.ok("POST", f"/privacy/requests/{case['id']}/recipients")
    step(boss, case, "correct_partly", status=409, ground="24(3)(b)", reason="x")
    assert refused_event(workspace, case, "correct_partly", {}, ground="24(3)(b)") == "PR022"


def test_the_history_says_what_was_answered_in_the_readers_language(boss, workspace, rows):
    person = contact(boss)
    write(boss, person, today(rows) - 5 * DAY, "Kowloon Logistics")
    case = corrected(boss, person)
    write(boss, person, today(rows) - 4 * DAY, "Late entry")
    boss.ok("POST", f"/privacy/requests/{case['id']}/recipients")
    listed = recipients(boss, case)[0]
    assert (listed["label"], listed["source"]) == ("Kowloon Logistics", "register")
    boss.ok("POST", f"/privacy/requests/{case['id']}/items/{listed['id']}", json={"outcome": "ceased", "reason": "Wound up in May"})
    texts = [e["text"] for e in boss.ok("GET", f"/privacy/requests/{case['id']}")["events"] if e["action"] == "item"]
    assert "Not told\nKowloon Logistics\nWound up in May\n" in texts and "Recipients listed: 1\n" in texts
    rows.execute("update app_user set language = 'zh-Hant' where email = %s", [workspace.admin.email])
    page = workspace.admin.browser().page(f"/privacy/requests/{case['id']}")
    rows.execute("update app_user set language = 'en' where email = %s", [workspace.admin.email])
    assert "已列出接收者：1" in page and "沒有通知" in page and "人手記錄" in page and "By hand" not in page and "Recipients" not in page


def test_what_is_wrong_beside_the_steps_is_told_on_the_case(boss, workspace, rows):
    case = corrected(boss, contact(boss))
    window, path = workspace.admin.browser(), f"/privacy/requests/{case['id']}"
    answer = window.write(f"{path}/notes", note="  ")
    assert answer.status_code == 422 and re.search(r'<textarea [^>]*name="note"[^>]*aria-invalid="true"', answer.text)
    answer = window.write(f"{path}/items", what="source", label="The till & drawer", field="phone")
    assert answer.status_code == 422 and re.search(r'<select [^>]*name="field"[^>]*aria-invalid="true"', answer.text)
    assert 'value="The till &amp; drawer"' in answer.text and 'value="source" selected' in answer.text
    assert recipients(boss, case) == [] and "trouble-status" not in answer.text


def test_recipients_are_of_a_correction(boss):
    case = record(boss, contact_ids=[contact(boss)])
    assert routes.problem(boss.post(f"/privacy/requests/{case['id']}/recipients"), 409) is None


def test_the_register_belongs_to_what_is_held(boss, workspace, rows):
    """It is in the person's file and, up to receipt, looked through like every other text, in the copy of a request."""
    person = contact(boss, name_en="Ho Told Of")
    write(boss, person, today(rows) - 400 * DAY, to="Kwok Mei Fong of Harbour Courier")
    write(boss, person, today(rows), to="Peak Courier Ltd")
    content, _ = export_person(boss, person)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = [d for d in json.loads(archive.read("data.json"))["disclosures"] if d["source"] == "register"]
        page, table = archive.read("index.html").decode(), archive.read("disclosures.csv").decode()
    assert [d["recipient"] for d in held] == ["Kwok Mei Fong of Harbour Courier", "Peak Courier Ltd"]
    assert held[0]["fields"] == ["email"] and held[0]["purpose"] == "Delivery"
    assert "Peak Courier Ltd" in page and "Peak Courier Ltd" in table and "boss" not in str(held)
    contact(boss, name_en="Kwok Mei Fong")
    with workspace.database() as database:
        database.cursor().execute("update contact set created_at = now() - interval '500 days' where contact_id = %s", [person])
    case = record(boss, contact_ids=[person], received_at=f"{today(rows) - 2 * DAY}T04:00:00Z")
    done(boss, boss.ok("POST", f"/privacy/requests/{case['id']}/copy", status=202)["job"])
    item = next(i for i in boss.ok("GET", f"/privacy/requests/{case['id']}/copy?all=true")["items"] if i["entity"] == "contact")
    told = [f["parts"] for f in item["fields"] if f["name"].startswith("disclosed.")]
    assert len(told) == 1, "what was told after receipt is no part of it"
    assert "Harbour Courier" in str(told) and "Delivery" in str(told) and "Peak" not in str(told)
    assert [p["text"] for p in told[0] if "mark" in p] == ["Kwok Mei Fong"]


@pytest.mark.parametrize("language, title", [("en", "Disclosures"), ("zh-Hant", "資料披露紀錄")])
def test_the_page(boss, workspace, rows, language, title):
    person = contact(boss)
    write(boss, person, today(rows), "Courier <b>")
    window = workspace.admin.browser()
    window.write("/language", lang=language, back="/")
    place = f"/contacts/{person}/disclosures"
    text = window.page(place)
    assert title in text and "Courier &lt;b&gt;" in text
    form = next(f for f in parse_forms(text, place) if f.action.endswith("/disclosures"))
    assert window.submit(form, recipient="Printer", purpose="Cards", disclosed_on=str(today(rows)), fields="email").status_code == 303
    assert "Printer" in window.page(place)
    assert window.submit(form, recipient="Nobody", purpose="", disclosed_on=str(today(rows))).status_code == 422
    assert "Nobody" not in {i["recipient"] for i in seen(boss, person)}
