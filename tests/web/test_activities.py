# SPDX-License-Identifier: ISC
"""Notes, calls, meetings and tasks of a contact."""
import pytest

CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture(scope="module")
def database(workspace):
    return workspace.database()


@pytest.fixture
def contact(api):
    return api.ok("POST", "/contacts", json={"name_en": "CHAN Tai Man", "name_zh": "陳大文"})["id"]


def add(api, contact, **fields):
    return api.ok("POST", f"/contacts/{contact}/activities", status=201, json=fields)


def refused(answer, field, status=422):
    assert answer.status_code == status, answer.text
    assert field in answer.json()["errors"], answer.text


def version(record):
    return {"If-Match": str(record["version"])}


@pytest.mark.parametrize("kind", ["note", "call", "meeting", "task"])
def test_kinds_come_back_as_they_went_in(api, contact, kind):
    made = add(api, contact, kind=kind, subject="約見", body="line one\nline two")
    read = api.ok("GET", f"/activities/{made['id']}")
    assert (read["kind"], read["subject"], read["body"]) == (kind, "約見", "line one\nline two")
    assert read["contact_id"] == contact and read["attachments"] == []
    listed = api.ok("GET", f"/contacts/{contact}/activities")["items"]
    assert [item["id"] for item in listed] == [made["id"]]


def test_the_contact_may_stand_in_the_body(api, contact):
    made = api.ok("POST", "/activities", status=201, json={"contact_id": contact, "kind": "note", "body": "x"})
    assert made["contact_id"] == contact


def test_nobody_by_that_number(api):
    refused(api.post("/activities", json={"contact_id": 987654321, "kind": "note", "body": "x"}), "contact_id")
    refused(api.post("/activities", json={"kind": "note", "body": "x"}), "contact_id")
    answer = api.post("/contacts/987654321/activities", json={"kind": "note", "body": "x"})
    assert answer.status_code == 404
    assert api.get("/contacts/987654321/activities").status_code == 404


@pytest.mark.parametrize(
    "body, field",
    [
        ({"kind": "dream", "body": "x"}, "kind"),
        ({"body": "x"}, "kind"),
        ({"kind": "note"}, "body"),
        ({"kind": "note", "subject": " ", "body": ""}, "body"),
        ({"kind": "note", "body": "x" * 20001}, "body"),
        ({"kind": "note", "body": 7}, "body"),
        ({"kind": "note", "body": "x", "colour": "red"}, "colour"),
        ({"kind": "note", "body": "x", "due_on": "2026-12-01"}, "due_on"),
        ({"kind": "call", "body": "x", "done_at": "2026-12-01T10:00:00Z"}, "done_at"),
        ({"kind": "task", "body": "x", "due_on": "31/31/2026"}, "due_on"),
        ({"kind": "task", "body": "x", "owner_id": 99999}, "owner_id"),
        ({"kind": "note", "body": "x", "happened_at": "yesterday"}, "happened_at"),
        ({"kind": "note", "body": "x", "kept_until": "2033-01-01"}, "kept_law"),
        ({"kind": "note", "body": "x", "kept_law": "Cap. 615"}, "kept_until"),
    ],
)
def test_refused_and_nothing_kept(api, contact, body, field):
    refused(api.post(f"/contacts/{contact}/activities", json=body), field)
    assert api.ok("GET", f"/contacts/{contact}/activities")["items"] == []


def test_a_card_number_is_kept_with_a_warning(api, browser, contact):
    made = add(api, contact, kind="note", body=f"pays with {CARD}")
    assert list(made["warnings"]) == ["body"] and CARD in made["body"]
    form = browser.form(f"/contacts/{contact}/activities/new", f"/contacts/{contact}/activities")
    answer = browser.submit(form, kind="note", body=f"card {CARD}")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/contacts/{contact}"
    assert "payment card number" in browser.page(f"/contacts/{contact}")
    assert "warnings" not in add(api, contact, kind="note", body="order 1234 5678 9012 3456")


def test_a_task_belongs_to_who_writes_it_down_and_gets_done(api, contact):
    me = api.ok("GET", "/me")["id"]
    task = add(api, contact, kind="task", subject="Send the quotation", due_on="2030-12-01")
    assert task["owner_id"] == me and task["done_at"] is None
    path = f"/activities/{task['id']}"
    assert api.post(path + "/done").status_code == 428
    done = api.ok("POST", path + "/done", headers=version(task))
    assert done["done_at"] is not None and done["version"] > task["version"]
    assert api.post(path + "/done", headers=version(task)).status_code == 412
    again = api.ok("POST", path + "/done", headers=version(done))
    assert again["done_at"] == done["done_at"] and again["version"] == done["version"]
    reopened = api.ok("PATCH", path, headers=version(done), json={"done_at": None})
    assert reopened["done_at"] is None


def test_only_tasks_get_done(api, contact):
    note = add(api, contact, kind="note", body="x")
    answer = api.post(f"/activities/{note['id']}/done", headers=version(note))
    assert answer.status_code == 409
    refused(api.patch(f"/activities/{note['id']}", headers=version(note), json={"due_on": "2030-01-01"}), "due_on")


def test_what_is_no_task_any_more_has_no_due_date(api, contact):
    task = add(api, contact, kind="task", subject="x", due_on="2030-12-01")
    note = api.ok("PATCH", f"/activities/{task['id']}", headers=version(task), json={"kind": "note"})
    assert note["due_on"] is None


def test_changes_need_the_version_they_are_based_on(api, contact):
    note = add(api, contact, kind="note", body="first")
    path = f"/activities/{note['id']}"
    assert api.patch(path, json={"body": "second"}).status_code == 428
    api.ok("PATCH", path, headers=version(note), json={"body": "second"})
    assert api.patch(path, headers=version(note), json={"body": "third"}).status_code == 412
    assert api.ok("GET", path)["body"] == "second"


def test_a_record_stays_with_its_person(api, contact):
    other = api.ok("POST", "/contacts", json={"name_en": "Other"})["id"]
    note = add(api, contact, kind="note", body="x")
    path = f"/activities/{note['id']}"
    refused(api.patch(path, headers=version(note), json={"contact_id": other}), "contact_id")
    api.ok("PATCH", path, headers=version(note), json={"contact_id": contact, "body": "y"})


def test_text_and_time_cannot_be_emptied(api, contact):
    note = add(api, contact, kind="note", subject="only this")
    path = f"/activities/{note['id']}"
    refused(api.patch(path, headers=version(note), json={"subject": None}), "body")
    refused(api.patch(path, headers=version(note), json={"happened_at": None}), "happened_at")
    api.ok("PATCH", path, headers=version(note), json={"subject": None, "body": "now this"})


def test_kept_by_law(api, contact):
    note = add(api, contact, kind="note", body="x", kept_until="2033-01-31", kept_law="Cap. 615 s.20")
    path = f"/activities/{note['id']}"
    refused(api.patch(path, headers=version(note), json={"kept_law": None}), "kept_law")
    freed = api.ok("PATCH", path, headers=version(note), json={"kept_law": None, "kept_until": None})
    assert freed["kept_until"] is None


def test_archive_and_restore(api, contact):
    note = add(api, contact, kind="note", body="x")
    path = f"/activities/{note['id']}"
    assert api.delete(path).status_code == 428
    gone = api.ok("DELETE", path, headers=version(note))
    assert gone["archived"] is True
    assert api.ok("GET", f"/contacts/{contact}/activities")["items"] == []
    archived = api.ok("GET", f"/contacts/{contact}/activities", params={"archived": "true"})["items"]
    assert [item["id"] for item in archived] == [note["id"]]
    back = api.ok("POST", path + "/restore", headers=version(gone))
    assert back["archived"] is False


def test_pages_of_a_long_list(api, contact):
    ids = [add(api, contact, kind="note", body=str(n))["id"] for n in range(5)]
    seen, after = [], None
    while True:
        page = api.ok("GET", f"/contacts/{contact}/activities", params={"limit": 2, "after": after})
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == ids and len(set(seen)) == 5


def test_search_by_filter(api, contact):
    add(api, contact, kind="call", body="x")
    found = api.ok("POST", "/activities/search", json={"filter": {"kind": "call"}})["items"]
    assert found and {item["kind"] for item in found} == {"call"}
    answer = api.post("/activities/search", json={"filter": {"colour": "red"}})
    assert answer.status_code == 422


def test_the_form_names_the_person_and_that_is_logged(browser, database, contact):
    cursor = database.cursor()
    page = browser.page(f"/contacts/{contact}/activities/new")
    assert "CHAN Tai Man" in page
    cursor.execute(
        "select count(*) from audit_event where action = 'view' and entity = 'contact' "
        "and route = 'activity.new' and subject_ids = array[%s::integer]",
        (contact,),
    )
    assert cursor.fetchone() == (1,)


def test_a_refused_form_keeps_what_was_typed(browser, contact):
    form = browser.form(f"/contacts/{contact}/activities/new", f"/contacts/{contact}/activities")
    answer = browser.submit(form, kind="note", subject="typed <b>already</b>", due_on="2030-01-01")
    assert answer.status_code == 422
    assert "typed &lt;b&gt;already&lt;/b&gt;" in answer.text and "Only a task" in answer.text


def test_the_page_marks_a_task_done(browser, api, contact):
    task = add(api, contact, kind="task", subject="Ring back")
    path = f"/activities/{task['id']}"
    answer = browser.submit(browser.form(path, path + "/done"))
    assert answer.status_code == 303 and answer.headers["Location"] == path
    assert api.ok("GET", path)["done_at"] is not None
    forms = [f for f in browser.page(path).split("<form") if "/done" in f]
    assert forms == []


def test_edit_by_the_page(browser, api, contact):
    note = add(api, contact, kind="note", body="before")
    path = f"/activities/{note['id']}"
    answer = browser.submit(browser.form(path + "/edit", path + "/edit"), body="after")
    assert answer.status_code == 303
    read = api.ok("GET", path)
    assert read["body"] == "after" and read["happened_at"][:16] == note["happened_at"][:16]
    stale = browser.form(path + "/edit", path + "/edit")
    api.ok("PATCH", path, headers=version(read), json={"body": "theirs"})
    assert browser.submit(stale, body="mine").status_code == 412
    assert api.ok("GET", path)["body"] == "theirs"


def test_old_values_are_in_the_log_sealed(api, database, contact):
    note = add(api, contact, kind="note", body="canary-before")
    api.ok("PATCH", f"/activities/{note['id']}", headers=version(note), json={"body": "canary-after"})
    cursor = database.cursor()
    cursor.execute(
        "select e.action, s.fields, e.changes, e.subject_ids from audit_event e "
        "left join field_set s using (field_set_id) "
        "where e.entity = 'activity' and %s = any (e.record_ids) and e.action in ('create', 'update') "
        "order by e.event_id",
        (note["id"],),
    )
    (made, _, _, whose), (changed, fields, changes, _) = cursor.fetchall()
    assert (made, changed) == ("create", "update")
    assert fields == ["body"] and whose == [contact]
    assert len(bytes(changes)) > 40 and b"canary" not in bytes(changes)


def test_staff_may_not_archive(workspace, api, contact):
    staff = workspace.add_user("staff").api()
    note = add(staff, contact, kind="note", body="by staff")
    answer = staff.delete(f"/activities/{note['id']}", headers=version(note))
    assert answer.status_code == 403
    assert api.ok("GET", f"/activities/{note['id']}")["archived"] is False


def test_the_records_of_an_invisible_person_are_invisible(workspace, api, database, contact):
    """A profile that sees its own contacts only, with all rights on activities."""
    staff = workspace.add_user("staff").api()
    mine = add(staff, staff.ok("POST", "/contacts", json={"name_en": "Mine"})["id"], kind="note", body="x")
    me = staff.ok("GET", "/me")["id"]
    cursor = database.cursor()
    cursor.execute("update contact set owner_id = %s where contact_id = %s", (me, mine["contact_id"]))
    hidden = add(api, contact, kind="note", body="not for staff")
    change = (
        "update profile_right set scope = %s where entity = 'contact' and \"right\" = 'view' "
        "and profile_id = (select profile_id from profile where name = 'staff')"
    )
    cursor.execute(change, ("own",))
    try:
        assert staff.get(f"/activities/{hidden['id']}").status_code == 404
        assert staff.get(f"/contacts/{contact}/activities").status_code == 404
        answer = staff.patch(f"/activities/{hidden['id']}", headers=version(hidden), json={"body": "y"})
        assert answer.status_code == 404
        answer = staff.post(f"/contacts/{contact}/activities", json={"kind": "note", "body": "x"})
        assert answer.status_code == 404
        refused(staff.post("/activities", json={"contact_id": contact, "kind": "note", "body": "x"}), "contact_id")
        listed = [item["contact_id"] for item in staff.ok("GET", "/activities")["items"]]
        assert set(listed) == {mine["contact_id"]}
    finally:
        cursor.execute(change, ("all",))
