# SPDX-License-Identifier: ISC
"""Before what is grave whoever is signed in proves once more who they are: every such
row of the table asks, nothing happens before, and nothing typed is lost."""
import re
import secrets

import pytest

import routes
from harness import API, VERIFY, verify_form
from routes import Findings, send

WRONG = "somebody-elses-guess"


@pytest.fixture(scope="module")
def grave(stack):
    return [row for row in routes.table(stack) if row.verify]


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


def age(workspace, minutes, email=None):
    """The last proof of everybody, or of one, was so many minutes ago."""
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("update session s set verified_at = now() - make_interval(secs => %s) from app_user u "
                       "where u.user_id = s.user_id and s.kind = 'cookie' and (%s::text is null or u.email = %s)",
                       [minutes * 60, email, email])


@pytest.fixture
def desk(workspace):
    """The administrator's browser, which shows the question; the last proof is six minutes old."""
    browser = workspace.admin.browser()
    browser.password = None
    age(workspace, 6)
    return browser


def new_user(workspace, browser, **more):
    """The form that adds a user, filled in."""
    form = browser.form("/settings/users/new", "/settings/users")
    email = f"new-{secrets.token_hex(4)}@{workspace.slug}.example"
    return browser.submit(form, email=email, name="LEE Ka Yan 李嘉欣", profile="staff", **more), email


def is_there(rows, email):
    rows.execute("select count(*) from app_user where lower(email) = %s", [email])
    return rows.fetchone() == (1,)


def answer_it(browser, asked, password, **values):
    form = verify_form(asked)
    return browser.submit(form, _password=password, **values)


def test_what_is_grave(grave):
    """A row is grave by its action or its right; these are among them, and none of these is missing."""
    names = {row.name for row in grave}
    assert {"erase.run", "person_export.start", "user.create", "user.update", "settings.user_save", "token.create",
            "settings.token_create", "user.end_sessions"} <= names
    assert not any(row.method == "GET" for row in grave)


def test_every_grave_row_asks(workspace, grave, desk):
    found, csrf = Findings(), desk.csrf()
    for row in grave:
        answer = send(desk, row, csrf=csrf, version=1)
        if row.page:
            asks = verify_form(answer) if answer.status_code == 403 else None
            found.note(row, None if asks and asks.action == row.at() else f"{answer.status_code} {answer.text[:200]}")
        else:
            found.note(row, None if answer.status_code == 403 and answer.json()["type"] == VERIFY
                       else f"{answer.status_code} {answer.text[:200]}")
    found.done()


def test_rows_that_are_not_grave_do_not_ask(stack, workspace, desk):
    csrf = desk.csrf()
    assert desk.post(f"{API}/contacts", json={"name_en": "LAM On"}, headers={"X-CSRF-Token": csrf}).status_code == 201
    assert desk.page("/contacts") and desk.page("/settings/users")


def test_a_token_is_not_asked(workspace, boss):
    """Making one was grave; it is for programs, where nobody sits."""
    assert boss.post("/users", json={"email": f"till@{workspace.slug}.example", "name": "Till", "profile": "staff",
                                     "password": "seven-lanterns-over-water"}).status_code == 201


def test_asked_then_done(workspace, desk, rows):
    asked, email = new_user(workspace, desk, password="seven-lanterns-over-water")
    assert asked.status_code == 403 and not is_there(rows, email)
    for typed in (email, "李嘉欣", "seven-lanterns", "staff"):
        assert typed not in asked.text, "what was sent is carried sealed"
    done = answer_it(desk, asked, workspace.admin.password)
    assert (done.status_code, done.headers["Location"]) == (303, "/settings/users")
    assert is_there(rows, email)
    rows.execute("select name from app_user where email = %s", [email])
    assert rows.fetchone() == ("LEE Ka Yan 李嘉欣",)
    assert workspace.stack.visitor(workspace.slug).sign_in(email, "seven-lanterns-over-water").status_code == 303


def test_five_minutes(workspace, desk, rows):
    for minutes, asks in ((4.9, False), (5.1, True), (0, False), (60, True)):
        age(workspace, minutes)
        answer, email = new_user(workspace, desk)
        assert (answer.status_code == 403) == asks, minutes
        assert is_there(rows, email) != asks


def test_a_sign_in_is_a_proof(workspace, rows):
    browser = workspace.admin.browser()
    browser.password = None
    answer, email = new_user(workspace, browser)
    assert answer.status_code == 303 and is_there(rows, email)


def test_each_session_for_itself(workspace, desk, rows):
    other = workspace.admin.browser()
    other.password = None
    assert new_user(workspace, other)[0].status_code == 303
    assert new_user(workspace, desk)[0].status_code == 403


def test_a_new_session_id(workspace, desk, rows):
    before, csrf = desk.cookies["__Host-praya"], desk.csrf()
    rows.execute("select session_id from session s join app_user u using (user_id) where u.email = %s "
                 "and s.ended_at is null and kind = 'cookie' order by session_id desc limit 1", [workspace.admin.email])
    session = rows.fetchone()[0]
    asked, _ = new_user(workspace, desk)
    answer_it(desk, asked, workspace.admin.password)
    after = desk.cookies["__Host-praya"]
    assert after != before
    old = workspace.stack.visitor(workspace.slug)
    old.headers["Cookie"] = f"__Host-praya={before}"
    assert old.get("/").headers["Location"] == "/login"
    assert desk.csrf() == csrf, "forms that are open in other windows still work"
    rows.execute("select verified_at > now() - interval '1 minute' from session where session_id = %s", [session])
    assert rows.fetchone() == (True,)
    rows.execute("select action, reason from audit_event where session_id = %s and reason = 'identity'", [session])
    assert ("sign_in", "identity") in rows.fetchall()


def test_a_wrong_proof_does_nothing(workspace, desk, rows):
    asked, email = new_user(workspace, desk)
    for wrong in ("", WRONG, workspace.admin.password.upper(), workspace.admin.password + " "):
        asked = answer_it(desk, asked, wrong)
        assert asked.status_code == 403 and "That is not right" in asked.text and not is_there(rows, email)
        assert wrong == "" or wrong not in asked.text
    rows.execute("select outcome from audit_event where action = 'sign_in_failed' and reason = 'identity'")
    assert len(rows.fetchall()) >= 4
    assert answer_it(desk, asked, workspace.admin.password).status_code == 303
    assert is_there(rows, email)


def test_guessing_is_locked_out(stack):
    """An open session does not help to guess: the same guard as at the door."""
    place = stack.new_workspace()
    desk = place.admin.browser()
    desk.password = None
    age(place, 6)
    asked, email = new_user(place, desk)
    for _ in range(5):
        asked = answer_it(desk, asked, WRONG)
    asked = answer_it(desk, asked, place.admin.password)
    assert asked.status_code == 403 and "wait" in asked.text
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from app_user")
        assert cursor.fetchone() == (1,)
        cursor.execute("delete from sign_in_guard")
    assert answer_it(desk, asked, place.admin.password).status_code == 303


def test_a_carried_form_is_for_its_place(workspace, desk, rows):
    asked, email = new_user(workspace, desk)
    carry = dict(verify_form(asked).fields)["_carry"]
    csrf, password = desk.csrf(), workspace.admin.password
    tampered = carry[:60] + ("A" if carry[60] != "A" else "B") + carry[61:]
    for wrong in (tampered, carry[:-2], "x", "A" * 200, carry + "AAAA"):
        answer = desk.post("/settings/users", data={"_csrf": csrf, "_carry": wrong, "_password": password},
                           headers={"Origin": desk.origin})
        assert answer.status_code == 400 and "start again" in answer.text, wrong[:20]
    elsewhere = desk.post("/settings/tokens", data={"_csrf": csrf, "_carry": carry, "_password": password},
                          headers={"Origin": desk.origin})
    assert elsewhere.status_code == 400
    other = workspace.admin.browser()
    other.password = None
    stolen = other.post("/settings/users", data={"_csrf": other.csrf(), "_carry": carry, "_password": password},
                        headers={"Origin": other.origin})
    assert stolen.status_code == 400
    without = desk.post("/settings/users", data={"_carry": carry, "_password": password}, headers={"Origin": desk.origin})
    assert without.status_code == 403 and verify_form(without) is None
    assert not is_there(rows, email)


def test_answered_twice_is_done_once(workspace, desk, rows):
    asked, email = new_user(workspace, desk)
    first = answer_it(desk, asked, workspace.admin.password)
    again = answer_it(desk, asked, workspace.admin.password)
    assert (first.status_code, again.status_code) == (303, 303)
    rows.execute("select count(*) from audit_event where reason = 'user_created' and record_ids[1] = "
                 "(select user_id from app_user where email = %s)", [email])
    assert rows.fetchone() == (1,)


def test_who_may_not_is_not_asked(workspace):
    """Neither is whoever lacks the right, nor told what is wrong with the values."""
    staff = workspace.add_user("staff")
    browser = staff.browser()
    browser.password = None
    age(workspace, 6, staff.email)
    answer = browser.write("/settings/users", email="x@example.com", name="X", profile="administrator")
    assert answer.status_code == 403 and verify_form(answer) is None
    bad = workspace.admin.browser()
    bad.password = None
    age(workspace, 6, workspace.admin.email)
    refused = bad.post(f"{API}/users", json={"email": "x"}, headers={"X-CSRF-Token": bad.csrf()})
    assert refused.status_code == 422


def test_the_right_may_go_while_one_is_asked(workspace, rows):
    """Asked as an administrator, answered as staff: not done."""
    person = workspace.add_user("administrator")
    browser = person.browser()
    browser.password = None
    age(workspace, 6, person.email)
    asked, email = new_user(workspace, browser)
    rows.execute("update app_user set profile_id = (select profile_id from profile where name = 'staff') "
                 "where email = %s", [person.email])
    answer = answer_it(browser, asked, person.password)
    assert answer.status_code == 403 and not is_there(rows, email)


def test_as_a_program_with_a_cookie(workspace, desk, rows):
    desk.headers["X-CSRF-Token"] = desk.csrf()
    user = {"email": f"cookie@{workspace.slug}.example", "name": "C", "profile": "staff"}
    asked = desk.post(f"{API}/users", json=user)
    assert (asked.status_code, asked.json()["type"]) == (403, VERIFY)
    assert "/session/verify" not in desk.page("/")
    wrong = desk.post(f"{API}/session/verify", json={"password": WRONG})
    assert wrong.status_code == 422 and "password" in wrong.json()["errors"]
    assert desk.post(f"{API}/users", json=user).status_code == 403
    before = desk.cookies["__Host-praya"]
    right = desk.post(f"{API}/session/verify", json={"password": workspace.admin.password})
    assert right.status_code == 200 and right.json()["csrf_token"] == desk.headers["X-CSRF-Token"]
    assert desk.cookies["__Host-praya"] != before
    assert desk.post(f"{API}/users", json=user).status_code == 201


def test_a_token_proves_nobody(boss, workspace):
    answer = boss.post("/session/verify", json={"password": workspace.admin.password})
    assert answer.status_code == 403 and "token" in answer.json()["detail"].lower()


def test_in_chinese(workspace, desk):
    desk.submit(desk.form("/settings/users/new", "/language"), lang="zh-Hant")
    asked, _ = new_user(workspace, desk)
    assert "再次驗證身分" in asked.text and re.search('<html lang="zh-', asked.text)
    desk.submit(desk.form("/settings/users/new", "/language"), lang="en")


def test_erasing_asks(workspace, boss, desk):
    person = boss.ok("POST", "/contacts", json={"name_en": "To Be Erased"})["id"]
    form = desk.form(f"/contacts/{person}/erase", f"/contacts/{person}/erase")
    asked = desk.submit(form, reason="subject_request", confirm=str(person))
    assert asked.status_code == 403 and boss.ok("GET", f"/contacts/{person}")["name_en"] == "To Be Erased"
    assert answer_it(desk, asked, workspace.admin.password).status_code == 303
    assert boss.get(f"/contacts/{person}/erase").status_code == 200
    assert "To Be Erased" not in boss.get(f"/contacts/{person}").text
