# SPDX-License-Identifier: ISC
"""Fields of the workspace's own: added, changed, encrypted and removed by whoever
manages fields, as real columns, by jobs, through JSON and the settings pages."""
import re

import pytest

import routes
from harness import parse_forms
from jobs import done

NEW = {"entity": "contact", "type": "text", "label_en": "Shoe size", "label_zh": "鞋碼", "pii": True, "purpose": "Fitting"}
CHOICES = [{"value": "gold", "label_en": "Gold", "label_zh": "金"}, "silver"]
# Type -> column, values sent and shown, filters that find it, filters that do not, no value.
KINDS = {
    "text": ("text", "  Size 8 ", "Size 8", ["Size 8"], ["Size 9", "Size"], 5),
    "long_text": ("text", "one\ntwo", "one\ntwo", ["one\ntwo"], ["one"], {}),
    "number": ("bigint", 8.5, 8.5, ["8.5", "8.50", "8..9", "..8.5", "8.5.."], ["8", "9..", "..8"], "eight"),
    "date": ("date", "2/1/2026", "2026-01-02", ["2026-01-02", "2026-01-01..2026-01-03"], ["2026-01-03", "2026-01-03.."], "soon"),
    "choice": ("text", "gold", "gold", ["gold"], ["silver"], "lead"),
    "boolean": ("boolean", True, True, ["true", "1"], ["false"], "maybe"),
    "email": ("text", "Siu@EXAMPLE.com", "Siu@example.com", ["Siu@Example.COM"], ["siu@example.org"], "siu"),
    "phone": ("text", "9123 4567", "+85291234567", ["91234567", "+852 9123 4567"], ["91234568"], "1"),
    "url": ("text", "example.com/a", "https://example.com/a", ["https://example.com/a", "example.com/a"], ["example.com"], "ftp://x"),
}


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def database(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def wish(name, **values):
    more = {"choices": CHOICES} if values.get("type") == "choice" else {}
    return {**NEW, "name": name, **more, **values}


def add(api, name, **values):
    """The field once its job is done."""
    body = wish(name, **values)
    job = api.ok("POST", "/fields", status=202, json=body)["job"]
    done(api, job)
    return api.ok("GET", f"/fields/{body['entity']}.{name}")


def drop(api, name):
    done(api, api.ok("DELETE", f"/fields/contact.{name}?confirm=contact.{name}", status=202)["job"])


def column(cursor, name, entity="contact"):
    """Name of the field's column and what type it has."""
    cursor.execute(
        "select c.column_name, c.data_type from field f join information_schema.columns c "
        "on c.table_name = f.entity and c.column_name = f.column_name where f.entity = %s and f.name = %s",
        (entity, name),
    )
    return cursor.fetchone()


def found(api, name, value):
    answer = api.ok("POST", "/contacts/search", json={"filter": {name: value}})
    return [item["id"] for item in answer["items"]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_a_real_column_that_is_checked_and_found(api, browser, database, kind):
    name = f"my_{kind}"
    field = add(api, name, type=kind)
    assert (field["type"], field["state"], field["enabled"], field["sealed"], field["builtin"]) == (kind, "live", True, False, False)
    held, sent, shown, hits, misses, no_value = KINDS[kind]
    assert column(database, name)[1] == held
    person = api.ok("POST", "/contacts", json={"name_en": "LAM On", name: sent})
    api.ok("POST", "/contacts", json={"name_en": "NG Wai"})
    assert person[name] == shown
    for value in hits:
        assert found(api, name, value) == [person["id"]], value
    for value in misses:
        assert person["id"] not in found(api, name, value), value
    answer = api.post("/contacts", json={"name_en": "X", name: no_value})
    assert routes.problem(answer, 422) is None and list(answer.json()["errors"]) == [name]
    page = browser.page(f"/contacts/{person['id']}")
    assert "Shoe size" in page
    assert f'name="{name}"' in browser.page(f"/contacts/{person['id']}/edit")
    if kind != "boolean":
        headers = {"If-Match": str(person["version"])}
        assert api.ok("PATCH", f"/contacts/{person['id']}", json={name: None}, headers=headers)[name] is None
        assert person["id"] not in found(api, name, hits[0])


def test_the_answer_names_the_job(api):
    answer = api.post("/fields", json=wish("by_job"))
    assert answer.status_code == 202 and list(answer.json()) == ["job"]
    job = answer.json()["job"]
    assert answer.headers["Location"] == f"/api/v1/jobs/{job}"
    assert done(api, job) == {"field": "contact.by_job"}
    assert api.ok("GET", f"/jobs/{job}")["kind"] == "field_add"


def test_fields_of_companies_too(api, database):
    add(api, "founded", entity="company", type="date", pii=False, purpose="")
    made = api.ok("POST", "/companies", json={"name_en": "Lam & Co", "founded": "1999-01-02"})
    assert made["founded"] == "1999-01-02" and column(database, "founded", "company")[1] == "date"
    listed = api.ok("GET", "/companies?filter[founded]=1999-01-01..")["items"]
    assert [item["id"] for item in listed] == [made["id"]]


def test_from_the_page(workspace, api, browser):
    form = browser.form("/settings/fields/new", "/settings/fields")
    values = {"label_en": "Seat", "label_zh": "座位", "name": "seat", "type": "choice", "category": "preference", "purpose": "Events"}
    wrong = browser.submit(form, **values, choices="")
    assert wrong.status_code == 422 and routes.marked(wrong, "choices") and 'value="Seat"' in wrong.text
    form = next(f for f in parse_forms(wrong.text) if f.action == "/settings/fields")
    answer = browser.submit(form, **values, choices="aisle\nwindow")
    assert (answer.status_code, answer.headers.get("Location")) == (303, "/settings/fields"), routes.main_text(answer)
    database = workspace.database().cursor()
    database.execute("select job_id from job where kind = 'field_add' order by job_id desc limit 1")
    done(api, database.fetchone()[0])
    field = api.ok("GET", "/fields/contact.seat")
    assert [choice["value"] for choice in field["choices"]] == ["aisle", "window"]
    assert field["category"] == "preference" and "Seat" in browser.page("/settings/fields")
    assert browser.submit(browser.form("/contacts/new", "/contacts"), name_en="A", seat="aisle").status_code == 303


def test_labels_in_both_languages_and_at_choices(workspace, api):
    add(api, "medal", type="choice", label_en="Medal", label_zh="獎牌")
    person = api.ok("POST", "/contacts", json={"name_en": "LAM On", "medal": "gold"})
    reader = workspace.add_user("administrator").browser()
    assert "Medal" in reader.page(f"/contacts/{person['id']}") and "Gold" in reader.page(f"/contacts/{person['id']}")
    reader.write("/language", lang="zh-Hant")
    page = reader.page(f"/contacts/{person['id']}")
    assert "獎牌" in page and ">金<" in page.replace("\n", "")


def test_a_label_changes_and_the_name_does_not(api, browser):
    field = add(api, "renamed")
    headers = {"If-Match": str(field["version"])}
    changed = api.ok("PATCH", "/fields/contact.renamed", json={"label_en": "Boot size", "listed": True}, headers=headers)
    assert (changed["label_en"], changed["label_zh"], changed["listed"]) == ("Boot size", "鞋碼", True)
    assert changed["version"] == field["version"] + 1
    assert "Boot size" in browser.page("/contacts")
    assert api.patch("/fields/contact.renamed", json={"label_en": "X"}, headers=headers).status_code == 412
    for body in ({"name": "other"}, {"type": "date"}, {"choices": ["x"]}, {"state": "live"}):
        answer = api.patch("/fields/contact.renamed", json=body)
        assert answer.status_code == 422 and list(answer.json()["errors"]) == list(body)


def test_two_on_the_page_do_not_overwrite_each_other(api, browser):
    add(api, "contested")
    path = "/settings/fields/contact.contested"
    one, two = browser.form(path, path), browser.form(path, path)
    assert browser.submit(one, label_en="First").status_code == 303
    assert browser.submit(two, label_en="Second").status_code == 412
    assert api.ok("GET", "/fields/contact.contested")["label_en"] == "First"


def test_switched_off_it_is_not_there_and_comes_back_with_its_values(api, browser):
    add(api, "sleeping")
    person = api.ok("POST", "/contacts", json={"name_en": "LAM On", "sleeping": "kept"})
    api.ok("PATCH", "/fields/contact.sleeping", json={"enabled": False})
    path = f"/contacts/{person['id']}"
    assert "sleeping" not in api.ok("GET", path) and 'name="sleeping"' not in browser.page(f"{path}/edit")
    assert api.post("/contacts", json={"name_en": "X", "sleeping": "y"}).status_code == 422
    assert api.get("/contacts?filter[sleeping]=kept").status_code == 400
    # Off by the page, too: a box that is not ticked is "no".
    api.ok("PATCH", "/fields/contact.sleeping", json={"enabled": True})
    settings = "/settings/fields/contact.sleeping"
    assert browser.submit(browser.form(settings, settings), enabled="0").status_code == 303
    assert api.ok("GET", "/fields/contact.sleeping")["enabled"] is False
    api.ok("PATCH", "/fields/contact.sleeping", json={"enabled": True})
    assert api.ok("GET", path)["sleeping"] == "kept"


def clear_text(cursor, text):
    """Does any column of any contact hold this?"""
    cursor.execute("select count(*) from contact r where r::text like %s", (f"%{text}%",))
    return cursor.fetchone()[0]


def test_encrypted_from_the_first(api, browser, database):
    field = add(api, "secret", sealed=True)
    assert field["sealed"] is True and column(database, "secret")[1] == "bytea"
    person = api.ok("POST", "/contacts", json={"name_en": "LAM On", "secret": "canary-one"})
    assert person["secret"] != "canary-one" and "secret" in person["masked"]
    assert clear_text(database, "canary-one") == 0
    assert "canary-one" not in browser.page(f"/contacts/{person['id']}")
    # Found by the whole of it, by nothing else, and in no order.
    assert found(api, "secret", "canary-one") == [person["id"]]
    assert found(api, "secret", "canary") == []
    assert api.ok("POST", "/contacts/search", json={"q": "canary-one"})["items"] == []
    assert api.get("/contacts?sort=secret").status_code == 400
    body = {"fields": ["secret"], "reason": "contract"}
    assert api.ok("POST", f"/contacts/{person['id']}/reveal", json=body) == {"values": {"secret": "canary-one"}}


@pytest.mark.parametrize("kind", ["text", "date", "number", "email"])
def test_encrypted_later_and_open_again(api, database, kind):
    """With values in it, by a job; nothing of them is left in the clear."""
    name = f"turns_{kind}"
    _, sent, shown, (hit, *_), _, _ = KINDS[kind]
    sent, shown, hit = (f"canary-{name}",) * 3 if kind == "text" else (sent, shown, hit)
    add(api, name, type=kind)
    people = [api.ok("POST", "/contacts", json={"name_en": f"P{n}", name: sent})["id"] for n in range(3)]
    empty = api.ok("POST", "/contacts", json={"name_en": "Empty"})["id"]
    plain, _ = column(database, name)
    answer = api.patch(f"/fields/contact.{name}", json={"sealed": True})
    assert answer.status_code == 202
    done(api, answer.json()["job"])
    assert api.ok("GET", f"/fields/contact.{name}")["sealed"] is True
    assert column(database, name)[1] == "bytea"
    assert column(database, name)[0] != plain
    database.execute("select count(*) from information_schema.columns where table_name = 'contact' and column_name = %s", (plain,))
    assert database.fetchone() == (0,)
    assert kind != "text" or clear_text(database, sent) == 0
    record = api.ok("GET", f"/contacts/{people[0]}")
    assert name in record["masked"] and record[name] != shown
    assert sorted(found(api, name, hit)) == people
    assert api.ok("GET", f"/contacts/{empty}")[name] is None
    done(api, api.ok("PATCH", f"/fields/contact.{name}", json={"sealed": False}, status=202)["job"])
    assert api.ok("GET", f"/contacts/{people[1]}")[name] == shown
    assert sorted(found(api, name, hit)) == people


def test_what_cannot_be_encrypted(api):
    answer = api.post("/fields", json=wish("vault", entity="company", sealed=True))
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["sealed"]
    for name in ("contact.email", "company.phone", "contact.tax_id"):
        now = api.ok("GET", f"/fields/{name}")["sealed"]
        answer = api.patch(f"/fields/{name}", json={"sealed": not now})
        assert answer.status_code == 422 and list(answer.json()["errors"]) == ["sealed"], name


def test_the_identity_card_number_is_off_until_there_is_a_ground(stack):
    workspace = stack.new_workspace()
    api, browser = workspace.admin.api(), workspace.admin.browser()
    field = api.ok("GET", "/fields/contact.hkid")
    assert (field["enabled"], field["sealed"], field["category"]) == (False, True, "government_id")
    answer = api.post("/contacts", json={"name_en": "LAM On", "hkid": "A123456(3)"})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["hkid"]
    assert 'name="hkid"' not in browser.page("/contacts/new")
    for body in ({"enabled": True}, {"enabled": True, "justification": ""}, {"enabled": True, "justification": "  "}):
        answer = api.patch("/fields/contact.hkid", json=body)
        assert answer.status_code == 422 and list(answer.json()["errors"]) == ["justification"]
    path = "/settings/fields/contact.hkid"
    refused = browser.submit(browser.form(path, path), enabled="1", justification="")
    assert refused.status_code == 422 and routes.marked(refused, "justification")
    assert api.ok("GET", "/fields/contact.hkid")["enabled"] is False
    assert browser.submit(browser.form(path, path), enabled="1", justification="law").status_code == 303
    made = api.ok("POST", "/contacts", json={"name_en": "LAM On", "hkid": "a1234563"})
    assert "hkid" in made["masked"] and "123456" not in str(made["hkid"])
    # Without its ground it cannot stay on.
    answer = api.patch("/fields/contact.hkid", json={"justification": ""})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["justification"]


def test_a_removed_field_takes_its_values_along(api, browser, database):
    add(api, "doomed")
    person = api.ok("POST", "/contacts", json={"name_en": "LAM On", "doomed": "canary-doomed"})["id"]
    gone, _ = column(database, "doomed")
    for query in ("", "?confirm=", "?confirm=doomed", "?confirm=contact.other"):
        answer = api.delete("/fields/contact.doomed" + query)
        assert answer.status_code == 422 and list(answer.json()["errors"]) == ["confirm"], query
    assert api.ok("GET", f"/contacts/{person}")["doomed"] == "canary-doomed"
    drop(api, "doomed")
    assert api.get("/fields/contact.doomed").status_code == 404
    assert "doomed" not in api.ok("GET", f"/contacts/{person}")
    assert api.post("/contacts", json={"name_en": "X", "doomed": "y"}).status_code == 422
    assert api.get("/contacts?filter[doomed]=canary-doomed").status_code == 400
    database.execute("select count(*) from information_schema.columns where column_name like %s", (gone + "%",))
    assert database.fetchone() == (0,) and clear_text(database, "canary-doomed") == 0
    database.execute("select action, reason, subject_ids from audit_event where reason like 'field_removed' and action = 'delete'")
    assert (("delete", "field_removed", [person])) in database.fetchall()
    # The same name again is another field.
    assert add(api, "doomed")["state"] == "live" and column(database, "doomed")[0] != gone
    assert api.ok("GET", f"/contacts/{person}")["doomed"] is None
    assert api.delete("/fields/contact.doomed?confirm=contact.doomed").status_code == 202


def test_removed_from_the_page(workspace, api, browser):
    add(api, "shed")
    path = "/settings/fields/contact.shed"
    refused = browser.submit(browser.form(path, f"{path}/remove"), confirm="shed")
    assert refused.status_code == 422 and routes.marked(refused, "confirm")
    answer = browser.submit(browser.form(path, f"{path}/remove"), confirm="contact.shed")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/fields")
    database = workspace.database().cursor()
    database.execute("select job_id from job where kind = 'field_drop' order by job_id desc limit 1")
    done(api, database.fetchone()[0])
    assert browser.get(path).status_code == 404


def test_what_praya_ships_stays(api, browser):
    for name in ("contact.email", "contact.hkid", "company.name_en", "message.body"):
        assert api.delete(f"/fields/{name}?confirm={name}").status_code == 409, name
    assert "/settings/fields/contact.email/remove" not in browser.page("/settings/fields/contact.email")


BAD = [
    ("name", {"name": name})
    for name in ("", "a", "x" * 41, "Size", "9size", "_size", "shoe size", "shoe-size", "größe", "鞋碼", "cf_1", "a.b", "a;drop", "a'b")
]
BAD += [("name", {"name": name}) for name in ("id", "version", "created_at", "updated_at", "erased", "masked", "filter", "sort", "limit", "after", "q", "query", "reason", "confirm", "email", "hkid", "bio")]
BAD += [
    *(("entity", {"entity": entity}) for entity in ("", "message", "nobody", "Contact", None)),
    *(("type", {"type": kind}) for kind in ("", "hkid", "money", "user", "size", "currency", "TEXT", None)),
    *(("label_en", {"label_en": label}) for label in ("", "   ", "x" * 81, None, 5)),
    ("label_zh", {"label_zh": "鞋" * 81}),
    *(("purpose", {"purpose": purpose}) for purpose in ("", "  ", None)),
    ("purpose", {"purpose": "x" * 301}),
    ("justification", {"justification": "x" * 501}),
    *(("pii", {"pii": pii}) for pii in ("nonsense", 7, ["x"], {"a": 1})),
    ("category", {"category": "nonsense"}),
    *(("sealed", {"sealed": sealed}) for sealed in ("true", 1)),
    *(("choices", {"type": "choice", "choices": c}) for c in (None, [], "", [""], [5], [{}], [{"value": "x" * 61}], ["a", "a"], [f"c{n}" for n in range(101)], {"a": 1}, [{"value": "a", "label_en": "x" * 81}])),
]


@pytest.mark.parametrize("field, values", BAD)
def test_what_is_no_field(api, database, field, values):
    database.execute("select count(*) from field")
    before = database.fetchone()
    answer = api.post("/fields", json={**wish("fine"), **values})
    assert routes.problem(answer, 422) is None
    assert field in answer.json()["errors"], answer.text
    database.execute("select count(*) from field")
    assert database.fetchone() == before


def test_a_name_is_taken_once_for_each_kind_of_record(api):
    add(api, "twice")
    answer = api.post("/fields", json=wish("twice"))
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["name"]
    add(api, "twice", entity="company", pii=False)


def test_two_at_once_with_one_name_are_one(api):
    key = [api.post("/fields", json=wish("raced"), headers={"Idempotency-Key": "raced"}) for _ in range(2)]
    assert [answer.status_code for answer in key] == [202, 202] and key[0].json() == key[1].json()


def test_two_hundred_are_enough(stack):
    workspace = stack.new_workspace()
    api = workspace.admin.api()
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into field (entity, name, column_name, type, label_en, label_zh, category, state, field_id) "
            "overriding system value select 'contact', 'full_' || n, 'cf_' || 9000 + n, 'text', 'x', 'x', 'none', 'adding', 9000 + n from generate_series(1, 200) n"
        )
    answer = api.post("/fields", json=wish("one_more"))
    assert routes.problem(answer, 409) is None
    assert api.post("/fields", json=wish("one_more", entity="company")).status_code == 202


def test_two_hundred_can_all_be_filled_in(stack):
    """By a program and by the page, and asked for by as many as a question may name."""
    workspace = stack.new_workspace()
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("do $$ begin for n in 1..200 loop execute format('alter table contact add column cf_%s text', 9000 + n); "
                       "end loop; end $$")
        cursor.execute(
            "insert into field (entity, name, column_name, type, label_en, label_zh, category, field_id) "
            "overriding system value select 'contact', 'many_' || n, 'cf_' || 9000 + n, 'text', 'Many ' || n, 'x', 'none', 9000 + n from generate_series(1, 200) n"
        )
    api, browser = workspace.admin.api(), workspace.admin.browser()
    values = {f"many_{n}": f"Value {n}" for n in range(1, 201)}
    made = api.ok("POST", "/contacts", status=201, json={"name_en": "Full", **values})
    assert made.items() >= values.items()
    path = f"/contacts/{made['id']}"
    assert browser.submit(browser.form(path + "/edit", path + "/edit"), many_200="Another").status_code == 303
    assert api.ok("GET", path).items() >= {**values, "many_200": "Another"}.items()
    asked = {"filter": dict(list(values.items())[:50]), "q": "Full"}
    assert [c["id"] for c in api.ok("POST", "/contacts/search", json=asked)["items"]] == [made["id"]]


def test_a_field_in_the_works_is_left_alone(api, database):
    add(api, "busy")
    database.execute("update field set state = 'sealing' where name = 'busy'")
    assert api.patch("/fields/contact.busy", json={"label_en": "X"}).status_code == 409
    assert api.patch("/fields/contact.busy", json={"sealed": True}).status_code == 409
    database.execute("update field set state = 'live' where name = 'busy'")
    assert api.patch("/fields/contact.busy", json={"label_en": "X"}).status_code == 200


def test_who_does_not_manage_fields(workspace, api):
    field = add(api, "admins_only", type="text")
    person = workspace.add_user("staff")
    staff, browser = person.api(), person.browser()
    assert staff.post("/fields", json=wish("by_staff")).status_code == 403
    assert staff.patch("/fields/contact.admins_only", json={"label_en": "X"}).status_code == 403
    assert staff.delete("/fields/contact.admins_only?confirm=contact.admins_only").status_code == 403
    for path in ("/settings/fields", "/settings/fields/new", "/settings/fields/contact.admins_only"):
        assert browser.get(path).status_code == 403
    assert "/settings/fields" not in browser.page("/settings")
    shown = {f"{f['entity']}.{f['name']}" for f in staff.ok("GET", "/fields")["items"]}
    assert "contact.admins_only" in shown and "contact.salary" not in shown and "contact.hkid" not in shown
    assert staff.get("/fields/contact.salary").status_code == 404
    assert staff.get("/fields/contact.admins_only").json()["version"] == field["version"]


def test_every_change_is_in_the_log(api, database):
    add(api, "logged")
    api.ok("PATCH", "/fields/contact.logged", json={"label_en": "X"})
    drop(api, "logged")
    database.execute(
        "select e.reason from audit_event e join field_set s using (field_set_id) "
        "where e.action = 'setting' and e.entity = 'contact' and 'logged' = any(s.fields) order by event_id"
    )
    reasons = [reason for reason, in database.fetchall()]
    assert reasons[:2] == ["field_added", "field_changed"] and "field_removed" in reasons[2:]


def test_addresses_of_fields_that_are_none(api, browser):
    for token in ("contact", "contact.", ".email", "nobody.email", "contact.nothing", "contact.email.x", "CONTACT.email"):
        assert api.get(f"/fields/{token}").status_code == 404, token
        assert browser.get(f"/settings/fields/{token}").status_code == 404, token


def test_all_of_the_list_is_typed(api):
    items = api.ok("GET", "/fields")["items"]
    assert {item["entity"] for item in items} == {"contact", "company", "activity", "message", "attachment", "invoice"}
    for item in items:
        assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", item["id"])
        assert all(isinstance(item[flag], bool) for flag in ("pii", "sealed", "enabled", "builtin", "required", "listed"))
        assert item["pii"] is (item["category"] != "none")


def test_a_change_of_fields_holds_from_the_next_request_on(stack):
    """Whichever process answers: none goes by the catalogue it remembers."""
    api = stack.new_workspace().admin.api()
    for on in (True, False, True, False):
        api.ok("PATCH", "/fields/contact.hkid", json={"enabled": on, "justification": "Required by law"})
        for _ in range(6):
            listed = api.get("/contacts?filter[hkid]=A123456(3)").status_code
            added = api.post("/contacts", json={"name_en": "LAM On", "hkid": "A123456(3)"}).status_code
            assert (listed, added) == ((200, 201) if on else (400, 422))
