# SPDX-License-Identifier: ISC
"""The reply of s.21(2), that nothing is held whose existence has to be disclosed: what a disclosure would prejudice
stands in the log book before the letter goes out, and nowhere else."""
import csv
import io

import psycopg2
import pytest

import routes
from test_letter_first import case_of, entries, prepared
from test_pdpo_rows import refused_event
from test_requests import record, sent, step, take, today

WHY = "An inquiry into <theft>, s.58"


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def searched(boss, **values):
    case = record(boss, requestor="Lam On", **values)
    step(boss, case, "verify", how="known")
    step(boss, case, "search")
    return case


def due(boss, case):
    return [d["letter"] for d in case_of(boss, case)["letters_due"] if d["action"] == "not_held"]


def test_from_the_entry_to_the_end(boss, rows):
    case = searched(boss)
    seen = prepared(boss, case, "not_held", prejudice=WHY)
    assert seen["state"] == "searching" and seen["missing"]["not_held"] == ["letter"] and due(boss, case) == ["no_disclosure"]
    (entry,) = entries(boss, case)
    assert (entry["ground"], entry["prejudice"], entry["requestor"]) == ("21(2)", WHY, "Lam On") and not entry["reasons"]
    path = f"/privacy/requests/{case['id']}/letters"
    letter = boss.ok("POST", path, status=201, json={"letter": "no_disclosure"})
    boss.ok("POST", f"{path}/{letter['id']}/posted", json={"on": str(today(rows))})
    done = take(boss, case, "not_held").json()
    assert done["state"] == "not_held" and entries(boss, case) == [entry]
    text = letter["body"]
    assert "required by the Ordinance to disclose" in text and "theft" not in text and "2827 2827" in text
    assert "theft" not in boss.get(f"/privacy/requests/{case['id']}").text, "the log book alone says it"
    rows.execute("select prejudice from log_book where request_id = %s", [case["id"]])
    assert rows.fetchall() == [(True,)]


def test_the_file_has_it(boss):
    case = searched(boss)
    prepared(boss, case, "not_held", prejudice=WHY, reason="Asked the lawyer")
    table = list(csv.DictReader(io.StringIO(boss.get("/privacy/logbook/export").content.decode("utf-8-sig"))))
    (line,) = (t for t in table if t["Reference"] == case["reference"])
    assert (line["Section"], line["Prejudice (s.21(2))"], line["Reasons"]) == ("21(2)", WHY, "Asked the lawyer")


def test_the_letter_does_not_go_before_the_prejudice(boss, workspace, rows):
    for first in ({}, {"reason": "Nothing found"}):
        case = searched(boss)
        if first:
            prepared(boss, case, "not_held", **first)
        else:
            prepared(boss, case, "refuse", ground="20(3)(f)", reason="s.58 applies")
        path = f"/privacy/requests/{case['id']}/letters"
        made = boss.ok("POST", path, status=201, json={"letter": "no_disclosure"})
        for answer in (boss.post(f"{path}/{made['id']}/posted", json={"on": str(today(rows))}),
                       boss.post(f"{path}/{made['id']}/send", json={"email": "a@example.com"}),
                       workspace.admin.browser().write(f"{path}/{made['id']}/posted", on=str(today(rows)))):
            assert answer.status_code == 409 and "log book" in answer.text
        with pytest.raises(psycopg2.Error) as refused:
            rows.execute("update letter set sent_how = 'post', sent_on = hk_today() where letter_id = %s", [made["id"]])
        assert refused.value.pgcode == "PR044"
        rows.connection.rollback()


def test_the_database_wants_it(boss, workspace, rows):
    case = searched(boss)
    prepared(boss, case, "not_held", reason="Nothing found")
    assert entries(boss, case) == [] and due(boss, case) == ["not_held"], "nothing is refused there"
    sent(boss, case, "not_held", today(rows))
    assert refused_event(workspace, case, "not_held", {}, ground="21(2)") == "PR024"
    with pytest.raises(psycopg2.errors.CheckViolation):
        rows.execute("insert into log_book (request_id, kind, received_on, ground, reasons, notice_on, late) "
                     "select request_id, kind, received_on, '21(2)', '', hk_today(), false from privacy_request where request_id = %s",
                     [case["id"]])
    rows.connection.rollback()
    answer = take(boss, case, "not_held", prejudice=WHY)
    assert answer.status_code == 422 and "prejudice" in answer.json()["errors"], "that is not what was told"
    assert take(boss, case, "not_held").json()["state"] == "not_held" and entries(boss, case) == []


def test_told_so_it_is_taken_so(boss, workspace, rows):
    case = searched(boss)
    prepared(boss, case, "not_held", prejudice=WHY)
    sent(boss, case, "no_disclosure", today(rows))
    assert refused_event(workspace, case, "not_held", {}) == "PR024", "not as if nothing were there"
    prepared_since = take(boss, case, "not_held", reason="Nothing at all")
    assert prepared_since.status_code == 422 and "prejudice" in prepared_since.json()["errors"]
    assert take(boss, case, "not_held", prejudice="Something else").json()["state"] == "not_held"
    second, first = entries(boss, case)
    assert (second["corrects"], second["ground"], second["prejudice"]) == (first["id"], "21(2)", "Something else")


def test_told_otherwise_the_entry_is_corrected(boss, rows):
    case = searched(boss)
    prepared(boss, case, "not_held", prejudice=WHY)
    sent(boss, case, "not_held", today(rows))
    assert take(boss, case, "not_held").json()["state"] == "not_held"
    second, first = entries(boss, case)
    assert second["corrects"] == first["id"] and second["reasons"].startswith("Not refused after all") and first["prejudice"] == WHY
    assert case_of(boss, case)["events"][0]["ground"] is None


@pytest.mark.parametrize("action", ["comply", "withdraw", "delay"])
def test_no_other_step_takes_it(boss, action):
    case = searched(boss)
    answer = take(boss, case, action, prepare=True, reason="x", prejudice="x")
    assert answer.status_code in (409, 422) and entries(boss, case) == []


@pytest.mark.parametrize("lang, words", [("en", ("Prejudice, where nothing may be said", "Nothing whose existence has to be disclosed")),
                                         ("zh-Hant", ("所會造成的損害", "沒有須披露其存在的資料"))])
def test_through_the_pages(boss, workspace, rows, lang, words):
    window = workspace.admin.browser()
    window.write("/language", lang=lang, back="/privacy")
    path = f"/privacy/requests/{searched(boss, language=lang)['id']}"
    assert words[0] in window.page(f"{path}/not_held")
    answer = window.submit(window.form(f"{path}/not_held", f"{path}/not_held"), prejudice=WHY)
    assert answer.status_code == 303 and answer.headers["Location"] == f"{path}/letters/new?kind=no_disclosure"
    letter = window.submit(window.form(answer.headers["Location"], f"{path}/letters")).headers["Location"]
    assert window.submit(window.form(letter, f"{letter}/posted"), on=str(today(rows))).status_code == 303
    assert words[1] in window.page(f"{path}/not_held"), "what was entered"
    assert window.submit(window.form(f"{path}/not_held", f"{path}/not_held")).status_code == 303
    book = window.page("/privacy/logbook")
    assert words[1] in book and "An inquiry into &lt;theft&gt;" in book
    assert "theft" not in window.page(path)
    window.write("/language", lang="en", back="/privacy")


def test_it_is_for_those_who_run_requests(boss, workspace):
    staff = workspace.add_user("staff").api()
    own = record(staff)
    assert routes.problem(take(staff, own, "not_held", prepare=True, prejudice="x"), 403) is None
    prepared(boss, own, "refuse", ground="20(3)(b)", reason="x", prejudice=WHY)
    assert "theft" not in staff.get(f"/privacy/requests/{own['id']}").text and staff.get("/privacy/logbook").status_code == 403
