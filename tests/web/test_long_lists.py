# SPDX-License-Identifier: ISC
"""What a page or an answer shows some of goes on to the last one: the history of a case, incidents,
notices to take something down, imports, disclosures, alerts."""
import html
import re

import pytest

import routes


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def window(workspace):
    return workspace.admin.browser()


@pytest.fixture(scope="module")
def rows(workspace):
    return workspace.database().cursor()


def following(text):
    link = re.search(r'rel="next" href="([^"]+)"', text)
    return html.unescape(link[1]).partition("#")[0] if link else None


def walk(browser, path, what):
    """What all pages show, and how many pages there were."""
    found, pages = [], 0
    while path:
        text = browser.page(path)
        found += re.findall(what, text)
        pages += 1
        path = following(text)
    return found, pages


def listed(api, path):
    found, after = [], None
    while True:
        answer = api.ok("GET", path, params={"after": after} if after else {})
        found += [item["id"] for item in answer["items"]]
        after = answer["next"]
        if after is None:
            return found


@pytest.fixture(scope="module")
def case(boss):
    """One that took long: 230 notes, behind what it began with."""
    number = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter"})["id"]
    for n in range(230):
        boss.ok("POST", f"/privacy/requests/{number}/notes", json={"note": f"call number {n}."})
    return number


NOTES = [f"call number {n}." for n in reversed(range(230))]


def test_the_history_of_a_case_goes_back_to_its_receipt(window, case):
    path = f"/privacy/requests/{case}"
    notes, pages = walk(window, path, r"call number \d+\.")
    assert notes == NOTES and pages == 2
    older = window.page(following(window.page(path)))
    assert "Received" in older or "Recorded" in older
    assert f'href="{path}#history"' in older and 'id="history"' in older


def test_so_does_the_answer_to_a_program(boss, case):
    first = boss.ok("GET", f"/privacy/requests/{case}")
    second = boss.ok("GET", f"/privacy/requests/{case}", params={"after": first["events_next"]})
    texts = [e["text"].strip() for e in first["events"] + second["events"]]
    assert len(first["events"]) == 200 and second["events_next"] is None
    assert [t for t in texts if t in NOTES] == NOTES and len(texts) > len(NOTES)


def test_a_short_history_has_no_more(boss, window):
    number = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter"})["id"]
    assert boss.ok("GET", f"/privacy/requests/{number}")["events_next"] is None
    assert following(window.page(f"/privacy/requests/{number}")) is None


def test_incidents_and_notices_are_listed_to_the_first(boss, window):
    incidents = [boss.ok("POST", "/privacy/incidents", status=201,
                         json={"kind": "account", "title": "Account taken over", "what": "Signed in from abroad"})["id"] for _ in range(53)]
    notices = [boss.ok("POST", "/privacy/takedowns", status=201,
                       json={"from": "Privacy Commissioner", "text": "Remove it", "deadline_at": "2999-01-01"})["id"] for _ in range(53)]
    for kind, made in (("incidents", incidents), ("takedowns", notices)):
        path = f"/privacy/{kind}"
        assert listed(boss, path) == made[::-1]
        shown, pages = walk(window, path, rf'href="{path}/(\d+)"')
        assert [int(n) for n in shown] == made[::-1] and pages == 2
        second = window.page(following(window.page(path)))
        assert f'href="{path}"' in second and "First page" in second


@pytest.mark.parametrize("bad", ["x", "A" * 60, "17", "%00"])
def test_what_is_no_cursor(boss, window, case, bad):
    for path in ("/privacy/incidents", "/privacy/takedowns", f"/privacy/requests/{case}"):
        answer = boss.get(path, params={"after": bad})
        assert routes.problem(answer, 400) is None and list(answer.json()["errors"]) == ["after"]
        assert routes.page(window.get(path, params={"after": bad}), 400) is None


def test_a_cursor_is_of_its_list(boss, case):
    after = boss.ok("GET", f"/privacy/requests/{case}")["events_next"]
    other = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter"})["id"]
    incident = boss.ok("GET", "/privacy/incidents")["next"]
    for path, cursor in ((f"/privacy/requests/{other}", after), ("/privacy/incidents", after), ("/privacy/takedowns", incident)):
        assert routes.problem(boss.get(path, params={"after": cursor}), 400) is None


def test_imports_of_old_are_there(workspace, boss, window, rows):
    rows.execute("insert into import (entity, state, created_by) select 'contact', 'done', user_id from app_user, generate_series(1, 43) "
                 "where email = %s returning import_id", [workspace.admin.email])
    made = [number for number, in rows.fetchall()]
    shown, pages = walk(window, "/import", r'href="/import/(\d+)"')
    assert [int(n) for n in shown] == sorted(made, reverse=True) and pages == 3
    for bad in ("x", boss.ok("GET", "/privacy/incidents")["next"]):
        assert routes.page(window.get("/import", params={"after": bad}), 400) is None


def test_to_whom_a_person_was_disclosed_is_listed_to_the_first(boss, window):
    person = boss.ok("POST", "/contacts", status=201, json={"name_en": "MAK Widely Known", "email": "mak@example.com"})["id"]
    path = f"/contacts/{person}/disclosures"
    # Some days have several, and among them is a mail to somebody else.
    made = [boss.ok("POST", path, status=201, json={"disclosed_on": f"2026-0{1 + n % 3}-1{n % 7}", "recipient": f"Courier {n}.",
                                                    "purpose": "Delivery", "fields": ["email"]})["id"] for n in range(204)]
    boss.ok("POST", f"/contacts/{person}/messages", json={"channel": "email", "direction": "out", "recipients": "else@example.com", "body": "x",
                                                         "happened_at": "2026-02-13T03:00:00Z"})
    first = boss.ok("GET", path)
    second = boss.ok("GET", path, params={"after": first["next"]})
    listed = [(i["disclosed_on"], i["source"], i["ref"]) for i in first["items"] + second["items"]]
    assert len(first["items"]) == 200 and second["next"] is None
    assert listed == sorted(listed, reverse=True) and sorted(n for _, s, n in listed if s == "register") == sorted(made)
    assert [s for _, s, _ in listed if s != "register"] == ["mail"]
    shown, pages = walk(window, path, r"Courier (\d+)\.")
    assert pages == 2 and sorted(int(n) for n in shown) == list(range(204))
    other = boss.ok("POST", "/contacts", status=201, json={"name_en": "MAK Another"})["id"]
    for place, bad in ((path, "x"), (path, first["next"][:-2]), (f"/contacts/{other}/disclosures", first["next"])):
        assert routes.problem(boss.get(place, params={"after": bad}), 400) is None
        assert routes.page(window.get(place, params={"after": bad}), 400) is None


def test_alerts_go_on_to_the_first(boss, window, rows):
    rows.execute("insert into alert (rule, who, day, n, from_at, to_at) select 'seen', 'u' || g, current_date, 1, now(), now() "
                 "from generate_series(1000001, 1000200) g returning alert_id")
    made = sorted((r[0] for r in rows.fetchall()), reverse=True)
    assert [i for i in listed(boss, "/audit/alerts") if i in set(made)] == made
    shown, pages = walk(window, "/audit/alerts", r'action="/audit/alerts/(\d+)/seen"')
    assert [int(i) for i in shown if int(i) in set(made)] == made and pages >= 2


@pytest.mark.parametrize("after", ["1", "x", "77", "A" * 51, "A" * 150])
def test_alerts_know_their_own_cursor(boss, after):
    assert boss.get("/audit/alerts", params={"after": after}).status_code == 400
