# SPDX-License-Identifier: ISC
"""The trust page: its answers are what is configured and what there is, not a text."""
import re

import pytest

from harness import Api


@pytest.fixture(scope="module")
def own(stack):
    return stack.new_workspace()


@pytest.fixture(scope="module")
def admin(own):
    return own.admin.api()


def trust(api):
    return api.ok("GET", "/settings/trust")


QUESTIONS = ("where", "person", "requests", "retention", "access", "closing", "audit", "breach", "processors", "encryption")


@pytest.mark.parametrize("language, title", [("en", "How your data is kept here"), ("zh-Hant", "資料在此如何保存")])
def test_the_page_answers_each_question(own, admin, language, title):
    admin.ok("PATCH", "/me", json={"language": language})
    browser = own.admin.browser()
    page = browser.page("/settings/trust")
    assert title in page and browser.page("/settings").count('href="/settings/trust"') == 1
    places = [page.index(f'id="{q}"') for q in QUESTIONS]
    assert places == sorted(places) and re.search('id="(no_)?backups"', page)
    assert "trust." not in re.sub(r"<[^>]*>", "", page), "a message is missing"
    assert trust(admin)["place"]["database"] in page
    laws = ("Cap. 486 s.19(1)", "Cap. 112 s.51C") if language == "en" else ("第486章第19(1)條", "第112章第51C條")
    assert all(law in page for law in laws) and (language == "en" or "Cap." not in page)


def test_the_place_is_that_of_the_workspace(stack, own, admin):
    shown = stack.praya_json("tenant", "show", own.slug)
    place = trust(admin)["place"]
    assert (place["region"], place["database"]) == (shown["region"], shown["database"])
    elsewhere = stack.new_workspace("sg")
    assert trust(elsewhere.admin.api())["place"]["region"] == "sg"


def test_what_changes_is_told(own, admin):
    before = trust(admin)
    assert before["audit"]["last_check"] is None and before["requests"]["open"] == 0
    assert [p for p in before["processors"] if p["what"] == "of_workspace"] == []
    kept = 24 if before["audit"]["keep_months"] != 24 else 25
    admin.ok("PATCH", "/audit/months", json={"keep_months": kept})
    admin.ok("POST", "/sources", json={"name": "Payroll", "holder": "Some Bureau Ltd", "days": 10, "kind": "processor"})
    admin.ok("POST", "/privacy/requests", json={
        "kind": "access", "contact_ids": [admin.ok("POST", "/contacts", json={"name_en": "Somebody"})["id"]],
        "channel": "letter", "received_at": "2026-01-05", "requestor": {"name": "Somebody"}, "language": "en"})
    own.add_user("staff")
    after = trust(admin)
    assert after["audit"]["keep_months"] == kept
    assert {"what": "audit_log", "n": kept, "unit": "months", "law": None} in after["retention"]
    assert {"name": "Payroll", "who": "Some Bureau Ltd", "what": "of_workspace"} in after["processors"]
    assert (after["requests"]["open"], after["requests"]["overdue"]) == (1, 1)
    assert after["access"]["users"] == before["access"]["users"] + 1
    assert after["access"]["administrators"] == before["access"]["administrators"] == 1


def test_periods_are_those_of_the_law(admin):
    kept = {k["what"]: (k["n"], k["unit"], k["law"]) for k in trust(admin)["retention"]}
    assert kept["business_records"] == (7, "years", "Cap. 112 s.51C")
    assert kept["log_book"] == (4, "years", "Cap. 486 s.27(3)")
    requests = trust(admin)["requests"]
    assert requests["access_reply"] == {"days": 40, "law": "Cap. 486 s.19(1)"}
    assert requests["form"].endswith("/privacy-request")


def test_whoever_works_here_reads_it_and_nobody_else(stack, own):
    staff = own.add_user("staff")
    assert "of_workspace" not in staff.browser().page("/settings/trust")
    assert trust(staff.api())["closing"]["days"] == 30
    assert Api(stack, own.slug, None).get("/settings/trust").status_code == 401
    assert stack.visitor(own.slug).get("/settings/trust").status_code == 303
    assert own.admin.api().get("/settings/trust?x=1").status_code == 400
