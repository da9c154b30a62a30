# SPDX-License-Identifier: ISC
"""Exports of lists: what is in them, and what never is."""
import json
import re

import pytest

from exports import ask, export, fetch, table
from jobs import done
from profiles import everything, make_profile


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    connection.cursor().execute("update field set enabled = true where name = 'hkid'")
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def people(api, rows):
    """Three, of whom one is disputed and one has what is encrypted."""
    company = api.ok("POST", "/companies", json={"name_en": "Harbour Tea"})
    full = {"name_en": "Whole Record", "name_zh": "陳大文", "email": "whole@example.com", "phone": "+85291234567",
            "address": "1 Some Road,\n\"Central\"", "tags": ["vip", "tea"], "company_id": company["id"],
            "hkid": "A123456(3)", "salary": {"amount": "43210.50", "currency": "HKD"}, "lifecycle": "lead",
            "owner_id": 1, "date_of_birth": "1980-02-29"}
    return {"whole": api.ok("POST", "/contacts", json=full),
            "other": api.ok("POST", "/contacts", json={"name_en": "Other Person", "job_title": "=1+1"}),
            "disputed": api.ok("POST", "/contacts", json={"name_en": "Disputed Person", "disputed": True}),
            "company": company}


def user_with(workspace, rights, fields=None, **more):
    database = workspace.database()
    person = workspace.add_user(make_profile(database, rights, fields, **more))
    database.close()
    return person


def test_a_list_as_csv(workspace, api, people):
    answer = ask(api, q="Whole", sort="name_en", format="csv")
    assert answer["state"] == "running" and answer["count"] == 1
    files = fetch(api, answer["job"])
    code = f"E{answer['export']}"
    assert set(files) == {f"contacts-{code}.csv", "export-note.txt", "manifest.json"}
    (row,) = table(files)
    assert row["id"] == str(people["whole"]["id"]) and row["export"] == code
    assert row["name_en"] == "Whole Record" and row["name_zh"] == "陳大文"
    assert row["phone"] == "'+85291234567"
    assert row["company_id"] == "Harbour Tea" and row["tags"] == "vip, tea"
    assert row["owner_id"] == workspace.admin.email
    assert row["address"] == "1 Some Road,\n\"Central\""


def test_encrypted_fields_are_masks_unless_revealed(api, people):
    (row,) = export(api, q="Whole")
    assert "hkid" not in row and row["hkid~"] == "A123XXX(X)"
    assert "salary" not in row and "43210" not in json.dumps(row)
    (row,) = export(api, q="Whole", fields=["name_en", "salary"], reveal=["salary"], reason="report")
    assert row["salary"] == "43210.50" and set(row) == {
        "id", "name_en", "salary", "created_at", "updated_at", "export"}


@pytest.mark.parametrize("name", ["name_en", "name_zh", "surname_en", "given_en", "english_name", "preferred_name"])
def test_a_name_never_goes_with_a_whole_number(api, people, name):
    body = {"q": "Whole", "fields": ["hkid", name], "reveal": ["hkid"], "reason": "legal"}
    answer = api.post("/contacts/export", json=body)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["reveal"]


def test_a_whole_number_goes_without_a_name(api, people):
    (row,) = export(api, q="Whole", fields=["hkid", "email"], reveal=["hkid"], reason="legal")
    assert row["hkid"] == "A123456(3)" and "Whole" not in json.dumps(row)


def test_all_fields_and_the_number_are_refused(api, people):
    answer = api.post("/contacts/export", json={"q": "Whole", "reveal": ["hkid"], "reason": "legal"})
    assert answer.status_code == 422


def test_what_is_revealed_needs_a_reason(api, people):
    body = {"q": "Whole", "fields": ["salary"], "reveal": ["salary"]}
    assert list(api.post("/contacts/export", json=body).json()["errors"]) == ["reason"]
    body["reason"] = "because"
    assert list(api.post("/contacts/export", json=body).json()["errors"]) == ["reason"]


@pytest.mark.parametrize("body, field", [
    ({"fields": ["nothing"]}, "fields"), ({"fields": []}, "fields"), ({"reveal": ["name_en"], "reason": "work"}, "reveal"),
    ({"format": "xlsx"}, "format"), ({"sort": "salary"}, "sort"), ({"filter": {"nothing": "1"}}, "filter[nothing]"),
    ({"fields": ["name_en"], "reveal": ["salary"], "reason": "work"}, "reveal"), ({"ids": [1]}, "ids"),
    ({"fields": "name_en"}, "fields"), ({"q": "a\u0000b"}, "q")])
def test_what_cannot_be_asked_is_said_at_its_place(api, people, body, field):
    answer = api.post("/contacts/export", json=body)
    assert answer.status_code in (400, 422), answer.text
    assert field in answer.json().get("errors", {field: 1})


def test_disputed_people_stay(api, people):
    found = export(api, sort="name_en")
    names = [row["name_en"] for row in found]
    assert "Disputed Person" not in names and names == sorted(names) and len(names) == 2
    assert api.post("/contacts/export", json={"q": "Disputed"}).status_code == 409


def test_formulas_are_no_formulas(api, people):
    files = fetch(api, ask(api, q="Other")["job"])
    (name,) = (n for n in files if n.endswith(".csv"))
    assert b"'=1+1" in files[name] and b",=1+1" not in files[name]


def test_the_import_reads_it_back_unchanged(workspace, api, people):
    files = fetch(api, ask(api, format="csv")["job"])
    (name,) = (n for n in files if n.endswith(".csv"))
    # To where the same companies and colleagues are.
    there = workspace.stack.new_workspace()
    other = there.admin.api()
    text = files[name].replace(workspace.admin.email.encode(), there.admin.email.encode())
    started = other.ok("POST", "/imports", files={"file": ("contacts.csv", text, "text/csv")})
    done(other, started["job"])
    result = other.ok("GET", f"/imports/{started['id']}")
    assert (result["created"], result["failed"]) == (2, 0), result
    before = {r["name_en"]: r for r in api.ok("GET", "/contacts?limit=200")["items"]}
    after = {r["name_en"]: r for r in other.ok("GET", "/contacts?limit=200")["items"]}
    assert set(after) == set(before) - {"Disputed Person"}
    for person, record in after.items():
        for field in ("name_zh", "email", "phone", "address", "job_title", "tags", "lifecycle"):
            assert record[field] == before[person][field], (person, field)
        # A mask is no value.
        assert record["salary"] is None


def test_json_lines(api, people):
    found = export(api, filter={"lifecycle": "lead"}, format="jsonl")
    assert [r["name_en"] for r in found] == ["Whole Record"]
    assert found[0]["hkid"] == "A123XXX(X)" and set(found[0]["masked"]) >= {"hkid", "salary"}
    assert re.fullmatch(r"E\d+", found[0]["export"])


def test_the_note_says_who_and_why(workspace, api, people):
    files = fetch(api, ask(api, q="Whole", reason="report")["job"])
    note = files["export-note.txt"].decode()
    assert workspace.admin.email in note and "For a report" in note and "製作報告" in note
    assert "Whole" not in note and "E" in note


def test_every_piece_is_in_the_log(api, rows, people):
    ask_ = ask(api, q="Whole", fields=["email", "salary"], reveal=["salary"], reason="report")
    done(api, ask_["job"])
    rows.execute(
        "select e.record_ids, e.subject_ids, s.fields, e.actor_kind from audit_event e join field_set s "
        "using (field_set_id) where action = 'export' and e.entity = 'contact' order by event_id desc limit 1")
    whole = people["whole"]["id"]
    assert rows.fetchone() == ([whole], [whole], ["email", "salary"], "worker")
    rows.execute("select reason, count from audit_event where action = 'export' and entity = 'export' "
                 "and record_ids = array[%s::bigint]", [ask_["export"]])
    assert rows.fetchall() == [("report", 1)]


def test_masks_are_said_to_be_masks_in_the_log(api, rows, people):
    done(api, ask(api, q="Whole", fields=["salary"])["job"])
    rows.execute("select s.fields from audit_event join field_set s using (field_set_id) "
                 "where action = 'export' and audit_event.entity = 'contact' order by event_id desc limit 1")
    assert rows.fetchone() == (["salary~"],)


def test_hidden_fields_do_not_exist(workspace, api, people):
    clerk = user_with(workspace, everything("all"), {"contact.email": "hidden", "contact.phone": "masked"}).api()
    (row,) = export(clerk, q="Whole")
    assert "email" not in row and "whole@example.com" not in json.dumps(row)
    assert row["phone~"] != "+85291234567" and "91234567" not in json.dumps(row)
    unknown = clerk.post("/contacts/export", json={"fields": ["nothing"]}).json()
    for body in ({"fields": ["email"]}, {"filter": {"email": "whole@example.com"}}, {"filter": {"phone": "+85291234567"}}):
        answer = clerk.post("/contacts/export", json=body)
        assert answer.status_code == 422, body
        assert list(answer.json()["errors"].values()) == list(unknown["errors"].values())
    assert clerk.post("/contacts/export", json={"q": "whole@example.com"}).status_code == 409
    assert clerk.post("/contacts/export", json={"reveal": ["salary"], "reason": "work"}).status_code == 422


def test_invisible_records_stay(workspace, api, people):
    seller = user_with(workspace, everything("own")).api()
    assert seller.post("/contacts/export", json={}).status_code == 409
    seller.ok("POST", "/contacts", json={"name_en": "Own Customer"})
    assert [r["name_en"] for r in export(seller)] == ["Own Customer"]


def test_the_right_to_export_may_be_narrower(workspace, api, people):
    rights = {**everything("all"), "contact.export": "own"}
    seller = user_with(workspace, rights).api()
    me = seller.ok("GET", "/me")["id"]
    seller.ok("POST", "/contacts", json={"name_en": "Own Customer Two", "owner_id": me})
    assert len(seller.ok("GET", "/contacts")["items"]) > 1
    assert [r["name_en"] for r in export(seller)] == ["Own Customer Two"]


def test_without_the_right_there_is_no_export(workspace, people):
    clerk = user_with(workspace, everything("all"))
    marketing = workspace.add_user("marketing")
    page = marketing.browser().page("/contacts")
    assert "/contacts/export" not in page
    assert marketing.browser().get("/contacts/export").status_code == 403
    assert marketing.api().post("/contacts/export", json={}).status_code == 403
    assert 'href="/contacts/export"' in clerk.browser().page("/contacts")


@pytest.mark.parametrize("entity", ["companies", "activities", "messages", "invoices"])
def test_the_other_lists(api, people, entity):
    whole = people["whole"]["id"]
    made = {
        "companies": lambda: people["company"],
        "activities": lambda: api.ok("POST", f"/contacts/{whole}/activities", json={"kind": "note", "body": "Some note"}),
        "messages": lambda: api.ok("POST", f"/contacts/{whole}/messages", json={
            "channel": "email", "direction": "in", "subject": "Tea", "body": "@SUM(A1)"}),
        "invoices": lambda: api.ok("POST", f"/contacts/{whole}/invoices", json={
            "number": "T-1", "issued_on": "2026-01-02", "status": "issued",
            "lines": [{"description": "Tea", "quantity": "2", "unit_amount": "450.00"}]}),
    }[entity]()
    found = export(api, entity)
    (row,) = (r for r in found if r["id"] == str(made["id"]))
    assert row["export"].startswith("E")
    if entity != "companies":
        assert row["contact_id"] == str(whole) and row["contact"] == "Whole Record"
    if entity == "invoices":
        assert row["amount"] == "900.00"


def test_a_disputed_person_has_no_name_beside_what_hangs_on_it(api, people):
    person = people["disputed"]["id"]
    note = api.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "Of the disputed"})
    (row,) = (r for r in export(api, "activities") if r["id"] == str(note["id"]))
    assert row["contact"] == "" and row["contact_id"] == str(person)


def correction(api, person, *fields):
    case = api.ok("POST", "/privacy/requests", status=201, json={"kind": "correction", "channel": "letter", "contact_ids": [person]})
    for field in fields:
        api.ok("POST", f"/privacy/requests/{case['id']}/items", status=201, json={"what": "field", "label": field, "field": field})
    return case["id"], {i["field"]: i["id"] for i in api.ok("GET", f"/privacy/requests/{case['id']}")["items"]}


@pytest.mark.parametrize("reason", ["campaign", "report"])
@pytest.mark.parametrize("outcome", ["done", "refused"])
def test_row_21_a_disputed_field_stays_until_it_is_decided(workspace, api, people, reason, outcome):
    made = api.ok("POST", "/contacts", json={"name_en": f"Field {reason} {outcome}", "job_title": "Old title", "address": "Old road",
                                             "salary": {"amount": "11.00", "currency": "HKD"}})
    other = api.ok("POST", "/contacts", json={"name_en": f"Field {reason} {outcome} beside", "job_title": "Beside"})
    case, items = correction(api, made["id"], "job_title", "salary")
    asked = {"q": f"Field {reason} {outcome}", "reason": reason, "sort": "name_en"}
    seen, beside = export(api, **asked)
    assert (seen["job_title"], seen["salary~"], seen["address"]) == ("", "", "Old road"), "the field, not the person"
    assert beside["job_title"] == "Beside" and beside["id"] == str(other["id"])
    contact = api.ok("GET", f"/contacts/{made['id']}")
    assert contact["disputed_fields"] == ["job_title", "salary"] and contact["job_title"] == "Old title"
    assert "Disputed, do not use for now: Job title" in workspace.admin.browser().page(f"/contacts/{made['id']}")
    api.ok("POST", f"/privacy/requests/{case}/items/{items['job_title']}", json={"outcome": outcome})
    seen, _ = export(api, **asked)
    assert (seen["job_title"], seen["salary~"]) == ("Old title", "")
    api.ok("POST", f"/privacy/requests/{case}/items/{items['salary']}", json={"outcome": outcome})
    assert export(api, **asked)[0]["salary~"] != ""
    assert api.ok("GET", f"/contacts/{made['id']}")["disputed_fields"] == []


def test_row_21_a_disputed_name_is_beside_nothing(api, people):
    made = api.ok("POST", "/contacts", json={"name_en": "Misspelt Name"})["id"]
    note = api.ok("POST", f"/contacts/{made}/activities", json={"kind": "note", "body": "Of the misspelt"})
    correction(api, made, "name_en")
    (row,) = (r for r in export(api, "activities") if r["id"] == str(note["id"]))
    assert row["contact"] == "" and row["contact_id"] == str(made)


def test_row_21_an_opinion_with_a_note_is_no_mailing(api, people, rows):
    made = api.ok("POST", "/contacts", json={"name_en": "Opinion Noted", "bio": "Pays late", "job_title": "Teacher"})["id"]
    rows.execute("update contact set opinion_note = 'Never' where contact_id = %s", [made])
    (row,) = export(api, q="Opinion Noted", reason="campaign")
    assert row["bio"] == "" and row["opinion_note"] == "" and row["job_title"] == "Teacher"
    (row,) = export(api, q="Opinion Noted", reason="report")
    assert row["bio"] == "Pays late" and row["opinion_note"] == "Never", "elsewhere one goes with the other"


def test_private_notes_of_others_stay(workspace, api, people):
    colleague = workspace.add_user("administrator").api()
    whole = people["whole"]["id"]
    colleague.ok("POST", f"/contacts/{whole}/activities", json={
        "kind": "note", "body": "Secret of a colleague", "private_to": "author"})
    assert "Secret of a colleague" in json.dumps(export(colleague, "activities"))
    assert "Secret of a colleague" not in json.dumps(export(api, "activities"))


def test_only_who_asked_can_fetch_and_see_it(workspace, api, people):
    answer = ask(api, q="Whole")
    path = done(api, answer["job"])["download"]
    clerk = user_with(workspace, everything("all")).api()
    assert clerk.get(path).status_code == 404
    assert clerk.get(f"/exports/{answer['export']}").status_code == 404
    assert answer["export"] not in [e["id"] for e in clerk.ok("GET", "/exports")["items"]]
    # Whoever approves sees that it was there, not the file.
    approver = workspace.add_user("administrator").api()
    seen = approver.ok("GET", f"/exports/{answer['export']}")
    assert seen["download"] is None and seen["exported"] == 1
    assert approver.get(path).status_code == 404


def test_who_lost_the_right_loses_the_file(workspace, people):
    database = workspace.database()
    name = make_profile(database, everything("all"))
    clerk = workspace.add_user(name).api()
    path = done(clerk, ask(clerk, q="Whole")["job"])["download"]
    assert clerk.get(path).status_code == 200
    database.cursor().execute(
        'delete from profile_right r using profile p where p.profile_id = r.profile_id and p.name = %s '
        "and r.entity = 'contact' and r.\"right\" = 'export'", [name])
    assert clerk.get(path).status_code == 403
    database.close()


@pytest.mark.parametrize("field, was, level", [("phone", "edit", "hidden"), ("salary", "read", "masked"), ("salary", "masked", "hidden")])
def test_who_lost_a_field_loses_the_file_that_holds_it(workspace, people, rows, field, was, level):
    clerk = user_with(workspace, everything("all"), {f"contact.{field}": was})
    api = clerk.api()
    fields = {"fields": ["name_en", field]}
    open_too = {**fields, "reveal": [field], "reason": "report"} if was == "read" else fields
    held = done(api, ask(api, q="Whole", **open_too)["job"])["download"]
    without = done(api, ask(api, q="Whole", fields=["name_en"])["job"])["download"]
    assert api.get(held).status_code == 200
    profile = "(select profile_id from app_user where email = %s)"
    change = f"update profile_field set level = %s where field = %s and profile_id = {profile}"
    rows.execute(change, [level, field, clerk.email])
    assert rows.rowcount == 1
    refused = api.get(held)
    assert refused.status_code == 403 and "fields that you may not read" in refused.text
    rows.execute("select count(*) from audit_event where action = 'download' and outcome = 'denied' and record_ids = array[%s::bigint]",
                 [int(held.rpartition("/")[2])])
    assert rows.fetchone() == (1,)
    assert api.get(without).status_code == 200
    rows.execute(change, ["edit", field, clerk.email])
    assert api.get(held).status_code == 200


def test_it_is_there_for_a_week(api, rows, people):
    answer = ask(api, q="Whole")
    path = done(api, answer["job"])["download"]
    number = path.rpartition("/")[2]
    rows.execute("select round(extract(epoch from expires_at - created_at) / 3600) from download "
                 "where download_id = %s", [number])
    assert rows.fetchone() == (168,)
    rows.execute("update download set expires_at = now() where download_id = %s", [number])
    gone = api.get(path)
    assert gone.status_code == 410 and "seven days" in gone.text
    assert api.ok("GET", f"/exports/{answer['export']}")["download"] is None


def test_from_the_page(workspace, people):
    browser = workspace.admin.browser()
    found = browser.write("/contacts/search", q="Whole")
    listed = found.headers["Location"]
    link = re.search(r'href="(/contacts/export\?query=[^"]+)"', browser.page(listed))[1]
    page = browser.page(link)
    assert "Whole" in page and "HKID" in page
    form = browser.form(link, "/contacts/export")
    refused = browser.submit(form)
    assert refused.status_code == 422 and 'name="query"' in refused.text
    answer = browser.submit(form, reason="report")
    assert answer.status_code == 303
    job = answer.headers["Location"]
    done(workspace.admin.api(), job.rpartition("/")[2])
    fetched = browser.get(re.search(r'href="(/downloads/\d+)"', browser.page(job))[1])
    assert fetched.status_code == 200 and fetched.content[:2] == b"PK"
    assert re.fullmatch(r'attachment; filename="?contacts-E\d+\.zip"?.*', fetched.headers["Content-Disposition"])
    assert re.search(r'href="/exports/\d+"[^>]*>E\d+<', browser.page("/exports"))


def test_a_browser_proves_who_it_is_first(workspace, people):
    browser = workspace.admin.browser()
    browser.password = None
    token = {"X-CSRF-Token": browser.csrf()}
    database = workspace.database()
    database.cursor().execute("update session set verified_at = now() - interval '6 minutes'")
    database.close()
    answer = browser.post("/api/v1/contacts/export", json={"q": "Whole"}, headers=token)
    assert answer.status_code == 403 and answer.json()["type"] == "urn:praya:problem:verify"


def test_many_records_keep_their_order_across_pieces(api, rows, people):
    rows.execute("insert into company (name_en) select 'Many ' || lpad(n::text, 5, '0') from generate_series(1, 1201) n")
    rows.execute("update workspace set export_threshold = 5000")
    found = export(api, "companies", q="Many", sort="name_en", fields=["name_en"])
    assert [r["name_en"] for r in found] == [f"Many {n:05}" for n in range(1, 1202)]
    rows.execute("select count(*) from export_record x join export e using (export_id) where e.state = 'running'")
    assert rows.fetchone() == (0,)
