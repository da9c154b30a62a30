# SPDX-License-Identifier: ISC
"""Signing in and out: what it gives, what it tells, how guessing is slowed down, and
when a session ends. Clocks are those of an instance of its own."""
import concurrent.futures
import hashlib
import re
import secrets
import time

import pytest

from harness import Api, some_address

COOKIE = "__Host-praya"
ATTRIBUTES = {"Path=/", "Max-Age=43200", "Secure", "HttpOnly", "SameSite=Lax"}
WRONG = "not-the-password"


@pytest.fixture(scope="module")
def place(movable):
    """A workspace of the instance whose clock moves."""
    return movable.new_workspace()


@pytest.fixture
def person(workspace):
    return workspace.add_user("staff")


@pytest.fixture
def database(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def visitor(workspace, address=None):
    """With an address nobody else has: guesses of one test do not count for another."""
    return workspace.stack.visitor(workspace.slug, address or some_address())


def attempt(workspace, email, password, address=None):
    return visitor(workspace, address).sign_in(email, password)


def ask(workspace, email, password, address=None):
    """The same of a program."""
    body = {"email": email, "password": password}
    return visitor(workspace, address).post("/api/v1/session", json=body)


def with_cookie(workspace, secret):
    browser = visitor(workspace)
    browser.headers["Cookie"] = f"{COOKIE}={secret}"
    return browser


def is_out(client):
    """Nobody is signed in there, by page or by program."""
    page, program = client.get("/contacts"), client.get("/api/v1/me")
    went = page.status_code, page.headers.get("Location"), program.status_code
    assert went in ((303, "/login", 401), (200, None, 200)), went
    return went[0] == 303


def set_cookies(answer):
    """Name -> (value, attributes) of what the answer sets."""
    lines = answer.raw.headers.get_all("Set-Cookie", [])
    found = {}
    for line in lines:
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        found[name] = value, set(attributes)
    return found


def test_a_good_sign_in(workspace, person, database):
    answer = attempt(workspace, person.email, person.password)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    secret, attributes = set_cookies(answer)[COOKIE]
    assert attributes == ATTRIBUTES
    assert re.fullmatch("[A-Za-z0-9_-]{43}", secret), "32 bytes"
    # Only its digest is kept.
    database.execute("select count(*) from session where hash = %s", (hashlib.sha256(secret.encode()).digest(),))
    assert database.fetchone() == (1,)
    database.execute("select action, outcome, host(ip) is not null from audit_event where action like 'sign_in%' order by event_id desc limit 1")
    assert database.fetchone() == ("sign_in", "ok", True)
    browser = with_cookie(workspace, secret)
    assert "/contacts" in browser.page("/")
    assert browser.get("/login").headers["Location"] == "/", "who is in needs no form"


def test_every_cookie_is_the_hosts_own(workspace, person):
    browser = visitor(workspace)
    answers = [browser.get("/login"), browser.sign_in(person.email, person.password), browser.get("/contacts/new")]
    form = browser.form("/contacts/new", "/contacts")
    answers.append(browser.submit(form, name_en="LAM On"))
    chinese = visitor(workspace)
    answers.append(chinese.submit(chinese.form("/login", "/language")) if 'action="/language"' in chinese.page("/login") else answers[0])
    found = {name: attributes for answer in answers for name, (_, attributes) in set_cookies(answer).items()}
    assert len(found) >= 3 and COOKIE in found
    for name, attributes in found.items():
        assert name.startswith("__Host-"), name
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= attributes, name
        assert not [a for a in attributes if a.startswith("Domain")], name


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "\t//evil.example",
                                  "/\n/evil.example", "evil"])
def test_another_language_leads_nowhere_else(person, back):
    """As browsers read an address: blanks in it are no part of it."""
    answer = person.browser().write("/language", lang="en", back=back)
    assert answer.status_code == 422 or (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_the_address_of_an_account_has_no_case_and_the_password_no_trimming(workspace):
    person = workspace.add_user("staff", password="  two words and 陳 ")
    assert attempt(workspace, person.email.upper(), person.password).status_code == 303
    assert attempt(workspace, f" {person.email} ", person.password).status_code in (303, 401)
    for password in (person.password.strip(), person.password.upper(), person.password + " ", person.password[:-1]):
        assert attempt(workspace, person.email, password).status_code == 401, password


def told(answer, email):
    """What an answer tells, without what differs each time."""
    text = re.sub(r'value="[A-Za-z0-9_-]{20,}"', "", answer.text).replace(email, "EMAIL")
    text = re.sub("[0-9a-f]{16}", "", text)
    headers = {name for name in answer.headers if name not in ("Date", "X-Request-Id")}
    return answer.status_code, text, headers


def test_nobody_learns_who_has_an_account(workspace, database):
    """Unknown, known, without a password, deactivated, locked: one answer."""
    people = {what: workspace.add_user("staff") for what in ("known", "none", "off", "locked")}
    database.execute("update app_user set password_hash = null where email = %s", (people["none"].email,))
    database.execute("update app_user set active = false where email = %s", (people["off"].email,))
    for _ in range(6):
        attempt(workspace, people["locked"].email, WRONG)
    tries = [("nobody@example.com", WRONG), (people["known"].email, WRONG)]
    tries += [(people[what].email, people[what].password) for what in ("none", "off", "locked")]
    for way in (attempt, ask):
        answers = [told(way(workspace, email, password), email) for email, password in tries]
        assert answers[0][0] == 401
        assert all(answer == answers[0] for answer in answers)


def test_a_refusal_takes_the_same_work_for_all(workspace, person):
    """The least of several, so that a busy machine does not decide."""
    least = {}
    for _ in range(8):
        for email in ("nobody@example.com", person.email):
            client = visitor(workspace)
            client.get("/api/v1/openapi.json")
            start = time.perf_counter()
            answer = client.post("/api/v1/session", json={"email": email, "password": WRONG})
            took = time.perf_counter() - start
            assert answer.status_code == 401
            least[email] = min(took, least.get(email, took))
    unknown, known = least["nobody@example.com"], least[person.email]
    assert 0.5 < unknown / known < 2, least


def test_a_refused_form_keeps_the_address_and_not_the_password(workspace, person):
    answer = attempt(workspace, person.email, WRONG)
    assert answer.status_code == 401
    assert f'value="{person.email}"' in answer.text and WRONG not in answer.text
    assert COOKIE not in set_cookies(answer)
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("body, field", [
    ({"password": "x"}, "email"),
    ({"email": "a@b.example"}, "password"),
    ({"email": "x" * 255, "password": "x"}, "email"),
    ({"email": "a@b.example", "password": "x" * 201}, "password"),
    ({"email": 1, "password": "x"}, "email"),
    ({"email": "a@b.example", "password": ["x"]}, "password"),
    ({"email": "a@b.example", "password": "x", "admin": True}, "admin"),
])
def test_what_is_no_sign_in(workspace, body, field):
    answer = visitor(workspace).post("/api/v1/session", json=body)
    assert answer.status_code == 422 and field in answer.json()["errors"]


def test_five_failures_lock_an_account(workspace, person, database):
    for _ in range(5):
        assert attempt(workspace, person.email, WRONG).status_code == 401
    # From wherever, by page or program, and with the right password.
    assert attempt(workspace, person.email, person.password).status_code == 401
    assert ask(workspace, person.email.upper(), person.password).status_code == 401
    colleague = workspace.add_user("staff")
    assert attempt(workspace, colleague.email, colleague.password).status_code == 303
    database.execute("select count(*) from audit_event where action = 'sign_in_failed' and record_ids = array(select user_id from app_user where email = %s)", (person.email,))
    assert database.fetchone() == (7,)


def test_who_is_in_stays_in_while_others_guess(workspace, person):
    browser = person.browser()
    for _ in range(6):
        attempt(workspace, person.email, WRONG)
    assert not is_out(browser)


def test_a_success_forgets_the_failures_of_the_account(workspace, person):
    for _ in range(3):
        for _ in range(4):
            attempt(workspace, person.email, WRONG)
        assert attempt(workspace, person.email, person.password).status_code == 303


def test_failures_at_once_are_all_counted(workspace, person, database):
    def guess(n):
        return attempt(workspace, person.email, f"{WRONG}{n}").status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(guess, range(24))) == {401}
    database.execute("select count(*) from sign_in_guard where failures = 24")
    assert database.fetchone() == (1,)
    assert attempt(workspace, person.email, person.password).status_code == 401


def test_fifty_failures_lock_an_address(workspace, person):
    """Spread over so many accounts that none of them is locked."""
    address = some_address()
    for n in range(50):
        assert ask(workspace, f"nobody{n}@example.com", WRONG, address).status_code == 401
    assert attempt(workspace, person.email, person.password, address).status_code == 401
    assert attempt(workspace, person.email, person.password).status_code == 303, "from elsewhere"


def test_the_front_slows_down_who_asks_too_often(workspace):
    """A browser gets a page, a program a problem; others are not slowed."""
    client = visitor(workspace)
    # Refused for their form, so that a slow machine is quick enough.
    answers = [client.post(path, data={}) for _ in range(150) for path in ("/login", "/api/v1/session")]
    page = next(a for a in answers if a.status_code == 429 and a.url.endswith("/login"))
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Too many attempts" in page.text and "嘗試次數過多" in page.text
    problem = next(a for a in answers if a.status_code == 429 and a.url.endswith("/session"))
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["type"] == "urn:praya:problem:too_many" and problem.json()["status"] == 429
    for answer in (page, problem):
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert ask(workspace, "nobody@example.com", WRONG).status_code == 401


def test_a_lock_ends_by_itself(place, clock):
    person = place.add_user("staff")
    for _ in range(8):
        attempt(place, person.email, WRONG)
    # The fifth is 30 s, each one after it twice as long: four minutes, eight with the next.
    clock("+2m")
    assert attempt(place, person.email, person.password).status_code == 401
    clock("+20m")
    assert attempt(place, person.email, person.password).status_code == 303
    assert attempt(place, person.email, person.password).status_code == 303


def test_a_lock_is_never_longer_than_a_quarter_of_an_hour(place, clock):
    person = place.add_user("staff")
    for _ in range(25):
        ask(place, person.email, WRONG)
    clock("+10m")
    assert ask(place, person.email, person.password).status_code == 401
    clock("+27m")
    assert ask(place, person.email, person.password).status_code == 201


def test_a_quiet_hour_forgets_failures(place, clock):
    person = place.add_user("staff")
    for _ in range(4):
        ask(place, person.email, WRONG)
    clock("+61m")
    for _ in range(4):
        ask(place, person.email, WRONG)
    assert ask(place, person.email, person.password).status_code == 201


def test_failures_of_an_address_count_for_an_hour_each(place, clock):
    """However busy the address is: no quiet hour is needed, and no more than the last one counts."""
    person, address = place.add_user("staff"), some_address()

    def fail(times):
        for n in range(times):
            assert ask(place, f"nobody{n}@example.com", WRONG, address).status_code == 401

    fail(30)
    clock("+40m")
    fail(19)
    assert ask(place, person.email, person.password, address).status_code == 201
    clock("+61m")
    fail(30)
    assert ask(place, person.email, person.password, address).status_code == 201, "the first thirty are over"
    fail(1)
    assert ask(place, person.email, person.password, address).status_code == 401, "the fiftieth within an hour"
    clock("+62m")
    assert ask(place, person.email, person.password, address).status_code == 201, "that lock is half a minute"


def test_fewer_failures_do_not_shorten_a_lock(place, clock):
    """What left the window meanwhile opens nothing that is locked."""
    person = place.add_user("staff")
    for _ in range(4):
        ask(place, person.email, WRONG)
    clock("+50m")
    for _ in range(6):
        ask(place, person.email, WRONG)
    # Ten within the hour: the last lock is the longest, a quarter of an hour.
    clock("+61m")
    ask(place, person.email, WRONG)
    clock("+64m")
    assert ask(place, person.email, person.password).status_code == 401, "seven alone would lock two minutes"
    clock("+69m")
    assert ask(place, person.email, person.password).status_code == 201


def test_without_use_a_session_ends_after_an_hour(place, clock):
    browser = place.add_user("staff").browser()
    clock("+59m")
    assert not is_out(browser)
    clock("+118m")
    assert not is_out(browser), "it was used an hour ago"
    clock("+179m")
    assert is_out(browser)
    clock("+160m")
    assert not is_out(browser), "the clock decides, nothing else"


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(place, clock):
    browser = place.add_user("staff").browser()
    for minutes, out in ((715, False), (721, True)):
        clock(f"+{minutes}m")
        with place.database() as connection, connection.cursor() as cursor:
            cursor.execute("update session set seen_at = now()")
        assert is_out(browser) is out


def test_a_token_ends_on_its_day(place, clock):
    person = place.add_user("staff")
    browser = person.browser()
    headers = {"X-CSRF-Token": browser.csrf()}
    made = browser.post("/api/v1/tokens", json={"name": "robot", "days": 7}, headers=headers).json()
    api = Api(place.stack, place.slug, made["token"])
    clock("+6d")
    assert api.get("/me").status_code == 200
    clock("+8d")
    assert api.get("/me").status_code == 401


def test_signing_out_ends_the_session_for_whoever_holds_it(workspace, person, database):
    browser, elsewhere = person.browser(), person.browser()
    secret = browser.cookies[COOKIE]
    answer = browser.sign_out()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    value, attributes = set_cookies(answer)[COOKIE]
    assert value == "" and "Max-Age=0" in attributes
    assert is_out(with_cookie(workspace, secret)) and not is_out(elsewhere)
    database.execute("select count(*) from audit_event where action = 'sign_out'")
    assert database.fetchone()[0] > 0


def logged(database, number):
    """Actor, action, its record and reason of what a person's sessions did, in order."""
    database.execute("select actor_id, via, session_id is not null, action, record_ids[1], reason from audit_event "
                     "where actor_id = %s and action like 'sign%%' order by event_id", [number])
    return database.fetchall()


def test_a_sign_in_is_logged_as_whoever_signed_in(person, database):
    number = person.api().ok("GET", "/me")["id"]
    browser = person.browser()
    browser.sign_out()
    assert logged(database, number) == [(number, "cookie", True, "sign_in", number, None),
                                        (number, "cookie", True, "sign_out", number, None)]


def test_signing_in_again_ends_the_session_before(workspace, person, database):
    colleague = workspace.add_user("staff")
    browser, elsewhere = person.browser(), person.browser()
    first = browser.cookies[COOKIE]
    for who in (person, colleague):
        before = browser.cookies[COOKIE]
        headers = {"X-CSRF-Token": browser.csrf()}
        body = {"email": who.email, "password": WRONG}
        assert browser.post("/api/v1/session", json=body, headers=headers).status_code == 401
        assert not is_out(with_cookie(workspace, before)), "a refusal ends nothing"
        body["password"] = who.password
        assert browser.post("/api/v1/session", json=body, headers=headers).status_code == 201
        assert browser.cookies[COOKIE] != before
        assert is_out(with_cookie(workspace, before)) and not is_out(browser)
    assert browser.get("/api/v1/me").json()["email"] == colleague.email
    assert is_out(with_cookie(workspace, first)) and not is_out(elsewhere)
    numbers = [who.api().ok("GET", "/me")["id"] for who in (person, colleague)]
    ended = [line[3:] for line in logged(database, numbers[0]) if line[3] == "sign_out"]
    assert ended == [("sign_out", numbers[0], "signed_in_again")] * 2, "by whoever had it"
    assert [line[3] for line in logged(database, numbers[1])] == ["sign_in"]


def test_a_sign_in_with_a_token_at_hand_leaves_the_token(workspace, person):
    api = person.api()
    body = {"email": person.email, "password": person.password}
    assert api.post("/session", json=body).status_code == 201
    assert api.get("/me").json()["email"] == person.email
    api.cookies.clear()
    assert api.get("/me").status_code == 200


def test_a_program_signs_in_and_out(workspace, person):
    client = visitor(workspace)
    answer = client.post("/api/v1/session", json={"email": person.email, "password": person.password})
    assert answer.status_code == 201 and set(answer.json()) == {"csrf_token"}
    secret, attributes = set_cookies(answer)[COOKIE]
    assert attributes == ATTRIBUTES and secret not in answer.text
    headers = {"X-CSRF-Token": answer.json()["csrf_token"]}
    me = client.get("/api/v1/me").json()
    assert (me["email"], me["profile"], me["csrf_token"]) == (person.email, "staff", headers["X-CSRF-Token"])
    assert client.post("/api/v1/contacts", json={"name_en": "LAM On"}).status_code == 403
    assert client.post("/api/v1/contacts", json={"name_en": "LAM On"}, headers=headers).status_code == 201
    assert client.delete("/api/v1/session").status_code == 403
    answer = client.delete("/api/v1/session", headers=headers)
    assert answer.status_code == 204 and answer.content == b""
    assert is_out(with_cookie(workspace, secret))
    assert client.delete("/api/v1/session", headers=headers).status_code == 401


def test_who_am_i(workspace, person):
    me = person.api().ok("GET", "/me")
    assert (me["email"], me["profile"], me["language"]) == (person.email, "staff", "en")
    assert isinstance(me["id"], int) and "csrf_token" not in me


def test_a_secret_from_elsewhere_is_never_taken_over(workspace, person):
    """Whoever plants a cookie before the sign-in does not have the session afterwards."""
    planted = secrets.token_urlsafe(32)
    browser = visitor(workspace)
    browser.cookies.set(COOKIE, planted, domain=workspace.slug + ".praya.localhost", secure=True)
    answer = browser.sign_in(person.email, person.password)
    assert answer.status_code == 303
    secret, _ = set_cookies(answer)[COOKIE]
    assert secret != planted
    assert is_out(with_cookie(workspace, planted)) and not is_out(with_cookie(workspace, secret))


def test_every_sign_in_is_a_session_of_its_own(workspace, person):
    one, two = (attempt(workspace, person.email, person.password) for _ in range(2))
    assert set_cookies(one)[COOKIE][0] != set_cookies(two)[COOKIE][0]


def test_the_visitors_token_is_worth_nothing_once_signed_in(workspace, person):
    browser = visitor(workspace)
    before = browser.form("/login", "/login")
    token = dict(before.fields)["_csrf"]
    assert browser.submit(before, email=person.email, password=person.password).status_code == 303
    assert browser.post("/logout", data={"_csrf": token}).status_code == 403
    assert not is_out(browser)


def test_nobody_is_signed_in_by_a_form_of_another_site(workspace, person):
    """Sign-in is a write like any other: to be signed in as somebody else is a trap."""
    body = {"email": person.email, "password": person.password}
    mine, other = visitor(workspace), visitor(workspace)
    token = dict(mine.form("/login", "/login").fields)["_csrf"]
    other.get("/login")
    foreign = {"Origin": "https://elsewhere.example"}
    answers = [
        visitor(workspace).post("/login", data=body),
        visitor(workspace).post("/login", data={**body, "_csrf": token}),
        other.post("/login", data={**body, "_csrf": token}),
        mine.post("/login", data={**body, "_csrf": token}, headers=foreign),
        mine.post("/api/v1/session", json=body, headers=foreign),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert not any(COOKIE in set_cookies(answer) for answer in answers)
    plain = visitor(workspace).post("/api/v1/session", data='{"email": "a", "password": "b"}', headers={"Content-Type": "text/plain"})
    assert plain.status_code == 415
    assert mine.post("/login", data={**body, "_csrf": token}).status_code == 303


def test_who_is_deactivated_is_out_at_the_next_request(workspace, person):
    browser, api, admin = person.browser(), person.api(), workspace.admin.api()
    assert not is_out(browser) and api.get("/me").status_code == 200
    user = next(u for u in admin.ok("GET", "/users")["items"] if u["email"] == person.email)
    headers = {"If-Match": str(user["version"])}
    admin.ok("PATCH", f"/users/{user['id']}", json={"active": False}, headers=headers)
    for _ in range(8):
        assert is_out(browser), "whichever process answers"
        assert api.get("/me").status_code == 401
    assert attempt(workspace, person.email, person.password).status_code == 401
    headers = {"If-Match": str(user["version"] + 1)}
    admin.ok("PATCH", f"/users/{user['id']}", json={"active": True}, headers=headers)
    assert is_out(browser) and api.get("/me").status_code == 401, "sessions do not come back"
    assert attempt(workspace, person.email, person.password).status_code == 303


def test_a_new_password_ends_every_other_session(workspace, person):
    mine, other, api = person.browser(), person.browser(), person.api()
    new = secrets.token_urlsafe(15)

    def change(current, password, again):
        form = mine.form("/settings/account", "/settings/account/password")
        return mine.submit(form, current=current, password=password, again=again)

    wrong = change(WRONG, new, new)
    assert wrong.status_code == 422 and new not in wrong.text and not is_out(other)
    assert change(person.password, new, "another").status_code == 422
    assert change(person.password, new, new).status_code == 303
    assert not is_out(mine) and is_out(other)
    assert api.get("/me").status_code == 200, "a program's token is revoked, not signed out"
    assert attempt(workspace, person.email, person.password).status_code == 401
    assert attempt(workspace, person.email, new).status_code == 303


def test_a_session_that_was_left_open_does_not_help_to_guess(workspace, person):
    browser = person.browser()
    headers = {"X-CSRF-Token": browser.csrf()}
    for _ in range(5):
        body = {"current": WRONG, "password": secrets.token_urlsafe(15)}
        assert browser.post("/api/v1/me/password", json=body, headers=headers).status_code == 422
    body["current"] = person.password
    assert browser.post("/api/v1/me/password", json=body, headers=headers).status_code == 422


def test_sessions_are_listed_and_ended_one_by_one(workspace, person):
    mine, other = person.browser(), person.browser()
    headers = {"X-CSRF-Token": mine.csrf()}
    listed = mine.get("/api/v1/me/sessions").json()["items"]
    assert [item["current"] for item in sorted(listed, key=lambda item: item["id"])] == [True, False]
    theirs = workspace.admin.browser().get("/api/v1/me/sessions").json()["items"][0]["id"]
    assert mine.delete(f"/api/v1/me/sessions/{theirs}", headers=headers).status_code == 404
    number = next(item["id"] for item in listed if not item["current"])
    assert mine.delete(f"/api/v1/me/sessions/{number}", headers=headers).status_code == 204
    assert is_out(other) and not is_out(mine)
    assert mine.delete(f"/api/v1/me/sessions/{number}", headers=headers).status_code == 404


# ---- many guesses at once


@pytest.mark.parametrize("right_one_last", [True, False])
def test_twenty_guesses_at_once_are_no_more_than_one_after_another(workspace, person, database, right_one_last):
    """Five are looked at, whatever comes at the same time; then the right one is refused as well."""
    guesses = [f"{WRONG}-{n}" for n in range(20)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda guess: ask(workspace, person.email, guess).status_code, guesses))
    assert set(answers) <= {401, 429}
    if right_one_last:
        assert ask(workspace, person.email, person.password).status_code in (401, 429)
    database.execute("select failures from sign_in_guard where locked_until > now() order by last_at desc limit 1")
    assert database.fetchone()[0] >= 5


def test_of_guesses_at_once_no_right_one_comes_after_the_fifth_wrong(workspace, person):
    """The right password among forty: once five were wrong nobody gets in."""
    guesses = [WRONG] * 39 + [person.password]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda guess: ask(workspace, person.email, guess).status_code, guesses))
    assert answers[-1] in (401, 429), "thirty-nine wrong ones came before it"
