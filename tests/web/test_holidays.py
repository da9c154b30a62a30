# SPDX-License-Identifier: ISC
"""The days on which no legal time limit ends: shipped with their source, added and taken out by whoever keeps the clock."""
import pytest

import routes
from harness import parse_forms


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def days(client, year):
    return {d["day"]: d for d in client.ok("GET", "/holidays", params={"year": year})["items"]}


@pytest.mark.parametrize("year, some", [
    (2024, {"2024-02-10", "2024-02-13", "2024-04-01", "2024-12-26"}),
    (2025, {"2025-01-31", "2025-05-31", "2025-10-07"}),
    (2026, {"2026-02-17", "2026-04-03", "2026-04-06", "2026-04-07", "2026-05-25", "2026-10-19"}),
    (2027, {"2027-02-09", "2027-03-29", "2027-12-27"}),
])
def test_four_years_ship_with_their_source(boss, year, some):
    listed = days(boss, year)
    assert len(listed) == 17 and some <= set(listed)
    for day in listed.values():
        assert day["kind"] == "general" and day["name_en"] and day["name_zh"]
        assert day["source"] == f"https://www.gov.hk/en/about/abouthk/holiday/{year}.htm"
    assert not any(day.startswith(str(year + 1)) for day in listed)


def test_a_year_that_is_not_announced(workspace, boss):
    assert days(boss, 2028) == {}
    window = workspace.admin.browser()
    assert "not confirmed" in window.page("/settings/holidays?year=2028")
    assert "not confirmed" not in window.page("/settings/holidays?year=2027")
    made = boss.ok("POST", "/holidays", status=201,
                   json={"day": "2028-01-03", "kind": "general", "name_en": "Only one", "name_zh": "只此一天"})
    assert "not confirmed" in window.page("/settings/holidays?year=2028"), "one day makes no year"
    boss.ok("DELETE", f"/holidays/{made['id']}", status=204)


def test_a_day_of_a_warning(boss, rows):
    made = boss.ok("POST", "/holidays", status=201, json={"day": "2026-09-08", "kind": "gale"})
    listed = days(boss, 2026)["2026-09-08"]
    assert listed["id"] == made["id"] and "No. 8" in listed["name_en"] and "八號" in listed["name_zh"]
    rows.execute("select created_by is not null from holiday where holiday_id = %s", [made["id"]])
    assert rows.fetchone() == (True,)
    boss.ok("DELETE", f"/holidays/{made['id']}", status=204)
    assert "2026-09-08" not in days(boss, 2026)
    assert boss.delete(f"/holidays/{made['id']}").status_code == 404
    rows.execute("select reason from audit_event where action = 'setting' and entity = 'holiday' "
                 "and record_ids = array[%s::bigint] order by event_id", [made["id"]])
    assert [r for (r,) in rows.fetchall()] == ["holiday_added", "holiday_removed"]


@pytest.mark.parametrize("body, field", [
    ({"kind": "gale"}, "day"),
    ({"day": "2026-02-30", "kind": "gale"}, "day"),
    ({"day": "1996-12-31", "kind": "gale"}, "day"),
    ({"day": "2200-01-01", "kind": "gale"}, "day"),
    ({"day": "2026-10-01", "kind": "black_rain"}, "day"),
    ({"day": "2026-09-09"}, "kind"),
    ({"day": "2026-09-09", "kind": "snow"}, "kind"),
    ({"day": "2026-09-09", "kind": "general"}, "name_en"),
    ({"day": "2026-09-09", "kind": "general", "name_en": "A day"}, "name_zh"),
    ({"day": "2026-09-09", "kind": "gale", "name_en": "x" * 81}, "name_en"),
    ({"day": "2026-09-09", "kind": "gale", "created_by": 1}, "created_by"),
])
def test_what_is_no_day(boss, body, field):
    answer = boss.post("/holidays", json=body)
    assert routes.problem(answer, 422) is None
    assert field in answer.json()["errors"]
    assert "2026-09-09" not in days(boss, 2026)


def test_everybody_reads_the_days_and_few_change_them(workspace, boss):
    staff = workspace.add_user("staff")
    program = staff.api()
    listed = days(program, 2026)
    assert len(listed) == 17
    assert program.post("/holidays", json={"day": "2026-09-10", "kind": "gale"}).status_code == 403
    assert program.delete(f"/holidays/{listed['2026-10-01']['id']}").status_code == 403
    window = staff.browser()
    assert window.get("/settings/holidays").status_code == 403
    assert "/settings/holidays" not in window.page("/settings")
    officer = workspace.add_user("privacy_officer").api()
    made = officer.ok("POST", "/holidays", status=201, json={"day": "2026-09-10", "kind": "black_rain"})
    officer.ok("DELETE", f"/holidays/{made['id']}", status=204)


def test_pages(workspace):
    window = workspace.admin.browser()
    assert 'href="/settings/holidays"' in window.page("/settings")
    form = window.form("/settings/holidays?year=2026", "/settings/holidays")
    refused = window.submit(form, day="2026-09-11", kind="general", name_en="<b>Day</b>")
    assert refused.status_code == 422 and "&lt;b&gt;Day&lt;/b&gt;" in refused.text
    assert routes.marked(refused, "name_zh")
    made = window.submit(window.form("/settings/holidays?year=2026", "/settings/holidays"), day="2026-09-11", kind="gale")
    assert made.status_code == 303 and made.headers["Location"] == "/settings/holidays?year=2026"
    text = window.page("/settings/holidays?year=2026")
    assert "11 Sep 2026" in text and "Friday" in text and "Gale warning" in text and "National Day" in text
    again = window.submit(window.form("/settings/holidays", "/settings/holidays"), day="2026-09-11", kind="gale")
    assert again.status_code == 422 and "already in the list" in again.text
    number = max(int(f.action.split("/")[3]) for f in parse_forms(text) if f.action.endswith("/remove"))
    path = f"/settings/holidays/{number}/remove"
    assert window.submit(window.form("/settings/holidays?year=2026", path)).status_code == 303
    assert "11 Sep 2026" not in window.page("/settings/holidays?year=2026")


def test_in_chinese(workspace):
    window = workspace.admin.browser()
    window.submit(window.form("/settings", "/language"), lang="zh-Hant")
    text = window.page("/settings/holidays?year=2026")
    assert "2026年2月17日" in text and "農曆年初一" in text and "星期二" in text and "佛誕翌日" in text
    window.submit(window.form("/settings", "/language"), lang="en")
