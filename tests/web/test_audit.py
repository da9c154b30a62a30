# SPDX-License-Identifier: ISC
"""The audit log: what is written, that it cannot be changed, who may read it,
its filters and pages, a person's history, and who has seen a person."""
import datetime
import html
import secrets

import psycopg2
import pytest

from harness import API


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def clerk(workspace):
    return workspace.add_user("staff")


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def person(api):
    body = {"name_en": "AUDITED Person", "email": f"{secrets.token_hex(4)}@audit.example",
            "phone": "2812 3456", "salary": {"amount": "31000.00", "currency": "HKD"}}
    return api.ok("POST", "/contacts", json=body)


def history(api, contact, **filters):
    return api.ok("GET", f"/contacts/{contact}/audit", params={"limit": 200, **filters})["items"]


def newest(api, contact, action):
    return [e for e in history(api, contact) if e["action"] == action][0]


def user_id(rows, email):
    rows.execute("select user_id from app_user where email = %s", [email])
    return rows.fetchone()[0]


def test_a_view_names_who_where_what_and_which_fields(api, clerk, rows, person):
    theirs = clerk.api()
    theirs.ok("GET", f"/contacts/{person['id']}")
    event = newest(api, person["id"], "view")
    assert event["actor"] == user_id(rows, clerk.email)
    assert event["record_ids"] == [person["id"]] and event["subject_ids"] == [person["id"]]
    assert event["ip"] == "127.0.0.1" and event["via"] == "token" and event["outcome"] == "ok"
    assert event["route"] == "contact.read"
    assert "name_en" in event["fields"] and "hkid" not in event["fields"]
    # Staff's profile hides the salary: it was not in the answer, nor is it in the event.
    assert not [f for f in event["fields"] if f.startswith("salary")]


def test_a_list_page_names_the_people_it_showed(api, workspace, person):
    browser = workspace.admin.browser()
    page = browser.page("/contacts")
    assert f'/contacts/{person["id"]}"' in page
    event = newest(api, person["id"], "list")
    assert person["id"] in event["subject_ids"] and event["count"] == len(event["record_ids"])


def test_a_search_that_finds_nobody_is_logged_without_its_words(api, rows):
    word = "zq" + secrets.token_hex(6)
    assert api.ok("POST", "/contacts/search", json={"q": word})["items"] == []
    event = api.ok("GET", "/audit", params={"action": "search", "limit": 1})["items"][0]
    assert event["subject_ids"] == [] and event["count"] == 0
    rows.execute("select count(*) from audit_event e where e::text like %s", [f"%{word}%"])
    assert rows.fetchone()[0] == 0


def test_a_change_keeps_before_and_after_under_the_persons_key(api, rows, person):
    api.ok("PATCH", f"/contacts/{person['id']}", json={"job_title": "ZqBuyerBefore"},
           headers={"If-Match": str(person["version"])})
    api.ok("PATCH", f"/contacts/{person['id']}", json={"job_title": "ZqBuyerAfter"},
           headers={"If-Match": str(person["version"] + 1)})
    event = newest(api, person["id"], "update")
    (change,) = event["changes"]
    assert (change["field"], change["before"], change["after"]) == ("job_title", "ZqBuyerBefore", "ZqBuyerAfter")
    rows.execute("select count(*) from audit_event e where e::text like '%%ZqBuyer%%' "
                 "or position('ZqBuyer'::bytea in e.changes) > 0")
    assert rows.fetchone()[0] == 0


def test_reveal_and_verify_leave_their_reason_not_their_value(api, person):
    api.ok("POST", f"/contacts/{person['id']}/reveal", json={"fields": ["salary"], "reason": "contract"})
    event = newest(api, person["id"], "reveal")
    assert (event["reason"], event["fields"]) == ("contract", ["salary"])
    assert api.ok("POST", f"/contacts/{person['id']}/verify",
                  json={"field": "phone", "value": "2812 3456"})["match"] is True
    event = [e for e in history(api, person["id"]) if e["reason"] == "verify"][0]
    assert event["fields"] == ["phone"] and "2812" not in str(event)


def test_a_refused_attempt_is_evidence_too(api, clerk, rows, person):
    theirs = clerk.api()
    assert theirs.get(f"/contacts/{person['id']}/audit").status_code == 403
    assert theirs.post(f"/contacts/{person['id']}/erase",
                       json={"reason": "consent_withdrawn", "confirm": str(person["id"])}).status_code == 403
    refused = api.ok("GET", "/audit", params={"outcome": "denied", "actor": user_id(rows, clerk.email)})["items"]
    assert {"erase", "list"} <= {e["action"] for e in refused}


def test_signing_in_failing_and_out_are_events(api, workspace, rows):
    who = workspace.add_user("staff")
    stranger = workspace.stack.visitor(workspace.slug)
    assert stranger.sign_in(who.email, "wrong " + who.password).status_code != 303
    browser = who.browser()
    browser.sign_out()
    number = user_id(rows, who.email)
    for action in ("sign_in", "sign_out"):
        events = api.ok("GET", "/audit", params={"action": action, "entity": "user", "actor": number})["items"]
        assert [(e["record_ids"], e["outcome"]) for e in events] == [([number], "ok")], action
    failed = api.ok("GET", "/audit", params={"action": "sign_in_failed"})["items"]
    assert failed and who.email not in str(failed)
    assert not api.ok("GET", "/audit", params={"action": "sign_in_failed", "actor": number})["items"]


def test_reading_the_log_is_in_the_log(api, person, rows):
    history(api, person["id"])
    rows.execute("select count(*) from audit_event where entity = 'audit' and action = 'list' "
                 "and %s = any (subject_ids)", [person["id"]])
    assert rows.fetchone()[0] >= 1


@pytest.mark.parametrize("statement", [
    "update audit_event set outcome = 'ok'",
    "delete from audit_event",
    "truncate audit_event",
    "update audit_day set events = 0",
    "drop table audit_event",
    "alter table audit_event disable row level security",
])
def test_the_workspaces_role_cannot_change_what_happened(workspace, statement):
    connection = workspace.database()
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        cursor.execute(f"set role {cursor.fetchone()[0]}")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
    connection.close()


def test_the_workspaces_role_reaches_no_month_by_itself(workspace, rows):
    rows.execute("select inhrelid::regclass::text from pg_inherits where inhparent = 'audit_event'::regclass")
    months = [m for (m,) in rows.fetchall()]
    assert len(months) >= 4
    connection = workspace.database()
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        cursor.execute(f"set role {cursor.fetchone()[0]}")
        for month in months:
            for verb in (f"select from {month}", f"delete from {month}"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(verb)
    connection.close()


def test_an_event_needs_the_gate(workspace):
    connection = workspace.database()
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        cursor.execute(f"set role {cursor.fetchone()[0]}")
        with pytest.raises(psycopg2.Error):
            cursor.execute("insert into audit_event (action) values ('view')")
        # Without it there is nothing to see either.
        cursor.execute("select count(*) from audit_event")
        assert cursor.fetchone()[0] == 0
        cursor.execute("select count(*) from contact")
        assert cursor.fetchone()[0] == 0
    connection.close()


def test_a_month_that_is_missing_is_made_and_no_event_is_lost(stack):
    own = stack.new_workspace()
    api = own.admin.api()
    contact = api.ok("POST", "/contacts", json={"name_en": "Month"})["id"]
    connection = own.database()
    with connection.cursor() as cursor:
        cursor.execute("select 'audit_event_' || to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY_MM')")
        month = cursor.fetchone()[0]
        cursor.execute(f"drop table {month}")
        assert api.ok("GET", f"/contacts/{contact}")["id"] == contact
        cursor.execute(f"select count(*) from {month} where action = 'view' and %s = any (subject_ids)", [contact])
        assert cursor.fetchone()[0] == 1
    connection.close()


def test_filters_narrow_by_who_what_which_field_where_and_when(api, clerk, rows, person):
    clerk.api().ok("GET", f"/contacts/{person['id']}")
    number = user_id(rows, clerk.email)
    mine = api.ok("GET", "/audit", params={"actor": number, "action": "view", "entity": "contact"})["items"]
    assert mine and {(e["actor"], e["action"], e["entity"]) for e in mine} == {(number, "view", "contact")}
    assert history(api, person["id"], field="phone") and not history(api, person["id"], field="bio_none")
    assert history(api, person["id"], ip="127.0.0.1") and not history(api, person["id"], ip="203.0.113.9")
    # The log's days are Hong Kong's, and "to" a day means through its end.
    hong_kong = datetime.timezone(datetime.timedelta(hours=8))
    today = datetime.datetime.now(hong_kong).strftime("%Y-%m-%d")
    past = "2001-01-01"
    assert history(api, person["id"], **{"from": past}) and not history(api, person["id"], to=past)
    assert api.ok("GET", "/audit", params={"from": past, "to": today})["items"]
    assert not api.ok("GET", "/audit", params={"from": past, "to": "2001-01-02"})["items"]


@pytest.mark.parametrize("query, field", [
    ({"from": "yesterday"}, "from"),
    ({"to": "2026-13-40"}, "to"),
    ({"ip": "1' or '1'='1"}, "ip"),
    ({"after": "AAAA"}, "after"),
    ({"actor": "admin"}, "actor"),
    ({"limit": "0"}, "limit"),
    ({"limit": "100000"}, "limit"),
    ({"colour": "red"}, "colour"),
])
def test_nonsense_in_a_filter_is_refused_at_it(api, query, field):
    answer = api.get("/audit", params=query)
    assert answer.status_code == 400, answer.text
    assert field in answer.json()["errors"]


def test_a_cursor_of_another_workspace_opens_nothing(api, stack):
    other = stack.new_workspace()
    theirs = other.admin.api()
    for _ in range(3):
        theirs.ok("GET", "/contacts")
    cursor = theirs.ok("GET", "/audit", params={"limit": 1})["next"]
    assert cursor
    assert api.get("/audit", params={"after": cursor}).status_code == 400


def test_pages_are_complete_and_without_doubles_while_events_go_on(api, person):
    for _ in range(5):
        api.ok("GET", f"/contacts/{person['id']}")
    there = [e["id"] for e in history(api, person["id"], action="view")]
    seen, after = [], None
    while True:
        params = {"limit": 2, "action": "view", **({"after": after} if after else {})}
        page = api.ok("GET", f"/contacts/{person['id']}/audit", params=params)
        seen += [e["id"] for e in page["items"]]
        api.ok("GET", f"/contacts/{person['id']}")
        after = page["next"]
        if after is None:
            break
    assert seen == there and len(there) >= 5


def test_the_page_shows_it_in_the_readers_words(workspace, api, person):
    api.ok("PATCH", f"/contacts/{person['id']}", json={"job_title": "採購經理"},
           headers={"If-Match": str(person["version"])})
    browser = workspace.admin.browser()
    page = html.unescape(browser.page(f"/contacts/{person['id']}/audit"))
    assert "採購經理" in page and "Job title" in page
    assert workspace.admin.email.split("@")[0] in page
    answer = browser.get("/audit", params={"from": "yesterday"})
    assert answer.status_code == 400 and "yesterday" in answer.text


def test_who_has_seen_this_counts_by_day_and_field(api, clerk, rows, person):
    theirs = clerk.api()
    for _ in range(2):
        theirs.ok("GET", f"/contacts/{person['id']}")
    items = api.ok("GET", f"/contacts/{person['id']}/viewers")["items"]
    (line,) = [v for v in items if v.get("user") == user_id(rows, clerk.email) and v["action"] == "view"]
    assert line["count"] >= 2 and "phone" in line["fields"] and "salary" not in line["fields"]


def test_staff_reach_no_persons_log_and_see_no_way_to_it(workspace, clerk, person):
    theirs, browser = clerk.api(), clerk.browser()
    assert browser.get(f"/contacts/{person['id']}/audit/print").status_code == 403
    for path in (f"/contacts/{person['id']}/audit", f"/contacts/{person['id']}/viewers"):
        assert theirs.get(path).status_code == 403
        assert browser.get(path).status_code == 403
    page = browser.page(f"/contacts/{person['id']}")
    assert "/audit" not in page and "/viewers" not in page


def test_the_history_of_somebody_unknown_is_not_there(api):
    for path in ("/contacts/999999999/audit", "/contacts/999999999/viewers"):
        assert api.get(path).status_code == 404


def test_every_answer_with_a_persons_data_has_its_event(api, workspace, rows, person):
    """Each way of reading this person, page and JSON, and what it left in the log."""
    number, browser = person["id"], workspace.admin.browser()
    note = api.ok("POST", f"/contacts/{number}/activities", json={"kind": "note", "body": "a note"})["id"]
    message = api.ok("POST", f"/contacts/{number}/messages",
                     json={"channel": "phone", "direction": "in", "body": "called"})["id"]
    paths = [f"/contacts/{number}", f"/contacts/{number}/activities", f"/contacts/{number}/messages",
             f"/activities/{note}", f"/messages/{message}", "/activities", "/messages", "/contacts",
             f"/contacts/{number}/viewers", f"/contacts/{number}/audit"]
    reads = [(api, p) for p in paths]
    reads += [(browser, p) for p in (f"/contacts/{number}", f"/contacts/{number}/edit", f"/activities/{note}",
                                     f"/messages/{message}", "/activities", "/messages", "/contacts", "/")]

    def events():
        rows.execute("select count(*) from audit_event where %s = any (subject_ids)", [number])
        return rows.fetchone()[0]

    for client, path in reads:
        before = events()
        answer = client.get(path)
        assert answer.status_code == 200, path
        shown = "AUDITED Person" in answer.text or f"/contacts/{number}" in answer.text or client is api
        if shown:
            assert events() > before, f"{path} showed the person without an event"


def test_a_command_makes_room_for_a_month_that_no_worker_has_made(movable, clock, tmp_path):
    """Whichever command comes first, after however long."""
    workspace = movable.new_workspace()
    contact = workspace.admin.api().ok("POST", "/contacts", json={"name_en": "LAM On"})["id"]
    people = tmp_path / "people.csv"
    people.write_text("name_en,email\nCHAN Tai,chan@example.com\n")
    address = workspace.admin.email
    mail = "From: chan@example.com\nTo: us@example.com\nMessage-ID: <1@example.com>\n\nGood morning\n"
    commands = [
        ["token", "create", workspace.slug, address, "--name", "late"],
        ["user", "add", workspace.slug, "late@example.com", "--profile", "staff"],
        ["user", "reset", workspace.slug, address],
        ["import", workspace.slug, str(people)],
        ["export", "contact", workspace.slug, str(contact), "--out", str(tmp_path / "person.zip")],
        ["mail-in", workspace.slug],
    ]

    def asked(query):
        with workspace.database() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]

    for n, argv in enumerate(commands):
        clock(f"+{(n + 1) * 200}d")
        room = "select to_regclass('audit_event_' || to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY_MM'))"
        assert asked(room) is None, argv
        done = movable.praya(*argv, stdin=mail, check=False)
        assert done.returncode == 0, f"{argv[0]}: {done.stderr}"
        assert asked("select count(*) from audit_event where at > now() - interval '10 minutes' "
                     "and actor_kind in ('cli', 'worker')") > 0, argv


def test_a_number_that_nobody_can_have_finds_nothing(workspace):
    """People's numbers have 31 bits; what is greater is no more of a fault than one that is not there."""
    boss = workspace.admin.api()
    for number in (2147483647, 2147483648, 9223372036854775807):
        assert boss.ok("GET", "/audit", params={"contact": number})["items"] == [], number
