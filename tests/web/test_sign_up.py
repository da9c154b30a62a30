# SPDX-License-Identifier: ISC
"""A workspace is asked for, confirmed by mail, made by the worker, and entered."""
import concurrent.futures
import html
import re
import sys

import pytest

import fcgi
from doors import DOOR, DOORS, PASSWORD, PATIENCE, Door, confirm, new_email, new_slug
from harness import API, TOP, Browser, Client, Stack, some_address
from mails import mail_to, mails_to, text_of

sys.path.insert(0, str(TOP / "scripts"))

from praya_stack.process import wait_until  # noqa: E402


@pytest.fixture(scope="module")
def stack():
    """An instance of our own: the worker looks through all of its workspaces."""
    own = Stack.start("--no-data")
    yield own
    own.tear_down()


@pytest.fixture(scope="module")
def workspace(stack):
    return stack.new_workspace()


@pytest.fixture
def door(stack):
    return Door(stack)


@pytest.fixture
def cell(stack):
    connection = stack.database_named("praya_cell")
    yield connection.cursor()
    connection.close()


def exists(stack, slug):
    return slug in stack.slugs()


@pytest.mark.parametrize("lang,title,ready", [
    ("en", "Open a workspace", "Kwun Tong Traders is ready"),
    ("zh-Hant", "開設工作區", "Kwun Tong Traders已經準備就緒"),
])
def test_the_whole_way(stack, door, lang, title, ready):
    door.submit(door.form("/", "/language"), lang=lang)
    assert title in door.page("/")
    slug, email, answer = door.ask()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-up")
    path = door.link(email)
    assert "Kwun Tong Traders" in mails_to(stack, email)[0]["Subject"]
    assert not exists(stack, slug)
    confirm(door, email)
    led = door.made(path)
    assert led.status_code == 303
    home = Browser(stack, slug)
    assert led.headers["Location"].startswith(home.origin + "/welcome/")
    home.submit(home.form("/login", "/language"), lang=lang)
    at = led.headers["Location"].removeprefix(home.origin)
    assert ready in home.page(at)
    came = home.submit(home.form(at, at))
    assert (came.status_code, came.headers["Location"]) == (303, "/setup")
    me = home.get(f"{API}/me").json()
    assert (me["email"], me["profile"], me["language"]) == (email, "administrator", lang)
    again = Browser(stack, slug, some_address())
    assert again.sign_in(email, PASSWORD).status_code == 303


@pytest.mark.parametrize("name, told", [
    ("Prize at evil.example", False), ("https://evil.example/now", False), ("Write to x@evil", False),
    ("Evil.Example", False), ("Lee, Wong & Co. Ltd.", True),
])
def test_a_name_is_no_way_to_send_links_to_others(stack, door, name, told):
    slug, email, answer = door.ask(name=name)
    assert answer.status_code == 303
    door.link(email)
    (mail,) = mails_to(stack, email)
    shown = name if told else slug
    assert shown in mail["Subject"] and shown in html.unescape(text_of(mail))
    assert told or not [w for w in ("evil", "Evil") if w in mail["Subject"] + text_of(mail)]


def test_another_region_is_chosen(stack):
    """The form leads to that region's own host before anything is typed, and the workspace is there."""
    there = Door(stack, "sg")
    start = Door(stack).page("/")
    assert f'href="{there.origin}"' in start and "Singapore instead" in start
    page = there.page("/")
    assert 'value="sg" checked' in page and f'href="{stack.origin(DOOR)}"' in page and "transfer out of Hong Kong" in page
    slug, email, answer = there.ask()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-up")
    at = there.made(confirm(there, email)).headers["Location"]
    home = Browser(stack, slug)
    assert at.startswith(home.origin + "/welcome/")
    at = at.removeprefix(home.origin)
    assert home.submit(home.form(at, at)).headers["Location"] == "/setup"
    assert stack.praya_json("tenant", "show", slug)["region"] == "sg"
    assert home.get(f"{API}/me").json()["email"] == email
    # A mail of the other region knows nothing of it.
    Door(stack).api("/workspaces", email=email)
    assert slug not in text_of(mail_to(stack, email, 2))
    there.api("/workspaces", email=email)
    assert home.origin in text_of(mail_to(stack, email, 3))
    assert f'href="{there.origin}/workspaces"' in Door(stack).page("/workspaces")


def test_nothing_typed_is_kept_in_the_other_region(stack, cell):
    """A program that names another region is told where; here nothing of it is written down."""
    door, there, email, slug = Door(stack), Door(stack, "sg"), new_email(), new_slug()
    body = {"name": "Kwun Tong Traders", "slug": slug, "region": "sg", "email": email}
    cell.execute("select count(*), (select count(*) from operator_guard) from sign_up")
    before = cell.fetchone()
    moved = door.api("/sign-up", **body)
    assert (moved.status_code, moved.headers["Location"]) == (307, f"{there.origin}{API}/sign-up")
    led = door.submit(door.form("/", "/sign-up"), region="sg", slug=slug, email=email)
    assert (led.status_code, led.headers["Location"]) == (303, f"{there.origin}/")
    cell.execute("select count(*), (select count(*) from operator_guard) from sign_up")
    assert cell.fetchone() == before
    followed = there.post(moved.headers["Location"], json=body)
    assert followed.status_code == 202
    assert there.get(API + there.link(email)).json() == {"state": "waiting"}
    assert door.get(there.link(email)).status_code == 410
    origins = {r["region"]: r["origin"] for r in door.get(f"{API}/sign-up").json()["regions"]}
    assert origins == {"hk": door.origin, "sg": there.origin}


@pytest.mark.parametrize("here,there", [("hk", "sg"), ("sg", "hk")])
def test_a_pool_has_its_own_door_only(stack, here, there):
    for path in ("/", "/sign-up/forged", f"{API}/sign-up"):
        answer = fcgi.get(stack.status["regions"][here]["web"], f"{DOORS[there]}.praya.localhost", "x" * 43, path)
        assert b"Status: 421 Misdirected Request" in answer and b"Set-Cookie" not in answer and b"<" not in answer.split(b"X-Request-Id")[0].split(b"Status: 421")[1]


def test_a_ticket_is_good_once_and_for_its_browser(stack, door):
    slug, email, _ = door.ask()
    path = confirm(door, email)
    at = door.made(path).headers["Location"]
    stranger = Door(stack)
    assert stranger.made(path).headers["Location"] == f"{stack.origin(slug)}/login"
    home = Browser(stack, slug)
    at = at.removeprefix(home.origin)
    form = home.form(at, at)
    assert home.submit(form).status_code == 303
    late = Browser(stack, slug, some_address())
    for path in (at, "/welcome/forged"):
        assert late.get(path).status_code == 410
        csrf = dict(late.form("/login", "/login").fields)["_csrf"]
        assert late.post(path, data={"_csrf": csrf}, headers={"Origin": late.origin}).status_code == 410
        assert late.post(API + path, json={}).status_code == 410
    assert late.get(f"{API}/me").status_code == 401


def test_json(stack, door):
    slug, email = new_slug(), new_email()
    regions = door.get(f"{API}/sign-up").json()
    assert {"region": "hk", "here": True}.items() <= regions["regions"][0].items()
    assert door.get(f"{API}/slug", params={"slug": slug}).json()["available"] is True
    asked = door.api("/sign-up", name="Traders", slug=slug, region="hk", email=email)
    assert asked.status_code == 202
    path = door.link(email)
    assert door.get(API + path).json() == {"state": "waiting"}
    assert door.api(path, password="short").json()["errors"].keys() == {"password"}
    assert door.api(path, password=PASSWORD).json() == {"state": "making"}
    assert wait_until(lambda: door.get(API + path).json()["state"] == "made", PATIENCE)
    assert door.get(API + path).json()["origin"] == stack.origin(slug)
    assert door.get(f"{API}/slug", params={"slug": slug}).json()["available"] is False
    session = Browser(stack, slug).post(f"{API}/session", json={"email": email, "password": PASSWORD})
    assert session.status_code == 201
    assert door.api(path, password=PASSWORD).status_code == 409


@pytest.mark.parametrize("slug", [
    "www", "app", "ops", "adm1n", "supp0rt", "praya-help", "pr4ya", "a-p-p", "xn--80ak6aa92e", "hаrbour", "港",
    "-abc", "abc-", "a--b", "ab", "a" * 41, "a.b.c", "a/b", "a b c", "harbour", "harb0ur", "har-bour", "restore-x", "app-sg", "",
])
def test_addresses_that_are_not_given(door, slug):
    answer = door.api("/sign-up", name="Traders", slug=slug, region="hk", email=new_email())
    assert answer.status_code == 422 and answer.json()["errors"].keys() == {"slug"}, slug
    checked = door.get(f"{API}/slug", params={"slug": slug}).json()
    assert checked["available"] is False and checked["detail"]


@pytest.mark.parametrize("field,value", [
    ("email", "a@b.example\r\nBcc: x@y.example"), ("email", "a@b.example\nX: 1"), ("email", "a b@c.example"),
    ("email", "nobody"), ("email", ""), ("name", ""), ("name", " \t "), ("name", "x\r\nBcc: y@z.example"),
    ("name", "x" * 101), ("region", "xx"), ("region", "HK"),
])
def test_what_is_refused(stack, door, cell, field, value):
    body = {"name": "Traders", "slug": new_slug(), "region": "hk", "email": new_email(), field: value}
    cell.execute("select count(*) from sign_up")
    before = cell.fetchone()
    assert door.api("/sign-up", **body).status_code in (400, 422)
    cell.execute("select count(*) from sign_up")
    assert cell.fetchone() == before


def test_the_form_keeps_what_was_typed(door):
    _, _, answer = door.ask(slug="www", email="owner@traders.example")
    assert answer.status_code == 422
    for typed in ("Kwun Tong Traders", 'value="www"', "owner@traders.example"):
        assert typed in answer.text
    assert "kept for Praya" in answer.text


def test_it_describes_itself(door, workspace):
    """What can be asked at this host, and nothing of what a workspace has."""
    answer = door.get(f"{API}/openapi.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    paths = {path: set(methods) for path, methods in answer.json()["paths"].items()}
    assert paths == {"/openapi.json": {"get"}, "/slug": {"get"}, "/sign-up": {"get", "post"}, "/sign-up/{token}": {"get", "post"}, "/workspaces": {"post"}}
    assert "Idempotency-Key" not in answer.text
    body = answer.json()["paths"]["/sign-up"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"name", "slug", "region", "email"}
    assert set(answer.json()["components"]["schemas"]) == {"Problem"}
    assert "/contacts" in workspace.stack.visitor(workspace.slug).get(f"{API}/openapi.json").json()["paths"]


def test_forms_need_their_token(door):
    for headers in ({}, {"Origin": "https://elsewhere.example"}):
        assert door.post("/sign-up", data={"name": "x", "slug": new_slug(), "email": new_email()}, headers=headers).status_code == 403


def test_links_that_are_no_good(door):
    for token in ("forged", "x" * 43):
        assert door.get(f"/sign-up/{token}").status_code == 410
        assert door.api(f"/sign-up/{token}", password=PASSWORD).status_code == 410


def test_weak_passwords(door):
    _, email, _ = door.ask()
    path = door.link(email)
    for password, again in (("short", "short"), ("password1234", "password1234"), (PASSWORD, "another"), (email, email), ("", "")):
        assert door.submit(door.form(path, path), password=password, again=again).status_code == 422
    confirm(door, email)


@pytest.mark.parametrize("made_of", ["Kwun Tong Traders", "kwuntongtraders", "2026 KWUN-TONG-TRADERS!", "Kwun_T0ng_Tr@ders", "{slug}", "{slug}-1"])
@pytest.mark.parametrize("lang, sentence", [("en", "name of your business"), ("zh-Hant", "公司名稱")])
def test_a_password_is_not_the_business(door, made_of, lang, sentence):
    slug, email, _ = door.ask()
    path = door.link(email)
    door.submit(door.form(path, "/language"), lang=lang)
    password = made_of.format(slug=slug)
    answer = door.submit(door.form(path, path), password=password, again=password)
    assert answer.status_code == 422 and sentence in answer.text
    assert door.api(path, password=password).status_code == 422


def test_two_for_one_address(stack):
    """The first who confirms has it; the other is told, and nothing is left of theirs."""
    one, two, slug = Door(stack), Door(stack), new_slug()
    _, first, _ = one.ask(slug)
    _, second, _ = two.ask(slug)
    late = two.link(second)
    form = two.form(late, late)
    path = confirm(one, first)
    refused = two.submit(form, password=PASSWORD, again=PASSWORD)
    assert refused.status_code in (409, 410)
    one.made(path)
    assert [u["email"] for u in stack.praya_json("user", "list", slug)] == [first]


def test_taken_meanwhile_is_told_before_a_password_is_typed(stack, door):
    slug, email, _ = door.ask()
    path = door.link(email)
    form = door.form(path, path)
    stack.praya("tenant", "create", slug, "--name", "x", "--region", "hk", "--admin-email", "a@b.example")
    for answer in (door.get(path), door.submit(form, password=PASSWORD, again=PASSWORD), door.get(API + path), door.api(path, password=PASSWORD)):
        assert answer.status_code == 410 and "Somebody else has taken this address" in answer.text
    assert [u["email"] for u in stack.praya_json("user", "list", slug)] == ["a@b.example"]


def test_nothing_is_kept_in_clear(door, cell):
    slug, email, _ = door.ask()
    door.link(email)
    cell.execute("select s::text from sign_up s")
    text = " ".join(row for row, in cell.fetchall())
    for word in (email, email.lower(), slug, "Kwun Tong"):
        assert word not in text and word.encode().hex() not in text
    confirm(door, email)
    door.made(door.link(email))
    cell.execute("select sealed, password_hash from sign_up where slug = %s", (slug,))
    assert cell.fetchall() == [(None, None)]


def test_what_is_abandoned_vanishes(stack, door, cell):
    """By itself, after a day; the link is dead before."""
    slug, email, _ = door.ask()
    path = door.link(email)
    cell.execute("update sign_up set expires_at = now() where state = 'mailed'")
    assert door.get(path).status_code == 410
    cell.execute("notify praya_wakeup")

    def gone():
        cell.execute("select count(*) from sign_up where state = 'mailed'")
        return cell.fetchone() == (0,)

    assert wait_until(gone, PATIENCE)
    assert not exists(stack, slug)


def test_too_many(stack):
    door = Door(stack)
    states = [door.api("/sign-up", name="x", slug=new_slug(), region="hk", email=new_email()).status_code for _ in range(22)]
    assert states[:20] == [202] * 20 and states[-1] == 429
    box = new_email()
    assert [Door(stack).api("/workspaces", email=box).status_code for _ in range(8)] == [202] * 8
    mail_to(stack, box, 4)
    stack.praya("worker", "--once")
    assert len(mails_to(stack, box)) <= 5


def test_find_my_workspaces(stack, workspace):
    """By mail only, and the same answer for everybody."""
    stranger, door = new_email(), Door(stack)
    answers = [door.submit(door.form("/workspaces", "/workspaces"), email=e) for e in (workspace.admin.email, stranger)]
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(303, "/workspaces?sent=1")}
    assert stack.origin(workspace.slug) in text_of(mail_to(stack, workspace.admin.email))
    nothing = text_of(mail_to(stack, stranger))
    assert "Nobody signs in" in nothing and workspace.slug not in nothing
    assert door.api("/workspaces", email="no address").status_code == 422


def test_the_hosts_know_nothing_of_each_other(stack, door, workspace):
    admin = workspace.admin.browser()
    for path in ("/contacts", "/login", f"{API}/me", f"{API}/contacts", f"{API}/session"):
        assert door.get(path).status_code == 404, path
    for path in ("/sign-up", f"{API}/sign-up", f"{API}/slug", "/workspaces"):
        assert admin.get(path).status_code == 404, path
    for taken in DOORS.values():
        assert stack.praya("tenant", "create", taken, "--name", "x", "--region", "hk", "--admin-email", "a@b.example", check=False).returncode == 1


def waiting(cell, slug):
    cell.execute("select sealed, password_hash from sign_up where slug = %s", (slug,))
    return cell.fetchone()


@pytest.mark.parametrize("state", ["active", "creating"])
def test_cut_off_at_its_end(stack, door, cell, state):
    """A worker that dies before the workspace is open, or before it says so: the next one goes on, and
    there is one workspace with one administrator."""
    slug, email, _ = door.ask()
    postgres = stack.database()
    with postgres.cursor() as lock:
        lock.execute("select pg_advisory_lock(482955327842)")
        path = confirm(door, email)
        sealed, password = waiting(cell, slug)
        lock.execute("select pg_advisory_unlock_all()")
    postgres.close()
    ticket = door.made(path).headers["Location"]
    directory = stack.database_named("praya_directory")
    directory.cursor().execute("update tenant set state = %s where slug = %s", (state, slug))
    cell.execute("update sign_up set state = 'confirmed', sealed = %s, password_hash = %s, attempts = 1, run_at = now() "
                 "where slug = %s", (sealed, password, slug))
    cell.execute("notify praya_wakeup")
    assert door.made(path).headers["Location"] == ticket
    assert [(u["email"], u["profile"]) for u in stack.praya_json("user", "list", slug)] == [(email, "administrator")]
    assert stack.praya_json("tenant", "show", slug)["state"] == "active"
    directory.close()


LONG = "x" * 300


@pytest.mark.parametrize("field,value", [
    ("name", LONG), ("slug", LONG), ("email", LONG + "@traders.example"),
    ("name", "Traders\r\nBcc: x@y.example"), ("slug", "a\nb"), ("email", "a@b.example\r\nBcc: x@y.example"), ("region", LONG),
])
def test_what_no_handler_sees_comes_back_at_its_field(door, cell, field, value):
    cell.execute("select count(*) from sign_up")
    before = cell.fetchone()
    typed = {"name": "Kwun Tong & Co", "slug": "kwun-tong-1", "email": "owner@traders.example", field: value}
    answer = door.submit(door.form("/", "/sign-up"), **typed)
    assert answer.status_code == 422 and 'action="/sign-up"' in answer.text and "trouble-status" not in answer.text
    for name in {"name", "slug", "email"} - {field}:
        assert f'value="{html.escape(typed[name])}"' in answer.text, name
    wrong = re.findall(r'<input[^>]*name="(\w+)"[^>]*aria-invalid="true"', answer.text)
    assert wrong == [field] if field != "region" else "wrong" in answer.text
    cell.execute("select count(*) from sign_up")
    assert cell.fetchone() == before
    find = door.submit(door.form("/workspaces", "/workspaces"), email=LONG + "@traders.example")
    assert find.status_code == 422 and 'aria-invalid="true"' in find.text and LONG in find.text


def test_too_long_a_password_is_told_and_not_shown(door):
    _, email, _ = door.ask()
    path = door.link(email)
    answer = door.submit(door.form(path, path), password=LONG, again=LONG)
    assert answer.status_code == 422 and f'action="{path}"' in answer.text and 'aria-invalid="true"' in answer.text
    assert LONG not in answer.text
    confirm(door, email)


@pytest.mark.parametrize("lang,start,sentence", [
    ("en", "Open a workspace", "20 requests have come from your network within an hour"),
    ("zh-Hant", "開設工作區", "一小時內已提出 20 次要求"),
])
def test_too_many_keeps_what_was_typed_and_says_when(stack, door, lang, start, sentence):
    door.submit(door.form("/", "/language"), lang=lang)
    form = door.form("/", "/sign-up")
    for _ in range(20):
        assert door.api("/workspaces", email=new_email()).status_code == 202
    answer = door.submit(form, name="Kwun Tong & Co", slug="kwun-tong-1", email="owner@traders.example")
    assert answer.status_code == 429 and sentence in answer.text
    for typed in ("Kwun Tong &amp; Co", "kwun-tong-1", "owner@traders.example"):
        assert f'value="{typed}"' in answer.text
    assert sentence in door.submit(door.form("/workspaces", "/workspaces"), email="owner@traders.example").text
    assert "20" in door.api("/workspaces", email=new_email()).json()["detail"]


@pytest.mark.parametrize("path,status", [("/nowhere", 404), ("/sign-up/forged", 410), ("/?no=1", 400)])
def test_an_error_page_knows_nobody_has_a_workspace_here(door, path, status):
    answer = door.get(path)
    assert answer.status_code == status
    assert ">Open a workspace</a>" in answer.text
    for word in ("dashboard", "record", "administrator"):
        assert word not in answer.text.split("<main")[1].split("</main")[0], word


def test_asking_at_once_is_no_more(stack):
    """From one address, and for one letter-box from many."""
    here, to = some_address(), new_email()

    def ask(address, email):
        wanted = {"name": "x", "slug": new_slug(), "region": "hk", "email": email}
        return Client(stack, DOOR, address).post(f"{API}/sign-up", json=wanted).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(lambda _: ask(here, new_email()), range(30))) == [202] * 20 + [429] * 10
        assert set(pool.map(lambda _: ask(some_address(), to), range(12))) == {202}
    mail_to(stack, to, 4)
    with stack.database_named("praya_cell") as connection, connection.cursor() as cursor:
        assert wait_until(lambda: nothing_waits(cursor), PATIENCE)
    assert len(mails_to(stack, to)) == 4


def nothing_waits(cursor):
    cursor.execute("select count(*) from sign_up where state = 'asked'")
    return cursor.fetchone() == (0,)
