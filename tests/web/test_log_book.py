# SPDX-License-Identifier: ISC
"""The log book of refusals: written before each, read and printed by day, corrected by entries alone."""
import datetime
import re

import pytest

import routes
from test_requests import contact, record, step


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


def refused(boss, **values):
    case = record(boss, requestor="Lam <On>", **values)
    step(boss, case, "refuse", ground="20(3)(b)", reason="No year & no place", prejudice="None")
    return case


def entries(boss, **query):
    return boss.ok("GET", "/privacy/logbook", params=query)["items"]


def test_each_refusal_has_its_columns(boss):
    case = refused(boss, received_at="2026-11-20")
    entry = entries(boss)[0]
    assert entry["reference"] == case["reference"] and entry["request_id"] == case["id"]
    assert (entry["kind"], entry["ground"], entry["received_on"]) == ("access", "20(3)(b)", "2026-11-20")
    assert (entry["requestor"], entry["reasons"], entry["prejudice"]) == ("Lam <On>", "No year & no place", "None")
    assert entry["entered_by"] and entry["notice_on"] and entry["late"] is False and entry["corrects"] is None


def test_it_outlives_the_person(boss):
    person = contact(boss)
    refused(boss, contact_ids=[person])
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    assert entries(boss)[0]["requestor"] == "Lam <On>"


def test_by_days_and_in_pages(boss):
    for _ in range(3):
        refused(boss)
    first = boss.ok("GET", "/privacy/logbook", params={"limit": 2})
    second = boss.ok("GET", "/privacy/logbook", params={"limit": 2, "after": first["next"]})
    numbers = [e["id"] for e in first["items"] + second["items"]]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == 4
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    day = datetime.timedelta(days=1)
    assert len(entries(boss, **{"from": str(now - day), "to": str(now + day)})) >= 4
    assert entries(boss, to=str(now - 2 * day)) == [] and entries(boss, **{"from": str(now + 2 * day)}) == []


def test_what_was_wrong_is_entered_too(boss):
    refused(boss)
    wrong = entries(boss)[0]
    made = boss.ok("POST", f"/privacy/logbook/{wrong['id']}/correct", status=201, json={"reasons": "The ground was (a)"})
    newest, before = entries(boss)[:2]
    assert newest["id"] == made["id"] and newest["corrects"] == wrong["id"] and newest["reasons"] == "The ground was (a)"
    assert before == wrong


@pytest.mark.parametrize("body, status", [({}, 422), ({"reasons": " "}, 422), ({"reasons": "x", "ground": "y"}, 422)])
def test_a_correction_that_says_nothing(boss, body, status):
    refused(boss)
    number, count = entries(boss)[0]["id"], len(entries(boss))
    assert routes.problem(boss.post(f"/privacy/logbook/{number}/correct", json=body), status) is None
    assert boss.post("/privacy/logbook/999999999/correct", json={"reasons": "x"}).status_code == 404
    assert len(entries(boss)) == count


def test_only_whoever_runs_requests_reads_it(workspace, boss):
    program = workspace.add_user("staff").api()
    assert program.get("/privacy/logbook").status_code == 403
    for query in ({"from": "x"}, {"after": "x"}, {"limit": 201}, {"q": "x"}):
        assert boss.get("/privacy/logbook", params=query).status_code == 400, query


@pytest.mark.parametrize("lang, words", [("en", ("Log book", "Not enough information", "Correct this entry")),
                                         ("zh-Hant", ("紀錄簿", "沒有足夠資訊", "更改此項目"))])
def test_its_page(workspace, boss, lang, words):
    refused(boss)
    window = workspace.admin.browser()
    window.submit(window.form("/privacy", "/language"), lang=lang)
    assert 'href="/privacy/logbook"' in window.page("/privacy")
    page = window.page("/privacy/logbook")
    assert "Lam &lt;On&gt;" in page and "No year &amp; no place" in page and all(w in page for w in words)
    number = entries(boss)[0]["id"]
    path = f"/privacy/logbook/{number}/correct"
    for nothing in ("", "  "):
        again = window.submit(window.form("/privacy/logbook", path), reasons=nothing)
        assert again.status_code == 422 and again.text.count('aria-invalid="true"') == 1, "at the entry that it is about"
        assert re.search(rf'<details class="fold screen" open>.*?<textarea [^>]*id="r{number}"[^>]*aria-invalid="true"', again.text, re.S)
    assert window.submit(window.form("/privacy/logbook", path), reasons="Mended").status_code == 303
    assert "Mended" in window.page("/privacy/logbook")
    window.submit(window.form("/privacy", "/language"), lang="en")
