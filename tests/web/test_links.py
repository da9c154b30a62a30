# SPDX-License-Identifier: ISC
"""Invitations and links to a new password: they come by mail, work once and not
for long, and tell nobody who else there is."""
import concurrent.futures
import re
import secrets
import time
from pathlib import Path

import pytest

from harness import API, Api, some_address
from mails import link_in, mail_to, mails_to, text_of

NEW = "seven-lanterns-over-water"
OTHER = "a-ferry-before-the-storm"


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def visitor(workspace):
    return workspace.stack.visitor(workspace.slug)


def someone(workspace):
    return f"ling-{secrets.token_hex(4)}@{workspace.slug}.example"


def invite(workspace, boss, email, **more):
    body = {"email": email, "name": "WONG Siu Ling", "profile": "staff", **more}
    return boss.ok("POST", "/users", status=201, json=body)


def link_to(workspace, email, number=1):
    return link_in(mail_to(workspace.stack, email, number), workspace.stack.origin(workspace.slug))


def set_password(visitor, path, password=NEW, **more):
    return visitor.submit(visitor.form(path, path), password=password, again=password, **more)


def signs_in(workspace, email, password):
    return workspace.stack.visitor(workspace.slug).sign_in(email, password).status_code == 303


def is_over(answer):
    return answer.status_code == 410 and "works once" in answer.text


@pytest.fixture
def ling(workspace, boss):
    """Somebody invited, and the path of the link."""
    email = someone(workspace)
    user = invite(workspace, boss, email)
    return user, email, link_to(workspace, email)


def forget(workspace, email):
    visitor = workspace.stack.visitor(workspace.slug)
    form = visitor.form("/password/forgot", "/password/forgot")
    answer = visitor.submit(form, email=email)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/password/forgot?sent=1")
    return visitor.page(answer.headers["Location"])


def test_invited_and_in(workspace, boss, visitor, ling):
    user, email, path = ling
    assert user["invited"] and not user["password_set"]
    assert path.startswith("/invite/")
    assert email in visitor.page(path)
    answer = set_password(visitor, path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert signs_in(workspace, email, NEW)
    after = boss.ok("GET", f"/users/{user['id']}")
    assert after["password_set"] and not after["invited"]


def test_from_the_page_in_chinese(workspace, visitor):
    boss, email = workspace.admin.browser(), someone(workspace)
    form = boss.form("/settings/users/new", "/settings/users")
    answer = boss.submit(form, email=email, name="陳小玲", profile="staff", language="zh-Hant")
    assert answer.status_code == 303
    mail = mail_to(workspace.stack, email)
    assert "邀請" in mail["Subject"] and "陳小玲，你好" in text_of(mail)
    assert email in boss.page("/settings/users") and "Invited" in boss.page("/settings/users")
    visitor.headers["Accept-Language"] = "zh-HK"
    path = link_in(mail, workspace.stack.origin(workspace.slug))
    assert "歡迎" in visitor.page(path)
    assert set_password(visitor, path).status_code == 303


def test_as_a_program(workspace, ling):
    _, email, path = ling
    api = Api(workspace.stack, workspace.slug, None)
    weak = api.post(path, json={"password": "Password1234"})
    assert weak.status_code == 422 and set(weak.json()["errors"]) == {"password"}
    assert api.post(path, json={"password": NEW}).status_code == 204
    assert api.post(path, json={"password": NEW}).status_code == 410
    assert signs_in(workspace, email, NEW)


def test_opening_it_does_not_use_it(visitor, ling):
    _, _, path = ling
    for _ in range(3):
        visitor.page(path)
        assert visitor.head(path).status_code == 200
    assert set_password(visitor, path).status_code == 303


def test_a_second_time_it_is_over(workspace, visitor, ling, rows):
    _, email, path = ling
    form = visitor.form(path, path)
    assert visitor.submit(form, password=NEW, again=NEW).status_code == 303
    assert is_over(visitor.submit(form, password=OTHER, again=OTHER))
    assert is_over(visitor.get(path))
    assert signs_in(workspace, email, NEW) and not signs_in(workspace, email, OTHER)
    rows.execute("select count(*) from audit_event where action = 'sign_in_failed' and reason = 'link'")
    assert rows.fetchone()[0] >= 1


def test_what_is_typed_wrong_does_not_use_it(workspace, visitor, ling):
    _, email, path = ling
    form = visitor.form(path, path)
    for password, again in (("", ""), (NEW, OTHER), ("short", "short"), ("Password1234", "Password1234"),
                            ("123456789012", "123456789012"), ("x" * 129, "x" * 129),
                            (email, email)):
        answer = visitor.submit(form, password=password, again=again)
        assert answer.status_code == 422, password
        assert password == "" or password == email or password not in answer.text
    assert set_password(visitor, path).status_code == 303


def test_not_longer_than_a_week(visitor, ling, rows):
    user, _, path = ling
    rows.execute("select expires_at - created_at = '7 days' from sign_in_link where user_id = %s", [user["id"]])
    assert rows.fetchone() == (True,)
    form = visitor.form(path, path)
    rows.execute("update sign_in_link set expires_at = now() where user_id = %s", [user["id"]])
    assert is_over(visitor.get(path))
    assert is_over(visitor.submit(form, password=NEW, again=NEW))


def test_tampered_and_made_up(visitor, ling):
    _, _, path = ling
    form = visitor.form(path, path)
    last = "A" if path[-1] != "A" else "B"
    for wrong in (path[:-1] + last, path[:-1], path + "A", path.swapcase().replace("/INVITE", "/invite"),
                  "/invite/x", "/invite/" + "A" * 200, path.replace("/invite/", "/password/reset/")):
        assert visitor.get(wrong).status_code == 410, wrong
        form.action = wrong
        assert visitor.submit(form, password=NEW, again=NEW).status_code == 410, wrong
    assert visitor.get("/invite/" + "A" * 201).status_code == 404
    assert visitor.get("/invite/%00").status_code in (400, 404)
    assert visitor.get("/invite").status_code == 410
    assert set_password(visitor, path).status_code == 303


def test_a_link_of_another_workspace(stack, visitor, ling):
    _, _, path = ling
    assert is_over(stack.visitor("harbour").get(path))
    assert visitor.get(path).status_code == 200


def test_a_newer_link_ends_the_older(workspace, boss, visitor, ling):
    user, email, path = ling
    assert boss.post(f"/users/{user['id']}/link").status_code == 202
    newer = link_to(workspace, email, 2)
    assert newer != path and is_over(visitor.get(path))
    assert set_password(visitor, newer).status_code == 303


def test_a_password_by_hand_ends_the_link(boss, visitor, ling):
    user, _, path = ling
    boss.ok("PATCH", f"/users/{user['id']}", json={"password": OTHER}, headers={"If-Match": str(user["version"])})
    assert is_over(visitor.get(path))


def test_switched_off_means_no_way_in(workspace, boss, visitor, ling):
    user, email, path = ling
    form = visitor.form(path, path)
    boss.ok("PATCH", f"/users/{user['id']}", json={"active": False}, headers={"If-Match": str(user["version"])})
    assert is_over(visitor.get(path))
    assert is_over(visitor.submit(form, password=NEW, again=NEW))
    assert boss.post(f"/users/{user['id']}/link").status_code == 409
    assert len(mails_to(workspace.stack, email)) == 1


def test_the_form_needs_its_token(visitor, workspace, ling):
    _, email, path = ling
    answer = visitor.post(path, data={"password": NEW, "again": NEW})
    assert answer.status_code == 403
    foreign = visitor.post(path, data={"password": NEW, "again": NEW, "_csrf": visitor.csrf(path)},
                           headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert not signs_in(workspace, email, NEW)


def test_two_at_the_same_moment(workspace, rows, ling):
    """While one use of the link is not yet committed, another waits and then finds it used."""
    user, email, path = ling
    with workspace.database() as connection:
        connection.autocommit = False
        with connection.cursor() as holder:
            holder.execute("select from sign_in_link where user_id = %s for update", [user["id"]])
            api = Api(workspace.stack, workspace.slug, None)
            # The lock is waited for; then the product says that it is busy, and nothing has happened.
            assert api.post(path, json={"password": NEW}).status_code == 503
            holder.execute("delete from sign_in_link where user_id = %s", [user["id"]])
        connection.commit()
    assert api.post(path, json={"password": NEW}).status_code == 410
    assert not signs_in(workspace, email, NEW)


def test_forgotten(workspace, visitor):
    who = workspace.add_user("staff")
    open_window = who.browser()
    assert "mail with a link is on its way" in forget(workspace, who.email.upper())
    path = link_to(workspace, who.email)
    assert path.startswith("/password/reset/")
    assert signs_in(workspace, who.email, who.password), "asking alone changes nothing"
    assert set_password(visitor, path).status_code == 303
    assert not signs_in(workspace, who.email, who.password)
    assert signs_in(workspace, who.email, NEW)
    assert open_window.get("/").headers["Location"] == "/login", "who was signed in is out"
    notice = mail_to(workspace.stack, who.email, 2)
    assert "password" in text_of(notice) and "not you" in text_of(notice)
    assert not re.search("https://", text_of(notice))


def test_a_reset_lives_for_an_hour(workspace, visitor, rows):
    who = workspace.add_user("staff")
    forget(workspace, who.email)
    path = link_to(workspace, who.email)
    rows.execute("select l.expires_at - l.created_at = '1 hour' from sign_in_link l join app_user using (user_id) "
                 "where email = %s", [who.email])
    assert rows.fetchone() == (True,)
    rows.execute("update sign_in_link set expires_at = now() - interval '1 second' from app_user u "
                 "where u.user_id = sign_in_link.user_id and u.email = %s", [who.email])
    answer = visitor.get(path)
    assert answer.status_code == 410 and "within an hour" in answer.text


def test_nobody_learns_who_is_there(workspace, rows):
    """Same page, same status, same size, the same work before the answer, and mail to no stranger."""
    known = workspace.add_user("staff").email
    off = workspace.add_user("staff").email
    rows.execute("update app_user set active = false where email = %s", [off])
    stranger = someone(workspace)
    pages = {re.sub(r'value="[^"]*"', "", forget(workspace, email)) for email in (known, off, stranger)}
    assert len(pages) == 1
    mail_to(workspace.stack, known)
    rows.execute("select count(*) from job where kind = 'link' and state <> 'done'")
    end = time.monotonic() + 30
    while rows.fetchone()[0] > 0:
        assert time.monotonic() < end
        rows.execute("select count(*) from job where kind = 'link' and state <> 'done'")
    assert mails_to(workspace.stack, stranger) == [] and mails_to(workspace.stack, off) == []
    rows.execute("select args::text, error from job where kind = 'link'")
    assert set(rows.fetchall()) == {("{}", None)}
    rows.execute("select count(*) from job_secret")
    assert rows.fetchone() == (0,)


def test_a_letter_box_is_not_filled(workspace, rows):
    who = workspace.add_user("staff")
    api = Api(workspace.stack, workspace.slug, None)
    for _ in range(8):
        assert api.post("/password/forgot", json={"email": who.email}).status_code == 202
    mail_to(workspace.stack, who.email, 3)
    workspace.stack.praya("worker", workspace.slug, "--once")
    rows.execute("select count(*) from job where kind in ('link', 'mail') and state <> 'done'")
    assert rows.fetchone() == (0,)
    assert len(mails_to(workspace.stack, who.email)) == 3


def test_one_address_cannot_ask_for_all(stack):
    other = stack.new_workspace()
    api = Api(stack, other.slug, None)
    said = [api.post("/password/forgot", json={"email": f"{n}@example.com"}).status_code for n in range(25)]
    assert said[:20] == [202] * 20 and set(said[20:]) == {429}


@pytest.mark.parametrize("email", [None, "", "x" * 255, "a\u0000b", ["a@example.com"], 7])
def test_asking_with_what_is_no_address(workspace, email):
    api = Api(workspace.stack, workspace.slug, None)
    answer = api.post("/password/forgot", json={} if email is None else {"email": email})
    assert answer.status_code in (400, 422)


def test_names_cannot_add_headers(workspace, boss):
    email = someone(workspace)
    for name in ("Ling\r\nBcc: all@example.com", "Ling\nBcc: all@example.com"):
        answer = boss.post("/users", json={"email": email, "name": name, "profile": "staff"})
        assert answer.status_code == 422 and "name" in answer.json()["errors"]
    name = '"Ling" <all@example.com>, ; =?utf-8?q?Ling=0D=0ABcc=3A_all=40example.com?='
    invite(workspace, boss, email, name=name)
    mail = mail_to(workspace.stack, email)
    assert mail["Bcc"] is None and mail.get_all("X-Envelope-To") == [email]
    assert [a.addr_spec for a in mail["To"].addresses] == [email]


def test_the_address_in_a_mail_is_the_workspaces_own(workspace):
    """Whatever the request calls the host it came to."""
    who = workspace.add_user("staff")
    api = Api(workspace.stack, workspace.slug, None)
    answer = api.post("/password/forgot", json={"email": who.email}, headers={
        "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example",
        "Origin": api.origin})
    assert answer.status_code == 202
    assert "evil" not in text_of(mail_to(workspace.stack, who.email))
    foreign = api.post("/password/forgot", json={"email": who.email}, headers={"Host": "evil.example"})
    assert foreign.status_code in (404, 421)


def test_staff_invites_nobody(workspace, boss, ling):
    user, email, _ = ling
    staff = workspace.add_user("staff")
    assert staff.api().post(f"/users/{user['id']}/link").status_code == 403
    window = staff.browser()
    answer = window.post(f"/settings/users/{user['id']}/link", data={"_csrf": window.csrf()})
    assert answer.status_code == 403
    assert staff.api().post("/users", json={"email": "a@b.example", "name": "A", "profile": "staff"}).status_code == 403
    assert boss.post("/users/999999/link").status_code == 404
    assert len(mails_to(workspace.stack, email)) == 1


def test_by_command(workspace, visitor):
    stack, email = workspace.stack, someone(workspace)
    stack.praya("user", "add", workspace.slug, email, "--profile", "staff", "--invite")
    assert set_password(visitor, link_to(workspace, email)).status_code == 303
    done = stack.praya("user", "reset", workspace.slug, email, "--mail")
    assert "on its way" in done.stdout
    assert set_password(visitor, link_to(workspace, email, 3), OTHER).status_code == 303
    assert signs_in(workspace, email, OTHER)
    both = stack.praya("user", "reset", workspace.slug, email, "--mail", "--password-stdin", stdin=NEW, check=False)
    assert both.returncode == 1
    weak = stack.praya("user", "reset", workspace.slug, email, "--password-stdin", stdin="password1234\n", check=False)
    assert weak.returncode == 1 and "common password" in weak.stderr
    assert signs_in(workspace, email, OTHER)


def test_nothing_of_a_link_is_kept(workspace, rows, ling):
    """Neither in the database nor in a log, before or after it was used, whatever nginx makes of it."""
    _, _, path = ling
    secret = path.rsplit("/", 1)[1]
    visitor = workspace.stack.visitor(workspace.slug)
    assert visitor.post(path, data={"password": "x" * (1 << 20)}).status_code == 413
    assert set_password(visitor, path).status_code == 303
    rows.execute("select table_name from information_schema.tables where table_schema = 'public' "
                 "and table_type = 'BASE TABLE'")
    for (table,) in rows.fetchall():
        rows.execute(f'select count(*) from "{table}" x where x::text like %s', [f"%{secret}%"])
        assert rows.fetchone() == (0,), table
    var = Path(workspace.stack.status["var"])
    for log in (var / "log").iterdir():
        assert secret.encode() not in log.read_bytes(), log.name
        assert b"/invite/" not in log.read_bytes(), log.name


def test_asking_at_once_is_no_more(stack):
    """From one address for many accounts, and from many for one."""
    other = stack.new_workspace()
    who, where = other.add_user("staff"), some_address()

    def ask(n):
        return Api(stack, other.slug, None, where).post("/password/forgot", json={"email": f"{n}@example.com"}).status_code

    def again(_):
        return Api(stack, other.slug, None, some_address()).post("/password/forgot", json={"email": who.email}).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(ask, range(30))) == [202] * 20 + [429] * 10
        assert set(pool.map(again, range(10))) == {202}
    connection = other.database()
    with connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from job where kind = 'link'")
        assert cursor.fetchone() == (20 + 3,)
    connection.close()
