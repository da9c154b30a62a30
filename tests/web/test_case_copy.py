# SPDX-License-Identifier: ISC
"""The copy that answers a request for access: as at receipt, without what tells of others,
looked through and approved before it leaves."""
import io
import json
import re
import zipfile

import psycopg2
import pytest

import routes
import test_requests
import winzip
from jobs import done, finished
from person import canary

TEXT = ("Met Kwok Mei Fong (郭美芳) today. Her number is 6123 4567, mail mei.fong@other.example, card C123456(9). "
        "Mr Ng says hello. Call back on 5888 7777 or write to unknown@nowhere.example.")
SECRETS = ("Kwok Mei Fong", "郭美芳", "6123 4567", "mei.fong@other.example", "C123456(9)", "5888 7777", "unknown@nowhere.example")


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def officer(workspace):
    """A second person who may approve."""
    return workspace.add_user("privacy_officer").api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def friend(boss, workspace):
    """Somebody else, who is known here."""
    connection = workspace.database()
    connection.cursor().execute("update field set enabled = true where entity = 'contact' and name = 'hkid'")
    connection.close()
    return contact(boss, name_en="KWOK Mei Fong", name_zh="郭美芳", phone="61234567", email="mei.fong@other.example", hkid="C123456(9)")


def contact(client, **values):
    return client.ok("POST", "/contacts", status=201, json={"name_en": "Lau Wing Sze", **values})["id"]


def record(client, *people, **values):
    body = {"kind": "access", "channel": "letter", "contact_ids": list(people), **values}
    return client.ok("POST", "/privacy/requests", status=201, json=body)["id"]


def step(client, case, action, status=200, **values):
    return test_requests.step(client, {"id": case}, action, status, **values)


def message(client, person, text, **more):
    return client.ok("POST", f"/contacts/{person}/messages", json={"channel": "email", "direction": "in", "body": text, **more})["id"]


def copy(client, case):
    """All records of a copy that has been put together, by kind and number."""
    done(client, client.ok("POST", f"/privacy/requests/{case}/copy", status=202)["job"])
    return look(client, case)


def look(client, case):
    items, after = [], 0
    while after is not None:
        page = client.ok("GET", f"/privacy/requests/{case}/copy?all=true&after={after}")
        items, after = items + page["items"], page["next"]
    return {(i["entity"], i["record_id"]): i for i in items}


def plain(item, field):
    return next(("".join(p["text"] for p in f["parts"]) for f in item["fields"] if f["name"] == field), None)


def marks(item):
    return {p["text"]: p for f in item["fields"] for p in f["parts"] if "mark" in p}


def rest(client, case, what="marked"):
    return client.ok("POST", f"/privacy/requests/{case}/copy/rest", json={"what": what})


def package(client, case):
    result = done(client, client.ok("POST", f"/privacy/requests/{case}/package", status=202)["job"])
    answer = client.get(result["download"])
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box:
        assert box.testzip() is None
        return {name: box.read(name) for name in box.namelist()}


def approved(boss, officer, case):
    step(boss, case, "search")
    step(boss, case, "review")
    step(officer, case, "approve")


# ---- as at receipt (row 7)

# Changes of one person since receipt that nobody can read, so many and of that size.
OTHER_CHANGES = """insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action, entity, record_ids, subject_ids, changes)
    select now() + i * interval '1 microsecond', 'system', null, 'worker', null, null, null, null, 'test', 'update', 'message', array[1000000 + i], array[%s::integer],
    convert_to(repeat('x', %s), 'UTF8') from generate_series(1, %s) i"""


def test_what_is_edited_after_receipt_is_not_handed_over(boss):
    """Row 7: an edit after receipt; the copy shows the value at receipt."""
    person = contact(boss, email="before@wing.example", job_title="Clerk", tax_id="OLD-1")
    note = boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "First words"})
    case = record(boss, person)
    version = boss.ok("GET", f"/contacts/{person}")["version"]
    for values in ({"email": "between@wing.example"}, {"email": "after@wing.example", "job_title": None, "tax_id": "NEW-2"}):
        version = boss.ok("PATCH", f"/contacts/{person}", json=values, headers={"If-Match": str(version)})["version"]
    boss.ok("PATCH", f"/activities/{note['id']}", json={"body": "Other words"}, headers={"If-Match": str(note["version"])})
    later = message(boss, person, "Came after the request")
    there = copy(boss, case)
    assert plain(there["contact", person], "email") == "before@wing.example"
    assert plain(there["contact", person], "job_title") == "Clerk" and plain(there["contact", person], "tax_id") == "OLD-1"
    assert plain(there["activity", note["id"]], "body") == "First words"
    assert ("message", later) not in there
    assert there["contact", person]["changed"] == []


@pytest.mark.parametrize(("size", "count"), [(1, 20100), (2000000, 40)])
def test_however_much_was_changed_since(boss, rows, size, count):
    person = contact(boss, email="before@wing.example")
    note = boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "First words"})
    case = record(boss, person)
    version = boss.ok("GET", f"/contacts/{person}")["version"]
    version = boss.ok("PATCH", f"/contacts/{person}", json={"email": "between@wing.example"}, headers={"If-Match": str(version)})["version"]
    boss.ok("PATCH", f"/activities/{note['id']}", json={"body": "Other words"}, headers={"If-Match": str(note["version"])})
    rows.execute(OTHER_CHANGES, [person, size, count])
    boss.ok("PATCH", f"/contacts/{person}", json={"email": "after@wing.example"}, headers={"If-Match": str(version)})
    there = copy(boss, case)
    assert plain(there["contact", person], "email") == "before@wing.example"
    assert plain(there["activity", note["id"]], "body") == "First words"
    assert there["contact", person]["changed"] == [] and there["activity", note["id"]]["changed"] == []


def test_what_was_changed_between_receipt_and_recording_is_listed(boss, rows):
    person = contact(boss, email="early@wing.example")
    version = boss.ok("GET", f"/contacts/{person}")["version"]
    boss.ok("PATCH", f"/contacts/{person}", json={"email": "late@wing.example"}, headers={"If-Match": str(version)})
    case = record(boss, person)
    rows.execute("update privacy_request set received_at = (select created_at from contact where contact_id = %s) "
                 "where request_id = %s", [person, case])
    there = copy(boss, case)["contact", person]
    assert plain(there, "email") == "early@wing.example"
    assert [x["name"] for x in there["changed"]] == ["email"]


def test_nobody_is_erased_or_archived_while_a_request_is_open(boss, workspace, rows):
    person = contact(boss)
    case = record(boss, person)
    version = boss.ok("GET", f"/contacts/{person}")["version"]
    erase = {"reason": "subject_request", "confirm": str(person)}
    assert routes.problem(boss.post(f"/contacts/{person}/erase", json=erase), 409) is None
    assert routes.problem(boss.delete(f"/contacts/{person}", headers={"If-Match": str(version)}), 409) is None
    browser = workspace.admin.browser()
    assert browser.write(f"/contacts/{person}/archive", _version=version).status_code == 409
    rows.execute("begin")
    rows.execute("select gate_system('worker', null, 'test')")
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update contact set archived_at = now() where contact_id = %s", [person])
    assert refused.value.pgcode == "PR030"
    rows.execute("rollback")
    step(boss, case, "withdraw", reason="By letter of today")
    boss.ok("DELETE", f"/contacts/{person}", headers={"If-Match": str(version)})


# ---- others (row 9)


def test_others_are_found_and_have_one_letter_each(boss, friend):
    person = contact(boss, name_en="LAU Wing Sze", name_zh="劉詠詩", phone="59990001", email="wing@sze.example")
    own = "I am Lau Wing Sze (劉詠詩), 5999 0001, wing@sze.example. Ms Lau."
    told = message(boss, person, f"{TEXT} {own}")
    again = boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "郭美芳 called from 5888 7777."})["id"]
    there = copy(boss, record(boss, person))
    found = marks(there["message", told])
    assert set(found) == {*SECRETS, "Ng"}
    assert {p["state"] for p in found.values()} == {"proposed"}
    known = {found[text]["label"] for text in SECRETS[:5]}
    assert len(known) == 1, "one person, one letter"
    assert len({p["label"] for p in found.values()}) == 4
    other = marks(there["activity", again])
    assert {text: p["label"] for text, p in other.items()} == {"郭美芳": known.pop(), "5888 7777": found["5888 7777"]["label"]}


def test_users_are_staff_and_their_names_are_marked(boss, workspace):
    workspace.add_user("staff", email="tong.yin@staff.example")
    connection = workspace.database()
    connection.cursor().execute("update app_user set name = 'Tong Yin Ling' where email = 'tong.yin@staff.example'")
    connection.close()
    person = contact(boss)
    told = message(boss, person, "Tong Yin Ling will see to it.")
    there = copy(boss, record(boss, person))
    assert marks(there["message", told])["Tong Yin Ling"]["label"].startswith("Staff ")


@pytest.mark.parametrize("text", [
    "Delivered on 2026-01-31, order 1231-77, 12 pieces at 1,234.50.", "Visit Hong Kong Island soon. Thank You", "多謝，請準時。"])
def test_what_tells_of_nobody_is_not_marked(boss, text):
    person = contact(boss)
    told = message(boss, person, text)
    assert marks(copy(boss, record(boss, person))["message", told]) == {}


def test_the_package_has_none_of_it(boss, officer, friend):
    """Row 9: an export with B's name, phone and e-mail shows none of them, in no file of it."""
    person = contact(boss, name_en="LAU Pui Shan", language="en", lifecycle="customer")
    told = message(boss, person, TEXT, sender="KWOK Mei Fong <mei.fong@other.example>")
    invoice = {"number": canary("n"), "issued_on": "2026-01-02", "status": "issued",
               "lines": [{"description": "Course for Kwok Mei Fong", "quantity": "1", "unit_amount": "5.00"}]}
    boss.ok("POST", f"/contacts/{person}/invoices", json=invoice)
    files = {"file": ("letter of 郭美芳.txt", b"the file itself", "text/plain")}
    file = boss.ok("POST", f"/contacts/{person}/attachments", files=files)["id"]
    case = record(boss, person, language="en")
    copy(boss, case)
    rest(boss, case)
    approved(boss, officer, case)
    there = package(boss, case)
    assert set(there) == {"index.html", "data.json", "legend.json", "style.css", f"attachments/{file}", "manifest.json"}
    for name, content in there.items():
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret} in {name}"
    assert there[f"attachments/{file}"] == b"the file itself"
    data = json.loads(there["data.json"])
    body = next(f["text"] for r in data["records"] if (r["kind"], r["id"]) == ("message", told)
                for f in r["fields"] if f["field"] == "body")
    assert body.startswith("Met Person A (Person A) today. Her number is Person A, mail Person A, card Person A.")
    # Row 15: a legend for every code that stands in it.
    legend = json.loads(there["legend.json"])
    used = {f"{r['kind']}.{f['field']}={f['value']}" for r in data["records"] for f in r.get("fields", []) if "value" in f}
    codes = {code for code in used if code.split("=")[0] in {c.split("=")[0] for c in legend["choices"]}}
    assert codes and codes <= set(legend["choices"])
    step(boss, case, "verify", how="id_seen")
    step(boss, case, "comply")


def test_with_a_password(boss, officer, workspace):
    """AES-256; what is too short is refused, and the password stays nowhere."""
    person = contact(boss)
    told = message(boss, person, "Nothing of anybody")
    case = record(boss, person)
    copy(boss, case)
    rest(boss, case)
    approved(boss, officer, case)
    refused = boss.post(f"/privacy/requests/{case}/package", json={"password": "too short"})
    assert refused.status_code == 422 and "password" in refused.json()["errors"]
    password = canary("pass") + " for the ZIP"
    done(boss, boss.ok("POST", f"/privacy/requests/{case}/package", status=202, json={"password": password})["job"])
    content = boss.get(f"/privacy/requests/{case}/package").content
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        assert all(info.flag_bits & 1 for info in box.infolist()), "every entry is encrypted"
        data = json.loads(winzip.read(box, "data.json", password))
        assert (told, "message") in {(r["id"], r["kind"]) for r in data["records"]}
        with pytest.raises(winzip.WrongPassword):
            winzip.read(box, "data.json", password + "x")
    rows = workspace.database().cursor()
    rows.execute("select count(*) from job_secret")
    assert rows.fetchone() == (0,)
    window = workspace.admin.browser()
    form = window.form(f"/privacy/requests/{case}/copy", f"/privacy/requests/{case}/package")
    again = window.submit(form, password="short")
    assert again.status_code == 422 and routes.marked(again, "password")


def test_in_chinese(boss, officer, friend):
    """Row 16: a request in Chinese has Chinese labels; characters of four bytes stay whole."""
    person = contact(boss, name_zh="𠮷田", language="zh-Hant")
    told = message(boss, person, "𠮷田：郭美芳已致電。")
    case = record(boss, person, language="zh-Hant")
    copy(boss, case)
    rest(boss, case)
    approved(boss, officer, case)
    there = package(boss, case)
    text = there["index.html"].decode()
    assert 'lang="zh-Hant' in text and "人士A" in text and "郭美芳" not in text and "𠮷田" in text
    assert f"message-{told}" in text


# ---- looked through


def test_accepted_rejected_and_added(boss, officer, friend):
    person = contact(boss)
    told = message(boss, person, f"{TEXT} The neighbour upstairs told us.")
    case = record(boss, person)
    item = copy(boss, case)["message", told]
    keep = marks(item)["unknown@nowhere.example"]["mark"]
    answer = boss.ok("POST", f"/privacy/requests/{case}/copy/review", json={
        "records": [item["id"]], "keep": [keep], "add": {str(item["id"]): "The neighbour upstairs"}})
    assert answer["reviewed"] == 1
    after = look(boss, case)["message", told]
    assert after["reviewed"] and after["pending"] == 0
    states = {text: p["state"] for text, p in marks(after).items()}
    assert states.pop("unknown@nowhere.example") == "rejected"
    assert set(states.values()) == {"accepted"} and "The neighbour upstairs" in states
    rest(boss, case)
    approved(boss, officer, case)
    body = package(boss, case)["data.json"].decode()
    assert "unknown@nowhere.example" in body and "neighbour" not in body and "Mei Fong" not in body


def test_withheld_is_said_and_makes_it_partly(boss, officer):
    """Row 12: withholding one item is a refusal of that part; it is complied with partly, through the log book."""
    person, secret = contact(boss), canary("privileged")
    told = message(boss, person, secret)
    case = record(boss, person)
    item = copy(boss, case)["message", told]
    boss.ok("POST", f"/privacy/requests/{case}/copy/review", json={
        "records": [item["id"]], "ground": {str(item["id"]): "20(3)(f)"}})
    rest(boss, case)
    approved(boss, officer, case)
    data = package(boss, case)["data.json"].decode()
    assert secret not in data and '"withheld":"20(3)(f)"' in data.replace(" ", "")
    step(boss, case, "verify", how="id_seen")
    state = boss.ok("GET", f"/privacy/requests/{case}")
    assert "withheld" in state["missing"]["comply"] and state["missing"]["comply_partly"] == ["letter"]
    step(boss, case, "comply", status=409)
    step(boss, case, "comply_partly", ground="20(3)(f)", reason="Legal professional privilege, s.60")
    assert boss.ok("GET", f"/privacy/requests/{case}")["state"] == "partly_complied"


def test_nothing_leaves_that_nobody_looked_through(boss, officer, rows):
    person = contact(boss)
    message(boss, person, TEXT)
    case = record(boss, person)
    assert routes.problem(boss.post(f"/privacy/requests/{case}/package"), 409) is None
    copy(boss, case)
    step(boss, case, "search")
    step(boss, case, "review")
    assert boss.ok("GET", f"/privacy/requests/{case}")["missing"]["approve"] == ["unreviewed"]
    step(officer, case, "approve", status=409)
    assert rest(boss, case, "unmarked")["open"] == 1
    assert routes.problem(boss.post(f"/privacy/requests/{case}/package"), 409) is None
    rest(boss, case)
    assert routes.problem(boss.post(f"/privacy/requests/{case}/package"), 409) is None, "not approved"
    # Not even behind the product's back.
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update privacy_request set package_id = 1 where request_id = %s", [case])
    assert refused.value.pgcode == "PR029"
    rows.execute("update request_mark set state = 'proposed' where request_id = %s", [case])
    with pytest.raises(psycopg2.Error) as refused:
        rows.execute("update request_copy set reviewed_at = now() where request_id = %s", [case])
    assert refused.value.pgcode == "PR029"


def test_what_was_approved_stands(boss, officer, rows):
    person = contact(boss)
    told = message(boss, person, TEXT)
    case = record(boss, person)
    item = copy(boss, case)["message", told]
    rest(boss, case)
    approved(boss, officer, case)
    for path, body in (("copy", {}), ("copy/rest", {"what": "marked"}), ("copy/review", {"records": [item["id"]]})):
        assert routes.problem(boss.post(f"/privacy/requests/{case}/{path}", json=body), 409) is None
    for statement in ("update request_mark set state = 'rejected'", "update request_copy set ground = '20(1)(b)'", "delete from request_mark"):
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute(f"{statement} where request_id = %s", [case])
        assert refused.value.pgcode == "PR028"


@pytest.mark.parametrize("body, field", [
    ({}, "records"), ({"records": []}, "records"), ({"records": [999999999]}, "records"), ({"records": ["x"]}, "records")])
def test_what_is_no_review(boss, body, field):
    person = contact(boss)
    case = record(boss, person)
    copy(boss, case)
    answer = boss.post(f"/privacy/requests/{case}/copy/review", json=body)
    assert answer.status_code == 422 and field in str(answer.json()["errors"])


def test_words_that_do_not_stand_there_and_grounds_that_are_none(boss):
    person = contact(boss)
    case = record(boss, person)
    item = copy(boss, case)["contact", person]
    for name, value in (("add", "No such words"), ("ground", "20(9)"), ("ground", "28(5)")):
        body = {"records": [item["id"]], name: {str(item["id"]): value}}
        answer = boss.post(f"/privacy/requests/{case}/copy/review", json=body)
        assert answer.status_code == 422 and name in answer.json()["errors"]
    assert look(boss, case)["contact", person]["reviewed"] is False, "nothing of it was stored"


def test_another_cases_records_are_none_of_it(boss):
    one, two = record(boss, contact(boss)), record(boss, contact(boss))
    foreign = next(iter(copy(boss, one).values()))
    copy(boss, two)
    answer = boss.post(f"/privacy/requests/{two}/copy/review", json={"records": [foreign["id"]]})
    assert answer.status_code == 422
    assert not look(boss, one)["contact", foreign["record_id"]]["reviewed"]


def test_nobody_to_copy_and_nobody_who_may(boss, workspace):
    assert routes.problem(boss.post(f"/privacy/requests/{record(boss)}/copy"), 409) is None
    case = record(boss, contact(boss))
    staff = workspace.add_user("staff").api()
    for method, path in (("GET", "copy"), ("POST", "copy"), ("POST", "copy/rest"), ("POST", "package"), ("GET", "package")):
        assert routes.problem(staff.request(method, f"/privacy/requests/{case}/{path}"), 403) is None
    assert routes.problem(boss.get(f"/privacy/requests/{case}/package"), 404) is None


def test_nothing_of_it_lies_in_plain(boss, rows, friend):
    mark = canary("plain")
    person = contact(boss, bio=mark)
    message(boss, person, f"{mark} {TEXT}")
    case = record(boss, person)
    copy(boss, case)
    rows.execute("select count(*) from request_copy where request_id = %s and position(%s in sealed) > 0", [case, mark.encode()])
    assert rows.fetchone()[0] == 0
    rows.execute("select string_agg(m::text, ' ') || (select string_agg(a::text, ' ') from request_alias a) from request_mark m")
    text = rows.fetchone()[0]
    assert not any(secret in text for secret in (mark, *SECRETS))


def test_records_of_others_join_the_copy(boss, friend):
    person = contact(boss, name_en="LAU Ka Yan")
    told = message(boss, friend, "Lau Ka Yan was there with us. Kwok Mei Fong")
    case = record(boss, person)
    boss.ok("POST", f"/privacy/requests/{case}/found", json={"add": [f"message:{told}"]})
    item = copy(boss, case)["message", told]
    assert item["own"] is False and set(marks(item)) == {"Kwok Mei Fong"}


# ---- pages


@pytest.mark.parametrize("language, title, button", [("en", "Copy and redaction", "looked through"), ("zh-Hant", "複本及遮蓋", "已覆核")])
def test_the_page(workspace, boss, friend, language, title, button):
    person = contact(boss)
    message(boss, person, TEXT)
    case = record(boss, person)
    browser = workspace.admin.browser()
    browser.write("/language", lang=language, back="/")
    path = f"/privacy/requests/{case}/copy"
    assert path in browser.page(f"/privacy/requests/{case}")
    assert title in browser.page(path)
    assert browser.write(path).status_code == 303
    rows = workspace.database().cursor()
    rows.execute("select copy_job from privacy_request where request_id = %s", [case])
    finished(boss, rows.fetchone()[0])
    text = browser.page(path)
    assert '<mark class="redact redact-proposed"' in text and button in text
    form = next(f for f in __import__("harness").parse_forms(text, path) if f.action == f"{path}/review")
    wrong, other = [v for n, v in form.fields if n == "records"][:2]
    mark = re.findall(r'name="keep" value="(\d+)"', text)[0]
    refused = browser.submit(form, **{f"add[{wrong}]": "No such & words", f"ground[{other}]": "20(3)(f)", "keep": mark})
    assert refused.status_code == 422 and "No such" not in refused.headers.get("Location", "")
    assert re.findall(r'<input [^>]*aria-invalid="true"', refused.text) == re.findall(rf'<input [^>]*id="add-{wrong}"[^>]*aria-invalid="true"', refused.text) != []
    again = next(f for f in __import__("harness").parse_forms(refused.text, path) if f.action == f"{path}/review")
    assert (f"add[{wrong}]", "No such & words") in again.fields and (f"ground[{other}]", "20(3)(f)") in again.fields
    assert [v for n, v in again.fields if n == "keep"] == [mark], "nothing that was decided on the page is lost"
    assert browser.submit(form).status_code == 303
    assert boss.ok("GET", f"/privacy/requests/{case}/copy")["open"] == 0
    browser.write("/language", lang="en", back="/")


# ---- what other sources found


def task(boss, case, label="The till (Shop manager)"):
    boss.ok("POST", f"/privacy/requests/{case}/items", status=201, json={"what": "source", "label": label})
    return boss.ok("GET", f"/privacy/requests/{case}")["items"][-1]["id"]


def found(boss, case, item, content=b"Slip 7", status=201):
    answer = boss.post(f"/privacy/requests/{case}/files", files={"file": ("slip.txt", content, "text/plain")}, data={"item": str(item)})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_what_another_source_found_is_in_the_package(boss, officer, workspace):
    secret = canary("slip")
    case = record(boss, contact(boss))
    item = task(boss, case)
    boss.ok("POST", f"/privacy/requests/{case}/items/{item}", json={"outcome": "held"})
    found(boss, case, item, b"Slip 6")
    copy(boss, case)
    rest(boss, case)
    approved(boss, officer, case)
    found(boss, case, item, secret.encode())
    assert "approval" in boss.ok("GET", f"/privacy/requests/{case}")["missing"]["comply"], "another answer is approved anew"
    step(officer, case, "approve")
    files = [f for f in boss.ok("GET", f"/privacy/requests/{case}")["files"] if f["what"] == "source"]
    assert [f["item"] for f in files] == [item, item] and files[0]["name"] == "slip.txt"
    there = package(boss, case)
    newest = f"source-{files[0]['id']}"
    assert there[f"attachments/{newest}"] == secret.encode() and there[f"attachments/source-{files[1]['id']}"] == b"Slip 6"
    kinds = [r for r in json.loads(there["data.json"])["records"] if r["kind"] == "source_file"]
    assert {"kind": "source_file", "id": files[0]["id"], "source": "The till (Shop manager)", "file": newest} in kinds
    assert newest in there["index.html"].decode() and "Shop manager" in there["index.html"].decode()
    assert f'name="item" value="{item}"' in workspace.admin.browser().page(f"/privacy/requests/{case}")


def test_a_file_for_what_is_no_task_of_a_source(boss, rows):
    case, other = record(boss, contact(boss)), record(boss, contact(boss))
    foreign = task(boss, other)
    boss.ok("POST", f"/privacy/requests/{case}/items", status=201, json={"what": "field", "label": "Phone"})
    field = boss.ok("GET", f"/privacy/requests/{case}")["items"][0]["id"]
    for item in (foreign, field, 999999999):
        assert "item" in found(boss, case, item, status=422)["errors"]
    for item in ("x", "0", "-1"):
        assert found(boss, case, item, status=422)["errors"]
    for item, what in ((foreign, "source"), (field, "source")):
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute("insert into request_file (request_id, what, name, content_type, object, object_key, size, sha256, item_id) "
                         "values (%s, %s, 'x', 'text/plain', 'x', 'x', 1, 'x', %s)", [case, what, item])
        assert refused.value.pgcode == "PR042"
    mine = task(boss, case)
    step(boss, case, "withdraw", reason="By letter of today")
    assert found(boss, case, mine, status=409)["status"] == 409
    assert boss.ok("GET", f"/privacy/requests/{case}")["files"] == []
