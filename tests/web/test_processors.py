# SPDX-License-Identifier: ISC
"""Row 26: whoever processes data for the workspace confirms an erasure before its request is closed; here it is erased at once."""
import psycopg2
import pytest

import routes
from harness import parse_forms
from test_pdpo_rows import refused_event
from test_requests import contact, record, step


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def processor(boss):
    made = boss.ok("POST", "/sources", status=201, json={"kind": "processor", "name": "Mailing house", "holder": "Marketing lead"})["id"]
    yield made
    boss.delete(f"/sources/{made}")


def asked(boss, case):
    return [i for i in boss.ok("GET", f"/privacy/requests/{case['id']}")["items"] if i["what"] == "processor"]


def assessed(boss, person):
    case = record(boss, kind="erasure", contact_ids=[person])
    step(boss, case, "verify", how="known")
    step(boss, case, "assess")
    return case


def erased(boss, person):
    return boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})


def lacks(boss, case):
    return boss.ok("GET", f"/privacy/requests/{case['id']}")["missing"].get("erase")


def test_row_26_erased_here_at_once_and_closed_when_they_have_confirmed(boss, workspace, processor):
    person = contact(boss)
    case = assessed(boss, person)
    item, = asked(boss, case)
    assert item["label"] == "Mailing house (Marketing lead)" and item["due_on"]
    assert erased(boss, person)["erased_at"]
    assert lacks(boss, case) == ["processors", "letter"]
    step(boss, case, "erase", status=409)
    assert refused_event(workspace, case, "erase", {}, to="erased") == "PR022"
    path = f"/privacy/requests/{case['id']}/items/{item['id']}"
    for outcome in ("sent", "held", "ceased", "x"):
        assert routes.problem(boss.post(path, json={"outcome": outcome}), 422) is None
    boss.ok("POST", path, json={"outcome": "confirmed"})
    assert step(boss, case, "erase")["state"] == "erased"


def test_row_26_one_that_came_into_the_list_meanwhile_is_asked_too(boss, workspace):
    person = contact(boss)
    case = assessed(boss, person)
    assert asked(boss, case) == []
    made = boss.ok("POST", "/sources", status=201, json={"kind": "processor", "name": "Cloud", "holder": "IT"})["id"]
    erased(boss, person)
    assert lacks(boss, case) == ["processors", "letter"]
    assert refused_event(workspace, case, "erase", {}, to="erased") == "PR022"
    assert boss.ok("POST", f"/privacy/requests/{case['id']}/sources")["added"] == 1
    # Who was asked is waited for, even when the list has forgotten it.
    boss.ok("DELETE", f"/sources/{made}", status=204)
    assert lacks(boss, case) == ["processors", "letter"]
    boss.ok("POST", f"/privacy/requests/{case['id']}/items/{asked(boss, case)[0]['id']}", json={"outcome": "not_held"})
    assert step(boss, case, "erase")["state"] == "erased"


def test_a_request_for_access_asks_no_processor_and_an_erasure_no_source(boss, processor):
    source = boss.ok("POST", "/sources", status=201, json={"name": "CCTV", "holder": "Shop"})["id"]
    person = contact(boss)
    access = boss.ok("GET", f"/privacy/requests/{record(boss, contact_ids=[person])['id']}")["items"]
    erasure = boss.ok("GET", f"/privacy/requests/{record(boss, kind='erasure', contact_ids=[contact(boss)])['id']}")["items"]
    boss.ok("DELETE", f"/sources/{source}", status=204)
    assert [i["what"] for i in access] == ["source"] and [i["what"] for i in erasure] == ["processor"]


def test_what_is_no_kind(boss, rows):
    answer = boss.post("/sources", json={"kind": "vendor", "name": "A", "holder": "B"})
    assert answer.status_code == 422 and "kind" in answer.json()["errors"]
    with pytest.raises(psycopg2.Error):
        rows.execute("insert into other_source (name, holder, days, kind) values ('A', 'B', 1, 'vendor')")


@pytest.mark.parametrize("language, word", [("en", "Data processor"), ("zh-Hant", "資料處理者")])
def test_on_the_pages(boss, workspace, language, word):
    window = workspace.admin.browser()
    window.write("/language", lang=language, back="/")
    form = next(f for f in parse_forms(window.page("/settings/sources"), "/settings/sources") if f.action.endswith("/settings/sources"))
    assert window.submit(form, kind="processor", name="Printer", holder="Office", days="5").status_code == 303
    case = record(boss, kind="erasure", contact_ids=[contact(boss)])
    place = f"/privacy/requests/{case['id']}"
    text = window.page(place)
    assert word in text and word in window.page("/settings/sources")
    item, = asked(boss, case)
    form = next(f for f in parse_forms(text, place) if f.action.endswith(f"/items/{item['id']}"))
    assert window.submit(form, outcome="confirmed").status_code == 303
    assert asked(boss, case)[0]["outcome"] == "confirmed"
    boss.delete(f"/sources/{boss.ok('GET', '/sources')['items'][0]['id']}")
