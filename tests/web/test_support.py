# SPDX-License-Identifier: ISC
"""Support access: the operator's people see nothing of a workspace but inside a grant, no more
than it says and no longer; everybody is told, and all of it is listed afterwards."""
import html
import threading

import pytest

import routes
from harness import API, VERIFY, verify_form
from mails import mail_to, mails_to, text_of
from operators import new_operator
from routes import MISSING, Findings, page, problem

CANARY = "Kestrel"


@pytest.fixture(scope="module")
def operator(stack):
    return new_operator(stack)


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def desk(operator):
    return operator.desk()


@pytest.fixture
def sql(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(autouse=True)
def nothing_open(workspace):
    """Each test begins and ends without an open grant."""
    yield
    with workspace.database() as connection, connection.cursor() as cursor:
        cursor.execute("update support_grant set revoked_at = now(), closed_at = now() where closed_at is null")
    with workspace.stack.database_named("praya_cell") as connection, connection.cursor() as cursor:
        cursor.execute("update operator_case set created_at = now() - interval '13 hours'")


@pytest.fixture(scope="module")
def person(boss):
    """Somebody whose every word holds the canary."""
    contact = boss.ok("POST", "/contacts", json={
        "name_en": f"{CANARY} Wong", "email": f"{CANARY.lower()}@example.com", "phone": "9123 4567",
        "bio": f"Likes {CANARY}s", "tax_id": f"{CANARY}99", "salary": "42000", "tags": [CANARY]})["id"]
    boss.ok("POST", f"/contacts/{contact}/activities", json={"kind": "note", "body": f"Spoke of {CANARY}s"})
    boss.ok("POST", f"/contacts/{contact}/messages",
            json={"channel": "email", "direction": "in", "subject": CANARY, "body": f"Dear {CANARY}"})
    boss.ok("POST", f"/contacts/{contact}/attachments", files={"file": (f"{CANARY}.txt", b"Kestrel inside", "text/plain")})
    boss.ok("POST", f"/contacts/{contact}/invoices", json={
        "number": "1", "issued_on": "2026-01-02", "status": "draft", "amount": "1.00",
        "lines": [{"description": CANARY, "quantity": "1", "unit_amount": "1.00"}],
        "bill_to": {"name": CANARY, "address": f"1 {CANARY} Road"}})
    return contact


def offer(boss, operator, scope="read_masked", hours=2, more=()):
    return boss.post("/support-grants", json={
        "operator": operator.email, "reason": "Ticket 4711", "scope": scope, "hours": hours, **dict(more)})


def given(boss, operator, scope="read_masked", hours=2):
    answer = offer(boss, operator, scope, hours)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def me(browser):
    return browser.get(f"{API}/me")


# ---- asking, offering, answering

def test_asked_and_given(workspace, boss, desk, operator, sql):
    answer = desk.ask(workspace.slug, scope="read", hours=3)
    assert answer.status_code == 202
    grant = boss.ok("GET", "/support-grants")["items"][0]
    assert (grant["state"], grant["operator"], grant["scope"], grant["hours"], grant["reason"]) == (
        "waiting", operator.email, "read", 3, "Ticket 4711")
    assert desk.case_of(workspace.slug)["state"] == "waiting"
    done = boss.ok("POST", f"/support-grants/{grant['id']}/give", status=200)
    assert done["state"] == "active"
    sql.execute("select extract(epoch from ends_at - given_at) / 3600 from support_grant where grant_id = %s", [grant["id"]])
    assert sql.fetchone()[0] == 3
    assert me(desk.enter(workspace.slug)).json()["support_grant"]["id"] == grant["id"]


def test_refused(workspace, boss, desk):
    desk.ask(workspace.slug)
    grant = boss.ok("GET", "/support-grants")["items"][0]["id"]
    assert boss.ok("POST", f"/support-grants/{grant}/refuse", status=200)["state"] == "refused"
    assert boss.post(f"/support-grants/{grant}/give").status_code == 409
    case = desk.case_of(workspace.slug)
    assert case["state"] == "refused"
    assert desk.post(f"{API}/cases/{case['id']}/enter", headers=desk.token).status_code == 409


def test_pages(workspace, boss, desk, operator):
    """The same by hand, without a program."""
    desk.submit(desk.form("/", "/cases"), workspace=workspace.slug, reason="By hand", scope="read", hours="1")
    admin = workspace.admin.browser()
    grant = boss.ok("GET", "/support-grants")["items"][0]["id"]
    assert "By hand" in admin.page("/settings/support") and operator.email in admin.page("/settings/support")
    gave = admin.submit(admin.form("/settings/support", f"/settings/support/{grant}/give"))
    assert (gave.status_code, gave.headers["Location"]) == (303, "/settings/support")
    way = desk.submit(desk.form("/", f"/cases/{desk.case_of(workspace.slug)['id']}/enter"))
    inside = workspace.stack.visitor(workspace.slug)
    door = way.text.split('href="' + inside.origin)[1].split('"')[0]
    came = inside.submit(inside.form(door, door))
    assert (came.status_code, came.headers["Location"]) == (303, "/")
    assert "Ticket" not in inside.page("/contacts") and "By hand" in inside.page("/contacts")
    assert "/contacts" in inside.page("/")
    admin.submit(admin.form(f"/settings/support/{grant}", f"/settings/support/{grant}/revoke"))
    assert inside.get("/contacts").headers["Location"] == "/login"
    offered = admin.submit(admin.form("/settings/support", "/settings/support"), operator=operator.email, reason="Offered")
    assert offered.status_code == 303 and "Offered" in admin.page("/settings/support")


def test_a_form_keeps_what_was_typed(workspace, operator):
    admin = workspace.admin.browser()
    answer = admin.submit(admin.form("/settings/support", "/settings/support"), operator="nobody@operator.example", reason="Typed before")
    assert answer.status_code == 422 and "Typed before" in answer.text and routes.marked(answer, "operator")


@pytest.mark.parametrize("wrong", [
    {"hours": 0}, {"hours": 25}, {"hours": 999999}, {"scope": "all"}, {"scope": ""}, {"reason": ""}, {"reason": "\u200b"},
    {"reason": "x" * 201}, {"operator": "nobody@operator.example"}, {"operator": "not an address"}, {"user": 1},
    {"hours": "two"}, {"ends_at": "2030-01-01T00:00:00Z"},
])
def test_nonsense_is_refused(boss, operator, sql, wrong):
    sql.execute("select count(*) from support_grant")
    before = sql.fetchone()
    assert offer(boss, operator, more=wrong).status_code == 422
    sql.execute("select count(*) from support_grant")
    assert sql.fetchone() == before


def test_a_proof_of_identity_is_asked_to_give_and_not_to_end(workspace, boss, desk, operator, sql):
    desk.ask(workspace.slug)
    grant = boss.ok("GET", "/support-grants")["items"][0]["id"]
    browser = workspace.admin.browser()
    browser.password = None
    sql.execute("update session set verified_at = now() - interval '6 minutes' where kind = 'cookie'")
    token = {"X-CSRF-Token": browser.csrf()}
    assert browser.post(f"{API}/support-grants/{grant}/give", headers=token).json()["type"] == VERIFY
    asked = browser.submit(browser.form("/settings/support", "/settings/support"), operator=operator.email, reason="x")
    assert verify_form(asked) is not None
    assert browser.delete(f"{API}/support-grants/{grant}", headers=token).status_code == 204


def test_who_may_answer(workspace, boss, desk, sql):
    desk.ask(workspace.slug)
    grant = boss.ok("GET", "/support-grants")["items"][0]["id"]
    staff = workspace.add_user("staff").api()
    for method, path in (("GET", ""), ("GET", f"/{grant}"), ("POST", f"/{grant}/give"), ("POST", f"/{grant}/refuse"), ("DELETE", f"/{grant}")):
        assert staff.request(method, f"/support-grants{path}").status_code == 403, (method, path)
    assert staff.post("/support-grants", json={"operator": "a@b.example", "reason": "x", "scope": "read", "hours": 1}).status_code == 403
    sql.execute("select support_state(g) from support_grant g where grant_id = %s", [grant])
    assert sql.fetchone() == ("waiting",)


def test_foreign_and_forged_numbers(stack, workspace, boss, operator):
    other = stack.new_workspace()
    theirs = given(other.admin.api(), operator)
    for number in (theirs + 1000, MISSING, "0", "-1", "1 or 1=1"):
        for method, path in (("GET", ""), ("POST", "/give"), ("POST", "/refuse"), ("DELETE", "")):
            assert boss.request(method, f"/support-grants/{number}{path}").status_code == 404, (method, number)


def test_mail_to_the_administrators(workspace, desk, operator):
    before = len(mails_to(workspace.stack, workspace.admin.email))
    desk.ask(workspace.slug, reason="Lists are slow")
    letter = mail_to(workspace.stack, workspace.admin.email, before + 1)
    text = text_of(letter)
    assert operator.email in text and "Lists are slow" in text and f"{workspace.stack.origin(workspace.slug)}/settings/support" in text


# ---- what it lets see

def records(person):
    return ["/", "/contacts", f"/contacts/{person}", "/activities", "/messages", "/attachments", "/invoices", "/companies"]


def test_masked_shows_no_personal_word(workspace, boss, desk, operator, person):
    """Nor does any other row that can be read: on no page, in no answer."""
    given(boss, operator)
    inside, found = desk.enter(workspace.slug), Findings()
    ids = {kind: boss.ok("GET", f"/contacts/{person}/{kind}")["items"][0]["id"]
           for kind in ("activities", "messages", "attachments", "invoices")}
    for path in records(person):
        assert inside.get(path).status_code == 200, path
    for row in (r for r in routes.table(workspace.stack) if r.method == "GET"):
        number = next((ids[k] for k in ids if row.path.startswith(f"/{k}/")), person)
        answer = inside.get(inside.origin + row.at(number, "contact.name_en"))
        found.note(row, f"{answer.status_code} tells" if CANARY.lower() in answer.text.lower() else None)
    for row in (f"{API}/contacts?q={CANARY}", f"{API}/contacts?sort=name_en", f"{API}/contacts?filter[email]={CANARY.lower()}@example.com"):
        answer = inside.get(row)
        found.note(row, None if answer.status_code == 400 or not answer.json()["items"] or "sort" in row else "finds by what is masked")
    found.done()


def test_whoever_was_seen_is_told_by_whom(workspace, boss, desk, operator, person):
    """The list of a person's viewers has support in it, and no user in its place."""
    given(boss, operator)
    desk.enter(workspace.slug).page(f"/contacts/{person}")
    viewers = boss.ok("GET", f"/contacts/{person}/viewers")["items"]
    assert any(v["actor_kind"] == "operator" and v["name"] is None and v["action"] == "view" for v in viewers)


def test_masked_does_not_reveal(workspace, boss, desk, operator, person, sql):
    given(boss, operator)
    inside = desk.enter(workspace.slug)
    body = {"fields": ["tax_id"], "reason": "legal"}
    assert inside.post(f"{API}/contacts/{person}/reveal", json=body, headers=inside.token).status_code == 403
    check = {"field": "phone", "value": "+852 9123 4567"}
    assert inside.post(f"{API}/contacts/{person}/verify", json=check, headers=inside.token).status_code == 403
    file = boss.ok("GET", f"/contacts/{person}/attachments")["items"][0]["id"]
    assert inside.get(f"/attachments/{file}/content").status_code == 403
    sql.execute("select count(*) from reveal r join session s using (session_id) where s.kind = 'grant'")
    assert sql.fetchone() == (0,)


def test_read_shows_and_reveals(workspace, boss, desk, operator, person):
    given(boss, operator, "read")
    inside = desk.enter(workspace.slug)
    assert inside.get(f"{API}/contacts/{person}").json()["name_en"] == f"{CANARY} Wong"
    shown = inside.post(f"{API}/contacts/{person}/reveal", json={"fields": ["tax_id"], "reason": "legal"}, headers=inside.token)
    assert shown.status_code == 200 and CANARY in str(shown.json()["values"])
    file = boss.ok("GET", f"/contacts/{person}/attachments")["items"][0]["id"]
    assert inside.get(f"/attachments/{file}/content").content == b"Kestrel inside"
    answer = inside.write("/contacts/search", q=CANARY)
    assert answer.status_code == 303 and CANARY in inside.page(answer.headers["Location"])


def writes(stack):
    """Every row that changes something or takes something away, but for leaving."""
    leave = ("session.sign_out", "session.delete", "session.language", "view_as.stop", "support.enter")
    return [r for r in routes.table(stack) if (r.writes or r.kind == "stream") and r.name not in leave
            and not r.path.endswith("/search") and r.name != "attachment.content"]


def test_read_does_not_write(workspace, boss, desk, operator, person):
    given(boss, operator, "read")
    inside, found = desk.enter(workspace.slug), Findings()
    for row in (r for r in writes(workspace.stack) if r.name != "contact.reveal" and r.method != "GET"):
        answer = inside.request(row.method, inside.origin + row.at(person), headers=inside.token)
        found.note(row, page(answer, 403) if row.page else problem(answer, 403))
    found.done()
    assert boss.ok("GET", f"/contacts/{person}")["name_en"] == f"{CANARY} Wong"


def test_write_adds_and_changes_and_no_more(workspace, boss, desk, operator, sql):
    given(boss, operator, "read_write")
    inside = desk.enter(workspace.slug)
    made = inside.post(f"{API}/contacts", json={"name_en": "By Support"}, headers=inside.token)
    assert made.status_code == 201, made.text
    place = f"{API}/contacts/{made.json()['id']}"
    for kind, body in (("activities", {"kind": "task", "body": "x"}), ("messages", {"channel": "sms", "direction": "in", "body": "x"})):
        assert inside.post(f"{place}/{kind}", json=body, headers=inside.token).status_code == 201, kind
    match = {**inside.token, "If-Match": str(inside.get(place).json()["version"])}
    assert inside.patch(place, json={"name_en": "Changed"}, headers=match).status_code == 200
    match["If-Match"] = str(inside.get(place).json()["version"])
    assert inside.delete(place, headers=match).status_code == 403
    assert inside.post(f"{place}/erase", json={"reason": "subject_request", "confirm": place}, headers=inside.token).status_code == 403
    sql.execute("select count(*), count(operator_id), count(grant_id), count(actor_id) from audit_event "
                "where via = 'grant' and action in ('create', 'update') and actor_kind = 'operator'")
    n, operators, grants, users = sql.fetchone()
    assert n >= 4 and (operators, grants, users) == (n, n, 0)


@pytest.mark.parametrize("scope", ["read_masked", "read", "read_write"])
def test_never_users_profiles_exports_or_erasing(workspace, boss, desk, operator, person, scope):
    given(boss, operator, scope)
    inside, found = desk.enter(workspace.slug), Findings()
    special = {"manage_users", "manage_profiles", "manage_fields", "manage_workspace", "run_requests", "approve_requests", "view_audit",
               "erase", "send_marketing", "approve_exports", "close_workspace", "delete", "export", "import"}
    rows = [r for r in routes.table(workspace.stack) if r.right in special]
    assert {"manage_users", "erase", "view_audit", "export", "delete"} & {r.right for r in rows}
    for row in rows:
        answer = inside.request(row.method, inside.origin + row.at(person), headers=inside.token)
        found.note(row, page(answer, 403) if row.page else problem(answer, 403))
    for path in ("/settings/account", "/settings/tokens", "/settings/account/two-step"):
        found.note(path, page(inside.get(path), 403))
    found.done()


def test_neither_private_notes_nor_vip(workspace, boss, desk, operator, person, sql):
    hidden = boss.ok("POST", "/contacts", json={"name_en": "Very Important", "vip": True})["id"]
    note = boss.ok("POST", f"/contacts/{person}/activities", json={"kind": "note", "body": "Private", "private_to": "author"})["id"]
    given(boss, operator, "read")
    inside = desk.enter(workspace.slug)
    assert inside.get(f"{API}/contacts/{hidden}").status_code == 404
    assert inside.get(f"{API}/activities/{note}").status_code == 404


def test_own_grant_is_out_of_reach(workspace, boss, desk, operator):
    grant = given(boss, operator, "read_write", 1)
    inside = desk.enter(workspace.slug)
    for method, path in (("POST", ""), ("POST", f"/{grant}/give"), ("DELETE", f"/{grant}"), ("GET", "")):
        answer = inside.request(method, f"{API}/support-grants{path}", headers=inside.token, json={})
        assert answer.status_code == 403, (method, path)
    assert desk.ask(workspace.slug, hours=24).status_code == 409, "one that is open is not asked for again"
    assert boss.ok("GET", f"/support-grants/{grant}")["hours"] == 1


# ---- when it ends

def test_revoked_is_over_at_the_next_request(workspace, boss, desk, operator, person):
    grant = given(boss, operator, "read")
    inside = desk.enter(workspace.slug)
    assert inside.get(f"/contacts/{person}").status_code == 200
    assert boss.delete(f"/support-grants/{grant}").status_code == 204
    assert me(inside).status_code == 401
    file = boss.ok("GET", f"/contacts/{person}/attachments")["items"][0]["id"]
    assert inside.get(f"/attachments/{file}/content").headers["Location"] == "/login"
    assert boss.delete(f"/support-grants/{grant}").status_code == 409
    assert desk.post(f"{API}/cases/{desk.case_of(workspace.slug)['id']}/enter", headers=desk.token).status_code == 409


def waits_for_a_lock(workspace):
    """Until somebody of the workspace does."""
    with workspace.database() as connection, connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute("select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
                           "and datname = current_database() and pg_sleep(0.01) is not null")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


def test_revoked_while_a_request_runs(workspace, boss, desk, operator, person, sql):
    """What had begun is finished, and ending waits for nobody; nothing begins afterwards."""
    grant = given(boss, operator, "read_write")
    inside = desk.enter(workspace.slug)
    place = f"{API}/contacts/{person}"
    match = {**inside.token, "If-Match": str(inside.get(place).json()["version"])}
    sql.execute("begin")
    sql.execute("select from contact where contact_id = %s for update", [person])
    answers, other = [], inside.moved()
    runs = threading.Thread(target=lambda: answers.append(
        other.patch(place, json={"bio": f"Begun, of {CANARY}s"}, headers=match).status_code))
    runs.start()
    waits_for_a_lock(workspace)
    assert boss.delete(f"/support-grants/{grant}").status_code == 204
    assert inside.patch(place, json={"bio": "Too late"}, headers=match).status_code == 401
    sql.execute("rollback")
    runs.join()
    assert answers == [200]
    assert me(inside).status_code == 401
    assert "Too late" not in boss.ok("GET", f"/contacts/{person}")["bio"]


def test_expired_is_over(workspace, boss, desk, operator, sql):
    grant = given(boss, operator, "read", 1)
    inside, ticket = desk.enter(workspace.slug), desk.ticket(workspace.slug)
    sql.execute("update support_grant set ends_at = now() where grant_id = %s", [grant])
    assert me(inside).status_code == 401
    late = workspace.stack.visitor(workspace.slug)
    assert late.post(API + ticket.split(late.origin)[1], json={}).status_code == 410
    assert boss.ok("GET", f"/support-grants/{grant}")["state"] == "over"


def test_removing_an_operator_ends_all(stack, workspace, boss):
    gone = new_operator(stack)
    desk = gone.desk()
    given(boss, gone, "read")
    inside = desk.enter(workspace.slug)
    assert me(inside).status_code == 200
    assert "1 requests and grants" in stack.praya("operator", "remove", gone.email).stdout
    assert me(inside).status_code == 401
    assert desk.get(f"{API}/cases").status_code == 401
    assert boss.ok("GET", "/support-grants")["items"][0]["operator"] == gone.email, "who it was stays known"


def test_a_ticket_is_good_once_and_for_a_minute(workspace, boss, desk, operator, sql):
    given(boss, operator)
    visitor = workspace.stack.visitor(workspace.slug)
    path = API + desk.ticket(workspace.slug).split(visitor.origin)[1]
    assert visitor.get(path.removeprefix(API)).status_code == 200, "looking at it uses up nothing"
    assert visitor.post(path, json={}).status_code == 201
    assert workspace.stack.visitor(workspace.slug).post(path, json={}).status_code == 410
    late = API + desk.ticket(workspace.slug).split(visitor.origin)[1]
    sql.execute("update support_entry set expires_at = now()")
    assert workspace.stack.visitor(workspace.slug).post(late, json={}).status_code == 410
    for forged in ("x", path.rsplit("/", 1)[1].swapcase(), "0" * 43):
        assert visitor.post(f"{API}/support/enter/{forged}", json={}).status_code == 410


def test_a_ticket_opens_no_other_workspace(stack, workspace, boss, desk, operator):
    other = stack.new_workspace()
    given(boss, operator)
    path = API + desk.ticket(workspace.slug).split(stack.origin(workspace.slug))[1]
    assert stack.visitor(other.slug).post(path, json={}).status_code == 410
    inside = desk.enter(workspace.slug)
    stranger = stack.visitor(other.slug)
    stranger.cookies.set("__Host-praya", inside.cookies["__Host-praya"])
    assert me(stranger).status_code == 401


# ---- everybody is told, and all of it is listed

def test_banner_for_all_while_it_is_open(workspace, boss, desk, operator):
    staff = workspace.add_user("staff").browser()
    assert "Support is looking in" not in staff.page("/contacts")
    grant = given(boss, operator)
    for browser in (staff, desk.enter(workspace.slug)):
        text = html.unescape(browser.page("/contacts"))
        assert "Support is looking in until" in text and "Ticket 4711" in text
    boss.delete(f"/support-grants/{grant}")
    assert "Support is looking in" not in staff.page("/contacts")


def test_banner_in_chinese(workspace, boss, operator, sql):
    staff = workspace.add_user("staff")
    sql.execute("update app_user set language = 'zh-Hant' where email = %s", [staff.email])
    given(boss, operator)
    assert "技術支援人員可查看此工作區" in staff.browser().page("/")


def test_every_page_that_was_seen(workspace, boss, desk, operator, person):
    grant = given(boss, operator, "read")
    inside = desk.enter(workspace.slug)
    inside.page(f"/contacts/{person}")
    inside.page("/companies")
    assert inside.get("/settings/users").status_code == 403
    seen = boss.ok("GET", f"/support-grants/{grant}")["seen"]
    told = [(e["action"], e["route"], e["outcome"]) for e in seen]
    assert told[-1] == ("sign_in", "support.enter", "ok")
    assert ("view", "contact.page", "ok") in told and ("list", "company.list", "ok") in told
    assert any(e["outcome"] == "denied" and e["route"] == "settings.users" for e in seen)
    assert next(e for e in seen if e["route"] == "contact.page")["record_ids"] == [person]
    shown = workspace.admin.browser().page(f"/settings/support/{grant}")
    assert "contact.page" in shown and str(person) in shown


def test_the_list_is_of_that_grant_alone(workspace, boss, desk, operator, person):
    first = given(boss, operator, "read")
    desk.enter(workspace.slug).page(f"/contacts/{person}")
    boss.delete(f"/support-grants/{first}")
    second = given(boss, operator, "read")
    assert boss.ok("GET", f"/support-grants/{second}")["seen"] == []
    assert boss.get(f"/support-grants/{first}", params={"after": "nonsense"}).status_code == 400


def test_the_log_says_who(workspace, boss, desk, operator, sql):
    grant = given(boss, operator)
    desk.enter(workspace.slug).page("/contacts")
    boss.delete(f"/support-grants/{grant}")
    sql.execute("select action, actor_kind, reason, grant_id is not null, operator_id is not null from audit_event "
                "where (entity = 'support_grant' and %s = any (record_ids)) or grant_id = %s order by at, event_id", [grant, grant])
    rows = sql.fetchall()
    assert rows[0][:3] == ("support", "user", "support_given")
    assert ("sign_in", "operator", "support_entered", True, True) in rows
    assert ("list", "operator", None, True, True) in rows
    assert rows[-1][:3] == ("support", "user", "support_revoked")
    events = boss.ok("GET", "/audit", params={"action": "list", "limit": 200})["items"]
    told = [e for e in events if e.get("support_grant") == grant]
    assert told and all(e["actor"] is None and e["actor_kind"] == "operator" and e["operator"] > 0 for e in told)
    assert f'href="/settings/support/{grant}"' in workspace.admin.browser().page("/audit")


def access_epoch(sql):
    sql.execute("select access from epoch")
    return sql.fetchone()[0]


@pytest.mark.parametrize(
    "statement",
    (
        "update support_grant set closed_at = now() where false",
        "update app_user set active = active where false",
        "delete from factor where false",
    ),
)
def test_nothing_changed_leaves_what_processes_know_alone(sql, statement):
    """Chores look in vain at most visits: everybody's rights are not read anew for that."""
    before = access_epoch(sql)
    sql.execute(statement)
    assert access_epoch(sql) == before


def test_an_end_is_told_to_every_process(boss, operator, sql):
    grant = given(boss, operator)
    before = access_epoch(sql)
    sql.execute("update support_grant set closed_at = now() where grant_id = %s", (grant,))
    assert access_epoch(sql) > before
