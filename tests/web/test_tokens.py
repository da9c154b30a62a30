# SPDX-License-Identifier: ISC
"""Bearer tokens of programs: shown once, of use at once, gone at once, and never more
than their user."""
import hashlib
import re

import pytest

import routes
from harness import Api

COOKIE = "__Host-praya"


@pytest.fixture
def person(workspace):
    return workspace.add_user("staff")


@pytest.fixture
def browser(person):
    return person.browser()


@pytest.fixture
def database(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def make(browser, name="robot", scope=("write",), **values):
    headers = {"X-CSRF-Token": browser.csrf()}
    body = {"name": name, "scope": list(scope), **values}
    return browser.post("/api/v1/tokens", json=body, headers=headers)


def program(workspace, token):
    return Api(workspace.stack, workspace.slug, token)


def revoke(browser, number):
    return browser.delete(f"/api/v1/tokens/{number}", headers={"X-CSRF-Token": browser.csrf()})


def test_shown_once_and_kept_as_a_digest(workspace, person, browser, database):
    answer = make(browser)
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"id", "name", "token", "expires_at", "scope"} and re.fullmatch("[A-Za-z0-9_-]{43,}", made["token"])
    listed = browser.get("/api/v1/tokens")
    assert made["token"] not in listed.text and made["token"] not in browser.page("/settings/tokens")
    assert [item["name"] for item in listed.json()["items"]] == ["robot"]
    database.execute("select kind, encode(hash, 'hex') from session where session_id = %s", (made["id"],))
    assert database.fetchone() == ("token", hashlib.sha256(made["token"].encode()).hexdigest())


def test_it_works_at_once_with_its_users_rights(workspace, person, browser):
    api = program(workspace, make(browser).json()["token"])
    me = api.ok("GET", "/me")
    assert me["email"] == person.email and "csrf_token" not in me
    assert api.post("/contacts", json={"name_en": "LAM On"}).status_code == 201
    assert api.get("/audit/months").status_code == 403
    assert api.get(f"{api.origin}/contacts").status_code == 200, "pages too"
    # What a browser sends along by itself is nothing to it.
    answer = api.post("/contacts", json={"name_en": "LAM On"}, headers={"Cookie": f"{COOKIE}=x"})
    assert answer.status_code == 201


@pytest.mark.parametrize("header", ["{}", "Basic {}", "bearer  {}", "Bearer {} x", "Bearer\t{}", "Token {}", "Bearer {}x", "Bearer"])
def test_no_other_way_to_send_it(workspace, browser, header):
    token = make(browser).json()["token"]
    client = workspace.stack.visitor(workspace.slug)
    assert client.get("/api/v1/me", headers={"Authorization": header.format(token)}).status_code == 401
    assert client.get("/api/v1/me", headers={"Authorization": f"BEARER {token}"}).status_code == 200


def test_a_cookies_secret_is_no_token_nor_the_other_way_round(workspace, browser):
    token = make(browser).json()["token"]
    assert program(workspace, browser.cookies[COOKIE]).get("/me").status_code == 401
    client = workspace.stack.visitor(workspace.slug)
    assert client.get("/api/v1/me", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401
    assert client.get("/", headers={"Cookie": f"{COOKIE}={token}"}).headers["Location"] == "/login"
    assert client.get(f"/api/v1/me?token={token}").status_code == 401
    assert client.get(f"/api/v1/me?access_token={token}").status_code == 401


def test_revoked_it_ends_at_the_next_request(workspace, browser):
    made = make(browser).json()
    api = program(workspace, made["token"])
    for _ in range(8):
        assert api.get("/me").status_code == 200
    assert revoke(browser, made["id"]).status_code == 204
    for _ in range(8):
        assert api.get("/me").status_code == 401, "whichever process answers"
    assert browser.get("/api/v1/tokens").json()["items"] == []
    assert revoke(browser, made["id"]).status_code == 404


def test_signing_out_everywhere_and_deactivation_end_it(workspace, person, browser):
    admin = workspace.admin.api()
    user = next(u for u in admin.ok("GET", "/users")["items"] if u["email"] == person.email)
    api = program(workspace, make(browser).json()["token"])
    assert admin.delete(f"/users/{user['id']}/sessions").status_code == 204
    assert api.get("/me").status_code == 401


def test_a_token_makes_no_token(workspace, browser):
    """Whoever has got hold of one must not outlive it."""
    api = program(workspace, make(browser).json()["token"])
    assert routes.problem(api.post("/tokens", json={"name": "child"}), 403) is None
    assert [item["name"] for item in api.ok("GET", "/tokens")["items"]] == ["robot"]


def test_of_others_one_sees_and_ends_nothing(workspace, browser):
    made = make(browser).json()
    other = workspace.add_user("administrator")
    theirs, api = other.browser(), other.api()
    assert made["id"] not in [item["id"] for item in theirs.get("/api/v1/tokens").json()["items"]]
    assert revoke(theirs, made["id"]).status_code == 404
    assert api.delete(f"/tokens/{made['id']}").status_code == 404
    answer = theirs.write(f"/settings/tokens/{made['id']}/revoke")
    assert answer.status_code == 404
    assert program(workspace, made["token"]).get("/me").status_code == 200


def test_its_last_use_is_told(workspace, browser):
    made = make(browser).json()
    assert browser.get("/api/v1/tokens").json()["items"][0]["last_used_at"] is None
    program(workspace, made["token"]).ok("GET", "/me")
    assert browser.get("/api/v1/tokens").json()["items"][0]["last_used_at"] is not None


def test_from_the_page(workspace, browser):
    answer = browser.submit(browser.form("/settings/tokens", "/settings/tokens"), name="From the page", days="30")
    assert answer.status_code == 200
    token = re.search(r">([A-Za-z0-9_-]{43,})<", answer.text) or re.search(r'value="([A-Za-z0-9_-]{43,})"[^>]*readonly', answer.text)
    assert token, "the token is on the page"
    api = program(workspace, token[1])
    number = api.ok("GET", "/tokens")["items"][0]["id"]
    assert token[1] not in browser.page("/settings/tokens")
    path = f"/settings/tokens/{number}/revoke"
    gone = browser.submit(browser.form("/settings/tokens", path))
    assert (gone.status_code, gone.headers["Location"]) == (303, "/settings/tokens")
    assert api.get("/me").status_code == 401


def test_sent_twice_the_page_shows_no_second_one(workspace, browser):
    form = browser.form("/settings/tokens", "/settings/tokens")
    browser.submit(form, name="once", days="30")
    again = browser.submit(form, name="once", days="30")
    assert again.status_code < 400
    assert [item["name"] for item in browser.get("/api/v1/tokens").json()["items"]] == ["once"]


def test_repeated_by_a_program_it_is_not_told_again(browser):
    """The secret is kept nowhere, so a repeated write cannot show it."""
    headers = {"X-CSRF-Token": browser.csrf(), "Idempotency-Key": "one-token"}
    answers = [browser.post("/api/v1/tokens", json={"name": "robot"}, headers=headers) for _ in range(2)]
    assert answers[0].status_code == 201 and answers[0].json()["token"] not in answers[1].text
    assert len(browser.get("/api/v1/tokens").json()["items"]) == 1


@pytest.mark.parametrize("body, field", [
    ({}, "name"),
    ({"name": ""}, "name"),
    ({"name": "  "}, "name"),
    ({"name": "x" * 61}, "name"),
    ({"name": "x", "days": 0}, "days"),
    ({"name": "x", "days": 366}, "days"),
    ({"name": "x", "days": "30"}, "days"),
    ({"name": "x", "rights": "all"}, "rights"),
    ({"name": "x", "scope": "read"}, "scope"),
    ({"name": "x", "scope": ["all"]}, "scope"),
    ({"name": "x", "scope": ["contact"]}, "scope"),
    ({"name": "x", "scope": ["contact."]}, "scope"),
    ({"name": "x", "scope": [".view"]}, "scope"),
    ({"name": "x", "scope": ["view"]}, "scope"),
    ({"name": "x", "scope": ["contact.erase"]}, "scope"),
    ({"name": "x", "scope": ["public"]}, "scope"),
    ({"name": "x", "scope": [".self"]}, "scope"),
    ({"name": "x", "scope": ["read", "manage_users"]}, "scope"),
    ({"name": "x", "scope": ["erase"]}, "scope"),
    ({"name": "x", "scope": ["invoice.export"]}, "scope"),
])
def test_what_is_no_token(browser, body, field):
    answer = browser.post("/api/v1/tokens", json=body, headers={"X-CSRF-Token": browser.csrf()})
    assert routes.problem(answer, 422) is None and list(answer.json()["errors"]) == [field]


def test_fifty_are_enough(browser):
    headers = {"X-CSRF-Token": browser.csrf()}
    made = [browser.post("/api/v1/tokens", json={"name": f"t{n}"}, headers=headers).status_code for n in range(51)]
    assert made == [201] * 50 + [409]


def test_making_and_revoking_are_in_the_log(browser, database):
    made = make(browser, "logged").json()
    revoke(browser, made["id"])
    database.execute(
        "select reason from audit_event where action = 'permission' and entity = 'token' "
        "and record_ids = array[%s::bigint] order by event_id",
        (made["id"],),
    )
    assert database.fetchall() == [("token_created",), ("token_revoked",)]


def test_the_operators_command_makes_one_too(workspace, person):
    api = person.api("by-command")
    assert api.ok("GET", "/me")["email"] == person.email
    assert [item["name"] for item in api.ok("GET", "/tokens")["items"]] == ["by-command"]


def test_to_read_is_not_to_change(workspace, browser):
    """What is not said otherwise reads, and nothing of one's own is changed either."""
    plain = browser.post("/api/v1/tokens", json={"name": "plain"}, headers={"X-CSRF-Token": browser.csrf()}).json()
    for made in (plain, make(browser, scope=["read"]).json()):
        assert all(word.endswith(".view") for word in made["scope"]) and "contact.view" in made["scope"]
        api = program(workspace, made["token"])
        assert api.get("/contacts").status_code == 200 and api.get("/me").status_code == 200
        for method, path, body in (("POST", "/contacts", {"name_en": "LAM On"}), ("PATCH", "/me", {"name": "Else"}),
                                   ("POST", "/me/password", {"current": "x", "password": "y"})):
            assert routes.problem(api.request(method, path, json=body), 403) is None, path
        assert api.post("/contacts/search", json={"q": "nobody"}).status_code in (200, 201)


def test_one_right_alone(workspace, browser):
    api = program(workspace, make(browser, scope=["company.view"]).json()["token"])
    assert api.get("/companies").status_code == 200
    for path in ("/contacts", "/activities", "/messages", "/invoices"):
        assert api.get(path).status_code == 403, path
    assert api.post("/companies", json={"name_en": "X"}).status_code == 403


def test_special_rights_are_named_one_by_one(workspace):
    """Of an administrator, too: reading and changing is no erasing and no managing of users."""
    browser = workspace.admin.browser()
    person = workspace.admin.api().ok("POST", "/contacts", json={"name_en": "To Stay"})["id"]
    erase = {"reason": "subject_request", "confirm": str(person)}
    writes = program(workspace, make(browser, scope=["write"]).json()["token"])
    assert writes.post("/contacts", json={"name_en": "LAM On"}).status_code == 201
    for path in ("/users", "/audit/months", "/profiles"):
        assert writes.get(path).status_code == 403, path
    assert writes.post(f"/contacts/{person}/erase", json=erase).status_code == 403
    assert writes.post(f"/contacts/{person}/export", json={}).status_code == 403
    erases = program(workspace, make(browser, scope=["contact.view", "erase"]).json()["token"])
    assert erases.get("/users").status_code == 403
    assert erases.post(f"/contacts/{person}/erase", json=erase).status_code in (200, 201, 202)


def test_never_more_than_its_user_has_now(workspace, database):
    """What the user loses the token loses, at the next request; what comes it does not get."""
    person = workspace.add_user("administrator")
    made = make(person.browser(), scope=["read", "view_audit"]).json()
    api = program(workspace, made["token"])
    assert api.get("/audit/months").status_code == 200
    database.execute("update app_user set profile_id = (select profile_id from profile where name = 'staff') where email = %s",
                     (person.email,))
    assert api.get("/audit/months").status_code == 403 and api.get("/contacts").status_code == 200
    database.execute("update app_user set profile_id = (select profile_id from profile where name = 'administrator') where email = %s",
                     (person.email,))
    assert api.get("/audit/months").status_code == 200 and api.get("/users").status_code == 403


def test_what_is_out_of_its_scope_is_absent(workspace, browser, database):
    """Not only refused: records of other kinds are in no answer about those it may see."""
    api = program(workspace, make(browser).json()["token"])
    person = api.ok("POST", "/contacts", json={"name_en": "Has Notes"})["id"]
    api.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "nobody-should-read-this"})
    narrow = program(workspace, make(browser, scope=["contact.view"]).json()["token"])
    assert narrow.get(f"/contacts/{person}").status_code == 200
    assert narrow.get(f"/contacts/{person}/activities").status_code == 403
    page = narrow.get(f"{narrow.origin}/contacts/{person}")
    assert page.status_code == 200 and "nobody-should-read-this" not in page.text


def test_the_page_offers_what_one_has(workspace, browser):
    page = browser.page("/settings/tokens")
    assert 'value="write"' in page and 'value="erase"' not in page and 'value="manage_users"' not in page
    theirs = workspace.admin.browser()
    form = theirs.form("/settings/tokens", "/settings/tokens")
    answer = theirs.submit(form, name="From the page", days="7", access="read", more=["erase", "view_audit"])
    assert answer.status_code == 200 and "Erase people" in answer.text
    item = theirs.get("/api/v1/tokens").json()["items"][0]
    assert {"erase", "view_audit", "contact.view"} <= set(item["scope"]) and "contact.edit" not in item["scope"]
    forged = browser.submit(browser.form("/settings/tokens", "/settings/tokens"), name="More", days="7", access="read", more=["erase"])
    assert forged.status_code == 422 and "have not got yourself" in forged.text
    assert browser.get("/api/v1/tokens").json()["items"] == []


def test_by_command_with_a_scope(workspace, person):
    stack = workspace.stack
    words = ("token", "create", workspace.slug, person.email, "--name", "n", "--scope")
    api = program(workspace, stack.praya(*words, "read").stdout.strip())
    assert api.get("/contacts").status_code == 200
    assert api.post("/contacts", json={"name_en": "LAM On"}).status_code == 403
    for wrong in ("", "all", "read,nothing", "contact", "read,,write"):
        done = stack.praya(*words, wrong, check=False)
        assert done.returncode == 1 and "--scope" in done.stderr, wrong
    # The operator may name what the user has not got: it comes to nothing.
    api = program(workspace, stack.praya(*words, "read,erase").stdout.strip())
    assert api.get("/contacts").status_code == 200 and api.get("/users").status_code == 403
