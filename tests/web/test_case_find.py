# SPDX-License-Identifier: ISC
"""Finding the person for a privacy request: everywhere, however they are written, each search
logged; what is chosen; the other sources as tasks."""
import pytest

import routes
from person import canary


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


def contact(client, **values):
    return client.ok("POST", "/contacts", status=201, json={"name_en": "Nobody Special", **values})["id"]


def record(client, **values):
    return client.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", **values})["id"]


def find(client, case, words, **more):
    groups = client.ok("POST", f"/privacy/requests/{case}/find", json={"q": words, **more})["groups"]
    return {g["kind"]: g for g in groups}


def ids(client, case, words, kind, **more):
    return [h["id"] for h in find(client, case, words, **more)[kind]["items"]]


def note(client, person, text, **more):
    return client.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": text, **more})["id"]


def message(client, person, text, **more):
    body = {"channel": "email", "direction": "in", "body": text, **more}
    return client.ok("POST", f"/contacts/{person}/messages", json=body)["id"]


@pytest.fixture(scope="module")
def case(boss):
    return record(boss)


# ---- contacts


@pytest.mark.parametrize("words", [
    "Pang Siu Ling", "siu ling pang", "彭小玲", "Pang", "5551 2345", "+852 5551-2345", "(852) 55512345",
    "５５５１２３４５", "siu.ling@find.example", "SIU.LING@FIND.EXAMPLE"])
def test_a_contact_however_it_is_written(boss, case, rows, words):
    rows.execute("select contact_id from contact where email = 'siu.ling@find.example'")
    known = rows.fetchone()
    person = known[0] if known else contact(
        boss, name_en="PANG Siu Ling", name_zh="彭小玲", phone="55512345", email="siu.ling@find.example")
    assert ids(boss, case, words, "contact") == [person]


def test_by_simplified_characters(boss, case):
    person = contact(boss, name_zh="龐麗華")
    assert ids(boss, case, "庞丽华", "contact") == [person]


def test_by_identity_card_number(boss, case, rows):
    rows.execute("update field set enabled = true where entity = 'contact' and name = 'hkid'")
    person = contact(boss, hkid="AB987654(3)")
    for words in ("AB987654(3)", "ab987654 3", "AB 987654(3)"):
        assert ids(boss, case, words, "contact") == [person], words
    assert ids(boss, case, "G123456(A)", "contact") == []


def test_a_number_that_only_looks_alike(boss, case):
    contact(boss, phone="66612345")
    assert ids(boss, case, "6661 2346", "contact") == []


def test_archived_ones_too_and_erased_ones_not(boss, case):
    name = canary("gone")
    person = contact(boss, name_en=name)
    version = boss.ok("GET", f"/contacts/{person}")["version"]
    boss.ok("DELETE", f"/contacts/{person}", headers={"If-Match": str(version)})
    assert ids(boss, case, name, "contact") == [person]
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    assert ids(boss, case, name, "contact") == []


# ---- texts


@pytest.mark.parametrize("text, words", [
    ("Please ask Yip Ka Wai about it.", "Ka Wai Yip"),
    ("請聯絡葉家慧小姐。", "葉家慧"),
    ("Her number is 7773 4567, after six.", "77734567"),
    ("電話：（852）7774-5678", "+852 7774 5678"),
    ("Card C123456 (9), seen.", "C123456(9)"),
    ("Write to ka.wai@text.example!", "ka.wai@text.example"),
])
def test_in_messages_and_notes(boss, case, text, words):
    other = contact(boss)
    in_message, in_note = message(boss, other, text), note(boss, other, text)
    found = find(boss, case, words)
    assert [h["id"] for h in found["message"]["items"]] == [in_message]
    assert [h["id"] for h in found["activity"]["items"]] == [in_note]
    assert found["message"]["items"][0]["contact_id"] == other


@pytest.mark.parametrize("text, words", [
    ("葉家 慧敏", "葉家慧"), ("Kaiser Waive", "Ka Wai"), ("Order 177788889999", "77788889"), ("x@y.example", "xy@y.example")])
def test_what_only_looks_like_it(boss, case, text, words):
    other = contact(boss)
    mine = message(boss, other, text)
    assert mine not in ids(boss, case, words, "message")


def test_files_invoices_companies_users_and_remarks(boss, case, workspace):
    name = canary("Yuen").capitalize()
    other = contact(boss)
    files = {"file": (f"contract {name}.pdf", b"%PDF-1.4", "application/pdf")}
    file = boss.ok("POST", f"/contacts/{other}/attachments", files=files)["id"]
    invoice = boss.ok("POST", f"/contacts/{other}/invoices", json={
        "number": canary("n"), "issued_on": "2026-01-02", "status": "draft",
        "lines": [{"description": f"Course for {name}", "quantity": "1", "unit_amount": "1.00"}]})["id"]
    company = boss.ok("POST", "/companies", json={"name_en": f"{name} Trading"})["id"]
    remarked = boss.ok("POST", "/companies", json={"name_en": "Another", "remarks": f"Ask for {name}"})["id"]
    friend = contact(boss, bio=f"Married to {name}.")
    workspace.add_user("staff", email=f"{name.lower()}@{workspace.slug}.example")
    found = find(boss, case, name)
    shown = {kind: {h["id"] for h in group["items"]} for kind, group in found.items()}
    assert shown["attachment"] == {file} and shown["invoice"] == {invoice}
    assert shown["company"] == {company, remarked} and shown["text"] == {friend}
    assert len(shown["user"]) == 1 and shown["contact"] == set()


def test_the_period_is_of_what_happened(boss, case):
    name, other = canary("period"), contact(boss)
    old = message(boss, other, name, happened_at="2025-03-01T15:59:00Z")
    new = message(boss, other, name, happened_at="2025-03-01T16:00:00Z")
    assert ids(boss, case, name, "message") == [new, old]
    assert ids(boss, case, name, "message", **{"from": "2025-03-02"}) == [new]
    assert ids(boss, case, name, "message", to="2025-03-01") == [old]


def test_pages_of_hits(boss, case, rows):
    name, other = canary("many").lower(), contact(boss)
    rows.execute("insert into message (contact_id, channel, direction, body) select %s, 'sms', 'in', %s || ' ' || i "
                 "from generate_series(1, 60) i", [other, name])
    first = find(boss, case, name)["message"]
    assert (first["count"], first["more"], first["next"], len(first["items"])) == (60, False, 25, 25)
    seen = [h["id"] for h in first["items"]]
    for after, there, following in ((25, 25, 50), (50, 10, None)):
        group = find(boss, case, name, entity="message", after=after)
        assert list(group) == ["message"] and group["message"]["next"] == following
        seen += [h["id"] for h in group["message"]["items"]]
        assert len(group["message"]["items"]) == there
    assert len(set(seen)) == 60
    rows.execute("insert into message (contact_id, channel, direction, body) select %s, 'sms', 'in', %s "
                 "from generate_series(1, 1000)", [other, name])
    many = find(boss, case, name)["message"]
    assert many["count"] == 1000 and many["more"] is True


# ---- who may, what is told


def test_what_one_may_not_see_elsewhere_is_found(boss, officer, case, workspace):
    """Whoever runs requests answers for all that is held; a private note is not read before its person is chosen."""
    name = canary("hidden")
    person = contact(boss, name_en=name, vip=True)
    private = note(boss, person, f"{name} is late", private_to="author")
    hit = find(officer, case, name)["activity"]["items"][0]
    assert hit["id"] == private and hit["private"] is True and hit["text"] is None
    mine = record(officer, contact_ids=[])
    officer.ok("POST", f"/privacy/requests/{mine}/found", json={"add": [f"contact:{person}"]})
    assert name in find(officer, mine, name)["activity"]["items"][0]["text"]


def test_not_for_others(boss, case, workspace):
    staff = workspace.add_user("staff").api()
    own = record(staff)
    for number in (case, own):
        for method, path in (("GET", "find"), ("POST", "find"), ("POST", "found"), ("POST", "sources")):
            answer = staff.request(method, f"/privacy/requests/{number}/{path}", **({"json": {}} if method == "POST" else {}))
            assert routes.problem(answer, 403) is None
    assert routes.problem(boss.post("/privacy/requests/999999/find", json={"q": "Chan"}), 404) is None


def test_each_search_is_logged(boss, case, rows):
    name = canary("logged")
    person = contact(boss, name_en=name)
    find(boss, case, name)
    rows.execute("select entity, record_ids, subject_ids, changes from audit_event where action = 'search' "
                 "and route = 'request.search' order by at desc, event_id desc limit 1")
    assert rows.fetchone() == ("request", [case], [person], None)
    event = boss.ok("GET", f"/privacy/requests/{case}")["events"][0]
    assert event["action"] == "find" and event["text"].strip() == name
    rows.execute("select count(*) from request_event where note is not null and position(%s in note) > 0", [name.encode()])
    assert rows.fetchone()[0] == 0, "its words lie encrypted"


@pytest.mark.parametrize("body, field", [
    ({}, "q"), ({"q": "  "}, "q"), ({"q": "x"}, "q"), ({"q": "陳"}, "q"), ({"q": "!?*%"}, "q"), ({"q": "x" * 101}, "q"),
    ({"q": "Chan", "entity": "secret"}, "entity"), ({"q": "Chan", "from": "yesterday"}, "from"),
    ({"q": "Chan", "from": "2026-02-01", "to": "2026-01-01"}, "to"), ({"q": "Chan", "after": -1}, "after"),
    ({"q": "Chan", "sort": "x"}, "sort")])
def test_what_is_no_question(boss, case, body, field):
    answer = boss.post(f"/privacy/requests/{case}/find", json=body)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("words", ["%%", "__ab", "\\\\ab", "a'b", 'a"b {x}', "n:12345678", "h:a123456", "'; drop table x"])
def test_words_mean_themselves(boss, case, words):
    answer = boss.post(f"/privacy/requests/{case}/find", json={"q": words})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert all(g["count"] == 0 for g in answer.json()["groups"])


# ---- what is chosen


def test_choosing_and_taking_out(boss):
    name, case = canary("chosen"), record(boss)
    first, second, other = contact(boss, name_en=name), contact(boss, name_zh="重複人"), contact(boss)
    told = message(boss, other, f"Said {name}")
    add = [f"contact:{first}", f"contact:{second}", f"message:{told}", f"text:{other}", "user:1"]
    said = boss.ok("POST", f"/privacy/requests/{case}/found", json={"add": add})
    assert said == {"added": 5, "removed": 0}
    shown = boss.ok("GET", f"/privacy/requests/{case}")
    assert shown["contact_ids"] == [first, second] and shown["user_ids"] == [1]
    there = boss.ok("GET", f"/privacy/requests/{case}/find")
    assert [(r["kind"], r["id"]) for r in there["records"]] == [("message", told), ("text", other)] or \
        {(r["kind"], r["id"]) for r in there["records"]} == {("message", told), ("text", other)}
    assert name in there["suggestions"] and "重複人" in there["suggestions"]
    hit = find(boss, case, name)
    assert hit["contact"]["items"][0]["chosen"] and hit["message"]["items"][0]["added"]
    # Twice is once, and what is not there is nobody.
    again = boss.ok("POST", f"/privacy/requests/{case}/found", json={"add": [*add, "contact:999999", "message:999999"]})
    assert again == {"added": 0, "removed": 0}
    gone = boss.ok("POST", f"/privacy/requests/{case}/found", json={"remove": add})
    assert gone == {"added": 0, "removed": 5}
    assert boss.ok("GET", f"/privacy/requests/{case}")["contact_ids"] == []


@pytest.mark.parametrize("hit", ["contact", "contact:", "contact:0", "contact:-1", "contact:x", "secret:1", ":1", "contact:1:1"])
def test_what_is_no_hit(boss, case, hit):
    answer = boss.post(f"/privacy/requests/{case}/found", json={"add": [hit]})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["add"]


def test_what_is_in_review_stands(boss, rows):
    case, person = record(boss), contact(boss)
    for action in ("search", "review"):
        version = boss.ok("GET", f"/privacy/requests/{case}")["version"]
        boss.ok("POST", f"/privacy/requests/{case}/{action}", json={}, headers={"If-Match": str(version)})
    answer = boss.post(f"/privacy/requests/{case}/found", json={"add": [f"contact:{person}"]})
    assert routes.problem(answer, 409) is None
    assert boss.ok("GET", f"/privacy/requests/{case}")["contact_ids"] == []


def test_earlier_requests_of_whom_is_chosen_are_linked(boss):
    person = contact(boss)
    earlier, case = record(boss, contact_ids=[person]), record(boss)
    boss.ok("POST", f"/privacy/requests/{case}/found", json={"add": [f"contact:{person}"]})
    assert boss.ok("GET", f"/privacy/requests/{case}")["earlier_ids"] == [earlier]


# ---- other sources


def test_a_task_for_each_other_source(boss, officer):
    made = boss.ok("POST", "/sources", status=201, json={"name": "CCTV", "holder": "Shop manager", "days": 10})["id"]
    case = boss.ok("POST", "/privacy/requests", status=201, json={
        "kind": "access", "channel": "letter", "received_at": "2026-01-05"})["id"]
    task = next(i for i in boss.ok("GET", f"/privacy/requests/{case}")["items"])
    assert (task["what"], task["label"], task["due_on"]) == ("source", "CCTV (Shop manager)", "2026-01-15")
    for kind in ("correction", "erasure", "opt_out"):
        other = boss.ok("POST", "/privacy/requests", json={"kind": kind, "channel": "letter"})["id"]
        assert boss.ok("GET", f"/privacy/requests/{other}")["items"] == []
    later = officer.ok("POST", "/sources", status=201, json={"name": "Paper", "holder": "Office"})["id"]
    assert officer.ok("POST", f"/privacy/requests/{case}/sources")["added"] == 1
    assert officer.ok("POST", f"/privacy/requests/{case}/sources")["added"] == 0
    for source in (made, later):
        officer.ok("DELETE", f"/sources/{source}", status=204)
        assert routes.problem(officer.delete(f"/sources/{source}"), 404) is None
    assert officer.ok("GET", "/sources")["items"] == []
    assert len(boss.ok("GET", f"/privacy/requests/{case}")["items"]) == 2, "asked already"


@pytest.mark.parametrize("body, field", [
    ({}, "name"), ({"name": "CCTV"}, "holder"), ({"name": " ", "holder": "x"}, "name"), ({"name": "x", "holder": "y", "days": 41}, "days"),
    ({"name": "x", "holder": "y", "days": 0}, "days"), ({"name": "x" * 81, "holder": "y"}, "name")])
def test_what_is_no_source(boss, body, field):
    answer = boss.post("/sources", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"]


# ---- pages


@pytest.mark.parametrize("language, title, button", [
    ("en", "Find the person", "Add those chosen"), ("zh-Hant", "尋找當事人", "加入所選項目")])
def test_from_the_case_to_what_is_chosen(workspace, boss, language, title, button):
    name = canary("page")
    person = contact(boss, name_en=name)
    case = boss.ok("POST", "/privacy/requests", json={"kind": "access", "channel": "letter", "requestor": name})["id"]
    browser = workspace.admin.browser()
    browser.write("/language", lang=language, back="/")
    path = f"/privacy/requests/{case}/find"
    assert path in browser.page(f"/privacy/requests/{case}")
    text = browser.page(path)
    assert title in text and name in text
    answer = browser.write(path, q=name)
    assert answer.status_code == 303 and name not in answer.headers["Location"]
    text = browser.page(answer.headers["Location"])
    assert f'value="contact:{person}"' in text and button in text
    answer = browser.write(f"/privacy/requests/{case}/found", add=f"contact:{person}")
    assert answer.status_code == 303
    assert f'name="remove" value="contact:{person}"' in browser.page(path)
    refused = browser.write(path, q="x", **{"from": "2026-01-02"})
    assert refused.status_code == 422 and 'value="2026-01-02"' in refused.text
    browser.write("/language", lang="en", back="/")
