# SPDX-License-Identifier: ISC
"""Looking at the workspace as another user: all that one sees, nothing that changes or leaves,
half an hour at most, and both names in the log."""
import html
import re
import secrets

import pytest

import routes
from harness import API, VERIFY, verify_form
from profiles import everything, make_profile
from routes import MISSING, Findings, page, problem, send

LOOKS = {"dashboard.read", "settings.index", "session.me", "field.list", "field.read", "audit.list", "audit.one"}
STOPS = {"session.delete", "session.sign_out", "view_as.stop"}


@pytest.fixture
def sql(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def seen(workspace):
    """A user to be looked at."""
    return workspace.add_user("staff")


def number(sql, person):
    sql.execute("select user_id from app_user where lower(email) = lower(%s)", [person.email])
    return sql.fetchone()[0]


def look(browser, user):
    return browser.submit(browser.form(f"/settings/users/{user}", f"/settings/users/{user}/view-as"))


@pytest.fixture
def looking(workspace, sql, seen):
    """The administrator's browser, looking as `seen`."""
    browser = workspace.admin.browser()
    answer = look(browser, number(sql, seen))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    return browser


def me(browser):
    return browser.get(f"{API}/me").json()


def shown(browser, path):
    """A page's own part without the tokens of its forms."""
    return re.sub(r'(name="_(csrf|form)" value=")[^"]*', r"\1", routes.main_text(browser.get(path)))


def test_sees_what_the_user_sees(workspace, boss, sql, seen, looking):
    """The rights, the fields and the records of the other."""
    contact = boss.ok("POST", "/contacts", json={"name_en": "CHEUNG Pui Shan", "salary": "42000", "tax_id": "A99887"})["id"]
    theirs, mine = seen.browser(), looking
    for path in ("/", "/contacts", f"/contacts/{contact}", f"/contacts/{contact}/edit", "/settings"):
        assert shown(theirs, path) == shown(mine, path), path
    assert "salary" not in mine.get(f"{API}/contacts/{contact}").json()
    assert mine.get("/settings/users").status_code == 403, "the rights of the other, not one's own"
    assert me(mine)["email"] == seen.email


def test_the_banner_is_on_every_page(looking, seen):
    for path in ("/", "/contacts", "/settings", "/contacts/999999999", "/settings/users"):
        text = html.unescape(looking.get(path).text)
        assert "You see what" in text and 'action="/view-as/stop"' in text, path


def test_banner_in_both_languages(workspace, sql, seen):
    sql.execute("update app_user set language = 'zh-Hant' where user_id = %s", [number(sql, seen)])
    browser = workspace.admin.browser()
    look(browser, number(sql, seen))
    assert "所見的內容" in browser.page("/") and "停止" in browser.page("/")


def test_no_banner_for_the_one_looked_at(looking, seen):
    theirs = seen.browser()
    assert "/view-as/stop" not in theirs.page("/") and "view_as" not in me(theirs)


def test_everything_but_looking_is_refused(workspace, sql, seen, looking):
    """Every row of the table that writes, fetches a file, or is about the other's own way in."""
    found, csrf = Findings(), looking.csrf()
    stack = workspace.stack
    rows = [r for r in routes.table(stack) if r.name not in STOPS and not r.path.endswith("/search")]
    refused = [r for r in rows if r.writes or r.kind == "stream" or (r.right in ("self", "entry") and r.name not in LOOKS)]
    assert len(refused) > 100
    sql.execute("select count(*) from audit_event where outcome = 'denied' and via = 'view_as'")
    before = sql.fetchone()[0]
    for row in refused:
        answer = looking.request(row.method, looking.origin + row.at(), headers={"X-CSRF-Token": csrf})
        found.note(row, page(answer, 403) if row.page else problem(answer, 403))
        if "as another user sees it" not in answer.text:
            found.note(row, "does not say why")
    found.done()
    sql.execute("select count(*) from audit_event where outcome = 'denied' and via = 'view_as'")
    assert sql.fetchone()[0] >= before + len(refused)


def test_a_search_is_looking(boss, looking):
    boss.ok("POST", "/contacts", json={"name_en": "WAT Is Searched"})
    answer = looking.write("/contacts/search", q="WAT Is")
    assert answer.status_code == 303 and "WAT Is Searched" in looking.page(answer.headers["Location"])


def test_private_notes_stay_closed(workspace, boss, sql, seen):
    contact = boss.ok("POST", "/contacts", json={"name_en": "HO Ming"})["id"]
    theirs = seen.api()
    secret = theirs.ok("POST", f"/contacts/{contact}/activities",
                       json={"kind": "note", "body": "Between him and me", "private_to": "author"})["id"]
    shared = theirs.ok("POST", f"/contacts/{contact}/activities", json={"kind": "note", "body": "For everybody"})["id"]
    browser = workspace.admin.browser()
    look(browser, number(sql, seen))
    assert theirs.ok("GET", f"/activities/{secret}")["body"] == "Between him and me"
    assert browser.get(f"{API}/activities/{secret}").status_code == 404
    assert browser.get(f"{API}/activities/{shared}").status_code == 200
    text = browser.page(f"/contacts/{contact}")
    assert "For everybody" in text and "Between him and me" not in text


def test_stop(workspace, sql, seen, looking):
    """Oneself again, with another secret than before and than meanwhile."""
    during = looking.cookies["__Host-praya"]
    answer = looking.submit(looking.form("/", "/view-as/stop"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/settings/users/{number(sql, seen)}")
    assert me(looking)["email"] == workspace.admin.email and "/view-as/stop" not in looking.page("/")
    assert looking.cookies["__Host-praya"] != during
    old = workspace.stack.visitor(workspace.slug)
    old.cookies.set("__Host-praya", during)
    assert old.get(f"{API}/me").status_code == 401


def test_the_own_cookie_sleeps_meanwhile(workspace, sql, seen):
    browser = workspace.admin.browser()
    before = browser.cookies["__Host-praya"]
    look(browser, number(sql, seen))
    copy = workspace.stack.visitor(workspace.slug)
    copy.cookies.set("__Host-praya", before)
    assert copy.get(f"{API}/me").status_code == 401
    browser.submit(browser.form("/", "/view-as/stop"))
    assert copy.get(f"{API}/me").status_code == 401, "nor does it wake up again"


def test_signing_out_ends_both(workspace, sql, looking):
    assert looking.submit(looking.form("/", "/logout")).headers["Location"] == "/login"
    sql.execute("select count(*) from session where viewer_id is not null and ended_at is null "
                "and back_id in (select session_id from session where ended_at is not null)")
    assert sql.fetchone()[0] == 0
    assert looking.get(f"{API}/me").status_code == 401


def test_not_nested(workspace, sql, looking):
    """Neither as a third one nor back to oneself."""
    third = workspace.add_user("administrator")
    for path in (f"/settings/users/{number(sql, third)}/view-as", f"{API}/users/{number(sql, third)}/view-as"):
        assert looking.post(path, headers={"X-CSRF-Token": looking.csrf()}).status_code == 403
    assert me(looking)["view_as"]["name"]


def test_json(workspace, sql, seen):
    browser = workspace.admin.browser()
    user = number(sql, seen)
    answer = browser.post(f"{API}/users/{user}/view-as", headers={"X-CSRF-Token": browser.csrf()})
    body = answer.json()
    assert answer.status_code == 201 and body["user"]["id"] == user and body["until"].endswith("Z")
    said = me(browser)
    assert (said["id"], said["view_as"]["until"]) == (user, body["until"])
    refused = browser.post(f"{API}/contacts", json={"name_en": "x"}, headers={"X-CSRF-Token": body["csrf_token"]})
    assert refused.status_code == 403 and refused.json()["title"] == "Only looking"
    stopped = browser.post(f"{API}/view-as/stop", headers={"X-CSRF-Token": body["csrf_token"]})
    assert stopped.status_code == 200 and me(browser)["email"] == workspace.admin.email
    again = browser.post(f"{API}/view-as/stop", headers={"X-CSRF-Token": stopped.json()["csrf_token"]})
    assert again.status_code == 409


def test_a_proof_of_identity_is_asked(workspace, sql, seen):
    browser = workspace.admin.browser()
    browser.password = None
    sql.execute("update session set verified_at = now() - interval '6 minutes' where kind = 'cookie'")
    user = number(sql, seen)
    asked = look(browser, user)
    assert asked.status_code == 403 and verify_form(asked) is not None
    said = browser.post(f"{API}/users/{user}/view-as", headers={"X-CSRF-Token": browser.csrf()})
    assert said.status_code == 403 and said.json()["type"] == VERIFY
    done = browser.submit(verify_form(asked), _password=workspace.admin.password)
    assert done.status_code == 303 and me(browser)["id"] == user


def test_who_may(workspace, sql, boss, seen):
    """Neither staff, nor a program, nor by a forged token, nor anybody who is not there."""
    user = number(sql, seen)
    other = workspace.add_user("staff").browser()
    assert other.write(f"/settings/users/{user}/view-as").status_code == 403
    assert boss.post(f"/users/{user}/view-as").status_code == 403
    desk = workspace.admin.browser()
    assert desk.post(f"/settings/users/{user}/view-as", data={"_csrf": "x"}).status_code == 403
    token = {"X-CSRF-Token": desk.csrf()}
    assert desk.post(f"{API}/users/{MISSING}/view-as", headers=token).status_code == 404
    assert desk.post(f"{API}/users/{me(desk)['id']}/view-as", headers=token).status_code == 409
    sql.execute("update app_user set active = false where user_id = %s", [user])
    assert desk.post(f"{API}/users/{user}/view-as", headers=token).status_code == 409
    assert me(desk)["email"] == workspace.admin.email


def manager(workspace, sql):
    """Somebody who manages users and has less than an administrator besides."""
    name = "manager-" + secrets.token_hex(3)
    person = workspace.add_user("staff")
    sql.execute("insert into profile (name, new_fields, new_sealed) select %s, new_fields, new_sealed from profile "
                "where name = 'staff' returning profile_id", [name])
    profile = sql.fetchone()[0]
    sql.execute("insert into profile_right select %s, entity, \"right\", scope from profile_right join profile "
                "using (profile_id) where name = 'staff' union all select %s, '', 'manage_users', 'all'", [profile, profile])
    sql.execute("insert into profile_field select %s, entity, field, level from profile_field join profile "
                "using (profile_id) where name = 'staff'", [profile])
    sql.execute("update app_user set profile_id = %s where user_id = %s", [profile, number(sql, person)])
    return person, profile


def test_nobody_with_more_rights(workspace, sql, seen):
    person, _ = manager(workspace, sql)
    browser = person.browser()
    token = {"X-CSRF-Token": browser.csrf()}
    admin = number(sql, workspace.admin)
    assert browser.post(f"{API}/users/{admin}/view-as", headers=token).status_code == 403
    assert browser.post(f"{API}/users/{number(sql, seen)}/view-as", headers=token).status_code == 201


@pytest.mark.parametrize("change", [
    "delete from profile_right where profile_id = %(profile)s and \"right\" = 'manage_users'",
    "update app_user set active = false where user_id = %(viewer)s",
    "update app_user set active = false where user_id = %(seen)s",
    "update app_user set profile_id = (select profile_id from profile where name = 'administrator') where user_id = %(seen)s",
    "update session set ended_at = now() where user_id = %(viewer)s and kind = 'cookie'",
    "update session set expires_at = now() where user_id = %(viewer)s and kind = 'cookie'",
    "update session set expires_at = now() where viewer_id = %(viewer)s",
])
def test_ends_at_the_next_request(workspace, sql, seen, change):
    """When the right goes, when either is switched off, when the other gets more rights, when the
    own session is ended from elsewhere, when the time is up."""
    person, profile = manager(workspace, sql)
    browser = person.browser()
    look(browser, number(sql, seen))
    assert me(browser)["email"] == seen.email
    sql.execute(change, {"profile": profile, "viewer": number(sql, person), "seen": number(sql, seen)})
    assert browser.get(f"{API}/me").status_code == 401


def test_half_an_hour_and_no_longer_than_the_own_session(workspace, sql, seen):
    browser = workspace.admin.browser()
    look(browser, number(sql, seen))
    sql.execute("select extract(epoch from v.expires_at - v.created_at), v.expires_at <= b.expires_at from session v "
                "join session b on b.session_id = v.back_id where v.user_id = %s", [number(sql, seen)])
    assert sql.fetchone() == (1800, True)


def test_not_among_the_sessions_of_the_other(sql, looking, seen):
    theirs = seen.browser()
    assert len(theirs.get(f"{API}/me/sessions").json()["items"]) == 1


def test_both_names_in_the_log(workspace, boss, sql, seen, looking):
    looking.page("/contacts")
    looking.submit(looking.form("/", "/view-as/stop"))
    admin, user = number(sql, workspace.admin), number(sql, seen)
    sql.execute("select action, actor_kind, actor_id, via, as_user_id from audit_event where as_user_id = %s "
                "or (reason = 'view_as' and %s = any (record_ids)) order by at, event_id", [user, user])
    rows = sql.fetchall()
    assert rows[0] == ("sign_in", "user", admin, "cookie", None)
    assert rows[-1] == ("sign_out", "user", admin, "view_as", user)
    assert ("list", "user", admin, "view_as", user) in rows
    assert {row[2] for row in rows} == {admin}, "nothing is put to the other's name alone"
    events = boss.ok("GET", "/audit", params={"actor": admin, "action": "sign_out"})["items"]
    assert any(e["as_user"] == user and e["via"] == "view_as" for e in events)


# ---- no further than one's own sight, and the log


def teams(sql, *people):
    """Each in a team of its own, or all of one: numbers of teams."""
    for name, user in people:
        sql.execute("insert into team (name) select %s where not exists (select from team where name = %s)", [name, name])
        sql.execute("update app_user set team_id = (select team_id from team where name = %s) where user_id = %s", [name, user])


def narrow_manager(workspace, sql, scope):
    database = workspace.database()
    name = make_profile(database, everything(scope), special=("manage_users",), new_sealed="edit")
    database.close()
    return workspace.add_user(name)


@pytest.fixture
def worker(workspace):
    database = workspace.database()
    name = make_profile(database, everything("own"))
    database.close()
    return workspace.add_user(name)


def start(manager, user):
    browser = manager.browser()
    answer = look(browser, user)
    return browser, answer.status_code


@pytest.mark.parametrize("scope, same, status", [("team", False, 403), ("team", True, 303), ("own", True, 403), ("all", False, 303)])
def test_nobody_sees_by_another_what_they_do_not_see(workspace, sql, worker, scope, same, status):
    boss, user = narrow_manager(workspace, sql, scope), number(sql, worker)
    teams(sql, (f"mine{user}", number(sql, boss)), (f"mine{user}" if same else f"theirs{user}", user))
    browser, got = start(boss, user)
    assert got == status
    if status == 303:
        assert me(browser)["id"] == user


def test_it_ends_when_the_other_goes_to_another_team(workspace, sql, worker):
    boss, user = narrow_manager(workspace, sql, "team"), number(sql, worker)
    teams(sql, (f"one{user}", number(sql, boss)), (f"one{user}", user))
    browser, got = start(boss, user)
    assert got == 303 and browser.get("/contacts").status_code == 200
    teams(sql, (f"other{user}", user))
    assert browser.get("/contacts").status_code != 200


def test_whoever_looks_as_an_auditor_reads_the_log(workspace, sql):
    auditor = workspace.add_user("auditor")
    browser = workspace.admin.browser()
    assert look(browser, number(sql, auditor)).status_code == 303
    assert browser.get("/audit").status_code == 200
    items = browser.get(f"{API}/audit").json()["items"]
    assert items and browser.get(f"{API}/audit/{items[0]['id']}").status_code == 200
    for path in ("/exports", "/settings/account", "/settings/tokens"):
        assert browser.get(path).status_code == 403, path
