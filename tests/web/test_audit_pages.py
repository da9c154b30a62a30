# SPDX-License-Identifier: ISC
"""Pages of the log of whoever sees a part of the records: as long as anybody's, however many events
lie between that are not shown."""
import re

import pytest

from profiles import everything, make_profile

OTHERS, MINE = 400, 70


@pytest.fixture(scope="module")
def narrow(workspace):
    """Somebody who reads the log and sees own records only, among many events of others' records."""
    database = workspace.database()
    user = workspace.add_user(make_profile(database, everything("own"), special=("view_audit",)))
    api, boss = user.api(), workspace.admin.api()
    me = api.ok("GET", "/me")["id"]
    mine = boss.ok("POST", "/contacts", status=201, json={"name_en": "Mine", "owner_id": me})["id"]
    theirs = boss.ok("POST", "/contacts", status=201, json={"name_en": "Theirs"})["id"]
    cursor = database.cursor()

    def add(person, n):
        cursor.execute("begin")
        cursor.execute("select gate_system('worker', null, 'test')")
        cursor.execute("insert into audit_event (action, entity, record_ids, subject_ids) "
                       "select 'reveal', 'contact', array[%s::bigint], array[%s::bigint] from generate_series(1, %s)", [person, person, n])
        cursor.execute("commit")

    add(mine, MINE // 2)
    add(theirs, OTHERS)
    add(mine, MINE - MINE // 2)
    yield api, add, mine, theirs
    database.close()


def pages(api, **params):
    after, found = None, []
    while True:
        page = api.ok("GET", "/audit", params={"action": "reveal", **params, **({"after": after} if after else {})})
        found.append(page["items"])
        after = page["next"]
        if after is None:
            return found


@pytest.mark.parametrize("limit", [1, 7, 35, 50, 69, 70, 71, 200])
def test_every_page_but_the_last_is_full_and_none_is_empty(narrow, limit):
    api, _, mine, _ = narrow
    found = pages(api, limit=limit)
    assert [len(p) for p in found[:-1]] == [limit] * (len(found) - 1)
    assert 0 < len(found[-1]) <= limit and sum(map(len, found)) == MINE
    assert len({e["id"] for p in found for e in p}) == MINE
    assert {tuple(e["record_ids"]) for p in found for e in p} == {(mine,)}


def test_events_that_come_and_are_not_shown_change_nothing(narrow):
    api, add, _, theirs = narrow
    before = pages(api, limit=20)
    add(theirs, 60)
    assert pages(api, limit=20) == before


def test_thousands_that_are_not_shown_take_few_statements(narrow, stack):
    api, add, _, theirs = narrow
    before = pages(api)
    add(theirs, 2500)
    log = stack.var / "log/web.log"
    size = log.stat().st_size
    assert pages(api) == before
    text = log.read_bytes()[size:].decode()
    counts = [int(n) for n in re.findall(r"route=audit\.list .* statements=(\d+)", text)]
    assert counts and max(counts) < 20, counts


def test_of_others_records_there_is_nothing_to_find(narrow):
    api, _, _, theirs = narrow
    assert pages(api, entity="contact", record=theirs) == pages(api, entity="contact", record=999999)


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 999999999999, 2**63 - 1])
def test_a_number_that_nobody_has_finds_nothing(narrow, number):
    api = narrow[0]
    assert api.ok("GET", "/audit", params={"contact": number})["items"] == []


def test_a_page_does_not_show_its_own_reading(workspace):
    browser = workspace.admin.browser()
    person = workspace.admin.api().ok("POST", "/contacts", status=201, json={"name_en": "Read Once"})["id"]
    with workspace.database() as database, database.cursor() as rows:
        rows.execute("select max(event_id) from audit_event")
        before = rows.fetchone()[0]
    shown = browser.get(f"/contacts/{person}/audit").text
    numbers = [int(n) for n in re.findall(r'href="/audit/(\d+)"', shown)]
    assert numbers and max(numbers) <= before
