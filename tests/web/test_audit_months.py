# SPDX-License-Identifier: ISC
"""How long the log is kept: months that are made ahead and go when their time is
over, never before it, never one that is held, and without holding anybody up."""
import datetime
import time

import psycopg2
import pytest

SETTINGS = "/settings/audit"


@pytest.fixture
def place(stack):
    return stack.new_workspace()


@pytest.fixture
def api(place):
    return place.admin.api()


@pytest.fixture
def rows(place):
    connection = place.database()
    yield connection.cursor()
    connection.close()


def value(rows, sql, args=None):
    rows.execute(sql, args)
    return rows.fetchone()[0]


def long_ago(rows, months=15, events=3):
    """A month of the past with events of one person in it: "YYYY-MM"."""
    rows.execute("select audit_ensure_month(now() - make_interval(months => %s))", [months])
    rows.execute(
        "insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, "
        "route, action, subject_ids) select now() - make_interval(months => %s), 'user', null, 'cookie', null, "
        "null, null, null, 'test', 'view', '{4711}' "
        "from generate_series(1, %s)",
        [months, events])
    return value(rows, "select to_char((now() - make_interval(months => %s)) at time zone "
                       "'Asia/Hong_Kong', 'YYYY-MM')", [months])


def days_pass(rows, days=8, runs=3):
    """What is noted as past its time was noted so long ago."""
    rows.execute("update audit_month set notice_at = notice_at - make_interval(days => %s), notice_runs = %s "
                 "where notice_at is not null", [days, runs])


def work(api, rows):
    """The worker's round, now."""
    rows.execute("update chore set due_at = now() where name in ('audit_months', 'audit_seal')")
    api.stack.praya("worker", api.slug, "--once")


def months(api):
    return {m["month"]: m for m in api.ok("GET", "/audit/months")["items"]}


def test_this_month_and_three_ahead_are_there(api, rows):
    work(api, rows)
    states = [m["state"] for m in api.ok("GET", "/audit/months")["items"]]
    assert states[:4] == ["ahead", "ahead", "ahead", "current"] and set(states[4:]) <= {"kept"}


def test_thirteen_months_unless_said_otherwise(api, rows):
    assert api.ok("GET", "/audit/months")["keep_months"] == 13
    assert api.ok("PATCH", "/audit/months", json={"keep_months": 24})["keep_months"] == 24
    assert api.ok("PATCH", "/audit/months", json={"keep_months": 24})["keep_months"] == 24
    events = api.ok("GET", "/audit", params={"action": "setting", "entity": "audit"})["items"]
    assert [(e["reason"], e["count"]) for e in events] == [("months_changed", 24)]


@pytest.mark.parametrize("months", [0, 1, 11, 121, 10**12])
def test_less_than_twelve_and_more_than_120_are_refused_everywhere(stack, place, api, rows, months):
    answer = api.patch("/audit/months", json={"keep_months": months})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["keep_months"]
    answer = place.admin.browser().write(SETTINGS, keep_months=months)
    assert answer.status_code == 422 and 'id="keep_months-note"' in answer.text
    done = stack.praya("audit", "months", place.slug, "--keep", months, check=False)
    assert done.returncode == 1 and "12" in done.stderr
    with pytest.raises((psycopg2.errors.CheckViolation, psycopg2.errors.NumericValueOutOfRange)):
        rows.execute("update workspace set audit_months = %s", [months])
    assert value(rows, "select audit_months from workspace") == 13


@pytest.mark.parametrize("body", [{}, {"keep_months": None}, {"keep_months": "many"}, {"keep_months": -13},
                                  {"keep_months": 13, "drop": True}, {"keep_months": 13.5}])
def test_nonsense_is_refused_at_it(api, body):
    assert api.patch("/audit/months", json=body).status_code == 422


def test_who_may_only_read_the_log_changes_nothing(place):
    auditor = place.add_user("auditor")
    program = auditor.api()
    assert program.get("/audit/months").status_code == 200
    assert "<form class=\"card\"" not in auditor.browser().page(SETTINGS)
    for method, path, body in (("PATCH", "/audit/months", {"keep_months": 24}),
                               ("POST", "/audit/holds", {"from": "2020-01-01", "to": "2020-01-02", "reason": "dispute"}),
                               ("DELETE", "/audit/holds/1", None)):
        assert program.request(method, path, json=body).status_code == 403, path
    assert place.add_user("staff").api().get("/audit/months").status_code == 403


def test_a_month_goes_when_its_time_is_over_and_not_before(place, api, rows):
    gone, kept = long_ago(rows, 15), long_ago(rows, 13)
    work(api, rows)
    assert months(api)[gone]["state"] == "past" and months(api)[kept]["state"] == "kept"
    for days, runs in ((6, 3), (1, 1)):
        # A week, and three days on which it was found: both.
        days_pass(rows, days, runs)
        rows.execute("update audit_month set notice_last = now()")
        work(api, rows)
        assert months(api)[gone]["state"] == "past"
    days_pass(rows)
    work(api, rows)
    assert months(api)[gone]["state"] == "gone" and months(api)[gone]["events"] == 3
    assert months(api)[kept]["state"] == "kept"
    assert value(rows, "select count(*) from audit_event where at < now() - interval '14 months'") == 0
    assert value(rows, "select to_regclass(%s)", ["audit_event_" + gone.replace("-", "_")]) is None
    (event,) = api.ok("GET", "/audit", params={"action": "retention"})["items"]
    assert (event["reason"], event["count"], event["actor_kind"]) == ("month_dropped", 3, "worker")
    assert gone in place.admin.browser().page(SETTINGS)


def test_a_month_that_is_held_stays_until_the_hold_ends(place, api, rows):
    month = long_ago(rows)
    first = month + "-28"
    hold = api.ok("POST", "/audit/holds", status=201, json={"from": first, "to": first, "reason": "dispute"})["id"]
    work(api, rows)
    days_pass(rows)
    work(api, rows)
    assert months(api)[month]["state"] == "held"
    browser = place.admin.browser()
    assert browser.write(f"{SETTINGS}/holds/{hold}/end").status_code == 303
    assert browser.write(f"{SETTINGS}/holds/{hold}/end").status_code == 404
    assert api.delete(f"/audit/holds/{hold}").status_code == 404
    work(api, rows)
    days_pass(rows)
    work(api, rows)
    assert months(api)[month]["state"] == "gone"
    reasons = [e["reason"] for e in api.ok("GET", "/audit", params={"action": "setting"})["items"]]
    assert reasons == ["not_there", "not_there", "hold_ended", "hold_set"]


def test_a_hold_set_at_the_last_moment_is_in_time(api, rows):
    month = long_ago(rows)
    work(api, rows)
    days_pass(rows)
    api.ok("POST", "/audit/holds", json={"from": month + "-01", "to": month + "-02", "reason": "authority"})
    work(api, rows)
    assert months(api)[month]["state"] == "held"
    assert value(rows, "select audit_retire((%s || '-01')::date)", [month]) is None


@pytest.mark.parametrize("body, field", [
    ({"from": "2020-02-30", "to": "2020-03-01", "reason": "dispute"}, "from"),
    ({"from": "2020-03-02", "to": "2020-03-01", "reason": "dispute"}, "to"),
    ({"from": "2020-03-02", "to": "'; drop table audit_hold; --", "reason": "dispute"}, "to"),
    ({"from": "2020-03-02", "to": "2020-03-03", "reason": "because"}, "reason"),
    ({"from": "2020-03-02", "to": "2020-03-03", "reason": "incident"}, "reason"),
    ({"from": "0001-01-01", "to": "2020-03-03", "reason": "dispute"}, "from"),
    ({"from": "2020-03-02", "to": "2020-03-03", "reason": "dispute", "hold_id": 1}, "hold_id"),
])
def test_a_hold_that_cannot_be_read_is_refused_at_the_field(place, api, rows, body, field):
    answer = api.post("/audit/holds", json=body)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]
    answer = place.admin.browser().write(f"{SETTINGS}/holds", **body)
    assert answer.status_code == 422
    assert value(rows, "select count(*) from audit_hold") == 0


def test_the_command_line_holds_and_releases(stack, place):
    days = ["--from", "2020-03-02", "--to", "2020-03-03"]
    for wrong in (["--from", "x", "--to", "2020-03-03", "--reason", "dispute"], [*days, "--reason", "x"]):
        assert stack.praya("audit", "hold", place.slug, *wrong, check=False).returncode == 1
    assert stack.praya("audit", "hold", place.slug, *days, check=False).returncode == 2
    number = stack.praya("audit", "hold", place.slug, *days, "--reason", "dispute").stdout.split()[1]
    seen = stack.praya_json("audit", "months", place.slug)
    assert [(h["from"], h["to"], h["reason"]) for h in seen["holds"]] == [("2020-03-02", "2020-03-03", "dispute")]
    stack.praya("audit", "release", place.slug, number)
    for nothing in (number, "0", "x"):
        assert stack.praya("audit", "release", place.slug, nothing, check=False).returncode == 1
    assert stack.praya_json("audit", "months", place.slug)["holds"] == []


@pytest.mark.parametrize("jump", ["'2 hours'", "-interval '46 days'"])
def test_a_clock_that_jumped_begins_the_week_anew(api, rows, jump):
    month = long_ago(rows)
    work(api, rows)
    days_pass(rows)
    # The clock was ahead by two hours when it was looked at last, or 46 days behind.
    rows.execute(f"update audit_mark set clock_at = now() + {'interval ' if jump[0] != '-' else ''}{jump}")
    work(api, rows)
    assert months(api)[month]["state"] == "past"
    assert value(rows, "select max(now() - notice_at) < interval '1 day' from audit_month")


def test_who_reads_the_log_for_long_is_waited_for_and_holds_up_nobody(place, api, rows):
    month = long_ago(rows)
    work(api, rows)
    days_pass(rows)
    reader = place.database()
    reader.autocommit = False
    with reader.cursor() as cursor:
        cursor.execute("select count(*) from audit_event")
        begin = time.monotonic()
        work(api, rows)
        assert time.monotonic() - begin > 1
        assert months(api)[month]["state"] == "past"
        begin = time.monotonic()
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            rows.execute("select audit_retire((%s || '-01')::date)", [month])
        assert time.monotonic() - begin < 1
    reader.close()
    work(api, rows)
    assert months(api)[month]["state"] == "gone"


def test_what_was_cut_off_between_log_and_disk_is_finished(api, rows):
    month = long_ago(rows)
    part = "audit_event_" + month.replace("-", "_")
    work(api, rows)
    days_pass(rows)
    assert value(rows, "select audit_retire((%s || '-01')::date)", [month]) == 3
    assert value(rows, "select to_regclass(%s)", [part]) == part
    work(api, rows)
    assert value(rows, "select to_regclass(%s)", [part]) is None
    assert months(api)[month]["state"] == "gone"


def test_a_month_taken_out_by_hand_comes_back_with_its_events(api, rows):
    month = value(rows, "select to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY_MM')")
    before = value(rows, "select count(*) from audit_event")
    rows.execute(f"alter table audit_event detach partition audit_event_{month}")
    assert months(api)[month.replace("_", "-")]["state"] == "missing"
    api.ok("GET", "/contacts")
    assert months(api)[month.replace("_", "-")]["state"] == "current"
    assert value(rows, "select count(*) from audit_event") > before


@pytest.mark.parametrize("statement", [
    "insert into audit_hold (first_day, last_day, reason) values ('2020-01-01', '2020-01-02', 'x')",
    "update audit_hold set ended_at = now()",
    "delete from audit_hold",
    "update audit_month set notice_at = '2020-01-01', notice_runs = 9",
    "insert into audit_month (month, notice_at, notice_runs) values ('2026-01-01', '2020-01-01', 9)",
    "update audit_mark set clock_at = now()",
    "update audit_expired set part = 0",
    "alter table workspace drop constraint workspace_audit_months",
])
def test_the_workspaces_role_makes_no_month_due(place, statement):
    connection = place.database()
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        cursor.execute(f"set role {cursor.fetchone()[0]}")
        with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ObjectNotInPrerequisiteState)):
            cursor.execute(statement)
        # What it may call does what is due, and nothing is.
        cursor.execute("select audit_notice(), audit_sweep()")
        cursor.execute("select audit_retire(date_trunc('month', now())::date)")
        assert cursor.fetchone()[0] is None
    connection.close()


def test_a_worker_that_was_away_for_months(movable, clock):
    """The clock of the whole product moves on: nothing is lost meanwhile, nothing goes
    before its week is over, and what is past its time goes then."""
    place = movable.new_workspace()
    api = place.admin.api()
    contact = api.ok("POST", "/contacts", json={"name_en": "Early"})["id"]
    first = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m")
    clock("+250d")
    api = place.admin.api()
    api.ok("GET", f"/contacts/{contact}")
    assert months(api)[first]["state"] == "kept"
    clock("+480d")
    for day, state in ((480, "past"), (482, "past"), (484, "past"), (486, "past"), (488, "gone")):
        clock(f"+{day}d")
        movable.praya("worker", place.slug, "--once")
        assert months(place.admin.api())[first]["state"] == state, day
    api = place.admin.api()
    gone = [e["count"] for e in api.ok("GET", "/audit", params={"action": "retention"})["items"]]
    # The oldest went first; of the others, made ahead, nobody had used any.
    assert gone[-1] > 3 and not any(gone[:-1])
    clock("now")
    # Back in time: the month of today is gone, and still nothing that happens in it is lost.
    api = place.admin.api()
    api.ok("GET", f"/contacts/{contact}")
    assert api.ok("GET", "/audit", params={"action": "view"})["items"][0]["record_ids"] == [contact]
