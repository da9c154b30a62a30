# SPDX-License-Identifier: ISC
"""The first page."""
import datetime
import re

import pytest

import seen


@pytest.fixture(scope="module")
def api(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def browser(workspace):
    return workspace.admin.browser()


def text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_a_new_workspace_has_a_calm_first_page(stack):
    page = stack.new_workspace().admin.browser().page("/")
    assert "No open tasks" in page and "No messages in the last twelve weeks" in page
    assert "HK$0.00" in page and "<svg class=\"chart\"" not in page


def test_numbers_tasks_people_and_chart(browser, api):
    people = [api.ok("POST", "/contacts", json={"name_en": f"P{n} <i>", "name_zh": "何小姐"})["id"] for n in range(3)]
    api.ok("POST", "/companies", json={"name_en": "Company"})
    bill = {"number": "1", "issued_on": "2026-01-01", "status": "issued", "amount": "1000.50"}
    api.ok("POST", f"/contacts/{people[0]}/invoices", json=bill)
    api.ok("POST", f"/contacts/{people[0]}/invoices", json={**bill, "amount": "234.00"})
    api.ok("POST", f"/contacts/{people[0]}/invoices", json={**bill, "currency": "JPY", "amount": "7000"})
    api.ok("POST", f"/contacts/{people[0]}/invoices", json={**bill, "status": "paid", "amount": "5.00"})
    late = {"kind": "task", "subject": "Overdue & urgent", "due_on": "2020-01-31"}
    api.ok("POST", f"/contacts/{people[1]}/activities", json=late)
    api.ok("POST", f"/contacts/{people[1]}/activities", json={"kind": "task", "subject": "Some day"})
    for direction in ("in", "in", "out"):
        body = {"channel": "sms", "direction": direction, "body": "x"}
        api.ok("POST", f"/contacts/{people[2]}/messages", json=body)
    page = browser.page("/")
    said = text(page)
    for part in ("3 Contacts", "1 Companies", "2 My open tasks", "HK$1,234.50 Unpaid", "7,000 Unpaid"):
        assert part in said, (part, said)
    assert "Overdue &amp; urgent" in page and "P1 &lt;i&gt;" in page and "何小姐" in page
    assert page.index("Overdue") < page.index("Some day")
    assert "31 Jan 2020" in page and said.count(" Late ") == 1
    assert page.count("<g>") == 12 and re.search(r'class="bar-text"[^>]*>3<', page)
    weeks = re.findall(r'<tr><th scope="row">([^<]*)</th><td>(\d+)</td><td>(\d+)</td>', page)
    assert len(weeks) == 12 and weeks[-1][1:] == ("2", "1")


def test_tasks_of_others_and_done_ones_are_not_mine(workspace, browser, api):
    staff = workspace.add_user("staff")
    program = staff.api()
    person = api.ok("POST", "/contacts", json={"name_en": "For staff"})["id"]
    program.ok("POST", f"/contacts/{person}/activities", json={"kind": "task", "subject": "Task of staff"})
    assert "Task of staff" not in browser.page("/")
    page = staff.browser()
    assert "Task of staff" in page.page("/")


def test_a_task_is_done_from_here(browser, api):
    person = api.ok("POST", "/contacts", json={"name_en": "Doer"})["id"]
    task = api.ok("POST", f"/contacts/{person}/activities", json={"kind": "task", "subject": "Tick me", "due_on": "2019-01-01"})
    answer = browser.submit(browser.form("/", f"/activities/{task['id']}/done"))
    assert answer.status_code == 303 and answer.headers["Location"] == "/"
    assert "Tick me" not in browser.page("/")
    assert api.ok("GET", f"/activities/{task['id']}")["done_at"]


def test_whom_it_shows_is_logged(workspace, browser, api):
    person = api.ok("POST", "/contacts", json={"name_en": "Shown"})["id"]
    task = api.ok("POST", f"/contacts/{person}/activities", json={"kind": "task", "subject": "x", "due_on": "2018-01-01"})
    browser.page("/")
    cursor = workspace.database().cursor()
    cursor.execute(
        "select entity, %s = any (record_ids), %s = any (record_ids), %s = any (subject_ids) from audit_event "
        "where route = 'dashboard.read' order by event_id desc limit 2",
        (task["id"], person, person),
    )
    seen = {row[0]: row[1:] for row in cursor.fetchall()}
    assert set(seen) == {"activity", "contact"}
    assert seen["activity"][0] and seen["activity"][2] and seen["contact"][1] and seen["contact"][2]


def test_what_a_profile_does_not_see_is_not_here(workspace, api):
    person = api.ok("POST", "/contacts", json={"name_en": "Canary Name", "name_zh": "金絲雀"})["id"]
    staff = workspace.add_user("staff")
    body = {"kind": "task", "subject": "Canary task"}
    staff.api().ok("POST", f"/contacts/{person}/activities", json=body)
    browser = staff.browser()
    assert "Canary Name" in browser.page("/")
    cursor = workspace.database().cursor()
    cursor.execute(
        "insert into profile_field select profile_id, x.e, x.f, 'hidden' from profile, (values "
        "('contact', 'name_en'), ('contact', 'name_zh'), ('activity', 'subject'), ('invoice', 'amount')) x (e, f) "
        "where name = 'staff' returning profile_id"
    )
    try:
        page = browser.page("/")
        assert "Canary" not in page and "金絲雀" not in page and "Unpaid" not in page
        assert f"Contact {person}" in page
        cursor.execute("delete from profile_right where profile_id = (select profile_id from profile where name = "
                       "'staff') and \"right\" = 'view' returning profile_id, entity, \"right\", scope")
        taken = cursor.fetchall()
        page = browser.page("/")
        assert f"Contact {person}" not in page and "<svg class=\"chart\"" not in page and "/activities/" not in page
        for row in taken:
            cursor.execute("insert into profile_right values (%s, %s, %s, %s)", row)
    finally:
        cursor.execute("delete from profile_field where field in ('name_en', 'name_zh', 'subject', 'amount')")


def test_it_costs_what_it_shows(stack, browser):
    """Once a process knows the reader: gate, six reads (one more for whoever runs privacy
    requests, who approves exports, who is told of alerts, and who
    manages the workspace), end of transaction."""
    for _ in range(6):
        browser.page("/")
    lines = (stack.var / "log" / "web.log").read_text(errors="replace").splitlines()
    shown = [line for line in lines if "route=dashboard.read status=200" in line][-6:]
    assert min(int(re.search(r"statements=(\d+)", line).group(1)) for line in shown) == 11, shown


def test_in_chinese(workspace):
    browser = workspace.add_user("staff").browser()
    browser.submit(browser.form("/", "/language"), lang="zh-Hant")
    page = browser.page("/")
    assert "我未完成的待辦事項" in page and "My open tasks" not in page


def test_weeks_are_those_of_hong_kong(workspace, browser, api):
    """A message of Monday 00:30 in Hong Kong is Sunday in London."""
    cursor = workspace.database().cursor()
    cursor.execute("select (date_trunc('week', now() at time zone 'Asia/Hong_Kong') - interval '1 week')::date")
    monday = cursor.fetchone()[0]
    person = api.ok("POST", "/contacts", json={"name_en": "Early"})["id"]
    rows = re.findall(r"</th><td>(\d+)</td><td>(\d+)</td>", browser.page("/"))
    body = {"channel": "sms", "direction": "out", "body": "x", "happened_at": f"{monday}T00:30:00+08:00"}
    api.ok("POST", f"/contacts/{person}/messages", json=body)
    body["happened_at"] = f"{monday - datetime.timedelta(days=1)}T23:30:00+08:00"
    api.ok("POST", f"/contacts/{person}/messages", json=body)
    now = re.findall(r"</th><td>(\d+)</td><td>(\d+)</td>", browser.page("/"))
    assert int(now[-2][1]) == int(rows[-2][1]) + 1 and int(now[-3][1]) == int(rows[-3][1]) + 1


def test_a_team_of_hundreds_counts_what_is_its_own(workspace, browser, api):
    """Person by person, and what is of nobody in the team, withheld, archived, too old or yet to come counts for nothing."""
    cursor = workspace.database().cursor()
    team = seen.team(cursor, "Hundreds")
    person = workspace.add_user(seen.profile(cursor, "team"), email="hundreds@board.example")
    seen.join(cursor, person, team)
    before = re.findall(r"</th><td>(\d+)</td><td>(\d+)</td>", browser.page("/"))
    cursor.execute("insert into contact (name_en, team_id, vip) select 'Of hundreds', case when i <= 700 then %s end, i %% 100 = 0 "
                   "from generate_series(1, 720) i returning contact_id", [team])
    people = [number for number, in cursor.fetchall()]
    cursor.execute(
        "insert into message (contact_id, channel, direction, body, happened_at, archived_at) "
        "select p, 'sms', case when i %% 3 = 0 then 'in' else 'out' end, 'x', "
        "(date_trunc('week', now() at time zone 'Asia/Hong_Kong') - make_interval(weeks => (i %% 14)::int - 1)) "
        "at time zone 'Asia/Hong_Kong' + interval '1 minute', case when i %% 50 = 7 then now() end "
        "from unnest(%s::bigint[]) with ordinality u (p, i)", [people])
    cursor.execute("insert into invoice (contact_id, number, issued_on, status, amount, currency, keep_until) "
                   "select p, 'h', '2026-01-02', 'issued', 100, 'HKD', '2099-01-01' from unnest(%s::bigint[]) p", [people])
    want = [[0, 0] for _ in range(12)]
    for i in range(1, 701):
        weeks_ago = i % 14 - 1
        if i % 100 != 0 and i % 50 != 7 and 0 <= weeks_ago < 12:
            want[11 - weeks_ago][0 if i % 3 == 0 else 1] += 1
    page = person.browser().page("/")
    found = re.findall(r"</th><td>(\d+)</td><td>(\d+)</td>", page)
    assert [[int(a), int(b)] for a, b in found] == want
    assert "HK$693.00 Unpaid" in text(page)
    # Whoever sees all of them counts all but those that are archived, too old or yet to come.
    after = re.findall(r"</th><td>(\d+)</td><td>(\d+)</td>", browser.page("/"))
    everybody = sum(1 for i in range(1, 721) if i % 50 != 7 and 0 <= i % 14 - 1 < 12)
    assert sum(int(n) for week in after for n in week) - sum(int(n) for week in before for n in week) == everybody


def test_all_open_tasks_are_a_link_away_and_todays_stand_out(workspace):
    me = workspace.add_user("staff")
    program, browser = me.api(), me.browser()
    person = program.ok("POST", "/contacts", json={"name_en": "Busy"})["id"]
    for n in range(11):
        program.ok("POST", f"/contacts/{person}/activities", json={"kind": "task", "subject": f"Task no. {n:02}", "due_on": f"2020-01-{n + 1:02}"})
    today = workspace.database().cursor()
    today.execute("select hk_today()::text")
    program.ok("POST", f"/contacts/{person}/activities",
               json={"kind": "task", "subject": "Of this day", "due_on": today.fetchone()[0]})
    page = browser.page("/")
    assert "Task no. 07" in page and "Task no. 08" not in page
    more = re.findall(r'href="(/\?tasks[^"]*)"', page)
    assert len(more) == 2 and len(set(more)) == 1
    page = browser.page(more[0])
    assert "Task no. 10" in page and "Today" in text(page[page.index("Of this day"):])[:40]
    assert "?tasks" not in page
    assert browser.get("/?tasks=perhaps").status_code == 400


@pytest.mark.parametrize("days, words", [(10, None), (35, "5 days left"), (39, "1 day left"), (60, "Overdue")])
def test_a_request_says_here_how_long_there_is(workspace, browser, api, days, words):
    cursor = workspace.database().cursor()
    cursor.execute("select (hk_today() - %s)::text", [days])
    made = api.ok("POST", "/privacy/requests", status=201,
                  json={"kind": "access", "channel": "letter", "received_at": cursor.fetchone()[0]})
    page = browser.page("/")
    said = text(page[page.index(made["reference"]):])[:60]
    assert (words in said) if words else ("left" not in said and "Overdue" not in said)
    cursor.execute("update privacy_request set closed_at = now() where request_id = %s", [made["id"]])
