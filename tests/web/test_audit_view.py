# SPDX-License-Identifier: ISC
"""The audit log as it is looked at: views, the query line in both directions, one event,
where a search ends, one's own actions, days, and the log as a file."""
import csv
import html
import io
import json
import re
from pathlib import Path

import pytest

from exports import fetch
from jobs import done
from profiles import everything, make_profile

TOP = Path(__file__).resolve().parents[2]
VIEWS = {"changes": {"create", "update", "archive", "restore", "delete", "import"}, "sign_ins": {"sign_in", "sign_in_failed", "sign_out"}, "security": {"permission", "setting", "support"},
         "exports": {"export", "download", "send"},
         "privacy": {"reveal", "merge", "erase", "consent", "opt_out", "retention"}}
CONTRACT = """view list search reveal create update archive restore delete import export download merge erase consent
opt_out send permission sign_in sign_in_failed sign_out setting support retention""".split()


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def clerk(workspace):
    return workspace.add_user("staff", email="chan.clerk@" + workspace.slug + ".example")


def user_id(rows, email):
    rows.execute("select user_id from app_user where email = %s", [email])
    return rows.fetchone()[0]


def find(api, line=None, **params):
    params = {"limit": 200, **({"q": line} if line else {}), **params}
    return api.ok("GET", "/audit", params=params)["items"]


@pytest.fixture(scope="module")
def busy(workspace, api, clerk, rows):
    """A person with an event of most kinds."""
    rows.execute("update field set enabled = true where name = 'hkid'")
    person = api.ok("POST", "/contacts", json={"name_en": "LOOKED At", "hkid": "A123456(3)", "phone": "2812 3456"})
    api.ok("PATCH", f"/contacts/{person['id']}", json={"job_title": "Buyer"}, headers={"If-Match": str(person["version"])})
    api.ok("POST", f"/contacts/{person['id']}/reveal", json={"fields": ["hkid"], "reason": "contract"})
    done(api, api.ok("POST", f"/contacts/{person['id']}/export", status=202)["job"])
    clerk.api().ok("GET", f"/contacts/{person['id']}")
    workspace.stack.visitor(workspace.slug).sign_in(clerk.email, "wrong " + clerk.password)
    return person["id"]


def test_every_action_of_the_contract_is_in_the_catalogue_with_words_in_both_languages():
    names = re.findall(r'ACTION\("(\w+)"', (TOP / "src/audit/action.c").read_text())
    assert set(names) == set(CONTRACT) and len(names) == len(CONTRACT)
    for tag in ("en", "zh-Hant"):
        texts = (TOP / f"i18n/{tag}.hdf").read_text()
        assert all(f"\naudit.action.{name} = " in texts for name in names)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_its_actions_and_no_others(api, busy, view):
    found = {e["action"] for e in find(api, view=view)}
    assert found <= VIEWS[view]
    assert found or view == "security"
    others = set(CONTRACT) - VIEWS[view]
    assert not find(api, view=view, action=sorted(others)[0])


def test_a_view_that_is_not_there_is_refused(api):
    answer = api.get("/audit", params={"view": "everything"})
    assert answer.status_code == 400 and "view" in answer.json()["errors"]


def test_the_line_finds_what_the_filters_find(api, clerk, rows, busy):
    number = user_id(rows, clerk.email)
    line = find(api, f"actor:chan.clerk action:view entity:contact person:{busy} field:phone outcome:ok from:2020-01-01")
    params = find(api, actor=number, action="view", entity="contact", contact=busy, field="phone", outcome="ok",
                  **{"from": "2020-01-01"})
    assert line == params and {e["actor"] for e in line} == {number}


@pytest.mark.parametrize("line", ["actor:{email}", "actor:chan", 'actor:"chan.clerk"', "ACTOR:Chan.Clerk", "actor:{id}",
                                  "用戶：chan.clerk", "　actor:chan　 action:view　"])
def test_a_user_is_called_by_name_address_or_number(api, clerk, rows, busy, line):
    number = user_id(rows, clerk.email)
    assert {e["actor"] for e in find(api, line.format(email=clerk.email, id=number))} == {number}


@pytest.mark.parametrize("line, action", [("action:export", "export"), ("action:Exported", "export"), ("動作:匯出", "export"),
                                          ("action:顯示完整資料", "reveal"), ("view:私隱 action:reveal", "reveal"),
                                          ("action:sign_in_failed outcome:failed", "sign_in_failed")])
def test_values_are_codes_or_what_the_page_calls_them(api, busy, line, action):
    found = find(api, line)
    assert found and {e["action"] for e in found} == {action}


def test_me_is_whoever_asks(api, workspace, rows, busy):
    assert {e["actor"] for e in find(api, "actor:me")} == {user_id(rows, workspace.admin.email)}


@pytest.mark.parametrize("line, word", [
    ("actor:me colour:red", "colour:red"),
    ("action:view nonsense", "nonsense"),
    ("action:", "action:"),
    ("action:explode", "action:explode"),
    ("actor:nobody-of-that-name", "actor:nobody-of-that-name"),
    ("actor:me actor:me", "actor:me"),
    ("field:no_such_field", "field:no_such_field"),
    ("field:company.hkid", "field:company.hkid"),
    ("from:yesterday", "from:yesterday"),
    ("to:2026-02-30", "to:2026-02-30"),
    ("ip:999.1.1.1", "ip:999.1.1.1"),
    ("ip:10.0.0.0/8", "ip:10.0.0.0/8"),
    ("session:0", "session:0"),
    ("session:99999999999999999999", "session:99999999999999999999"),
    ("person:-1", "person:-1"),
    ('actor:"chan', 'actor:"chan'),
    ("outcome:maybe", "outcome:maybe"),
    ("entity:unicorn", "entity:unicorn"),
    ("view:none", "view:none"),
    ("action:view' or '1'='1", "action:view'"),
    ("actor:1); drop table audit_event; --", "actor:1);"),
    (":", ":"),
    ("：", "："),
    ("field:" + "x" * 300, "field:" + "x" * 54 + "…"),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
])
def test_a_word_that_is_wrong_is_named(api, busy, line, word):
    answer = api.get("/audit", params={"q": line})
    assert answer.status_code == 400, answer.text
    assert f"“{word}”" in answer.json()["errors"]["q"]


def test_the_page_says_it_at_the_line_and_keeps_what_was_typed(workspace, busy):
    browser = workspace.admin.browser()
    answer = browser.get("/audit", params={"q": 'action:export <b>"x"'})
    assert answer.status_code == 400 and "<b>" not in answer.text
    page = html.unescape(answer.text)
    assert '“<b>"x"”' in page and 'value="action:export <b>"x""' in page


def test_several_users_of_a_name_are_no_answer(workspace, api):
    for n in (1, 2):
        workspace.add_user("staff", email=f"wong{n}@{workspace.slug}.example")
    answer = api.get("/audit", params={"q": "actor:wong"})
    assert answer.status_code == 400 and "several users" in answer.json()["errors"]["q"]
    assert api.get("/audit", params={"q": "actor:wong1"}).status_code == 200


def test_saying_the_same_twice_is_refused(api):
    answer = api.get("/audit", params={"q": "action:view", "action": "list"})
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["action"]


def test_filters_show_as_a_line_and_a_line_as_filters(workspace, api, clerk, rows, busy):
    browser, number = workspace.admin.browser(), user_id(rows, clerk.email)
    page = html.unescape(browser.page(f"/audit?actor={number}&action=view&contact={busy}&from=2020-01-01"))
    assert f'value="actor:{number} person:{busy} action:view from:2020-01-01"' in page
    page = browser.page("/audit?q=actor:chan.clerk+action:view+from:2020-01-01")
    assert re.search(rf'<option value="{number}" selected>', page)
    assert re.search(r'<option value="view" selected>', page) and 'value="2020-01-01"' in page


@pytest.mark.parametrize("params", [
    {"from": "0001-01-01", "to": "9999-12-31"}, {"from": "9999-12-31", "to": "0001-01-01"},
    {"from": "2026-01-01T00:00", "to": "2026-01-01T00:00"}, {"session": 2**62}, {"record": 2**62, "entity": "invoice"},
    {"actor": 2**62}, {"field": "x\" or true"}, {"ip": "::"},
])
def test_huge_and_empty_ranges_are_answered(api, params):
    answer = api.get("/audit", params=params)
    assert answer.status_code == 200, answer.text


def test_one_event_has_an_address_of_its_own(workspace, api, busy):
    (event,) = [e for e in find(api, contact=busy, action="update") if e["entity"] == "contact"]
    alone = api.ok("GET", f"/audit/{event['id']}")
    assert alone == event and alone["changes"][0]["after"] == "Buyer"
    browser = workspace.admin.browser()
    page = html.unescape(browser.page(f"/audit/{event['id']}"))
    assert "Buyer" in page and "Job title" in page and "127.0.0.1" in page
    assert f'href="/audit/{event["id"]}"' in browser.page(f"/audit?contact={busy}&action=update")
    # Looking at it is an event, with the person.
    (looked, *_) = find(api, entity="audit", action="view", contact=busy)
    assert looked["record_ids"] == [event["id"]] and busy in looked["subject_ids"]


@pytest.mark.parametrize("number, status", [("999999999", 404), (str(2**62), 404), ("0", 404), ("x", 404)])
def test_an_event_that_is_not_there_is_not_there(api, number, status):
    assert api.get(f"/audit/{number}").status_code == status


def test_values_of_hidden_and_masked_fields_stay_so(workspace, api, busy):
    database = workspace.database()
    profile = make_profile(database, everything("all"), {"contact.job_title": "hidden", "contact.name_en": "masked"},
                           special=("view_audit", "see_vip"))
    reader = workspace.add_user(profile).api()
    database.close()
    (event,) = [e for e in find(api, contact=busy, action="update") if e["entity"] == "contact"]
    theirs = reader.ok("GET", f"/audit/{event['id']}")
    assert "Buyer" not in json.dumps(theirs) and "job_title" not in json.dumps(theirs)
    created = [e for e in find(reader, contact=busy, action="create") if e["entity"] == "contact"][0]
    assert "LOOKED" not in json.dumps(reader.ok("GET", f"/audit/{created['id']}"))


def test_a_session_is_all_that_was_done_in_it(workspace, api, rows):
    who = workspace.add_user("staff")
    browser = who.browser()
    browser.page("/contacts")
    browser.page("/companies")
    other = who.browser()
    other.page("/contacts")
    rows.execute("select session_id from audit_event where actor_id = %s and action = 'list' and entity = 'company'",
                 [user_id(rows, who.email)])
    session = rows.fetchone()[0]
    found = find(api, f"session:{session}")
    assert {e["session"] for e in found} == {session}
    assert {"sign_in", "list"} <= {e["action"] for e in found}


# ---- one's own

def test_without_the_right_one_sees_what_one_did_oneself(api, clerk, rows, busy):
    theirs, number = clerk.api(), user_id(rows, clerk.email)
    for params in ({}, {"actor": 1}, {"contact": busy}, {"view": "security"}, {"action": "export"}, {"outcome": "denied"}):
        assert {e["actor"] for e in find(theirs, **params)} <= {number}
    assert {"view"} <= {e["action"] for e in find(theirs)}
    page = clerk.browser().page("/audit?q=actor:me")
    assert "You see what you did yourself" in page and '<select class="input" id="f-actor"' not in page


def test_an_event_of_another_is_not_there_for_them(api, clerk, rows, busy):
    theirs, number = clerk.api(), user_id(rows, clerk.email)
    mine = [e for e in find(api, contact=busy, action="view") if e["actor"] == number][0]["id"]
    others = [e for e in find(api, contact=busy, action="update")][0]["id"]
    assert theirs.get(f"/audit/{mine}").status_code == 200
    assert theirs.get(f"/audit/{others}").status_code == 404
    assert clerk.browser().get("/audit/export").status_code == 403
    assert theirs.post("/audit/export", json={"format": "csv", "reason": "work"}).status_code == 403
    assert theirs.get(f"/contacts/{busy}/audit").status_code == 403


def test_the_database_itself_shows_them_no_more(workspace, clerk, rows, busy):
    """As the workspace's role, in the transaction of a page of the log."""
    clerk.api().ok("GET", "/audit")
    rows.execute("select s.session_id, s.user_id from session s join app_user u using (user_id) where u.email = %s "
                 "and s.kind = 'token' order by 1 desc limit 1", [clerk.email])
    session, number = rows.fetchone()
    connection = workspace.database()
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        cursor.execute(f"set role {cursor.fetchone()[0]}")
        cursor.execute("select gate_settings('user', %s, null, 'token', %s, null, null, null, 'audit.list', "
                       "array['all','all','all','all','all','all'], true, false)", [number, session])
        cursor.execute("select array_agg(distinct actor_id) from audit_event")
        assert cursor.fetchone()[0] == [number]
        cursor.execute("select coalesce(array_agg(distinct actor_id), '{}') from audit_day")
        assert set(cursor.fetchone()[0]) <= {number}
    connection.close()


def test_a_token_without_the_scope_shows_ones_own(workspace, rows):
    """Of an administrator, whose profile could see everything."""
    token = workspace.admin.api()
    rows.execute("update session set scope = array['.self', 'contact.view'] where session_id = (select max(session_id) "
                 "from session where kind = 'token')")
    token.ok("GET", "/contacts")
    number = user_id(rows, workspace.admin.email)
    assert {e["actor"] for e in find(token)} == {number}


# ---- pages and where a search ends

def fill(rows, n, **columns):
    """Events of the past, one second apart, by nobody."""
    names = {"action": "view", "outcome": "ok", "entity": "contact", "actor_id": None, "ip": None, **columns}
    rows.execute(
        f"insert into audit_event (at, actor_kind, via, session_id, agent, request_id, route, {', '.join(names)}) "
        f"select now() - interval '1 day' - n * interval '1 second', 'user', 'cookie', null, null, null, 'test', "
        f"{', '.join(['%s'] * len(names))} from generate_series(1, %s) n", [*names.values(), n])


def test_what_is_rare_among_much_is_found_and_a_search_says_where_it_came_to(stack):
    own = stack.new_workspace()
    api = own.admin.api()
    connection = own.database()
    rows = connection.cursor()
    rows.execute("select audit_ensure_month(now() - interval '1 day 8 hours')")
    fill(rows, 26000)
    rows.execute("update audit_event set action = 'search' where event_id in (select event_id from audit_event where route = 'test' "
                 "order by at limit 3)")
    rows.execute("update audit_event set request_id = 'far' where event_id = (select event_id from audit_event where route = 'test' "
                 "order by at offset 10 limit 1)")
    rows.execute("analyze audit_event")
    # By an index: at once.
    page = api.ok("GET", "/audit", params={"action": "search", "entity": "contact"})
    assert len(page["items"]) == 3 and page["next"] is None and page["searched_to"] is None
    # By none: 20,000 are looked through at a time, and nothing is lost in between.
    found, after, pages = [], None, 0
    while True:
        page = api.ok("GET", "/audit", params={"action": "list", "entity": "contact", **({"after": after} if after else {})})
        found += page["items"]
        pages += 1
        after = page["next"]
        if after is None:
            break
        assert page["searched_to"] and page["items"] == []
    assert pages == 2 and found == []
    shown = own.admin.browser().page("/audit?action=list&entity=contact")
    assert "Nothing more back to" in shown and 'rel="next"' in shown
    # All of them, page by page, once each.
    seen, after = [], None
    for _ in range(5):
        page = api.ok("GET", "/audit", params={"action": "view", "entity": "contact", "limit": 200, **({"after": after} if after else {})})
        seen += [e["id"] for e in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 1000
    # Two that many events meet, and one event both: whichever leads to it.
    fill(rows, 6000, ip="203.0.113.1")
    fill(rows, 6000, outcome="failed")
    fill(rows, 1, ip="203.0.113.1", outcome="failed")
    (event,) = find(api, ip="203.0.113.1", outcome="failed")
    assert event["ip"] == "203.0.113.1" and event["outcome"] == "failed"
    # In the order of their time, whatever the index has, from and to the very moment.
    rows.execute("update audit_event set field_set_id = (select min(field_set_id) from field_set where 'phone' = any (fields)) "
                 "where route = 'test' and ip = '203.0.113.1' and event_id % 2 = 0")
    rows.execute("select event_id, to_char(at, 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF') || ':00', field_set_id is not null from audit_event where ip = '203.0.113.1' order by at desc, event_id desc")
    every = rows.fetchall()
    for bounds, few in (({}, every), ({"from": every[1777][1], "to": every[999][1]}, every[1000:1778])):
        for field, numbers in ((None, [e[0] for e in few]), ("phone", [e[0] for e in few if e[2]])):
            params = {"ip": "203.0.113.1", "outcome": "ok", "limit": 200, **bounds, **({"field": field} if field else {})}
            found, after = [], None
            for _ in range(4):
                page = api.ok("GET", "/audit", params={**params, **({"after": after} if after else {})})
                found += [e["id"] for e in page["items"]]
                after = page["next"]
                if after is None:
                    break
            numbers = [n for n in numbers if n != event["id"]]
            assert found == numbers[:800]
    connection.close()


def test_a_month_that_is_missing_in_between_is_no_end(stack):
    own = stack.new_workspace()
    api = own.admin.api()
    connection = own.database()
    rows = connection.cursor()
    rows.execute("select audit_ensure_month(now() - interval '400 days')")
    rows.execute("insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action) "
                 "values (now() - interval '400 days', 'user', null, 'cookie', null, '203.0.113.77', null, null, 'test', 'export')")
    (event,) = find(api, ip="203.0.113.77")
    assert event["action"] == "export" and find(api, view="exports") == [event]
    assert api.ok("GET", f"/audit/{event['id']}") == event
    connection.close()


# ---- days

def test_days_are_counted_by_the_worker_and_shown_as_a_chart(stack):
    own = stack.new_workspace()
    api = own.admin.api()
    for _ in range(3):
        api.ok("GET", "/contacts")
    connection = own.database()
    rows = connection.cursor()
    rows.execute("select audit_index()")
    days = api.ok("GET", "/audit", params={"action": "list"})["days"]
    rows.execute("select count(*) from audit_event where action = 'list' and xid < (select seen_xid from audit_mark)")
    assert len(days) == 30 and days[-1]["events"] == rows.fetchone()[0] >= 3
    assert sum(d["events"] for d in days) == days[-1]["events"]
    # Counted once, however often.
    rows.execute("select audit_index()")
    rows.execute("select sum(events) from audit_day where action = 'create'")
    first = rows.fetchone()[0]
    rows.execute("select audit_index()")
    rows.execute("select sum(events) from audit_day where action = 'create'")
    assert rows.fetchone()[0] == first
    page = own.admin.browser().page("/audit")
    assert '<svg class="chart"' in page and "Events a day" in page and page.count('class="bar-in"') == 30
    # With what is not counted there is none.
    assert "days" not in api.ok("GET", "/audit", params={"outcome": "denied"})
    assert '<svg class="chart"' not in own.admin.browser().page("/audit?ip=127.0.0.1")
    connection.close()


# ---- the log as a file

def export(api, status=202, **body):
    return api.ok("POST", "/audit/export", status=status, json={"format": "csv", "reason": "legal", **body})


def test_the_log_leaves_as_csv_and_json_lines(workspace, api, busy, rows):
    wanted = {e["id"] for e in find(api, contact=busy)}
    begun = export(api, contact=busy)
    files = fetch(api, begun["job"])
    (name,) = [n for n in files if n.endswith(".csv")]
    assert name == f"log-E{begun['export']}.csv" and "manifest.json" in files
    lines = list(csv.DictReader(io.StringIO(files[name].decode())))
    assert {int(r["id"]) for r in lines} >= wanted and {r["outcome"] for r in lines} >= {"ok"}
    assert [r["at"] for r in lines] == sorted((r["at"] for r in lines), reverse=True)
    assert "Buyer" not in files[name].decode(), "values of changes are not in the file"
    begun = export(api, format="jsonl", q=f"person:{busy} action:reveal")
    files = fetch(api, begun["job"])
    (name,) = [n for n in files if n.endswith(".jsonl")]
    events = [json.loads(line) for line in files[name].decode().splitlines()]
    assert {e["action"] for e in events} == {"reveal"} and begun["count"] == len(events)
    rows.execute("select count(*) from audit_event where action = 'export' and entity = 'audit' and %s = any (subject_ids)", [busy])
    assert rows.fetchone()[0] >= 2
    shown = workspace.admin.browser().page(f"/exports/{begun['export']}")
    assert "Audit log" in shown and f"person:{busy}" in shown


def test_it_goes_through_the_guard(stack):
    own = stack.new_workspace()
    api = own.admin.api()
    connection = own.database()
    rows = connection.cursor()
    rows.execute("select audit_ensure_month(now() - interval '1 day')")
    fill(rows, 600)
    begun = export(api, action="view")
    assert begun["state"] == "waiting" and begun["job"] is None and begun["count"] >= 600
    own.add_user("privacy_officer").api().ok("POST", f"/exports/{begun['export']}/approve", json={})
    job = api.ok("GET", f"/exports/{begun['export']}")["job"]
    assert done(api, job)["records"] >= 600
    connection.close()


@pytest.mark.parametrize("body, field", [
    ({"format": "xlsx"}, "format"), ({"reason": "because"}, "reason"), ({"reason": None}, "reason"),
    ({"q": "colour:red"}, "q"), ({"actor": "x"}, "actor"), ({"view": "none"}, "view"), ({"colour": "red"}, "colour"),
    ({"from": "yesterday"}, "from"),
])
def test_nonsense_in_an_export_is_refused_at_it(api, body, field):
    answer = api.post("/audit/export", json={"format": "csv", "reason": "legal", **body})
    assert answer.status_code in (400, 422) and field in answer.json()["errors"], answer.text


def test_nothing_is_no_file(api):
    assert api.post("/audit/export", json={"format": "csv", "reason": "legal", "ip": "203.0.113.254"}).status_code == 409


def test_who_lost_the_right_gets_no_file(workspace, stack):
    own = stack.new_workspace()
    database = own.database()
    profile = make_profile(database, everything("all"), special=("view_audit",))
    person = own.add_user(profile)
    api = person.api()
    api.ok("GET", "/contacts")
    begun = export(api, action="list")
    path = done(api, begun["job"])["download"]
    assert api.get(path).status_code == 200
    database.cursor().execute('delete from profile_right where "right" = %s and profile_id = (select profile_id from profile '
                              'where name = %s)', ["view_audit", profile])
    database.cursor().execute("update epoch set access = access + 1")
    assert api.get(path).status_code == 403
    database.close()


def test_cancelled_midway_there_is_no_file(stack):
    """As a worker finds it that goes on where one was killed: what its asker cancelled meanwhile is not made."""
    own = stack.new_workspace()
    api, connection = own.admin.api(), own.database()
    connection.autocommit = True
    rows = connection.cursor()
    api.ok("GET", "/contacts")
    begun = export(api, action="list")
    number = begun["export"]
    done(api, begun["job"])
    rows.execute("update export set state = 'running', download_id = null, exported = null where export_id = %s", [number])
    assert api.ok("GET", f"/exports/{number}")["allowed"] == ["cancel"]
    other = own.add_user("administrator").api()
    assert other.post(f"/exports/{number}/cancel", json={}).status_code in (404, 409), "nobody else's to cancel"
    assert api.ok("POST", f"/exports/{number}/cancel", json={})["state"] == "cancelled"
    rows.execute("update job set state = 'queued', run_at = now(), finished_at = null, result = null where job_id = %s", [begun["job"]])
    stack.praya("worker", own.slug, "--once")
    state = api.ok("GET", f"/jobs/{begun['job']}")
    assert state["state"] == "done" and not state.get("result"), state
    rows.execute("select count(*) from download where kind = 'log_export'")
    assert rows.fetchone()[0] == 1, "the one of before, and no other"
    assert api.post(f"/exports/{number}/cancel", json={}).status_code == 409
    rows.execute("select count(*) from audit_event where reason = 'export_cancelled'")
    assert rows.fetchone()[0] == 1
    connection.close()


def test_what_is_visible_is_asked_once_an_event(stack):
    """Not for every contact of the workspace, as whose name stands in the line."""
    place = stack.new_workspace()
    rows = place.database().cursor()
    rows.execute("insert into contact (name_en) select 'Chan ' || i from generate_series(1, 300) i; "
                 "create sequence asked; grant usage on sequence asked to praya_tenant")
    rows.execute("select pg_get_functiondef('visible_ids'::regproc)")
    rows.execute(rows.fetchone()[0].replace("begin\n", "begin\n\tperform nextval('asked');\n", 1))
    clerk = place.add_user(make_profile(rows.connection, everything("all"), special=("view_audit",))).api()
    for _ in range(3):
        clerk.ok("GET", "/contacts")
    items = clerk.ok("GET", "/audit")["items"]
    assert [e for e in items if len(e["subject_ids"] or []) > 10]
    rows.execute("select last_value from asked")
    assert rows.fetchone()[0] <= 4 * len(items)
