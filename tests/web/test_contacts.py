# SPDX-License-Identifier: ISC
"""A contact from first to last: added, edited by two at once, archived and brought
back; identity card and payment card numbers; what is encrypted is shown for a reason
and ten minutes, and a caller is verified without being shown anything."""
import concurrent.futures
import contextlib
import csv
import re
import sys
from pathlib import Path

import pytest

import routes
from harness import TOP, parse_forms
from profiles import everything, make_profile

sys.path.insert(0, str(TOP / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

CARDS = ("4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009", "６０１１ 0000 0000 0004")
NO_CARDS = ("4111 1111 1111 1112", "1234 5678 9012 3456", "9123 4567", "Order 20260102 0001")


@pytest.fixture(scope="module")
def api(workspace):
    api = workspace.admin.api()
    api.ok("PATCH", "/fields/contact.hkid", json={"enabled": True, "justification": "law"})
    return api


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


@pytest.fixture
def database(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def add(api, **values):
    return api.ok("POST", "/contacts", status=201, json={"name_en": "CHAN Tai Man", **values})


def change(api, record, **values):
    return api.patch(f"/contacts/{record['id']}", json=values, headers={"If-Match": str(record["version"])})


def seen(database, contact, route=None):
    """Events about the person: (route, action), oldest first."""
    database.execute("select route, action from audit_event where %s = any(subject_ids) order by event_id", (contact,))
    return [event for event in database.fetchall() if route in (None, event[0])]


# Names and the record itself


def test_added_with_its_address_and_its_version(api, browser):
    answer = api.post("/contacts", json={"name_en": "LAM On", "name_zh": "林安", "phone": "9123 4567"})
    made = answer.json()
    assert answer.headers["Location"] == f"/api/v1/contacts/{made['id']}"
    assert (made["version"], made["archived"], made["erased"]) == (1, False, False)
    assert api.ok("GET", f"/contacts/{made['id']}").items() >= made.items()
    page = browser.page(f"/contacts/{made['id']}")
    assert "LAM On" in page and "林安" in page and "+852 9123 4567" in page


@pytest.mark.parametrize("values, name", [
    ({"surname_en": "chan", "given_en": "Tai Man"}, "CHAN Tai Man"),
    ({"surname_en": "chan", "given_en": "Tai Man", "english_name": "Peter"}, "CHAN Tai Man, Peter"),
    ({"english_name": "Peter"}, "Peter"),
    ({"surname_en": "de Souza"}, "DE SOUZA"),
    ({"name_zh": "陳大文"}, None),
])
def test_the_english_name_follows_from_its_parts(api, values, name):
    made = api.ok("POST", "/contacts", json=values)
    assert made["name_en"] == name


@pytest.mark.parametrize("values", [{}, {"email": "a@b.example"}, {"name_en": "  "}, {"name_en": None, "name_zh": ""}])
def test_nobody_is_without_a_name(api, values):
    answer = api.post("/contacts", json=values)
    assert routes.problem(answer, 422) is None and "name_en" in answer.json()["errors"]


def test_nor_loses_it(api):
    made = add(api)
    answer = change(api, made, name_en=None)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["name_en"]
    assert api.ok("GET", f"/contacts/{made['id']}")["name_en"] == "CHAN Tai Man"
    made = change(api, made, name_zh="陳大文").json()
    made = change(api, made, name_en=None).json()
    assert (made["name_en"], made["name_zh"]) == (None, "陳大文")
    assert change(api, made, name_zh="").status_code == 422


def test_nor_does_a_company(api, browser):
    made = api.ok("POST", "/companies", json={"name_en": "Lam & Co"})
    answer = api.patch(f"/companies/{made['id']}", json={"name_en": None}, headers={"If-Match": "1"})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["name_en"]
    path = f"/companies/{made['id']}/edit"
    refused = browser.submit(browser.form(path, path), name_en="", address="typed")
    assert refused.status_code == 422 and routes.marked(refused, "name_en") and "typed" in refused.text
    assert api.ok("GET", f"/companies/{made['id']}")["name_en"] == "Lam & Co"


def test_sent_twice_under_one_key_it_is_one(api):
    headers = {"Idempotency-Key": "one-lam"}
    body = {"name_en": "Once Only"}
    answers = [api.post("/contacts", json=body, headers=headers) for _ in range(3)]
    assert {a.status_code for a in answers} == {201} and len({a.text for a in answers}) == 1
    other = api.post("/contacts", json={"name_en": "Another"}, headers=headers)
    assert routes.problem(other, 422) is None
    assert len(api.ok("POST", "/contacts/search", json={"q": "once only"})["items"]) == 1
    assert api.post("/companies", json={"name_en": "X"}, headers=headers).status_code == 201


def test_a_form_sent_twice_adds_one(api, browser):
    form = browser.form("/contacts/new", "/contacts")
    answers = [browser.submit(form, name_en="Double Click") for _ in range(3)]
    assert {a.status_code for a in answers} == {303} and len({a.headers["Location"] for a in answers}) == 1
    assert len(api.ok("POST", "/contacts/search", json={"q": "double click"})["items"]) == 1


# Two at once


def test_the_second_of_two_changes_is_told(api):
    made = add(api)
    assert change(api, made, source="first").json()["version"] == 2
    answer = change(api, made, source="second")
    assert routes.problem(answer, 412) is None
    assert api.ok("GET", f"/contacts/{made['id']}")["source"] == "first"
    answer = api.patch(f"/contacts/{made['id']}", json={"source": "x"})
    assert routes.problem(answer, 428) is None
    headers = {"If-Match": '"2"'}
    assert api.patch(f"/contacts/{made['id']}", json={"source": "x"}, headers=headers).status_code == 200


def test_no_name_that_is_hidden_stands_beside_what_was_typed(workspace, api, database):
    clerk = workspace.add_user(make_profile(database.connection, everything("all"), {"company.name_en": "hidden"})).browser()
    company = api.ok("POST", "/companies", json={"name_en": "Zyxquarry Limited"})["id"]
    made = add(api, source="fair")
    path = f"/contacts/{made['id']}/edit"
    form = clerk.form(path, path)
    change(api, made, source="friend")
    answer = clerk.submit(form, company_id=str(company))
    assert routes.page(answer, 412) is None
    assert "conflict" in answer.text and "Zyxquarry" not in answer.text


def test_on_the_page_both_are_shown_and_nothing_typed_is_lost(workspace, api, browser, database):
    """What the other saved stands beside what was typed; saved again it is what was typed."""
    colleague = workspace.add_user("administrator")
    theirs = colleague.browser()
    owner = api.ok("GET", "/me")["id"]
    made = add(api, phone="9123 4567", source="fair")
    path = f"/contacts/{made['id']}/edit"
    form, other = browser.form(path, path), theirs.form(path, path)
    assert theirs.submit(other, phone="9876 5432", owner_id=str(owner)).status_code == 303
    before = seen(database, made["id"])
    answer = browser.submit(form, source="friend", job_title="<b>Chief</b>", tax_id="T-1")
    assert routes.page(answer, 412) is None
    text = re.sub(r"\s+", " ", answer.text)
    table = text[text.index('class="card conflict"') : text.index("</table>")]
    database.execute("select name from app_user where email = %s", (colleague.email,))
    assert database.fetchone()[0] in table
    rows = {row[0]: (row[1], row[2]) for row in re.findall(r'<th scope="row">(.*?)</th><td[^>]*><strong>(.*?)</strong></td><td[^>]*>(.*?)</td>', table)}
    assert rows["Phone"] == ("+852 9876 5432", "+852 9123 4567")
    assert rows["Source"] == ("fair", "friend") and rows["Job title"] == ("", "&lt;b&gt;Chief&lt;/b&gt;")
    assert rows["Owner"][1] == "" and rows["Owner"][0] and rows["Tax ID"][1] == "T-1"
    assert set(rows) == {"Phone", "Source", "Job title", "Owner", "Tax ID"}
    assert seen(database, made["id"]) == [*before, ("contact.save", "view")], "a look like any other"
    again = next(f for f in parse_forms(answer.text) if f.action == path)
    typed = dict(again.fields)
    assert (typed["source"], typed["job_title"], typed["_version"]) == ("friend", "<b>Chief</b>", "2")
    assert browser.submit(again, phone="9876 5432").status_code == 303
    record = api.ok("GET", f"/contacts/{made['id']}")
    assert (record["phone"], record["source"], record["job_title"]) == ("+85298765432", "friend", "<b>Chief</b>")


def test_a_refused_form_shows_the_person_and_that_is_logged(api, browser, database):
    """Otherwise a form with a mistake in it would be a way to look without being seen."""
    made = add(api)
    path = f"/contacts/{made['id']}"
    tries = {
        "contact.save": (f"{path}/edit", {"_version": "1", "lifecycle": "none"}),
        "activity.add": (f"{path}/activities", {"kind": "note"}),
        "message.add": (f"{path}/messages", {"channel": "none"}),
        "invoice.add": (f"{path}/invoices", {"number": ""}),
        "kept.set": (f"{path}/kept", {"field": "phone", "until": "2001-01-01"}),
        "person_export.start": (f"{path}/export", {"password": "x"}),
        "erase.run": (f"{path}/erase", {"_version": "1", "reason": "other", "confirm": "x"}),
    }
    for route, (where, values) in tries.items():
        answer = browser.write(where, **values)
        assert routes.page(answer, 422) is None, route
        assert "CHAN Tai Man" in answer.text, route
        assert seen(database, made["id"], route) == [(route, "view")], route
    answer = browser.post(f"{path}/attachments", data={"_csrf": browser.csrf()}, files={"file": ("", b"")})
    assert answer.status_code == 422 and seen(database, made["id"], "attachment.add") == [("attachment.add", "view")]
    assert api.ok("GET", path)["version"] == 1


def test_what_is_not_ticked_is_no_and_what_is_encrypted_stays(api, browser):
    made = add(api, vip=True, tax_id="T-77", salary="100.00")
    path = f"/contacts/{made['id']}/edit"
    form = browser.form(path, path)
    form.fields = [(name, value) for name, value in form.fields if name != "vip"]
    assert browser.submit(form, source="x").status_code == 303
    record = api.ok("GET", f"/contacts/{made['id']}")
    assert record["vip"] is False and set(record["masked"]) == {"tax_id", "salary"}
    # Emptied only when that is said.
    assert browser.submit(browser.form(path, path), _clear="tax_id").status_code == 303
    assert api.ok("GET", f"/contacts/{made['id']}")["masked"] == ["salary"]


# Archive


def test_archived_and_restored(api, browser):
    made = add(api)
    path = f"/contacts/{made['id']}"
    assert routes.problem(api.delete(path), 428) is None
    assert routes.problem(api.delete(path, headers={"If-Match": "9"}), 412) is None
    gone = api.delete(path, headers={"If-Match": "1"}).json()
    assert gone["archived"] is True and gone["version"] == 2
    page = browser.page(path)
    assert f"{path}/edit" not in page and f"{path}/restore" in page
    assert api.ok("GET", path)["archived"] is True
    for answer in (api.post(f"{path}/restore"), api.post(f"{path}/restore", headers={"If-Match": "1"})):
        assert answer.status_code in (412, 428)
    back = api.ok("POST", f"{path}/restore", headers={"If-Match": "2"})
    assert back["archived"] is False and back["version"] == 3
    assert browser.submit(browser.form(path, f"{path}/archive")).status_code == 303
    assert browser.submit(browser.form(path, f"{path}/restore")).status_code == 303
    assert api.ok("GET", path)["archived"] is False


def test_every_change_is_in_the_log_with_its_fields(api, database):
    made = add(api)
    made = change(api, made, source="x", phone="9123 4567").json()
    api.ok("DELETE", f"/contacts/{made['id']}", headers={"If-Match": "2"})
    api.ok("POST", f"/contacts/{made['id']}/restore", headers={"If-Match": "3"})
    database.execute("select e.action, s.fields from audit_event e left join field_set s using (field_set_id) where record_ids = array[%s::bigint] and action <> 'view' order by event_id", (made["id"],))
    assert [(action, fields) for action, fields in database.fetchall() if action == "update"] == [("update", ["phone", "source"])]
    assert [action for action, _ in seen_actions(database, made["id"])] == ["create", "update", "archive", "restore"]


def seen_actions(database, number):
    database.execute("select action, outcome from audit_event where record_ids = array[%s::bigint] and action <> 'view' order by event_id", (number,))
    return database.fetchall()


# Identity card numbers (Code of Practice on the Identity Card Number)


def vectors():
    with Path(TOP / "tests/unit/hkid_vectors.csv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return [(r["result"], r["normalised"], r["input"]) for r in rows]


@pytest.mark.parametrize("result, kept, typed", vectors())
def test_identity_card_numbers(api, result, kept, typed):
    answer = api.post("/contacts", json={"name_en": "LAM On", "hkid": typed})
    if not typed.strip():
        assert answer.status_code == 201 and answer.json()["hkid"] is None
        return
    if result == "malformed":
        assert routes.problem(answer, 422) is None and list(answer.json()["errors"]) == ["hkid"]
        return
    made = answer.json()
    assert answer.status_code == 201 and ("hkid" in made.get("warnings", {})) is (result == "bad_check")
    body = {"fields": ["hkid"], "reason": "legal"}
    assert api.ok("POST", f"/contacts/{made['id']}/reveal", json=body)["values"] == {"hkid": kept}


def test_a_wrong_check_digit_is_a_doubt_and_no_refusal(api, browser):
    form = browser.form("/contacts/new", "/contacts")
    answer = browser.submit(form, name_en="LAM On", hkid="A123456(7)")
    assert answer.status_code == 303
    page = browser.page(answer.headers["Location"])
    assert "check digit" in page.lower() or "please check" in page.lower()
    refused = browser.submit(browser.form("/contacts/new", "/contacts"), name_en="LAM On", hkid="A12")
    assert refused.status_code == 422 and routes.marked(refused, "hkid")


# Payment cards


@pytest.mark.parametrize("card", CARDS)
def test_a_payment_card_has_no_place_in_a_field(api, browser, card):
    for field in ("name_en", "source", "bio", "address", "tax_id"):
        answer = api.post("/contacts", json={"name_en": "LAM On", field: f"card {card} ok"})
        assert routes.problem(answer, 422) is None and list(answer.json()["errors"]) == [field]
    answer = browser.submit(browser.form("/contacts/new", "/contacts"), name_en="LAM On", bio=card)
    assert answer.status_code == 422 and routes.marked(answer, "bio")


@pytest.mark.parametrize("text", NO_CARDS)
def test_other_numbers_are_no_cards(api, text):
    assert add(api, bio=text)["bio"] == text


@pytest.mark.parametrize("kind, field, more", [
    ("activities", "body", {"kind": "note"}),
    ("activities", "subject", {"kind": "call", "body": "x"}),
    ("messages", "body", {"channel": "sms", "direction": "in"}),
])
def test_in_a_note_it_is_warned_of(api, browser, kind, field, more):
    made = add(api)
    answer = api.ok("POST", f"/contacts/{made['id']}/{kind}", json={**more, field: f"paid with {CARDS[0]}"})
    assert set(answer["warnings"]) == {field}
    plain = api.ok("POST", f"/contacts/{made['id']}/{kind}", json={**more, field: "paid in cash"})
    assert "warnings" not in plain
    path = f"/contacts/{made['id']}/{kind}"
    form = browser.form(f"{path}/new", path)
    done = browser.submit(form, **{**more, field: CARDS[0]})
    assert done.status_code == 303 and "card" in browser.page(done.headers["Location"]).lower()


# Shown for a reason


SECRETS = {"tax_id": "T-4711", "salary": "12345.60", "date_of_birth": "1990-02-03", "hkid": "A123456(3)"}


@pytest.fixture(scope="module")
def secret(api):
    return add(api, **SECRETS)


def reveal(client, contact, fields, reason="customer_request", **more):
    return client.post(f"/contacts/{contact}/reveal", json={"fields": fields, "reason": reason, **more})


def test_masked_until_it_is_asked_for(api, browser, secret):
    record = api.ok("GET", f"/contacts/{secret['id']}")
    assert set(record["masked"]) == set(SECRETS)
    page = browser.page(f"/contacts/{secret['id']}") + browser.page(f"/contacts/{secret['id']}/edit")
    for name, value in SECRETS.items():
        assert value not in str(record[name]) and value not in page, name
    assert "123456" not in page and record["hkid"].startswith("A")


def test_shown_with_a_reason_and_logged(api, database, secret):
    answer = reveal(api, secret["id"], ["tax_id", "salary"])
    assert answer.json() == {"values": {"tax_id": "T-4711", "salary": {"amount": "12345.60", "currency": "HKD"}}}
    database.execute(
        "select e.reason, e.record_ids, e.subject_ids, s.fields from audit_event e join field_set s using (field_set_id) "
        "where e.action = 'reveal' and %s = any(subject_ids) order by event_id desc limit 1",
        (secret["id"],),
    )
    reason, records, subjects, fields = database.fetchone()
    assert (reason, records, subjects, sorted(fields)) == ("customer_request", [secret["id"]], [secret["id"]], ["salary", "tax_id"])


@pytest.mark.parametrize("body, field", [
    ({"fields": ["tax_id"]}, "reason"),
    ({"fields": ["tax_id"], "reason": ""}, "reason"),
    ({"fields": ["tax_id"], "reason": "because"}, "reason"),
    ({"fields": ["tax_id"], "reason": "x" * 41}, "reason"),
    ({"reason": "legal"}, "fields"),
    ({"fields": [], "reason": "legal"}, "fields"),
    ({"fields": ["email"], "reason": "legal"}, "fields"),
    ({"fields": ["nothing"], "reason": "legal"}, "fields"),
    ({"fields": ["tax_id", "email"], "reason": "legal"}, "fields"),
    ({"fields": "tax_id", "reason": "legal"}, "fields"),
    ({"fields": ["tax_id"] * 21, "reason": "legal"}, "fields"),
])
def test_without_a_reason_or_a_field_nothing_is_shown(api, secret, body, field):
    answer = api.post(f"/contacts/{secret['id']}/reveal", json=body)
    assert routes.problem(answer, 422) is None and field in answer.json()["errors"]
    assert "T-4711" not in answer.text


def test_only_to_who_asked_and_only_of_whom(workspace, api, secret):
    other = add(api, tax_id="T-other")
    one, two = workspace.admin.api(), workspace.admin.api()
    assert reveal(one, secret["id"], ["tax_id"]).status_code == 200
    assert one.ok("GET", f"/contacts/{secret['id']}")["tax_id"] == "T-4711"
    assert set(one.ok("GET", f"/contacts/{secret['id']}")["masked"]) == set(SECRETS) - {"tax_id"}
    assert one.ok("GET", f"/contacts/{other['id']}")["masked"] == ["tax_id"]
    assert "tax_id" in two.ok("GET", f"/contacts/{secret['id']}")["masked"], "another session of the same user"
    listed = next(c for c in one.ok("POST", "/contacts/search", json={"q": "chan tai man"})["items"] if c["id"] == secret["id"])
    assert "tax_id" in listed["masked"], "a list never shows it"


def test_staff_see_masks_and_cannot_lift_them(workspace, api, secret):
    staff = workspace.add_user("staff").api()
    for field in ("tax_id", "hkid"):
        assert routes.problem(reveal(staff, secret["id"], [field]), 403) is None
    answer = reveal(staff, secret["id"], ["salary"])
    assert answer.status_code == 422, "hidden is as unknown as what does not exist"
    assert "salary" not in staff.ok("GET", f"/contacts/{secret['id']}")
    assert reveal(staff, secret["id"], ["date_of_birth"]).status_code == 200


def test_from_the_page(browser, secret):
    path = f"/contacts/{secret['id']}"
    forms = [f for f in parse_forms(browser.page(path)) if f.action == f"{path}/reveal"]
    assert forms
    answer = browser.write(f"{path}/reveal", fields="tax_id", reason="legal")
    assert answer.status_code == 303 and "T-4711" in browser.page(answer.headers["Location"])
    assert "12345" not in browser.page(path)


def test_it_lasts_ten_minutes(movable, clock):
    workspace = movable.new_workspace()
    api = workspace.admin.api()
    made = add(api, tax_id="T-4711")
    path = f"/contacts/{made['id']}"
    assert reveal(api, made["id"], ["tax_id"]).status_code == 200
    clock("+8m")
    assert api.ok("GET", path)["tax_id"] == "T-4711"
    clock("+11m")
    assert api.ok("GET", path)["masked"] == ["tax_id"]


# Verified without being shown


def verify(client, contact, field, value):
    return client.post(f"/contacts/{contact}/verify", json={"field": field, "value": value})


@pytest.fixture(scope="module")
def caller(api):
    return add(api, phone="9123 4567", phone2="2345 6789", **SECRETS)


@pytest.mark.parametrize("field, value, match", [
    ("hkid", "a1234563", True),
    ("hkid", "A123456(3)", True),
    ("hkid", "A123457(1)", False),
    ("phone", "+852 9123-4567", True),
    ("phone", "9123 4568", False),
    ("phone2", "23456789", True),
    ("date_of_birth", "3/2/1990", True),
    ("date_of_birth", "1990-02-04", False),
])
def test_yes_or_no_and_nothing_more(api, caller, field, value, match):
    answer = verify(api, caller["id"], field, value)
    assert answer.status_code == 200 and answer.json() == {"match": match}


@pytest.mark.parametrize("field, value, wrong", [
    ("email", "a@b.example", "field"),
    ("tax_id", "T-4711", "field"),
    ("salary", "12345.60", "field"),
    ("nothing", "x", "field"),
    ("hkid", "x", "value"),
    ("date_of_birth", "soon", "value"),
    ("phone", "1", "value"),
    ("phone", "", "value"),
    ("phone", "9" * 41, "value"),
])
def test_what_is_no_question(api, caller, field, value, wrong):
    answer = verify(api, caller["id"], field, value)
    assert routes.problem(answer, 422) is None and list(answer.json()["errors"]) == [wrong]


def test_it_is_logged_without_the_value(api, database, caller):
    verify(api, caller["id"], "hkid", "A123456(3)")
    verify(api, caller["id"], "hkid", "B123456(2)")
    database.execute("select outcome, reason, record_ids, r::text from audit_event r where reason = 'verify' order by event_id desc limit 2")
    (no, *_, line), (yes, reason, records, other) = database.fetchall()
    assert (no, yes, reason, records) == ("failed", "ok", "verify", [caller["id"]])
    assert "123456" not in line + other


def test_staff_verify_what_they_see_masked(workspace, caller):
    staff = workspace.add_user("staff").api()
    assert verify(staff, caller["id"], "hkid", "A123456(3)").json() == {"match": True}
    assert routes.problem(verify(staff, 999_999, "hkid", "A123456(3)"), 404) is None


def test_guessing_at_once_is_no_way_around(workspace, caller):
    """Two that meet have both been counted, whichever is the last of the sixty."""
    person = workspace.add_user("staff")
    guesser, two = person.api(), [person.api() for _ in range(2)]
    for n in range(59):
        assert verify(guesser, caller["id"], "phone", f"9123 50{n:02}").status_code == 200
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with contextlib.closing(workspace.database()) as log, contextlib.closing(workspace.database()) as watch, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        log.autocommit = False
        log.cursor().execute("lock table audit_event in share mode")
        answers = [pool.submit(verify, client, caller["id"], "phone", "9123 5099") for client in two]
        cursor = watch.cursor()

        def both_wait():
            cursor.execute(waiting)
            return cursor.fetchone()[0] == 2

        assert wait_until(both_wait, 10)
        log.commit()
        assert sorted(a.result().status_code for a in answers) == [200, 429]


def test_guessing_is_slowed_down(workspace, caller):
    """Sixty an hour for each user; a birth date has fewer values than it seems."""
    guesser = workspace.add_user("staff").api()
    answers = [verify(guesser, caller["id"], "date_of_birth", f"19{60 + n}-01-01").status_code for n in range(39)]
    answers += [verify(guesser, caller["id"], "phone", f"9123 40{n:02}").status_code for n in range(25)]
    assert answers[:60] == [200] * 60 and answers[60:] == [429] * 4
    assert verify(workspace.add_user("staff").api(), caller["id"], "phone", "9123 4567").json() == {"match": True}


def test_on_the_page_the_answer_is_a_word(browser, caller):
    path = f"/contacts/{caller['id']}"
    for value, word in (("9123 4567", "flash-success"), ("9123 0000", "flash")):
        answer = browser.write(f"{path}/verify", field="phone", value=value)
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
        assert word in browser.page(path)


def test_saving_a_form_takes_no_owner_away(workspace, api, browser, database):
    gone = workspace.add_user("staff")
    database.execute("select user_id, name from app_user where email = %s", [gone.email])
    number, name = database.fetchone()
    person = api.ok("POST", "/contacts", status=201, json={"name_en": "KWOK Held On", "owner_id": number})["id"]
    database.execute("update app_user set active = false where user_id = %s", [number])
    form = browser.form(f"/contacts/{person}/edit", f"/contacts/{person}/edit")
    assert dict(form.fields)["owner_id"] == str(number)
    assert name in browser.page(f"/contacts/{person}/edit")
    assert browser.submit(form, job_title="Clerk").status_code == 303
    saved = api.ok("GET", f"/contacts/{person}")
    assert saved["owner_id"] == number and saved["job_title"] == "Clerk"
    database.execute("select user_id from app_user where email = %s", [workspace.admin.email])
    form = browser.form(f"/contacts/{person}/edit", f"/contacts/{person}/edit")
    assert browser.submit(form, owner_id=str(database.fetchone()[0])).status_code == 303
    other = api.ok("POST", "/contacts", status=201, json={"name_en": "KWOK Another"})["id"]
    assert f'value="{number}"' not in browser.page(f"/contacts/{other}/edit"), "nobody else gets who left"
