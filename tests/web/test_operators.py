# SPDX-License-Identifier: ISC
"""The operators' own host: it knows no workspace, and no workspace knows it."""
import concurrent.futures
import secrets

import psycopg2
import pytest

from harness import API, Browser, some_address
from operators import NEVER, OPS, Desk, new_operator


@pytest.fixture(scope="module")
def operator(stack):
    return new_operator(stack)


@pytest.fixture
def cell(stack):
    connection = stack.database_named("praya_cell")
    yield connection.cursor()
    connection.close()


def test_sign_in_needs_all_three(operator, stack):
    operator.forget_code()
    desk = Desk(stack)
    assert desk.session(operator.email, operator.password, NEVER).status_code == 401
    assert desk.session(operator.email, "wrong", operator.code()).status_code == 401
    assert desk.session("nobody@operator.example", operator.password, operator.code()).status_code == 401
    assert desk.post(f"{API}/session", json={"email": operator.email, "password": operator.password}).status_code == 422
    assert desk.session(operator.email, operator.password, operator.code()).status_code == 201


def test_a_code_is_good_once(operator, stack):
    operator.forget_code()
    code = operator.code()
    assert Desk(stack).session(operator.email, operator.password, code).status_code == 201
    assert Desk(stack).session(operator.email, operator.password, code).status_code == 401


def test_pages(operator, stack):
    operator.forget_code()
    desk = Desk(stack)
    assert desk.get("/").headers["Location"] == "/login"
    form = desk.form("/login", "/login")
    refused = desk.submit(form, email=operator.email, password="wrong", totp=NEVER)
    assert refused.status_code == 401 and operator.email in refused.text
    came = desk.submit(desk.form("/login", "/login"), email=operator.email, password=operator.password, totp=operator.code())
    assert (came.status_code, came.headers["Location"]) == (303, "/")
    assert "Ask for access" in desk.page("/")
    desk.submit(desk.form("/", "/language"), lang="zh-Hant")
    assert "申請存取" in desk.page("/")
    assert desk.submit(desk.form("/", "/logout")).headers["Location"] == "/login"
    assert desk.get("/").headers["Location"] == "/login"


def test_guessing_locks(stack):
    """Also for whoever has the right password by then; an account nobody has looks the same."""
    victim = new_operator(stack)
    for email in (victim.email, "nobody@operator.example"):
        answers = [Desk(stack, None).moved().post(f"{API}/session", json={
            "email": email, "password": "wrong", "totp": NEVER}) for _ in range(6)]
        assert {(a.status_code, a.json()["detail"]) for a in answers} == {(401, answers[0].json()["detail"])}
    victim.forget_code()
    assert Desk(stack).moved().post(f"{API}/session", json={
        "email": victim.email, "password": victim.password, "totp": victim.code()}).status_code == 401


def test_forms_need_their_token(operator, stack):
    desk = operator.desk()
    body = {"workspace": "harbour", "reason": "x", "scope": "read", "hours": 1}
    for headers in ({}, {"X-CSRF-Token": "forged"}, {**desk.token, "Origin": "https://elsewhere.example"}):
        assert desk.post(f"{API}/cases", json=body, headers=headers).status_code == 403
        assert desk.post("/cases", data=body, headers=headers).status_code == 403
    other = new_operator(stack).desk()
    assert desk.post(f"{API}/cases", json=body, headers=other.token).status_code == 403


def test_the_hosts_know_nothing_of_each_other(operator, stack):
    """Neither host has a path of the other's; no cookie of one is good at the other."""
    desk, admin = operator.desk(), stack.person("harbour", "administrator").browser()
    for path in ("/contacts", "/settings/users", "/audit", f"{API}/contacts", f"{API}/me", f"{API}/openapi.json", "/password/forgot"):
        assert desk.get(path).status_code == 404, path
    for path in ("/cases", f"{API}/cases"):
        assert admin.get(path).status_code == 404, path
    swapped = Browser(stack, "harbour")
    swapped.cookies.set("__Host-praya", desk.cookies["__Host-praya"])
    assert swapped.get(f"{API}/me").status_code == 401 and swapped.get("/contacts").headers["Location"] == "/login"
    back = Desk(stack)
    back.cookies.set("__Host-praya", admin.cookies["__Host-praya"])
    assert back.get(f"{API}/cases").status_code == 401 and back.get("/").headers["Location"] == "/login"
    bearer = stack.person("harbour", "administrator").api().headers["Authorization"]
    assert Desk(stack).get(f"{API}/cases", headers={"Authorization": bearer}).status_code == 401


def test_nobody_has_that_name(stack):
    done = stack.praya("tenant", "create", OPS, "--name", "x", "--region", "hk", "--admin-email", "a@b.example", check=False)
    assert done.returncode == 1 and "kept for Praya" in done.stderr


def test_a_workspace_that_is_not_there_looks_like_one_that_does_not_answer(stack, operator, workspace):
    desk = operator.desk()
    there, missing = workspace.slug, "t" + secrets.token_hex(6)
    answers = {slug: desk.ask(slug) for slug in (there, missing, "x", "NOT A NAME", "ops")}
    assert {(a.status_code, a.text) for a in answers.values()} == {(202, answers[there].text)}
    cases = {case["workspace"]: {k: v for k, v in case.items() if k not in ("id", "workspace", "created_at")} for case in desk.cases()}
    assert cases[there] == cases[missing]
    again = {slug: desk.ask(slug) for slug in (there, missing)}
    assert [a.status_code for a in again.values()] == [409, 409] and again[there].json() == again[missing].json()
    enter = [desk.post(f"{API}/cases/{desk.case_of(slug)['id']}/enter", headers=desk.token) for slug in (there, missing)]
    assert [e.status_code for e in enter] == [409, 409] and enter[0].json() == enter[1].json()


def test_neither_when_it_lapses(stack, operator, workspace, cell):
    """After twelve hours, by the database's clock."""
    desk = operator.desk()
    missing = "t" + secrets.token_hex(6)
    desk.ask(missing)
    cell.execute("update operator_case set created_at = now() - interval '12 hours' where operator_id = "
                 "(select max(operator_id) from operator_case)")
    assert {case["state"] for case in desk.cases()} <= {"lapsed", "refused"} or desk.case_of(missing)["state"] == "lapsed"


def test_too_many_requests(stack):
    desk = new_operator(stack).desk()
    states = [desk.ask("t" + secrets.token_hex(6)).status_code for _ in range(21)]
    assert states == [202] * 20 + [429]


def test_somebody_elses_case(stack, operator, workspace):
    """Numbers of others', and made-up ones, are nothing."""
    mine, theirs = operator.desk(), new_operator(stack).desk()
    theirs.ask("t" + secrets.token_hex(6))
    for number in (theirs.cases()[0]["id"], 999999999, "0", "-1", "x"):
        assert mine.post(f"{API}/cases/{number}/enter", headers=mine.token).status_code == 404, number


def test_what_the_cell_keeps(cell, operator):
    """No address and no name of a workspace in clear."""
    operator.desk().ask("harbour-of-secrets")
    cell.execute("select o::text || c::text from operator o join operator_case c using (operator_id)")
    text = " ".join(row for row, in cell.fetchall())
    for word in (operator.email, operator.email.encode().hex(), "harbour-of-secrets", "harbour-of-secrets".encode().hex()):
        assert word not in text
    cell.execute("select password_hash from operator where removed_at is null limit 1")
    assert cell.fetchone()[0].startswith("$argon2id$")


def test_command_line(stack):
    email = f"op-{secrets.token_hex(4)}@operator.example"
    made = stack.praya("operator", "add", email, "--password-stdin", stdin="seven-lanterns-over-water\n").stdout
    assert "otpauth://totp/" in made and "password" not in made
    assert stack.praya("operator", "add", email.upper(), check=False).returncode == 1
    assert stack.praya("operator", "add", "no address", check=False).returncode == 1
    weak = stack.praya("operator", "add", f"x{email}", "--password-stdin", stdin="password1234\n", check=False)
    assert weak.returncode == 1
    assert any(o["email"] == email and o["active"] for o in stack.praya_json("operator", "list"))
    stack.praya("operator", "remove", email)
    assert stack.praya("operator", "remove", email, check=False).returncode == 1
    assert stack.praya("operator", "add", email).returncode == 0, "the address is free again"


def log_of(stack, email=None, ip=None):
    """What is on record of somebody, or from an address; oldest first."""
    events = reversed(stack.praya_json("operator", "log", "--last", "1000"))
    return [e for e in events if (email and e["operator"] == email) or (ip and e["ip"] == ip)]


def test_what_operators_do_is_on_record(stack, workspace):
    who, address = new_operator(stack), some_address()
    desk = Desk(stack, address)
    missing = "t" + secrets.token_hex(6)
    assert desk.session(who.email, "wrong", NEVER).status_code == 401
    assert desk.session("nobody@operator.example", who.password, NEVER).status_code == 401
    desk = who.desk(address)
    desk.ask(workspace.slug)
    desk.ask(missing)
    boss = workspace.admin.api()
    grant = boss.ok("GET", "/support-grants")["items"][0]
    boss.ok("POST", f"/support-grants/{grant['id']}/give")
    desk.enter(workspace.slug)
    assert desk.delete(f"{API}/session", headers=desk.token).status_code == 204
    body = {"operator": who.email, "reason": "Now", "scope": "read", "hours": 2}
    boss.ok("DELETE", f"/support-grants/{grant['id']}")
    boss.ok("POST", "/support-grants", json=body)
    stack.praya("operator", "remove", who.email)
    mine = [(e["kind"], e["ip"], e["workspace"]) for e in log_of(stack, who.email)]
    assert mine == [
        ("added", None, None), ("failed", address, None), ("sign_in", address, None),
        ("asked", address, workspace.slug), ("asked", address, missing), ("entered", address, workspace.slug),
        ("sign_out", address, None), ("offered", None, workspace.slug), ("removed", None, None)]
    strangers = [e for e in log_of(stack, ip=address) if e["operator"] is None]
    assert [(e["kind"], e["workspace"]) for e in strangers] == [("failed", None)]
    text = stack.praya("operator", "log").stdout
    assert who.email in text and "(nobody)" in text and workspace.slug in text
    assert "nobody@operator.example" not in text, "what was typed may be a password"


@pytest.mark.parametrize("last", ["0", "-1", "x", "100001", ""])
def test_a_log_of_no_number(stack, last):
    assert stack.praya("operator", "log", "--last", last, check=False).returncode != 0


@pytest.mark.parametrize("statement", [
    "update operator_event set ip = null",
    "update operator_event set kind = 'failed' where kind = 'sign_in'",
    "update operator_event set at = at - interval '14 months'",
    "delete from operator_event where at > now() - interval '12 months'",
    "truncate operator_event",
])
def test_what_is_on_record_stays(cell, operator, statement):
    """For the superuser, too."""
    operator.desk()
    cell.execute("select count(*) from operator_event")
    before = cell.fetchone()
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="stays"):
        cell.execute(statement)
    cell.execute("select count(*) from operator_event")
    assert cell.fetchone() == before and before[0] > 0


def test_after_thirteen_months_it_goes(cell, operator):
    cell.execute("insert into operator_event (kind, at) values ('failed', now() - interval '400 days'), "
                 "('failed', now() - interval '390 days') returning event_id")
    old, young = (row[0] for row in cell.fetchall())
    operator.desk()
    cell.execute("select event_id from operator_event where event_id in (%s, %s)", [old, young])
    assert cell.fetchall() == [(young,)]


def test_right_of_the_rows(stack):
    """Nothing of the operators' host asks for a user's right, and nothing else for an operator's."""
    for row in stack.praya_json("routes"):
        at_the_desk = row["surface"].startswith("desk")
        assert (row["right"] == "operator") <= at_the_desk
        assert not at_the_desk or row["right"] in ("operator", "public"), row


def test_another_region_is_another_house(movable, operator):
    """Accounts, codes and sessions of one region are nothing in another."""
    operator.forget_code()
    there = Desk(movable)
    assert there.session(operator.email, operator.password, operator.code()).status_code == 401
    there.cookies.set("__Host-praya", operator.desk().cookies["__Host-praya"])
    assert there.get(f"{API}/cases").status_code == 401


def test_the_clock_ends_it(movable, clock):
    """A grant after its hours, a request after twelve, a session of the desk after its own."""
    who, workspace = new_operator(movable), movable.new_workspace()
    boss, desk = workspace.admin.api(), who.desk()
    desk.ask(workspace.slug)
    assert boss.ok("GET", "/support-grants")["items"][0]["state"] == "waiting"
    clock("+13h")
    grant = boss.ok("GET", "/support-grants")["items"][0]
    assert grant["state"] == "lapsed" and boss.post(f"/support-grants/{grant['id']}/give").status_code == 409
    assert desk.get(f"{API}/cases").status_code == 401, "signed in too long ago"
    desk = who.desk()
    assert desk.case_of(workspace.slug)["state"] == "lapsed"
    body = {"operator": who.email, "reason": "Now", "scope": "read", "hours": 2}
    assert boss.post("/support-grants", json=body).status_code == 201
    inside = desk.enter(workspace.slug)
    assert inside.get(f"{API}/contacts").status_code == 200
    clock("+16h")
    assert inside.get(f"{API}/contacts").status_code == 401
    assert boss.ok("GET", "/support-grants")["items"][0]["state"] == "over"


def test_a_form_with_values_that_are_none_comes_back(operator):
    long = "x" * 5000
    desk = operator.desk()
    answer = desk.submit(desk.form("/", "/cases"), workspace="harbour-1", reason=long)
    assert answer.status_code == 422 and long in answer.text and "harbour-1" in answer.text
    assert 'action="/cases"' in answer.text and 'aria-invalid="true"' in answer.text


def test_requests_at_once_are_no_more(stack):
    operator = new_operator(stack)
    desks = [operator.desk() for _ in range(6)]

    def ask(n):
        return desks[n % 6].ask("t" + secrets.token_hex(6)).status_code

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(ask, range(30))) == [202] * 20 + [429] * 10


def test_of_guesses_at_once_no_right_one_comes_after_the_fifth_wrong(stack):
    operator = new_operator(stack)
    operator.forget_code()
    guesses = ["wrong-horse-battery-9"] * 29 + [operator.password]

    def ask(guess):
        return Desk(stack).session(operator.email, guess, operator.code()).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, guesses))
    assert answers[-1] in (401, 429), "twenty-nine wrong ones came before it"
