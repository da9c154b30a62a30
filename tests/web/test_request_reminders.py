# SPDX-License-Identifier: ISC
"""Reminders of privacy requests by mail, with the product's clock moved from day to day."""
import pytest

from mails import mail_to, mails_to, text_of


@pytest.fixture
def place(movable):
    return movable.new_workspace()


def reminded(place):
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from outbox where kind = 'request_due'")
        return cursor.fetchone()[0]


def day(place, clock, n):
    """What the worker of that day has written."""
    clock(f"+{n}d")
    place.stack.praya("worker", place.slug, "--once")
    return reminded(place)


def record(place, **values):
    return place.admin.api().ok("POST", "/privacy/requests", status=201, json={
        "kind": "access", "channel": "letter", "requestor": "Chan Tai Man", **values})


def told(api, case, action, letter, **values):
    """A step with its letter, by a clock that is not this machine's."""
    path, match = f"/privacy/requests/{case['id']}", {"If-Match": str(case["version"])}
    api.ok("POST", f"{path}/{action}", headers=match, json={"prepare": True, **values})
    made = api.ok("POST", f"{path}/letters", status=201, json={"letter": letter, "body": "By hand"})
    api.ok("POST", f"{path}/letters/{made['id']}/send", json={"email": "chan@example.com"})
    api.ok("POST", f"{path}/{action}", headers=match, json={})


def test_at_twenty_ten_five_two_and_one_day_and_daily_when_late(place, clock):
    case = record(place)
    place.stack.praya("worker", place.slug, "--once")
    assert reminded(place) == 0
    written = [day(place, clock, n) for n in (19, 20, 21, 29, 30, 35, 37, 38, 39, 40, 41, 42)]
    assert written == [0, 1, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7]
    place.stack.praya("worker", place.slug, "--once")
    assert reminded(place) == 7, "once a day"
    first = mail_to(place.stack, place.admin.email)
    text = text_of(first)
    assert case["reference"] in first["Subject"] and "20 days" in text and f"/privacy/requests/{case['id']}" in text
    assert "an answer in writing has to go out" in text
    assert "Chan" not in text and "Chan" not in first["Subject"], "nothing personal by mail"
    late = text_of(mail_to(place.stack, place.admin.email, 7))
    assert "past the target date: 2" in late and "The answer is still owed" in late
    api = place.admin.api()
    told(api, case, "refuse", "refuse", ground="20(3)(b)", reason="x", late_reason="x")
    assert day(place, clock, 43) == 7, "not of what is closed"


def test_a_day_that_was_missed_is_made_up_for_once(place, clock):
    record(place)
    assert [day(place, clock, n) for n in (33, 34, 35)] == [1, 1, 2]


def test_whoever_sees_to_it_hears_first(place, clock):
    officer = place.add_user("privacy_officer")
    case = record(place)
    with place.database() as connection, connection.cursor() as cursor:
        cursor.execute("select user_id from app_user where email = %s", [officer.email])
        number, = cursor.fetchone()
        cursor.execute("update app_user set language = 'zh-Hant' where user_id = %s", [number])
    place.admin.api().ok("POST", "/privacy/requests/assign", json={"ids": [case["id"]], "assignee_id": number})
    day(place, clock, 20)
    mail = mail_to(place.stack, officer.email)
    assert "尚餘20日" in text_of(mail) and "查閱資料要求" in text_of(mail)
    assert reminded(place) == 1 and mails_to(place.stack, place.admin.email) == []
    day(place, clock, 41)
    assert reminded(place) == 3, "late: everybody who runs requests"


def test_its_particulars_end_two_years_after_it(place, clock):
    case = record(place, scope="Everything")
    api = place.admin.api()
    told(api, case, "withdraw", "withdrawn", reason="x")
    for days, scope in ((729, "Everything"), (733, None)):
        day(place, clock, days)
        assert place.admin.api().ok("GET", f"/privacy/requests/{case['id']}")["scope"] == scope, days
