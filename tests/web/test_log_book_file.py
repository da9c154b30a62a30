# SPDX-License-Identifier: ISC
"""The log book as a file, by day, for whoever inspects it: page, program and command."""
import csv
import io

import pytest

from test_log_book import contact, refused


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture
def rows(workspace):
    connection = workspace.database()
    yield connection.cursor()
    connection.close()


def read(text):
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def book(workspace, *options):
    return read(workspace.stack.praya("log-book", workspace.slug, *options).stdout)


def test_one_command_for_a_range_of_days(workspace, boss, rows):
    """Also the entry about somebody who was erased meanwhile."""
    person = contact(boss)
    refused(boss, contact_ids=[person])
    boss.ok("POST", f"/contacts/{person}/erase", json={"reason": "subject_request", "confirm": str(person)})
    refused(boss)
    entries = book(workspace)
    assert len(entries) == 2 and entries[0]["Requestor"] == "Lam <On>" and entries[0]["Reasons"] == "No year & no place"
    assert (entries[0]["Section"], entries[0]["Kind"], entries[0]["Late"]) == ("20(3)(b)", "Access", "No")
    assert int(entries[0]["Entry"]) < int(entries[1]["Entry"])
    rows.execute("select (hk_today() - 1)::text, hk_today()::text, (hk_today() + 1)::text")
    before, today, after = rows.fetchone()
    assert len(book(workspace, "--from", today, "--to", today)) == 2
    assert book(workspace, "--to", before) == [] and book(workspace, "--from", after) == []


def test_the_page_gives_the_same_file(workspace, boss):
    entry = refused(boss)
    window = workspace.admin.browser()
    assert "/privacy/logbook/export?" in window.page("/privacy/logbook")
    for client in (boss, window):
        answer = client.get("/privacy/logbook/export")
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert read(answer.content.decode()) == book(workspace)
    assert read(boss.get("/privacy/logbook/export", params={"to": "2001-01-01"}).content.decode()) == []
    assert entry["reference"] in answer.text


def test_in_chinese_and_safe_in_a_spreadsheet(workspace, boss):
    case = boss.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", "requestor": "=cmd|'x'!A1"})
    from test_requests import step
    step(boss, case, "refuse", ground="20(3)(b)", reason="沒有\n分店")
    last = book(workspace, "--language", "zh-Hant")[-1]
    assert last["提出要求者"] == "'=cmd|'x'!A1" and last["理由"] == "沒有\n分店" and last["逾期"] == "否"


def test_more_than_a_page_of_entries(workspace, boss, rows):
    rows.execute("insert into log_book (request_id, kind, received_on, ground, reasons, notice_on, late) select request_id, kind, "
                 "received_on, ground, reasons, notice_on, late from log_book cross join generate_series(1, 450) where entry_id = "
                 "(select min(entry_id) from log_book)")
    numbers = [int(e["Entry"]) for e in book(workspace)]
    assert len(numbers) >= 450 and numbers == sorted(set(numbers))


def test_who_and_wrong_days(workspace, boss):
    assert workspace.add_user("staff").api().get("/privacy/logbook/export").status_code == 403
    assert boss.get("/privacy/logbook/export", params={"from": "yesterday"}).status_code == 400
    assert workspace.stack.praya("log-book", workspace.slug, "--from", "soon", check=False).returncode == 1
    assert workspace.stack.praya("log-book", "nobody", check=False).returncode == 1


def test_each_time_is_an_event(workspace, boss, rows):
    rows.execute("select count(*) from audit_event where action = 'export' and entity = 'log_book'")
    before, = rows.fetchone()
    book(workspace)
    boss.get("/privacy/logbook/export")
    rows.execute("select count(*) from audit_event where action = 'export' and entity = 'log_book'")
    assert rows.fetchone() == (before + 2,)
