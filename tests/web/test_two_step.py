# SPDX-License-Identifier: ISC
"""The second step of signing in: set up with a picture that an app can read, asked at
every sign-in, a code good once, guessing locked out, and no way around it."""
import base64
import hashlib
import hmac
import re
import secrets
import struct
import subprocess

import pytest

from harness import API, parse_forms, some_address, verify_form
from mails import mail_to, text_of

PAGE = "/settings/account/two-step"


def decode(secret):
    """Base32 as the page writes it, to bytes."""
    return base64.b32decode(secret.replace(" ", "").upper())


def code(secret, step):
    """RFC 6238, of a step of thirty seconds."""
    digest = hmac.new(decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06d}"


class App:
    """An authenticator app, by PostgreSQL's clock. It knows which step it has shown last,
    and `forget` lets the product forget it, so that no test has to wait for the next."""

    def __init__(self, workspace, email, secret):
        self.workspace, self.email, self.secret = workspace, email, secret

    def now(self):
        with self.workspace.database() as connection, connection.cursor() as cursor:
            cursor.execute("select extract(epoch from now())::bigint")
            return cursor.fetchone()[0]

    def show(self, late=0):
        return code(self.secret, self.now() // 30 - late)

    def forget(self):
        with self.workspace.database() as connection, connection.cursor() as cursor:
            cursor.execute("update factor f set used_step = 0 from app_user u where u.user_id = f.user_id and u.email = %s",
                           [self.email])


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def boss(workspace):
    return workspace.admin.api()


def set_up(workspace, person):
    """Sets it up as a program does: the app, and the recovery codes."""
    browser = person.browser(some_address())
    browser.headers["X-CSRF-Token"] = browser.csrf()
    begun = browser.post(f"{API}/me/two-step", json={})
    assert begun.status_code == 201
    app = App(workspace, person.email, begun.json()["secret"])
    done = browser.post(f"{API}/me/two-step/confirm", json={"totp": app.show()})
    assert done.status_code == 200, done.text
    app.forget()
    return app, done.json()["recovery_codes"]


@pytest.fixture
def ling(workspace):
    """Somebody with a second step."""
    person = workspace.add_user("staff")
    app, codes = set_up(workspace, person)
    return person, app, codes


def door(workspace):
    return workspace.stack.visitor(workspace.slug, some_address())


def first_step(workspace, person):
    """At the second step: the visitor, and the form that asks for the code."""
    visitor = door(workspace)
    answer = visitor.sign_in(person.email, person.password)
    visitor.password = None
    assert answer.status_code == 200 and "__Host-praya" not in visitor.cookies
    form = [f for f in parse_forms(answer.text) if f.action == "/login/code"][0]
    return visitor, form


def sign_in(workspace, person, typed):
    visitor, form = first_step(workspace, person)
    return visitor, visitor.submit(form, code=typed)


def program(workspace, person, **more):
    body = {"email": person.email, "password": person.password, **more}
    return door(workspace).post(f"{API}/session", json=body)


def test_the_picture_is_read_by_an_app(workspace, tmp_path):
    person = workspace.add_user("staff")
    browser = person.browser()
    answer = browser.submit(browser.form(PAGE, PAGE))
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    page = browser.page(PAGE)
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', page)[1])
    assert "<script" not in re.search(r"<svg class=\"qr\".*?</svg>", page, re.S)[0]
    dark = [[0] * size for _ in range(size)]
    for x, y, n in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", re.search(r'class="qr".*? d="([^"]+)"', page, re.S)[1]):
        dark[int(y)][int(x):int(x) + int(n)] = [1] * int(n)
    big = [[bit for bit in row for _ in range(4)] for row in dark for _ in range(4)]
    image = tmp_path / "qr.pbm"
    image.write_text(f"P1\n{size * 4} {size * 4}\n" + "\n".join(" ".join(map(str, row)) for row in big) + "\n")
    read = subprocess.run(["zbarimg", "-q", "--raw", image], text=True, capture_output=True, check=True).stdout.strip()
    secret = re.search(r'<code class="mono">([a-z2-7 ]+)</code>', page)[1]
    assert read.startswith("otpauth://totp/") and person.email in read
    assert f"secret={secret.replace(' ', '').upper()}&" in read
    # Another program, not ours, makes the code of it.
    app = App(workspace, person.email, secret)
    made = subprocess.run(["oathtool", "--totp", "--base32", secret.replace(" ", ""), f"--now=@{app.now()}"],
                          text=True, capture_output=True, check=True).stdout.strip()
    assert made in (app.show(), app.show(1))
    done = browser.submit(browser.form(PAGE, f"{PAGE}/confirm"), totp=made)
    assert done.status_code == 200
    codes = re.findall(r"<li>([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})</li>", done.text)
    assert len(set(codes)) == 10 and not any(c in browser.page(PAGE) for c in codes), "shown once"
    assert "has been set up" in text_of(mail_to(workspace.stack, person.email))


def test_asked_at_every_sign_in(workspace, ling):
    person, app, _ = ling
    visitor, answer = sign_in(workspace, person, app.show())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert person.email in visitor.page("/settings/account")


def test_as_a_program(workspace, ling, rows):
    person, app, codes = ling
    needed = program(workspace, person)
    assert needed.status_code == 401 and needed.json()["type"] == "urn:praya:problem:code_needed"
    assert "Set-Cookie" not in needed.headers
    wrong = program(workspace, person, totp="000000")
    assert wrong.status_code == 401 and wrong.json()["type"] == "urn:praya:problem:unauthenticated"
    assert program(workspace, person, totp=app.show()).status_code == 201
    assert program(workspace, person, totp=codes[0]).status_code == 201
    rows.execute("select reason from audit_event e join app_user u on u.user_id = e.record_ids[1] "
                 "where e.action = 'sign_in' and u.email = %s order by event_id", [person.email])
    assert [r for (r,) in rows.fetchall()][-2:] == ["totp", "recovery_code"]


def test_a_wrong_password_is_asked_for_no_code(workspace, ling):
    """Whether there is a second step is told to nobody who does not know the first."""
    person, app, _ = ling
    other = workspace.add_user("staff")
    for body in ({"password": "wrong-wrong-wrong"}, {"password": "wrong-wrong-wrong", "totp": app.show()}):
        said = program(workspace, person, **body)
        plain = program(workspace, other, **body)
        assert (said.status_code, said.text) == (plain.status_code, plain.text)


def test_a_code_works_once(workspace, ling):
    person, app, _ = ling
    shown = app.show()
    assert program(workspace, person, totp=shown).status_code == 201
    assert program(workspace, person, totp=shown).status_code == 401
    _, again = sign_in(workspace, person, shown)
    assert again.status_code == 401 and "used already" in again.text


def test_the_code_of_the_setup_is_used_up(workspace):
    person = workspace.add_user("staff")
    browser = person.browser()
    browser.headers["X-CSRF-Token"] = browser.csrf()
    app = App(workspace, person.email, browser.post(f"{API}/me/two-step", json={}).json()["secret"])
    shown = app.show()
    assert browser.post(f"{API}/me/two-step/confirm", json={"totp": shown}).status_code == 200
    assert program(workspace, person, totp=shown).status_code == 401


def test_clocks_that_differ(workspace, ling):
    """One step early or late is taken, two are not; and after a late one no earlier."""
    person, app, _ = ling
    for late, good in ((1, True), (0, True), (-1, True), (2, False), (-2, False), (3, False)):
        app.forget()
        # Taken and shown within one step, whenever the test runs.
        step = app.now() // 30
        answer = program(workspace, person, totp=code(app.secret, step - late))
        if app.now() // 30 == step:
            assert (answer.status_code == 201) == good, late
    app.forget()
    step = app.now() // 30
    assert program(workspace, person, totp=code(app.secret, step)).status_code == 201
    assert program(workspace, person, totp=code(app.secret, step - 1)).status_code == 401


def test_two_at_the_same_moment(workspace, ling, rows):
    """One code, two requests that overlap: while the first is open the second waits, then it is used."""
    person, app, _ = ling
    shown = app.show()
    step = app.now() // 30
    with workspace.database() as connection:
        connection.autocommit = False
        with connection.cursor() as holder:
            holder.execute("update factor f set used_step = %s from app_user u where u.user_id = f.user_id "
                           "and u.email = %s", [step + 1, person.email])
            assert program(workspace, person, totp=shown).status_code == 503
        connection.commit()
    assert program(workspace, person, totp=shown).status_code == 401


def test_recovery_codes_work_once_each(workspace, ling):
    person, _, codes = ling
    assert program(workspace, person, totp=codes[1].upper().replace("-", " ")).status_code == 201
    assert program(workspace, person, totp=codes[1]).status_code == 401
    assert program(workspace, person, totp=codes[2]).status_code == 201
    browser, answer = sign_in(workspace, person, codes[3])
    assert answer.status_code == 303
    assert ">7<" in re.sub(r"\s+", "", browser.page(PAGE))
    notice = mail_to(workspace.stack, person.email, 2)
    assert "recovery code" in text_of(notice)


def test_recovery_codes_of_somebody_else(workspace, ling):
    _, _, codes = ling
    other = workspace.add_user("staff")
    set_up(workspace, other)
    assert program(workspace, other, totp=codes[5]).status_code == 401


def test_new_recovery_codes_end_the_old(workspace, ling):
    person, app, old = ling
    browser, _ = sign_in(workspace, person, app.show())
    answer = browser.submit(browser.form(PAGE, f"{PAGE}/codes"))
    new = re.findall(r"<li>([a-z2-7-]{14})</li>", answer.text)
    assert len(new) == 10 and not set(new) & set(old)
    assert program(workspace, person, totp=old[0]).status_code == 401
    assert program(workspace, person, totp=new[0]).status_code == 201


def test_guessing_is_locked_out(workspace, ling, rows):
    """Also by somebody who knows the password, which clears no count; and from other addresses."""
    person, app, codes = ling
    for n in range(5):
        assert program(workspace, person, totp=f"{n:06d}").status_code == 401
        assert program(workspace, person).status_code == 401
    locked = program(workspace, person, totp=app.show())
    assert locked.status_code == 401
    assert program(workspace, person, totp=codes[0]).status_code == 401, "nor a recovery code meanwhile"
    rows.execute("delete from sign_in_guard")
    app.forget()
    assert program(workspace, person, totp=codes[0]).status_code == 201, "which is not used up by that"


def test_guessing_recovery_codes_is_locked_out(workspace, ling, rows):
    person, _, codes = ling
    for _ in range(6):
        guess = "-".join(secrets.token_hex(2) for _ in range(3))
        assert program(workspace, person, totp=guess).status_code == 401
    visitor, answer = door(workspace), None
    answer = visitor.sign_in(person.email, person.password)
    assert answer.status_code == 401, "locked: not even the password is told to be right"
    assert program(workspace, person, totp=codes[0]).status_code == 401
    rows.execute("delete from sign_in_guard")


def test_a_ticket_is_for_its_visitor_and_its_time(workspace, ling, rows):
    person, app, _ = ling
    visitor, form = first_step(workspace, person)
    ticket = dict(form.fields)["ticket"]
    thief = door(workspace)
    answer = thief.post("/login/code", data={"_csrf": thief.csrf("/login"), "ticket": ticket, "code": app.show()})
    assert answer.status_code == 401 and "sign in again" in answer.text
    for wrong in ("", "x", ticket[:-2], ticket[:50] + ("A" if ticket[50] != "A" else "B") + ticket[51:], "A" * 120):
        tried = visitor.submit(form, ticket=wrong, code=app.show())
        assert tried.status_code in (401, 422), wrong[:10]
    # Whatever changes about the user ends it.
    rows.execute("update app_user set version = version + 1 where email = %s", [person.email])
    assert visitor.submit(form, code=app.show()).status_code == 401
    visitor, form = first_step(workspace, person)
    assert visitor.submit(form, code=app.show()).status_code == 303


def test_a_ticket_lives_five_minutes(movable):
    place = movable.new_workspace()
    person = place.add_user("staff")
    app, _ = set_up(place, person)
    visitor, form = first_step(place, person)
    movable.command("time", "+6m")
    try:
        app.forget()
        answer = visitor.submit(form, code=app.show())
        assert answer.status_code == 401 and "too long" in answer.text
        assert program(place, person, totp=app.show()).status_code == 201, "the clock is PostgreSQL's"
    finally:
        movable.command("time", "now")


def test_another_way_in_does_not_go_around_it(workspace, ling):
    """A new password by mail is a password, no more."""
    person, app, _ = ling
    visitor = door(workspace)
    visitor.submit(visitor.form("/password/forgot", "/password/forgot"), email=person.email)
    mail = mail_to(workspace.stack, person.email, 2)
    path = re.search(r"(/password/reset/\S+)", text_of(mail))[1]
    visitor.submit(visitor.form(path, path), password="seven-lanterns-over-water", again="seven-lanterns-over-water")
    person.password = "seven-lanterns-over-water"
    assert program(workspace, person).json()["type"] == "urn:praya:problem:code_needed"
    assert program(workspace, person, totp=app.show()).status_code == 201


def test_a_code_proves_who_is_there(workspace, rows):
    """Before what is grave either the password or a code will do; a code that was used will not."""
    person = workspace.add_user("administrator")
    app, codes = set_up(workspace, person)
    shown = app.show()
    browser, _ = sign_in(workspace, person, shown)
    rows.execute("update session s set verified_at = now() - interval '6 minutes' from app_user u "
                 "where u.user_id = s.user_id and u.email = %s", [person.email])
    form = browser.form("/settings/users/new", "/settings/users")
    asked = browser.submit(form, email=f"{secrets.token_hex(4)}@example.com", name="X", profile="staff")
    question = verify_form(asked)
    assert asked.status_code == 403 and "authenticator" in asked.text
    used = browser.submit(question, _code=shown)
    assert used.status_code == 403 and "not right" in used.text
    assert browser.submit(question).status_code == 403, "neither is no proof"
    app.forget()
    assert browser.submit(question, _code=app.show()).status_code == 303


def test_switched_off(workspace, ling, rows):
    person, app, codes = ling
    browser, _ = sign_in(workspace, person, app.show())
    answer = browser.submit(browser.form(PAGE, f"{PAGE}/remove"))
    assert answer.status_code == 303
    assert program(workspace, person).status_code == 201
    rows.execute("select (select count(*) from factor f join app_user u using (user_id) where u.email = %s) + "
                 "(select count(*) from recovery_code c join app_user u using (user_id) where u.email = %s)",
                 [person.email, person.email])
    assert rows.fetchone() == (0,)
    assert "switched off" in text_of(mail_to(workspace.stack, person.email, 2))
    browser.headers["X-CSRF-Token"] = browser.csrf()
    assert browser.delete(f"{API}/me/two-step").status_code == 409
    assert browser.post(f"{API}/me/two-step/codes", json={}).status_code == 409


def test_another_app_in_its_place(workspace, ling):
    """The old one is good until the new one has shown that it works."""
    person, app, _ = ling
    browser, _ = sign_in(workspace, person, app.show())
    browser.headers["X-CSRF-Token"] = browser.csrf()
    newer = App(workspace, person.email, browser.post(f"{API}/me/two-step", json={}).json()["secret"])
    app.forget()
    assert program(workspace, person, totp=newer.show()).status_code == 401
    assert program(workspace, person, totp=app.show()).status_code == 201
    app.forget()
    wrong = browser.post(f"{API}/me/two-step/confirm", json={"totp": app.show()})
    assert wrong.status_code == 422 and "totp" in wrong.json()["errors"]
    assert browser.post(f"{API}/me/two-step/confirm", json={"totp": newer.show()}).status_code == 200
    newer.forget()
    assert program(workspace, person, totp=app.show()).status_code == 401
    assert program(workspace, person, totp=newer.show()).status_code == 201


def test_half_set_up_is_not_set_up(workspace):
    person = workspace.add_user("staff")
    browser = person.browser()
    browser.headers["X-CSRF-Token"] = browser.csrf()
    first = browser.post(f"{API}/me/two-step", json={}).json()["secret"]
    second = browser.post(f"{API}/me/two-step", json={}).json()["secret"]
    assert first != second
    assert program(workspace, person).status_code == 201, "nobody is locked out by half a setup"
    old = App(workspace, person.email, first)
    assert browser.post(f"{API}/me/two-step/confirm", json={"totp": old.show()}).status_code == 422
    page = browser.submit(browser.form(PAGE, f"{PAGE}/confirm"), totp="12")
    assert page.status_code == 422 and "not right" in page.text and second in page.text


def test_confirming_what_was_not_begun(workspace):
    browser = workspace.add_user("staff").browser()
    browser.headers["X-CSRF-Token"] = browser.csrf()
    assert browser.post(f"{API}/me/two-step/confirm", json={"totp": "123456"}).status_code == 409


def test_a_token_changes_nobodys_way_in(workspace, ling):
    person, _, _ = ling
    api = person.api()
    for method, path in (("POST", "/me/two-step"), ("DELETE", "/me/two-step"), ("POST", "/me/two-step/codes")):
        assert api.request(method, path, json={} if method == "POST" else None).status_code == 403, path
    assert api.post("/me/two-step/confirm", json={"totp": "123456"}).status_code == 403
    state = api.ok("GET", "/me/two-step")
    assert state["enabled"] and state["recovery_codes_left"] == 10 and "secret" not in state


def test_changing_it_is_grave(workspace, ling, rows):
    person, app, _ = ling
    browser, _ = sign_in(workspace, person, app.show())
    browser.password = None
    rows.execute("update session set verified_at = now() - interval '6 minutes'")
    for action in ("remove", "codes"):
        asked = browser.submit(browser.form(PAGE, f"{PAGE}/{action}"))
        assert asked.status_code == 403 and verify_form(asked)
    assert program(workspace, person).json()["type"] == "urn:praya:problem:code_needed"


@pytest.fixture
def strict(workspace, rows):
    """Staff must have a second step."""
    rows.execute("update profile set require_totp = true where name = 'staff'")
    yield workspace
    rows.execute("update profile set require_totp = false where name = 'staff'")


def test_demanded_by_the_profile(strict):
    person = strict.add_user("staff")
    browser = person.browser()
    for path in ("/", "/contacts", "/settings", "/settings/account", "/settings/tokens", "/contacts/new"):
        assert browser.get(path).headers.get("Location") == PAGE, path
    page = browser.page(PAGE)
    assert "requires two-step sign-in" in page and 'href="/contacts"' not in page
    browser.headers["X-CSRF-Token"] = browser.csrf(PAGE)
    browser.password = None
    for method, path in (("GET", "/contacts"), ("POST", "/contacts"), ("PATCH", "/me"), ("POST", "/tokens"),
                         ("GET", "/me/sessions")):
        answer = browser.request(method, API + path, json={} if method != "GET" else None)
        assert answer.status_code == 403 and answer.json()["type"] == "urn:praya:problem:enrol", path
    assert browser.get(f"{API}/me").json()["must_set_up_two_step"]
    begun = browser.post(f"{API}/me/two-step", json={})
    app = App(strict, person.email, begun.json()["secret"])
    assert browser.post(f"{API}/me/two-step/confirm", json={"totp": app.show()}).status_code == 200
    assert browser.get("/contacts").status_code == 200
    refused = browser.delete(f"{API}/me/two-step")
    assert refused.status_code == 409 and "requires" in refused.json()["detail"]


def test_demanded_from_the_very_next_request(workspace, rows):
    """Of those who are signed in, too; programs go on."""
    person = workspace.add_user("staff")
    browser, api = person.browser(), person.api()
    assert browser.get("/contacts").status_code == 200
    rows.execute("update profile set require_totp = true where name = 'staff'")
    try:
        assert browser.get("/contacts").headers.get("Location") == PAGE
        assert api.get("/contacts").status_code == 200
    finally:
        rows.execute("update profile set require_totp = false where name = 'staff'")
    assert browser.get("/contacts").status_code == 200


def test_signing_out_is_always_open(strict):
    browser = strict.add_user("staff").browser()
    assert browser.submit(browser.form(PAGE, "/logout")).status_code == 303
    assert browser.get("/").headers["Location"] == "/login"


def test_a_lost_telephone(workspace, boss, ling, rows):
    person, _, _ = ling
    user = next(u for u in boss.ok("GET", "/users")["items"] if u["email"] == person.email)
    assert user["two_step"]
    page = workspace.admin.browser()
    path = f"/settings/users/{user['id']}/two-step"
    assert page.submit(page.form(f"/settings/users/{user['id']}", path)).status_code == 303
    assert program(workspace, person).status_code == 201
    assert "switched off" in text_of(mail_to(workspace.stack, person.email, 2))
    assert boss.delete(f"/users/{user['id']}/two-step").status_code == 409
    rows.execute("select count(*) from audit_event where reason = 'two_step_off' and record_ids = array[%s::bigint]", [user["id"]])
    assert rows.fetchone() == (1,)


def test_whose_telephone_it_is(workspace, boss, ling):
    person, _, _ = ling
    user = next(u for u in boss.ok("GET", "/users")["items"] if u["email"] == person.email)
    assert workspace.add_user("staff").api().delete(f"/users/{user['id']}/two-step").status_code == 403
    me = boss.ok("GET", "/me")["id"]
    assert boss.delete(f"/users/{me}/two-step").status_code == 403
    assert boss.delete("/users/999999/two-step").status_code == 404
    assert program(workspace, person).json()["type"] == "urn:praya:problem:code_needed"


def test_by_command(workspace, ling):
    person, _, _ = ling
    stack = workspace.stack
    stack.praya("user", "reset", workspace.slug, person.email, "--two-step")
    assert program(workspace, person).status_code == 201
    again = stack.praya("user", "reset", workspace.slug, person.email, "--two-step", check=False)
    assert again.returncode == 1 and "without a second step" in again.stderr


def test_nothing_of_it_lies_open(workspace, ling, rows):
    """The secret and the codes are in no table in clear."""
    _, app, codes = ling
    raw = decode(app.secret)
    for (table,) in list_tables(rows):
        rows.execute(f'select x::text from "{table}" x')
        text = "\n".join(r for (r,) in rows.fetchall())
        assert raw.hex() not in text and app.secret.replace(" ", "") not in text.lower(), table
        assert not any(c in text or c.replace("-", "") in text for c in codes), table


def list_tables(rows):
    rows.execute("select table_name from information_schema.tables where table_schema = 'public' "
                 "and table_type = 'BASE TABLE'")
    return rows.fetchall()


def test_in_chinese(workspace):
    browser = workspace.add_user("staff").browser()
    browser.submit(browser.form("/", "/language"), lang="zh-Hant")
    assert "雙重認證" in browser.page(PAGE)
    browser.submit(browser.form(PAGE, PAGE))
    assert "掃描" in browser.page(PAGE)
