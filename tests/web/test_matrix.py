# SPDX-License-Identifier: ISC
"""Every row of the route table, asked by whoever must be refused and in every way
that must be refused, with the exact answer. A new row is in here unasked.

In this order: who (401), may they (403), can it be read (400, 413, 415), was it
they (403), is it right (an address 400, a body 422), on which version (428), is
it there (404), is it still so (412)."""
import pytest

import routes
from routes import MISSING, Findings, body, names, page, problem, send, wrong

PUBLIC = {
    "GET /login", "POST /login", "POST /login/code", "POST /api/v1/session", "POST /language",
    "POST /login/passkey", "POST /api/v1/session/passkey", "POST /api/v1/session/passkey/challenge", "GET /api/v1/openapi.json",
    "GET /password/forgot", "POST /password/forgot", "POST /api/v1/password/forgot",
    "GET /password/reset/{token}", "POST /password/reset/{token}", "POST /api/v1/password/reset/{token}",
    "GET /welcome/{token}", "POST /welcome/{token}", "POST /api/v1/welcome/{token}",
    "GET /support/enter/{token}", "POST /support/enter/{token}", "POST /api/v1/support/enter/{token}",
    "GET /privacy-request", "POST /privacy-request", "POST /api/v1/privacy-request", "GET /privacy-request/thanks",
    "GET /privacy-request/{token}", "GET /api/v1/privacy-request/{token}",
    "POST /privacy-request/{token}/confirm", "POST /api/v1/privacy-request/{token}/confirm",
    "POST /privacy-request/{token}/upload", "POST /api/v1/privacy-request/{token}/upload",
    "GET /d/{token}", "POST /d/{token}", "GET /api/v1/d/{token}", "POST /api/v1/d/{token}",
    "POST /d/{token}/code", "POST /api/v1/d/{token}/code",
    "GET /invite", "GET /invite/{token}", "POST /invite/{token}", "POST /api/v1/invite/{token}",
}


@pytest.fixture(scope="module")
def rows(stack):
    return routes.table(stack)


@pytest.fixture(scope="module")
def ask(workspace):
    return routes.Asker(workspace.admin)


@pytest.fixture(scope="module")
def other(stack):
    """An administrator of another workspace."""
    return stack.new_workspace().admin


@pytest.fixture(scope="module")
def staff(workspace):
    return workspace.add_user("staff")


def events(workspace, what="true"):
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from audit_event where {what}")
        return cursor.fetchone()[0]


def signed_out(row, answer):
    if row.page and row.method == "GET":
        went = (answer.status_code, answer.headers.get("Location"))
        return None if went == (303, "/login") else f"goes {went}"
    if not row.page and answer.headers.get("WWW-Authenticate") != "Bearer":
        return "does not say how to sign in"
    return wrong(row, answer, 401)


def test_public_rows_are_few_and_known(rows):
    assert {str(row) for row in rows if row.right == "public"} == PUBLIC


def test_nobody_is_let_in(workspace, rows):
    visitor, found = workspace.stack.visitor(workspace.slug), Findings()
    for row in (r for r in rows if r.right != "public"):
        found.note(row, signed_out(row, send(visitor, row, version=1)))
    found.done()


def test_another_workspace_is_nobody(workspace, rows, other):
    """Neither by cookie nor by token, nor by the one in the place of the other."""
    bearer = other.api().headers["Authorization"]
    token = bearer.removeprefix("Bearer ")
    cookie = other.browser().cookies.get("__Host-praya")
    visitor, found = workspace.stack.visitor(workspace.slug), Findings()
    for row in (r for r in rows if r.right != "public"):
        for headers in (
            {"Authorization": bearer},
            {"Cookie": f"__Host-praya={cookie}"},
            {"Authorization": f"Bearer {cookie}"},
            {"Cookie": f"__Host-praya={token}"},
        ):
            found.note(row, signed_out(row, send(visitor, row, version=1, headers=headers)))
    found.done()


def test_staff_lacks_the_special_rights(workspace, rows, staff):
    """Each refusal is in the log."""
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select entity || '.' || \"right\" from profile_right join profile using (profile_id) where name = 'staff'"
        )
        held = {right for right, in cursor.fetchall()}
    visitor, program, found = staff.browser(), staff.api(), Findings()
    token, before = visitor.csrf(), events(workspace, "outcome = 'denied'")
    held |= {f"*.{right.partition('.')[2]}" for right in held if not right.startswith(".")}  # on some kind of records
    special = [r for r in rows if r.right not in ("public", "entry", "self") and not {f"{r.entity}.{r.right}", f".{r.right}"} & held]
    assert {r.right for r in special} >= {"manage_users", "manage_fields", "view_audit", "erase", "run_requests"}
    for row in special:
        client, csrf = (visitor, token) if row.page else (program, None)
        found.note(row, wrong(row, send(client, row, csrf=csrf, version=1), 403))
    found.done()
    assert events(workspace, "outcome = 'denied'") == before + found.asked


def test_without_any_right_every_row_of_a_record_is_refused(workspace, rows):
    """Before anything is looked up: a record that exists and one that does not are the same."""
    person = workspace.add_user("staff")
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("insert into profile (name) values ('nothing') returning profile_id")
        cursor.execute("update app_user set profile_id = %s where email = %s", (*cursor.fetchone(), person.email))
    visitor, program, found = person.browser(), person.api(), Findings()
    token = visitor.csrf()
    for row in (r for r in rows if r.right not in ("public", "entry", "self")):
        client, csrf = (visitor, token) if row.page else (program, None)
        for number in (MISSING, 1):
            found.note(row, wrong(row, send(client, row, where=row.at(number), csrf=csrf, version=1), 403))
    found.done()


def test_what_one_may_not_see_is_not_there(workspace, rows, ask):
    """Somebody who sees their own contacts only, at one of a colleague's: every row says
    what it says of a number that nobody has."""
    hidden = ask.program.ok("POST", "/contacts", json={"name_en": "Not Yours"})["id"]
    person = workspace.add_user("staff")
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into profile (name, new_fields, new_sealed) select 'own-only', new_fields, new_sealed "
            "from profile where name = 'staff' returning profile_id"
        )
        profile, = cursor.fetchone()
        cursor.execute(
            "insert into profile_right (profile_id, entity, \"right\", scope) "
            "select %s, entity, \"right\", case entity when 'contact' then 'own' else scope end "
            "from profile_right join profile using (profile_id) where name = 'staff'",
            (profile,),
        )
        cursor.execute("insert into profile_field values (%s, 'contact', 'date_of_birth', 'edit')", (profile,))
        cursor.execute("update app_user set profile_id = %s where email = %s", (profile, person.email))
        cursor.execute("select entity || '.' || \"right\" from profile_right where profile_id = %s", (profile,))
        held = {right for right, in cursor.fetchall()}
    theirs, found = routes.Asker(person), Findings()
    of_contacts = [r for r in rows if r.path.startswith("/contacts/{id}") and f"{r.entity}.{r.right}" in held]
    assert {r.method for r in of_contacts} == {"GET", "POST", "PATCH", "DELETE"}
    for row in of_contacts:
        values = {**body(row), **({"fields": ["date_of_birth"]} if row.name == "contact.reveal" else {})}
        there = theirs(row, where=row.at(hidden, "phone"), values=values, version=1)
        nobody = theirs(row, where=row.at(MISSING, "phone"), values=values, version=1)
        found.note(row, wrong(row, there, 404))
        if not row.page and there.json() != nobody.json():
            found.note(row, f"tells them apart: {there.json()} {nobody.json()}")
    found.done()


def strangers(ask, *people):
    """Tokens that are not the one of this browser."""
    forged = [None, "", "forged", ask.csrf[:-1], ask.csrf + "x", ask.csrf.swapcase()]
    return forged + [person.browser().csrf() for person in people]


def test_a_form_without_its_token_does_nothing(workspace, rows, ask, staff, other):
    visitor, tokens, found = workspace.stack.visitor(workspace.slug), strangers(ask, staff, other), Findings()
    before = events(workspace, "actor_kind not in ('system', 'worker')")
    for row in (r for r in rows if r.page and r.writes):
        for token in tokens:
            client = visitor if row.right == "public" else ask.browser
            found.note(row, page(send(client, row, csrf=token, version=1), 403))
        for origin in ("https://elsewhere.example", "null", workspace.stack.origin(other.slug)):
            found.note(f"{row} from {origin}", page(ask(row, version=1, headers={"Origin": origin}), 403))
    found.done()
    assert events(workspace, "actor_kind not in ('system', 'worker')") == before


def test_a_cookie_alone_writes_no_json(workspace, rows, ask, staff, other):
    tokens, found = strangers(ask, staff, other), Findings()
    before = events(workspace, "actor_kind not in ('system', 'worker')")
    for row in (r for r in rows if not r.page and r.writes):
        for token in tokens if row.right != "public" else ():
            found.note(row, problem(send(ask.browser, row, csrf=token, version=1), 403))
        headers = {"Origin": "https://elsewhere.example"}
        answer = send(ask.browser, row, csrf=ask.csrf, version=1, headers=headers)
        found.note(f"{row} from elsewhere", problem(answer, 403))
    found.done()
    assert events(workspace, "actor_kind not in ('system', 'worker')") == before


def test_a_cookie_with_its_token_writes_json(rows, ask):
    """The same rows with the right token get further: to what is not there."""
    found = Findings()
    for row in (r for r in rows if not r.page and r.writes and "{id}" in r.path):
        answer = send(ask.browser, row, csrf=ask.csrf, version=1, headers={"Origin": ask.browser.origin})
        found.note(row, problem(answer, 404))
    found.done()


def fits(pattern, path):
    """Does that row's path take this address?"""
    one, other = pattern.split("/"), path.split("/")
    return len(one) == len(other) and all(
        a == b or (a == "{id}" and b.isdigit()) or a == "{token}" for a, b in zip(one, other)
    )


def test_the_wrong_method_says_which_is_right(rows, ask):
    found = Findings()
    for surface in ("page", "api"):
        mine = [row for row in rows if row.surface == surface]
        for where in {row.at() for row in mine}:
            right = {row.method for row in mine if fits(row.pattern, where)}
            allow = [m for m in ("GET", "HEAD", "POST", "PATCH", "DELETE") if m.replace("HEAD", "GET") in right]
            for method in {"GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "BREW"} - right:
                client = ask.program if surface == "api" else ask.browser
                answer = client.request(method, client.origin + where)
                found.note(f"{method} {where}", wrong(mine[0], answer, 405))
                if answer.headers.get("Allow") != ", ".join(allow):
                    found.note(f"{method} {where}", f"Allow: {answer.headers.get('Allow')}, not {allow}")
    found.done()


def test_head_is_get_without_a_body(rows, ask):
    found = Findings()
    for row in (r for r in rows if r.method == "GET"):
        client = ask.browser if row.page else ask.program
        head, get = (client.request(m, client.origin + row.at()) for m in ("HEAD", "GET"))
        same = (head.status_code, head.headers.get("Content-Type")) == (get.status_code, get.headers.get("Content-Type"))
        found.note(row, None if same and not head.content else f"{head.status_code} and {len(head.content)} bytes")
    found.done()


def test_undeclared_in_the_address(rows, ask):
    found = Findings()
    for row in rows:
        for name in ("no_such_parameter", "_csrf", "name_en", "filter[x][y]", "id"):
            answer = ask(row, query={name: "1"}, version=1)
            found.note(f"{row}?{name}", wrong(row, answer, 400))
            if answer.status_code == 400 and not names(row, answer, name):
                found.note(f"{row}?{name}", "is not named")
    found.done()


def test_undeclared_in_a_body(rows, ask):
    found = Findings()
    for row in (r for r in rows if r.writes):
        for name in ("no_such_parameter", "version", "a[b]"):
            answer = ask(row, values={**body(row), name: "1"}, version=1)
            found.note(f"{row} {name}", wrong(row, answer, 422))
            if answer.status_code == 422 and not names(row, answer, name):
                found.note(f"{row} {name}", "is not named")
    found.done()


def test_what_is_required_is_asked_for(rows, ask):
    found = Findings()
    for row in rows:
        for param in (p for p in row.params if p["required"]):
            values = {name: value for name, value in body(row).items() if name != param["name"]}
            query = None if row.writes else {}
            answer = ask(row, values=values, query=query, version=1)
            found.note(f"{row} without {param['name']}", wrong(row, answer, 422 if row.writes else 400))
            if not names(row, answer, param["name"]):
                found.note(f"{row} without {param['name']}", "is not named")
    found.done()


def absent(row):
    """Of a link by mail nobody is told whether there ever was such a one; and one's own way
    in is changed by no token, whatever there is."""
    if not row.page and row.verify and row.right == "self":
        return 403
    return 410 if row.right == "public" else 404


def test_what_is_not_there(rows, ask):
    """Whatever the method, and whatever stands in the place of a number."""
    found = Findings()
    for row in (r for r in rows if "{" in r.path):
        found.note(row, wrong(row, ask(row, version=1), absent(row)))
        if "{id}" in row.path:
            for number in ("0", "01", "-1", "1.0", "1e3", "9223372036854775808", "%31x", "１"):
                found.note(f"{row} {number}", wrong(row, ask(row, where=row.at(number), version=1), 404))
    found.done()


def test_a_change_says_on_which_version_it_rests(rows, ask):
    found = Findings()
    for row in (r for r in rows if r.writes):
        if row.kind == "change":
            found.note(row, wrong(row, ask(row), 428))
            for version in ("abc", "1.5", "-1", "0", "W/\"1\"", "*", "9223372036854775808"):
                found.note(f"{row} {version}", wrong(row, ask(row, version=version), 400))
        elif "{" in row.path and not (row.page and row.name == "erase.run"):
            found.note(row, wrong(row, ask(row), absent(row)))
    found.done()


def test_a_stale_version_changes_nothing(rows, ask):
    """One record of each kind, and every change of it."""
    found, records = Findings(), routes.one_of_each(ask.program)
    for row in (r for r in rows if r.kind == "change"):
        place, number, token = records[row.path.split("/{")[0]]
        if "kept/" in row.path:
            token = "phone"
        if row.path.startswith("/privacy/requests/"):
            token = "search"
        before = ask.program.ok("GET", place)
        answer = ask(row, where=row.at(number, token), version=999_999)
        found.note(row, wrong(row, answer, 412))
        if ask.program.ok("GET", place) != before:
            found.note(row, "changed it")
    found.done()
