# SPDX-License-Identifier: ISC
"""What a notice takes down is out of sight at once, everywhere; its copy is evidence."""
import hashlib
import io
import json
import zipfile

import psycopg2
import pytest

from jobs import done, export_person

SECRET = "Zanzibarquux lives at 9 Nathan Road"


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def notice(client, **values):
    body = {"from": "Privacy Commissioner", "text": "Remove the message", "deadline_at": "2999-01-01", **values}
    return client.ok("POST", "/privacy/takedowns", status=201, json={k: v for k, v in body.items() if v is not None})


def message(boss, **values):
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "Chan Victim"})["id"]
    made = boss.ok("POST", f"/contacts/{person}/messages", status=201, json={
        "channel": "email", "direction": "in", "subject": "x", "body": SECRET, **values})["id"]
    return person, made


def take_down(boss, made, entity="message"):
    return boss.ok("POST", f"/privacy/takedowns/{notice(boss)['id']}/items", status=201,
                   json={"entity": entity, "record_id": made})


def test_hidden_at_once_everywhere(workspace, boss):
    """Row 43 of the acceptance tests."""
    person, made = message(boss)
    files = {"file": ("proof.txt", b"Zanzibarquux", "text/plain")}
    file = boss.ok("POST", f"/contacts/{person}/attachments", status=201, files=files)["id"]
    browser = workspace.admin.browser()
    assert SECRET in browser.page(f"/contacts/{person}")
    take_down(boss, made)
    take_down(boss, file, "attachment")
    assert SECRET not in browser.page(f"/contacts/{person}")
    assert browser.get(f"/messages/{made}").status_code == 404
    assert boss.get(f"/messages/{made}").status_code == 404
    assert boss.get(f"/attachments/{file}").status_code == 404
    assert boss.patch(f"/messages/{made}", json={"body": "y"}, headers={"If-Match": "1"}).status_code == 404
    for path in (f"/contacts/{person}/messages", "/messages?limit=200", f"/contacts/{person}/attachments"):
        assert "Zanzibarquux" not in json.dumps(boss.ok("GET", path)) and "proof.txt" not in json.dumps(boss.ok("GET", path))
    data, _ = export_person(boss, person)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert all(b"Zanzibarquux" not in archive.read(name) for name in archive.namelist())
        assert not any("proof" in name for name in archive.namelist())
    assert browser.get(f"/contacts/{person}").headers["Cache-Control"] == "no-store"


def note(boss, **values):
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "Chan Victim"})["id"]
    return person, boss.ok("POST", f"/contacts/{person}/activities", status=201, json={
        "kind": "note", "subject": "x", "body": SECRET, **values})["id"]


def test_a_note_is_hidden_with_its_files(workspace, boss):
    person, made = note(boss)
    files = {"file": ("proof.txt", b"Zanzibarquux", "text/plain"), "activity_id": (None, str(made))}
    file = boss.ok("POST", f"/contacts/{person}/attachments", status=201, files=files)["id"]
    browser = workspace.admin.browser()
    assert SECRET in browser.page(f"/contacts/{person}")
    taken = take_down(boss, made, "activity")
    assert SECRET not in browser.page(f"/contacts/{person}")
    assert boss.get(f"/activities/{made}").status_code == browser.get(f"/activities/{made}").status_code == 404
    assert boss.get(f"/attachments/{file}").status_code == 404
    for path in (f"/contacts/{person}/activities", "/activities?limit=200", f"/contacts/{person}/attachments"):
        assert "Zanzibarquux" not in json.dumps(boss.ok("GET", path)) and "proof.txt" not in json.dumps(boss.ok("GET", path))
    data, _ = export_person(boss, person)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert all(b"Zanzibarquux" not in archive.read(name) for name in archive.namelist())
    where = f"/privacy/takedowns/{taken['id']}/items/{taken['items'][0]['id']}"
    assert json.loads(boss.ok("GET", where)["copy"])["body"] == SECRET
    boss.ok("POST", f"{where}/show", json={})
    assert boss.ok("GET", f"/activities/{made}")["body"] == SECRET and boss.get(f"/attachments/{file}").status_code == 200


def test_somebody_elses_private_note_is_not_opened_by_it(workspace, boss):
    person, _ = note(boss)
    author = workspace.add_user("administrator").api()
    made = author.ok("POST", f"/contacts/{person}/activities", status=201, json={
        "kind": "note", "body": "private Zanzibar", "private_to": "author"})["id"]
    answer = boss.post(f"/privacy/takedowns/{notice(boss)['id']}/items", json={"entity": "activity", "record_id": made})
    assert answer.status_code == 422 and "record_id" in answer.json()["errors"]
    take_down(author, made, "activity")
    assert author.get(f"/activities/{made}").status_code == 404


@pytest.mark.parametrize("entity, path", [("message", "messages"), ("activity", "activities")])
def test_the_log_shows_no_value_of_it(workspace, boss, entity, path):
    person, made = message(boss) if entity == "message" else note(boss)
    version = boss.ok("GET", f"/{path}/{made}")["version"]
    boss.ok("PATCH", f"/{path}/{made}", json={"body": "Later words"}, headers={"If-Match": str(version)})
    where = f"/contacts/{person}/audit?action=update&entity={entity}"
    (event,) = boss.ok("GET", where)["items"]
    assert event["changes"][0]["before"] == SECRET
    browser = workspace.admin.browser()
    pages = (f"/audit/{event['id']}", where, f"/contacts/{person}/audit/print")
    assert all(SECRET in browser.page(page) for page in pages)
    taken = take_down(boss, made, entity)
    assert all(SECRET not in browser.page(page) and "Later words" not in browser.page(page) for page in pages)
    (event,) = boss.ok("GET", where)["items"]
    assert "changes" not in event and event["fields"] == ["body"], "that it was changed stays, for who has to answer for it"
    boss.ok("POST", f"/privacy/takedowns/{taken['id']}/items/{taken['items'][0]['id']}/show", json={})
    assert SECRET in browser.page(pages[0])


def test_files_and_answers_made_before_are_over(boss):
    """Row 43: wherever it lies ready to be handed out."""
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "Chan Victim"})["id"]
    other = boss.ok("POST", "/contacts", status=201, json={"name_en": "Chan Other"})["id"]
    sent = {"channel": "email", "direction": "in", "body": SECRET}
    key = {"Idempotency-Key": f"takedown-{person}"}
    made = boss.ok("POST", f"/contacts/{person}/messages", status=201, json=sent, headers=key)["id"]
    assert boss.ok("POST", f"/contacts/{person}/messages", status=201, json=sent, headers=key)["id"] == made
    files = [export_person(boss, number)[1] for number in (person, other)]
    assert all(boss.get(file).status_code == 200 for file in files)
    take_down(boss, made)
    assert boss.get(files[0]).status_code in (404, 410) and boss.get(files[1]).status_code == 200
    again = boss.post(f"/contacts/{person}/messages", json=sent, headers=key)
    assert again.status_code == 201 and again.json()["id"] != made, "no answer from memory: a message of its own"


def test_a_copy_that_is_looked_through_shows_it_no_more(workspace, boss):
    """Whoever runs requests does not see it there either, before and after the answer is approved."""
    person, made = message(boss)
    boss.ok("POST", f"/contacts/{person}/messages", status=201, json={"channel": "email", "direction": "in", "body": "Stays"})
    case = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", "contact_ids": [person]})["id"]
    done(boss, boss.ok("POST", f"/privacy/requests/{case}/copy", status=202)["job"])
    path = f"/privacy/requests/{case}/copy?all=true"
    assert SECRET in json.dumps(boss.ok("GET", path))
    hidden = take_down(boss, made)
    items = {i["record_id"]: i for i in boss.ok("GET", path)["items"] if i["entity"] == "message"}
    assert items[made]["taken_down"] and items[made]["fields"] == [] and sum(i["taken_down"] for i in items.values()) == 1
    assert SECRET not in json.dumps(boss.ok("GET", path)) and "Stays" in json.dumps(boss.ok("GET", path))
    page = workspace.admin.browser().page(f"/privacy/requests/{case}/copy?all=1")
    assert SECRET not in page and "Taken down" in page and "Stays" in page
    boss.ok("POST", f"/privacy/requests/{case}/copy/rest", json={"what": "marked"})
    assert boss.ok("GET", path)["open"] == 0 and SECRET not in json.dumps(boss.ok("GET", path)), hidden


def test_the_copy_is_evidence(workspace, boss, rows):
    _, made = message(boss)
    taken = take_down(boss, made)
    (item,) = taken["items"]
    rows.execute("select evidence from takedown_item where item_id = %s", [item["id"]])
    assert b"Zanzibar" not in bytes(rows.fetchone()[0])
    shown = boss.ok("GET", f"/privacy/takedowns/{taken['id']}/items/{item['id']}")
    assert json.loads(shown["copy"])["body"] == SECRET and shown["digest"] == item["digest"]
    assert hashlib.sha256(shown["copy"].encode()).hexdigest() == item["digest"]
    rows.execute("select count(*) from audit_event where entity = 'takedown' and action = 'reveal' and record_ids = array[%s::bigint]",
                 [taken["id"]])
    assert rows.fetchone()[0] == 1
    staff = workspace.add_user("staff").api()
    assert staff.get(f"/privacy/takedowns/{taken['id']}/items/{item['id']}").status_code == 403
    assert staff.get("/privacy/takedowns").status_code == 403


def test_put_back_when_the_notice_is_withdrawn(boss):
    person, made = message(boss)
    first, second = take_down(boss, made), notice(boss)
    answer = boss.post(f"/privacy/takedowns/{second['id']}/items", json={"entity": "message", "record_id": made})
    assert answer.status_code == 422, "it is out of sight for whoever names it again"
    assert boss.post(f"/privacy/takedowns/{second['id']}/items/{first['items'][0]['id']}/show", json={}).status_code == 404
    boss.ok("POST", f"/privacy/takedowns/{first['id']}/items/{first['items'][0]['id']}/show", json={})
    assert boss.ok("GET", f"/messages/{made}")["body"] == SECRET
    assert boss.post(f"/privacy/takedowns/{first['id']}/items/{first['items'][0]['id']}/show", json={}).status_code == 404


def test_erasing_the_person_ends_text_and_copy(boss, rows):
    person, made = message(boss)
    taken = take_down(boss, made)
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    rows.execute("select coalesce(body, '') from message where message_id = %s", [made])
    assert "Zanzibar" not in rows.fetchone()[0]
    assert boss.get(f"/privacy/takedowns/{taken['id']}/items/{taken['items'][0]['id']}").status_code == 410


def test_nobody_withholds_or_deletes_by_hand(boss, rows):
    _, made = message(boss)
    taken = take_down(boss, made)
    for statement in ("delete from takedown_item", "delete from takedown", "truncate takedown cascade"):
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute(statement)
        assert refused.value.pgcode == "PR033"
    rows.execute("select current_database()")
    rows.execute(f'set role "{rows.fetchone()[0]}"')
    rows.execute("begin; select gate_system('worker', null, 'test')")
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update message set withheld_at = null where message_id = %s", [made])
    assert refused.value.pgcode == "42501" and taken["items"]
    rows.execute("rollback")


@pytest.mark.parametrize("values, field", [
    ({"from": " "}, "from"), ({"text": None}, "text"), ({"deadline_at": None}, "deadline_at"),
    ({"deadline_at": "soon"}, "deadline_at"), ({"received_at": "2999-01-01"}, "received_at"),
    ({"received_at": "2026-01-05", "deadline_at": "2026-01-04"}, "deadline_at"), ({"nonsense": 1}, "nonsense"),
])
def test_a_notice_that_does_not_fit(boss, values, field):
    body = {"from": "x", "text": "x", "deadline_at": "2999-01-01", **values}
    answer = boss.post("/privacy/takedowns", json={k: v for k, v in body.items() if v is not None})
    assert answer.status_code == 422 and field in answer.json()["errors"]


@pytest.mark.parametrize("values, field", [
    ({"entity": "contact", "record_id": 1}, "entity"), ({"entity": "message"}, "record_id"),
    ({"entity": "activity", "record_id": 999999}, "record_id"), ({"entity": "message", "record_id": "1; drop"}, "record_id"),
    ({"entity": "message", "record_id": 999999}, "record_id"), ({"entity": "attachment", "record_id": 999999}, "record_id"),
    ({"record_id": 1}, "entity"),
])
def test_an_item_that_is_not_there(boss, values, field):
    answer = boss.post(f"/privacy/takedowns/{notice(boss)['id']}/items", json=values)
    assert answer.status_code == 422 and field in answer.json()["errors"]


def test_what_is_done_takes_no_more(boss):
    _, made = message(boss)
    number = notice(boss, deadline_at="2026-01-05", received_at="2026-01-02")["id"]
    assert boss.ok("GET", f"/privacy/takedowns/{number}")["overdue"] is True
    assert boss.ok("POST", f"/privacy/takedowns/{number}/done", json={})["done_at"]
    assert boss.post(f"/privacy/takedowns/{number}/done", json={}).status_code == 409
    assert boss.post(f"/privacy/takedowns/{number}/items", json={"entity": "message", "record_id": made}).status_code == 409


@pytest.mark.parametrize("lang, words", [("en", ["Takedown notices", "Out of sight since"]),
                                         ("zh-Hant", ["移除披露內容", "隱藏時間"])])
def test_by_page(workspace, boss, lang, words):
    _, made = message(boss)
    browser = workspace.admin.browser()
    browser.write("/language", lang=lang, back="/")
    form = browser.form("/privacy/takedowns/new", "/privacy/takedowns")
    assert browser.submit(form, text="").status_code == 422
    values = {"from": "PCPD <x>", "text": "Remove it", "deadline_at": "2999-01-01T12:00"}
    answer = browser.submit(form, **values)
    assert answer.status_code == 303
    path = answer.headers["Location"]
    form = browser.form(path, f"{path}/items")
    assert browser.submit(form, record_id="999999").status_code == 422
    assert browser.submit(form, record_id=str(made)).status_code == 303
    text = browser.page("/privacy/takedowns") + browser.page(path)
    assert all(word in text for word in words) and "PCPD &lt;x&gt;" in text
    browser.write("/language", lang="en", back="/")
