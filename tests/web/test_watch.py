# SPDX-License-Identifier: ISC
"""Alerts out of the log: raised once, told by mail, linked to the filtered log, stopping nobody."""
import pytest

from harness import some_address
from jobs import done
from mails import mail_to, mails_to, text_of


@pytest.fixture
def place(stack):
    return stack.new_workspace()


@pytest.fixture
def moved(movable):
    """A workspace whose clock moves."""
    return movable.new_workspace()


def look(place):
    """As the chore does once a minute."""
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select watch_look()")


def look_at_few(place, most):
    """One look at so many events; is there more?"""
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select watch_look(%s)", [most])
        return cursor.fetchone()[0]


def work(place):
    """The chore itself, with its mails."""
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("update chore set due_at = now() where name = 'watch'")
    place.stack.praya("worker", place.slug, "--once")


def alerts(place, rule=None):
    found = place.admin.api().ok("GET", "/audit/alerts")["items"]
    return [a for a in found if rule in (None, a["rule"])]


def change(place, **values):
    return place.admin.api().ok("PATCH", "/audit/watch", json=values)


def user_id(place, person):
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select user_id from app_user where email = %s", [person.email])
        return cursor.fetchone()[0]


def shown_by_log(place, alert):
    """The events that the alert's link shows."""
    assert alert["url"].startswith("/audit?")
    return place.admin.api().ok("GET", alert["url"])["items"]


def contacts(api, n):
    return [api.ok("POST", "/contacts", status=201, json={"name_en": f"Chan {i}"})["id"] for i in range(n)]


def test_many_people_seen_in_an_hour(place):
    boss, curious = place.admin.api(), place.add_user("administrator")
    contacts(boss, 6)
    look(place)
    change(place, seen_threshold=12, seen_factor=1)
    api = curious.api()
    api.ok("GET", "/contacts")
    look(place)
    assert not alerts(place, "seen"), "6 are not 12"
    api.ok("GET", "/contacts")
    look(place)
    (alert,) = alerts(place, "seen")
    assert alert["user"] == user_id(place, curious) and alert["count"] == 12
    events = shown_by_log(place, alert)
    assert {e["actor"] for e in events} == {alert["user"]} and len([e for e in events if e["action"] == "list"]) == 2
    api.ok("GET", "/contacts")
    look(place)
    assert len(alerts(place, "seen")) == 1, "not twice for the same thing"
    assert api.get("/contacts").status_code == 200, "nobody is stopped"


def test_against_ones_own_habit(moved, clock):
    place = moved
    boss, keen = place.admin.api(), place.add_user("administrator")
    contacts(boss, 5)
    change(place, seen_threshold=5, seen_factor=3)
    for day in (1, 2):
        clock(f"+{day}d")
        api = keen.api()
        for _ in range(4):
            api.ok("GET", "/contacts")
        look(place)
    before = len(alerts(place, "seen"))
    clock("+3d")
    api = keen.api()
    for _ in range(6):
        api.ok("GET", "/contacts")
    look(place)
    assert len(alerts(place, "seen")) == before, "30 against a habit of 20 is not three times as much"
    for _ in range(8):
        api.ok("GET", "/contacts")
    look(place)
    assert len(alerts(place, "seen")) == before + 1


def test_an_export_at_night(place):
    boss = place.admin.api()
    (person,) = contacts(boss, 1)
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select extract(hour from now() at time zone 'Asia/Hong_Kong')::int")
        hour = cursor.fetchone()[0]
    change(place, night_export_from=(hour + 3) % 24, night_export_to=(hour + 5) % 24)
    done(boss, boss.ok("POST", f"/contacts/{person}/export", status=202, json={})["job"])
    look(place)
    assert not alerts(place, "night_export"), "by day"
    change(place, night_export_from=(hour - 1) % 24, night_export_to=(hour + 3) % 24)
    done(boss, boss.ok("POST", f"/contacts/{person}/export", status=202, json={})["job"])
    look(place)
    (alert,) = alerts(place, "night_export")
    assert any(e["action"] == "export" for e in shown_by_log(place, alert))


def test_many_values_shown(place):
    boss = place.admin.api()
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("update field set enabled = true where entity = 'contact' and name = 'salary'")
        cursor.execute("update epoch set catalogue = catalogue + 1")
        connection.commit()
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "Chan Paid", "salary": "20000"})["id"]
    change(place, reveal_threshold=3)
    for _ in range(3):
        boss.ok("POST", f"/contacts/{person}/reveal", json={"fields": ["salary"], "reason": "payment"})
    look(place)
    (alert,) = alerts(place, "reveal")
    assert len(shown_by_log(place, alert)) == 3


def test_a_sign_in_from_a_new_network(place):
    person = place.add_user("staff")
    person.browser(address="127.9.8.7")
    look(place)
    assert not alerts(place, "network"), "the first network is no news"
    person.browser(address="127.9.8.77")
    look(place)
    assert not alerts(place, "network"), "the same network"
    person.browser(address="127.9.9.7")
    look(place)
    (alert,) = alerts(place, "network")
    assert alert["ip"] == "127.9.9.7" and alert["user"] == user_id(place, person)
    assert [e["action"] for e in shown_by_log(place, alert)] == ["sign_in"]
    person.browser(address="127.9.9.8")
    look(place)
    assert len(alerts(place, "network")) == 1


def test_many_failures(place):
    staff, address = place.add_user("staff"), some_address()
    change(place, failures_threshold=4)
    api = staff.api()
    for _ in range(4):
        assert api.get("/users").status_code == 403
    for _ in range(4):
        visitor = place.stack.visitor(place.slug, address)
        visitor.sign_in("nobody@example.com", "wrong")
    look(place)
    by_user, by_address = sorted(alerts(place, "failures"), key=lambda a: a["user"] is None)
    assert by_user["user"] == user_id(place, staff) and by_address["ip"] == address
    assert {e["outcome"] for e in shown_by_log(place, by_user)} == {"denied"}
    assert {e["action"] for e in shown_by_log(place, by_address)} == {"sign_in_failed"}


def test_an_incident_undecided_after_five_business_days(moved, clock):
    """Row 44 of the acceptance tests."""
    boss = moved.admin.api()
    number = boss.ok("POST", "/privacy/incidents", status=201, json={"kind": "lost", "title": "x", "what": "x"})["id"]
    work(moved)
    assert not alerts(moved, "undecided")
    clock("+12d")
    work(moved)
    work(moved)
    (alert,) = alerts(moved, "undecided")
    assert alert["url"] == f"/privacy/incidents/{number}"
    assert moved.admin.api().ok("GET", f"/privacy/incidents/{number}")["undecided_late"] is True


def test_told_by_mail_and_on_the_dashboard_until_dealt_with(place):
    change(place, failures_threshold=1)
    staff = place.add_user("staff")
    assert staff.api().get("/users").status_code == 403
    work(place)
    work(place)
    mail = mail_to(place.stack, place.admin.email)
    text = text_of(mail)
    assert "/audit/alerts" in text and "refused attempts" in text and staff.email not in text
    assert len(mails_to(place.stack, place.admin.email)) == 1
    browser = place.admin.browser()
    assert "Many refused attempts" in browser.page("/")
    form = browser.form("/audit/alerts", f"/audit/alerts/{alerts(place)[0]['id']}/seen")
    assert browser.submit(form).status_code == 303
    assert "Many refused attempts" not in browser.page("/")
    assert alerts(place)[0]["seen_by"]
    browser.write("/language", lang="zh-Hant", back="/")
    assert "一小時內多次被拒" in browser.page("/audit/alerts")


def test_what_is_switched_off_raises_nothing(place):
    change(place, failures_threshold=1, failures_on=False)
    assert place.add_user("staff").api().get("/users").status_code == 403
    look(place)
    assert not alerts(place)


@pytest.mark.parametrize("values", [
    {"seen_threshold": 0}, {"seen_threshold": 1000001}, {"seen_factor": 0}, {"night_export_from": 24},
    {"night_export_to": -1}, {"reveal_threshold": "many"}, {"nonsense": 1}, {"network_on": "maybe"},
])
def test_settings_that_do_not_fit(place, values):
    before = place.admin.api().ok("GET", "/audit/watch")
    answer = place.admin.api().patch("/audit/watch", json=values)
    assert answer.status_code == 422 and list(values)[0] in answer.json()["errors"]
    assert place.admin.api().ok("GET", "/audit/watch") == before


def test_settings_by_page(place):
    browser = place.admin.browser()
    form = browser.form("/settings/watch", "/settings/watch")
    assert browser.submit(form, seen_threshold="77", network_on="false").status_code == 303
    rules = {r["rule"]: r for r in place.admin.api().ok("GET", "/audit/watch")["items"]}
    assert rules["seen"]["threshold"] == 77 and rules["network"]["on"] is False and rules["failures"]["on"] is True


def test_who_may(place):
    staff, auditor = place.add_user("staff").api(), place.add_user("auditor").api()
    assert staff.get("/audit/alerts").status_code == 403
    assert staff.patch("/audit/watch", json={}).status_code == 403
    assert auditor.get("/audit/alerts").status_code == 200
    assert auditor.patch("/audit/watch", json={"seen_on": False}).status_code == 403
    assert place.admin.api().post("/audit/alerts/999999/seen", json={}).status_code == 404


FAILURES = """select gate_system('cli', null, 'test'), audit_ensure_month({at});
insert into audit_event (at, actor_kind, via, route, action, outcome, ip)
select {at}, 'none', 'cookie', 'session.create', 'sign_in_failed', 'denied', '203.0.113.{host}' from generate_series(1, {n})"""


def failures(place, host, n=40, at="now()"):
    """So many events by one transaction, as an import writes them."""
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute(FAILURES.format(host=host, n=n, at=at))


def test_a_backlog_is_looked_at_piece_by_piece(place):
    while look_at_few(place, 1000):
        pass
    for host in (1, 2, 3):
        failures(place, host)
    # Each step ends after the transaction that was too much, and the next goes on behind it.
    steps = [look_at_few(place, 39) for _ in range(3)]
    assert steps[0]
    while look_at_few(place, 39):
        pass
    assert sorted(a["ip"] for a in alerts(place, "failures")) == ["203.0.113.1", "203.0.113.2", "203.0.113.3"]
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select who, sum(failed) from watch_count where who ~ '^a203.0.113' group by 1 order by 1")
        assert cursor.fetchall() == [(f"a203.0.113.{host}", 40) for host in (1, 2, 3)], "counted once each"


def test_what_is_long_past_raises_nothing(place):
    failures(place, 1, at="now() - interval '31 days'")
    failures(place, 2, at="now() - interval '1 day'")
    look(place)
    assert [a["ip"] for a in alerts(place, "failures")] == ["203.0.113.2"]
