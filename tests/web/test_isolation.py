# SPDX-License-Identifier: ISC
"""Two workspaces side by side: nothing of one is ever of use at the other, in both
directions, on pages and in JSON, and neither learns that the other is there."""
import contextlib
import json
import re
import socket
import ssl

import psycopg2
import pytest

import routes
from harness import Browser
from jobs import export_person
from person import canary

COOKIE = "__Host-praya"


class Place:
    """A workspace with something unique in it, and everything that points to it."""

    def __init__(self, workspace, start):
        self.workspace = workspace
        self.slug = workspace.slug
        self.stack = workspace.stack
        count_from(workspace, start)
        self.api = workspace.admin.api()
        self.browser = workspace.admin.browser()
        self.mark = canary("mark")
        self.contacts = [self.contact() for _ in range(30)]
        self.contact = self.contacts[0]
        self.records = {path: self.add(path, values) for path, values in AROUND.items()}
        self.records["/contacts"] = self.contact
        self.records["/companies"] = self.api.ok("POST", "/companies", json={"name_en": self.mark})["id"]
        file = {"file": (f"{self.mark}.txt", self.mark.encode(), "text/plain")}
        self.records["/attachments"] = self.api.ok("POST", f"/contacts/{self.contact}/attachments", files=file)["id"]
        rows = {"file": ("a.csv", f"name_en\n{self.mark}\n".encode(), "text/csv")}
        self.records["/imports"] = self.api.ok("POST", "/imports", files=rows, status=202)["id"]
        _, self.download = export_person(self.api, self.contact)
        self.token = self.api.headers["Authorization"].removeprefix("Bearer ")
        self.cookie = self.browser.cookies[COOKIE]
        self.query = self.stored_query()
        self.cursor = self.api.ok("GET", "/contacts?limit=5")["next"]

    def contact(self):
        return self.api.ok("POST", "/contacts", json={"name_en": f"{self.mark} Person", "tax_id": self.mark})["id"]

    def add(self, path, values):
        values = {name: value.replace("MARK", self.mark) for name, value in values.items()}
        return self.api.ok("POST", f"/contacts/{self.contact}{path}", json=values)["id"]

    def stored_query(self):
        answer = self.browser.write("/contacts/search", q=self.mark)
        return re.search(r"query=([\w-]+)", answer.headers["Location"])[1]

    def visitor(self, **headers):
        browser = Browser(self.stack, self.slug)
        browser.headers.update(headers)
        return browser


def count_from(workspace, start):
    """So that numbers of one workspace are none of the other."""
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select setval(format('%%I.%%I', schemaname, sequencename), %s) from pg_sequences", (start,)
        )


AROUND = {
    "/activities": {"kind": "note", "body": "MARK"},
    "/messages": {"channel": "sms", "direction": "in", "body": "MARK"},
    "/invoices": {"number": "MARK", "issued_on": "2026-01-02", "status": "draft", "amount": "1.00"},
}


@pytest.fixture(scope="module")
def places(stack):
    return Place(stack.new_workspace(), 10_000), Place(stack.new_workspace(), 20_000)


@pytest.fixture(scope="module", params=[False, True], ids=["A-at-B", "B-at-A"])
def pair(request, places):
    """(whose things, where they are tried)"""
    return places[::-1] if request.param else places


PAGES = ("/", "/contacts", "/contacts/{n}", "/companies", "/settings/users", "/audit", "/import", "/no-such-page")
CALLS = ("/me", "/contacts", "/contacts/{n}", "/users", "/audit", "/fields", "/jobs/1", "/tokens")


def test_cookie_and_token_are_nobodys(pair):
    mine, there = pair
    for headers in (
        {"Cookie": f"{COOKIE}={mine.cookie}"},
        {"Authorization": f"Bearer {mine.token}"},
        {"Cookie": f"{COOKIE}={mine.token}"},
        {"Authorization": f"Bearer {mine.cookie}"},
    ):
        visitor, nobody = there.visitor(**headers), there.visitor()
        for path in PAGES:
            one, other = (client.get(path.format(n=mine.contact)) for client in (visitor, nobody))
            assert (one.status_code, one.headers.get("Location")) == (other.status_code, other.headers.get("Location")), path
            assert mine.mark not in one.text and there.mark not in one.text
        for path in CALLS:
            answer = visitor.get("/api/v1" + path.format(n=mine.contact))
            assert routes.problem(answer, 401) is None, path
        for path in ("/contacts", "/companies"):
            assert visitor.post("/api/v1" + path, json={"name_en": "Intruder"}).status_code == 401
    assert there.api.ok("POST", "/contacts/search", json={"q": "Intruder"})["items"] == []


def test_a_session_of_both_is_two_sessions(pair):
    """The same browser at both: each host has its own cookie, and signing out here is no sign-out there."""
    mine, there = pair
    browser = mine.workspace.admin.browser()
    assert there.visitor(Cookie=f"{COOKIE}={browser.cookies[COOKIE]}").get("/").status_code == 303
    browser.sign_out()
    assert there.browser.get("/").status_code == 200


def test_numbers_lead_to_ones_own_or_nowhere(pair, stack):
    """Every row of the table that takes a number, with every number of the other."""
    mine, there = pair
    ask, found = routes.Asker(there.workspace.admin), routes.Findings()
    for row in (r for r in routes.table(stack) if "{id}" in r.path):
        root = row.path.split("/{")[0].replace("/import", "/imports").replace("/importss", "/imports")
        number = mine.records.get(root)
        if number is None:
            continue
        answer = ask(row, where=row.at(number), values=at(row, number), version=1)
        found.note(f"{row} {number}", routes.wrong(row, answer, 404))
    found.done()


def at(row, number):
    values = routes.body(row)
    return {**values, "confirm": str(number)} if row.name == "erase.run" else values


def test_downloads_and_jobs_are_ones_own(pair):
    mine, there = pair
    assert mine.api.get(mine.download).status_code == 200
    number = mine.download.rpartition("/")[2]
    for client, path in ((there.browser, "/downloads/{n}"), (there.api, "/downloads/{n}"), (there.api, "/imports/{n}")):
        assert client.get(path.format(n=number)).status_code == 404
    job = mine.api.ok("GET", f"/imports/{mine.records['/imports']}")["job"]
    for client in (mine.browser, mine.api):
        assert client.get(f"/jobs/{job}").status_code == 200
    for client in (there.browser, there.api):
        assert client.get(f"/jobs/{job}").status_code == 404


def test_a_stored_question_is_its_askers_own(pair):
    mine, there = pair
    assert mine.mark in mine.browser.page(f"/contacts?query={mine.query}")
    colleague = mine.workspace.add_user("administrator")
    never = "A" * len(mine.query)
    for browser, api in ((there.browser, there.api), (colleague.browser(), colleague.api())):
        answers = [browser.get(f"/contacts?query={token}") for token in (mine.query, never)]
        assert [routes.page(answer, 404) for answer in answers] == [None, None]
        assert routes.main_text(answers[0]).split("Error")[0][:200] == routes.main_text(answers[1])[:200]
        assert routes.problem(api.get(f"/contacts?query={mine.query}"), 404) is None
    assert mine.browser.get(f"/companies?query={mine.query}").status_code == 404, "nor another list's"


def test_a_cursor_is_its_workspaces_own(pair):
    mine, there = pair
    assert len(mine.api.ok("GET", f"/contacts?limit=5&after={mine.cursor}")["items"]) == 5
    answer = there.api.get(f"/contacts?limit=5&after={mine.cursor}")
    assert routes.problem(answer, 400) is None and "after" in answer.json()["errors"]
    page = there.browser.get(f"/contacts?after={mine.cursor}")
    assert routes.page(page, 400) is None and mine.mark not in page.text
    audit = mine.api.ok("GET", "/audit?limit=1")["next"]
    assert routes.problem(there.api.get(f"/audit?after={audit}"), 400) is None
    swapped = mine.api.get(f"/audit?after={mine.cursor}")
    assert routes.problem(swapped, 400) is None, "nor another list's"


def test_a_key_of_a_repeated_write_is_its_workspaces_own(pair):
    mine, there = pair
    headers = {"Idempotency-Key": canary("key")}
    one = mine.api.ok("POST", "/companies", json={"name_en": mine.mark}, headers=headers)
    other = there.api.ok("POST", "/companies", json={"name_en": there.mark}, headers=headers)
    assert (one["name_en"], other["name_en"]) == (mine.mark, there.mark)


def test_the_host_decides_and_not_the_name_of_the_connection(pair):
    """TLS speaks to A's name, the request to B's: then it is B who answers, to nobody."""
    mine, there = pair
    for headers in (f"Cookie: {COOKIE}={mine.cookie}", f"Authorization: Bearer {mine.token}"):
        status, body = raw(mine, there, headers, "/api/v1/contacts")
        assert status == 401 and mine.mark not in body and there.mark not in body
        status, body = raw(there, mine, headers, "/api/v1/me")
        assert status == 200 and mine.workspace.admin.email in body
    for extra in ("X-Forwarded-Host: {}", "Forwarded: host={}", "X-Host: {}"):
        forwarded = f"Authorization: Bearer {mine.token}\r\n" + extra.format(host(mine))
        status, body = raw(there, there, forwarded, "/api/v1/me")
        assert status == 401


def host(place):
    return place.browser.origin.removeprefix("https://")


def raw(tls, http, headers, path):
    """Status and body of a request with the one's name in TLS and the other's in Host."""
    name, _, port = host(tls).partition(":")
    context = ssl.create_default_context(cafile=tls.stack.status["ca_cert"])
    with socket.create_connection(("127.0.0.1", int(port)), 10) as plain:
        with context.wrap_socket(plain, server_hostname=name) as connection:
            head = f"GET {path} HTTP/1.1\r\nHost: {host(http)}\r\n{headers}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


def test_no_answer_of_one_holds_anything_of_the_other(pair, stack):
    """Every page and every list there, looked through for the other's mark."""
    mine, there = pair
    ask, seen = routes.Asker(there.workspace.admin), 0
    for row in (r for r in routes.table(stack) if r.method == "GET"):
        for number in [*there.records.values(), 1] if "{id}" in row.path else [1]:
            answer = ask(row, where=row.at(number, "contact.hkid"))
            assert mine.mark not in answer.text, row
            assert mine.slug not in answer.text, row
            seen += there.mark in answer.text
    assert seen > 10, "the marks can be seen where they belong"
    assert there.api.ok("POST", "/contacts/search", json={"q": mine.mark})["items"] == []


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/me", "/contacts/1", "/static/x.css", "/%ff", "/a%2fb", "//", "/healthz/x"])
def test_an_unknown_host_is_a_plain_404(stack, path):
    """Whoever asks for what, in every way: the same few bytes."""
    names = ("nobody-has-this", "harbour-", "postgres", "template1", "xn--p8j", "a" * 63)
    for name in names:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": f"{COOKIE}=x"}):
            answer = stack.visitor(name).get(path, headers=headers)
            assert answer.status_code == 404, name
            assert "Set-Cookie" not in answer.headers and "praya" not in answer.text.lower().replace("praya.localhost", "")
    answer = stack.visitor(names[0]).post(path, data=b"x" * 1000)
    assert answer.status_code == 404


def test_no_workspace_tells_of_another(stack, places):
    """Creating what is there already somewhere else is no news."""
    one, other = places
    body = {"email": one.workspace.admin.email, "name": "X", "profile": "staff"}
    made = other.api.post("/users", json=body)
    assert made.status_code == 201, "the same address works in both"
    for name in ("field", "label_en"):
        assert one.slug not in json.dumps(other.api.ok("GET", "/fields")), name
    document = other.visitor().get("/api/v1/openapi.json")
    assert document.status_code == 200 and one.slug not in document.text and other.slug not in document.text


@contextlib.contextmanager
def known_password(stack, role):
    """The role's password is one we know, for a moment."""
    connection = stack.database()
    cursor = connection.cursor()
    cursor.execute("select rolpassword from pg_authid where rolname = %s", (role,))
    before = cursor.fetchone()[0]
    assert before.startswith("SCRAM-SHA-256$")
    try:
        cursor.execute(f'alter role "{role}" password %s', ("for-a-moment",))
        yield "for-a-moment"
    finally:
        cursor.execute(f'alter role "{role}" password %s', (before,))
        connection.close()


def test_a_database_role_is_of_use_in_its_own_database_only(pair):
    mine, there = pair
    stack = mine.stack
    names = [stack.praya_json("tenant", "show", place.slug)["database"] for place in (mine, there)]
    others = (names[1], "praya_directory", "praya_cell", "praya_template", "postgres", "template1")
    with known_password(stack, names[0]) as password:
        def connect(database):
            uri = stack.status["pg_uri"].replace("postgres@/postgres?", f"{names[0]}@/{database}?", 1)
            return psycopg2.connect(uri, password=password)

        own = connect(names[0])
        for database in others:
            with pytest.raises(psycopg2.OperationalError):
                connect(database)
        check_powerless(own, names)


def check_powerless(own, names):
    """In its own database it is nobody special: no other role, no file, no program, no policy lifted."""
    own.autocommit = True
    cursor = own.cursor()
    cursor.execute("select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication from pg_roles where rolname = current_user")
    assert cursor.fetchone() == (False,) * 5
    cursor.execute("select has_database_privilege(%s, 'connect')", (names[1],))
    assert cursor.fetchone() == (False,)
    # A policy shows nothing to whoever has not gone through the gate.
    cursor.execute("select count(*) from contact")
    assert cursor.fetchone() == (0,)
    for statement in (
        f'set role "{names[1]}"',
        "set role praya_owner",
        "set role praya_migrate",
        "set session authorization postgres",
        "create extension dblink",
        "copy contact to program 'cat'",
        "copy (select 1) to '/tmp/x'",
        "select pg_read_file('/etc/passwd')",
        "select lo_import('/etc/passwd')",
        "alter table contact disable row level security",
        "create table mine (x int)",
        "delete from audit_event",
        "update audit_event set action = 'x'",
        "truncate contact",
    ):
        with pytest.raises(psycopg2.Error):
            cursor.execute(statement)
    own.close()
