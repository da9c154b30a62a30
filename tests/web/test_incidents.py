# SPDX-License-Identifier: ISC
"""Data breach incidents: five steps begun in any order and closed in theirs, a decision that a
second person approves, and nothing of it taken back by anybody."""
import psycopg2
import pytest

from harness import parse_forms
from jobs import done

STEPS = [1, 2, 3, 4, 5]
LOCK_OUT = "Sign a user out everywhere"


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def officer(workspace):
    """A second person who may approve."""
    return workspace.add_user("privacy_officer")


@pytest.fixture(scope="module")
def staff(workspace):
    return workspace.add_user("staff")


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def record(client, status=201, **values):
    body = {"kind": "account", "title": "Account taken over", "what": "Signed in from abroad", **values}
    return client.ok("POST", "/privacy/incidents", status=status, json={k: v for k, v in body.items() if v is not None})


def read(client, incident):
    return client.ok("GET", f"/privacy/incidents/{incident['id']}")


def act(client, incident, action, status=200, **values):
    version = read(client, incident)["version"]
    answer = client.post(f"/privacy/incidents/{incident['id']}/{action}", json=values, headers={"If-Match": str(version)})
    assert answer.status_code == status, f"{action} {values}: {answer.status_code} {answer.text}"
    return answer.json()


def close(client, incident, step, status=200):
    return act(client, incident, "close", status, step=step, note=f"What step {step} found")


def begun(client, **values):
    incident = record(client, **values)
    for step in STEPS:
        act(client, incident, "start", step=step)
    return incident


def decided(boss, approver, incident, notify="no"):
    act(boss, incident, "decide", notify=notify, note="No real risk of harm")
    browser = approver.browser()
    page = browser.form(f"/privacy/incidents/{incident['id']}/approve", f"/privacy/incidents/{incident['id']}/approve")
    assert browser.submit(page).status_code == 303


# ---- recorded


def test_a_new_incident_is_suspected_and_its_clocks_run(boss):
    incident = record(boss, aware_at="2026-02-13T03:00:00Z", began_at="2026-02-10")
    assert incident["state"] == "suspected" and incident["reference"].startswith("I20")
    assert incident["target_at"] == "2026-02-16T03:00:00Z", "72 hours"
    assert incident["ceiling_on"] == "2026-02-25", "five business days, Lunar New Year left out"
    assert incident["statutory"] is False and incident["undecided_late"] is True
    assert [s["lacks"] for s in incident["steps"]][0] == ["start"]


def test_a_day_begins_in_hong_kong(boss):
    assert record(boss, aware_at="2026-01-04T16:00:00Z")["ceiling_on"] == "2026-01-12"
    assert record(boss, aware_at="2026-01-04T15:59:59Z")["ceiling_on"] == "2026-01-09"


@pytest.mark.parametrize("values, field", [
    ({"kind": "unknown"}, "kind"), ({"kind": None}, "kind"), ({"title": " "}, "title"), ({"what": None}, "what"),
    ({"aware_at": "2999-01-01"}, "aware_at"), ({"aware_at": "yesterday"}, "aware_at"),
    ({"aware_at": "2026-01-05", "began_at": "2026-01-06"}, "began_at"),
    ({"began_at": "1890-01-01"}, "began_at"),
    ({"from": "2026-01-05", "to": "2026-01-04"}, "to"), ({"to": "2026-01-05"}, "from"),
    ({"from": "2026-01-05", "ip": "10.0.0.300"}, "ip"), ({"from": "2026-01-05", "addresses": ["x' or true --"]}, "addresses"),
    ({"nonsense": 1}, "nonsense"),
])
def test_what_does_not_fit_is_refused_at_its_field(boss, values, field):
    body = {"kind": "lost", "title": "x", "what": "x", **values}
    answer = boss.post("/privacy/incidents", json={k: v for k, v in body.items() if v is not None})
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["errors"]


def test_who_lacks_the_right_sees_nothing(boss, staff):
    incident = record(boss)
    api, browser = staff.api(), staff.browser()
    for path in ("/privacy/incidents", f"/privacy/incidents/{incident['id']}"):
        assert api.get(path).status_code == 403
        assert browser.get(path).status_code == 403
    assert api.post("/privacy/incidents", json={"kind": "lost", "title": "x", "what": "x"}).status_code == 403
    assert browser.get("/privacy/incidents/new").status_code == 403


def test_what_was_written_is_encrypted(boss, rows):
    incident = record(boss, what="Zanzibar was in it")
    rows.execute("select incident::text from incident where incident_id = %s", [incident["id"]])
    assert "Zanzibar".encode().hex() not in rows.fetchone()[0]
    assert read(boss, incident)["what"] == "Zanzibar was in it"


# ---- steps


@pytest.mark.parametrize("order", [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [3, 1, 5, 2, 4]])
def test_steps_begin_in_any_order_and_close_in_theirs(boss, officer, order):
    incident = record(boss)
    for step in order:
        act(boss, incident, "start", step=step)
    act(boss, incident, "start", 409, step=order[0])
    decided(boss, officer, incident)
    for step in STEPS:
        for later in STEPS[step:]:
            close(boss, incident, later, 409)
        close(boss, incident, step)
        close(boss, incident, step, 409)
    over = read(boss, incident)
    assert over["state"] == "documented" and over["closed_at"]
    act(boss, incident, "start", 409, step=1)
    act(boss, incident, "decide", 409, notify="yes", note="x")
    act(boss, incident, "note", note="Afterwards")


def test_the_database_refuses_the_same(workspace, boss, rows):
    incident = begun(boss)
    number = incident["id"]
    rows.execute("select user_id from app_user where email = %s", [workspace.admin.email])
    (me,) = rows.fetchone()

    def insert(columns, values):
        with workspace.database() as connection, connection.cursor() as cursor:
            cursor.execute("select current_database()")
            cursor.execute(f'set role "{cursor.fetchone()[0]}"')
            cursor.execute("select gate_system('worker', %s, 'test')", [me])
            cursor.execute(f"insert into incident_event (incident_id, action, {columns}) values (%s, {values})", [number])
            connection.rollback()

    for columns, values, state in [
        ("step, note", "'close', 2, 'x'", "PR031"), ("step, note", "'close', 5, 'x'", "PR031"),
        ("step, note", "'close', 6, 'x'", "PR031"), ("step", "'close', 1", "PR032"), ("step", "'start', 1", "PR031"),
        ("data", "'decide', '{\"notify\": true}'", "PR032"), ("note", "'decide', 'x'", "PR032"),
        ("data", "'told', '{}'", "PR031"), ("note", "'approve', 'x'", "PR031"), ("note", "'vanish', 'x'", "PR031"),
    ]:
        with pytest.raises(psycopg2.Error) as refused:
            insert(columns, values)
        assert refused.value.pgcode == state, f"{values}: {refused.value}"
    insert("step, note", "'close', 1, 'x'")


def test_nothing_is_taken_back_by_anybody(workspace, boss, rows):
    """Not by the workspace's role, nor by whoever has all rights in the database."""
    incident = begun(boss)
    close(boss, incident, 1)
    statements = [
        "delete from incident where incident_id = %s", "delete from incident_event where incident_id = %s",
        "update incident_event set at = now() where incident_id = %s", "delete from incident_step where incident_id = %s",
    ]
    for statement in statements:
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute(statement, [incident["id"]])
        assert refused.value.pgcode == "PR033"
    for table in ("incident", "incident_event", "incident_step", "exposure", "exposure_entry"):
        with pytest.raises(psycopg2.Error):
            rows.execute(f"truncate {table} cascade")
    rows.execute("select current_database()")
    rows.execute(f'set role "{rows.fetchone()[0]}"')
    for statement in statements + ["update incident set state = 'documented' where incident_id = %s",
                                   "update incident_step set closed_at = null where incident_id = %s"]:
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute(statement, [incident["id"]])
        assert refused.value.pgcode == "42501"


def test_there_is_no_address_that_deletes(boss):
    incident = record(boss)
    assert boss.delete(f"/privacy/incidents/{incident['id']}").status_code == 405
    for action in ("delete", "reopen", "lists/1", "record", "frozen"):
        answer = boss.post(f"/privacy/incidents/{incident['id']}/{action}", json={}, headers={"If-Match": "1"})
        assert answer.status_code in (404, 405), action
    assert boss.post("/privacy/incidents/999999/start", json={"step": 1}, headers={"If-Match": "1"}).status_code == 404


def test_a_step_says_what_it_lacks(boss):
    incident = record(boss)
    act(boss, incident, "start", 422)
    act(boss, incident, "start", 422, step=1, note="not of this")
    for step in (0, 6):
        act(boss, incident, "start", 422, step=step)
    act(boss, incident, "close", 409, step=1, note="x")
    act(boss, incident, "start", step=1)
    act(boss, incident, "close", 422, step=1)
    act(boss, incident, "close", 422, step=1, note="  ")
    answer = boss.post(f"/privacy/incidents/{incident['id']}/close", json={"step": 1, "note": "x"}, headers={"If-Match": "1"})
    assert answer.status_code == 412
    assert boss.post(f"/privacy/incidents/{incident['id']}/close", json={"step": 1, "note": "x"}).status_code == 428


# ---- the decision


def test_whoever_decides_does_not_approve(workspace, boss, officer):
    incident = begun(boss)
    for step in (1, 2, 3):
        close(boss, incident, step)
    close(boss, incident, 4, 409)
    act(boss, incident, "told", 409, whom="pcpd", at="2026-01-05")
    browser = workspace.admin.browser()
    assert browser.get(f"/privacy/incidents/{incident['id']}/approve").status_code == 409
    act(boss, incident, "decide", notify="yes", note="Real risk of harm")
    form = browser.form(f"/privacy/incidents/{incident['id']}/approve", f"/privacy/incidents/{incident['id']}/approve")
    assert browser.submit(form, note="I say so").status_code == 403
    assert read(boss, incident)["state"] == "assessed"
    decided(boss, officer, incident, "yes")
    now = read(boss, incident)
    assert now["state"] == "decided" and now["notify"] is True and now["approved_by"]
    close(boss, incident, 4, 409)
    act(boss, incident, "told", 422, whom="nobody", at="2026-01-05")
    act(boss, incident, "told", 422, whom="pcpd", at="2999-01-05")
    act(boss, incident, "told", 422, whom="pcpd", at="2001-01-05")
    act(boss, incident, "told", whom="pcpd", at=now["recorded_at"])
    assert close(boss, incident, 4)["state"] == "notified"
    assert close(boss, incident, 5)["state"] == "documented"


def test_a_decision_made_anew_is_approved_anew(boss, officer):
    incident = begun(boss)
    decided(boss, officer, incident, "no")
    act(boss, incident, "told", 409, whom="pcpd", at=incident["aware_at"])
    act(boss, incident, "decide", notify="yes", note="More is known")
    assert read(boss, incident)["approved_at"] is None
    close(boss, incident, 1)
    close(boss, incident, 2)
    close(boss, incident, 3)
    close(boss, incident, 4, 409)


def test_nobody_else_could_approve(stack):
    place = stack.new_workspace()
    boss, browser = place.admin.api(), place.admin.browser()
    incident = begun(boss)
    act(boss, incident, "decide", notify="no", note="No risk")
    form = browser.form(f"/privacy/incidents/{incident['id']}/approve", f"/privacy/incidents/{incident['id']}/approve")
    again = browser.submit(form)
    assert again.status_code == 422 and "say why you do so alone" in again.text
    assert browser.submit(form, note="I am alone here").status_code == 303
    assert read(boss, incident)["events"][0]["sole_approver"] is True
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from outbox where kind = 'request_sole'")
        assert cursor.fetchone()[0] == 1, "administrators are told"


# ---- months of the log


def test_an_open_incident_holds_its_months(boss, officer, rows):
    incident = begun(boss, aware_at="2026-01-20T04:00:00Z", began_at="2025-12-31T17:00:00Z")
    rows.execute("select hold_id, first_day::text, last_day::text from audit_hold where reason = 'incident' "
                 "and source_id = %s and ended_at is null", [incident["id"]])
    hold, first, last = rows.fetchone()
    assert (first, last) == ("2026-01-01", "2026-01-20")
    assert boss.delete(f"/audit/holds/{hold}").status_code == 404, "it is the incident's to end"
    boss.ok("POST", f"/privacy/incidents/{incident['id']}/lists", status=202, json={"from": "2025-06-05", "to": "2025-06-06"})
    rows.execute("select count(*) from audit_hold where source_id = %s and reason = 'incident' and ended_at is null "
                 "and first_day = '2025-06-05' and last_day >= '2025-06-06'", [incident["id"]])
    assert rows.fetchone()[0] == 1
    done(boss, read(boss, incident)["lists"][0]["job"])
    decided(boss, officer, incident)
    for step in STEPS:
        close(boss, incident, step)
    rows.execute("select count(*) from audit_hold where source_id = %s and reason = 'incident' and ended_at is null",
                 [incident["id"]])
    assert rows.fetchone()[0] == 0
    assert boss.post(f"/privacy/incidents/{incident['id']}/lists", json={"from": "2025-06-05"}).status_code == 409


# ---- pages


@pytest.mark.parametrize("lang, words", [("en", ["Data breach incidents", "72 hours", "not law"]),
                                         ("zh-Hant", ["資料外洩事故", "72小時", "並非法律規定"])])
def test_recorded_and_worked_on_by_page(workspace, lang, words):
    browser = workspace.admin.browser()
    browser.write("/language", lang=lang, back="/")
    form = browser.form("/privacy/incidents/new", "/privacy/incidents")
    again = browser.submit(form, title="Laptop", kind="lost", what="")
    assert again.status_code == 422 and "Laptop" in again.text
    answer = browser.submit(form, title="Laptop & <bag>", kind="lost", what="Left in a taxi")
    assert answer.status_code == 303
    path = answer.headers["Location"]
    text = browser.page("/privacy/incidents")
    assert all(word in text for word in words) and "Laptop &amp; &lt;bag&gt;" in text
    start = [f for f in parse_forms(browser.page(path), path) if f.action == f"{path}/start"]
    assert len(start) == 5
    assert browser.submit(start[2]).status_code == 303
    page = browser.page(path)
    assert f"{path}/close?step=1" not in page and f"{path}/close?step=3" not in page, "earlier ones first"
    start = [f for f in parse_forms(page, path) if f.action == f"{path}/start"]
    assert browser.submit(start[0]).status_code == 303
    step = browser.form(f"{path}/close?step=1", f"{path}/close")
    assert browser.submit(step, note="").status_code == 422
    assert browser.submit(step, note="Nothing else").status_code == 303
    assert browser.get(f"{path}/close?step=4").status_code == 409
    browser.write("/language", lang="en", back="/")


def test_accounts_are_locked_a_click_away_by_whoever_may(workspace, boss, officer):
    case = record(boss, kind="lost", title="Laptop lost", what="On the MTR")
    page = workspace.admin.browser().page(f"/privacy/incidents/{case['id']}")
    assert LOCK_OUT in page and 'href="/settings/users"' in page
    assert LOCK_OUT not in officer.browser().page(f"/privacy/incidents/{case['id']}")
