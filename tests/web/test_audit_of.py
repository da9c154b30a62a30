# SPDX-License-Identifier: ISC
"""Where a person's events stand: whatever way it goes about it, what a look at every event
says. Of the person 1 there are thousands in a month, of 2 some in each, of 3 a thousand and
more but thinly, of 4 thousands in one month long ago and none near its ends, of 5 one."""
import psycopg2
import pytest

FILL = """select audit_ensure_month(now() - make_interval(months => m)) from generate_series(0, 4) m;
insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action, entity, subject_ids)
select now() - interval '4 months' + i * interval '4 months' / 60000, 'user', null, 'cookie', null, null, null, null, 'test', 'view', 'contact',
	array_remove(array[case when i % 3 = 0 then 4001 end, case when i % 500 = 0 then 4002 end, case when i % 47 = 0 then 4003 end,
		case when i between 10000 and 12500 then 4004 end, case when i between 5000 and 8000 and i % 2 = 0 then 4004 end,
		case when i = 31000 then 4005 end], null)
from generate_series(1, 60000) i;
analyze audit_event"""
PEOPLE = (4001, 4002, 4003, 4004, 4005, 4006)


@pytest.fixture(scope="module")
def rows(stack):
    connection = stack.new_workspace().database()
    cursor = connection.cursor()
    cursor.execute(FILL)
    yield cursor
    connection.close()


def found(rows, person, at, number, before, want, newest):
    rows.execute("select at, event_id from audit_of(%s, %s, %s, %s, %s, %s)", [person, at, number, before, want, newest])
    return rows.fetchall()


def everything(rows, person):
    rows.execute("select at, event_id from audit_event where %s = any (subject_ids) order by at, event_id", [person])
    return rows.fetchall()


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("newest", [True, False])
def test_page_by_page_it_is_every_event_once_and_in_order(rows, person, newest):
    every = everything(rows, person)
    ordered = every[::-1] if newest else every
    pages, at, number = [], None, None
    size = max(7, len(every) // 9)
    while page := found(rows, person, at, number, None, size, newest):
        assert len(page) <= size
        pages += page
        at, number = page[-1]
    assert pages == ordered
    assert (len(pages) == 0) == (person == 4006)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("newest", [True, False])
def test_what_is_not_before_that_time_is_not_in_it(rows, person, newest):
    every = everything(rows, person)
    rows.execute("select now() - interval '50 days', now() - interval '110 days'")
    for before in rows.fetchone():
        part = [e for e in every if e[0] < before]
        assert found(rows, person, None, None, before, 200, newest) == (part[::-1] if newest else part)[:200]
        assert len(found(rows, person, None, None, before, 10**9, newest)) == len(part)


@pytest.mark.parametrize("person", [0, -1, 2**31, 2**62, None])
def test_a_number_that_no_person_has_is_nobody(rows, person):
    assert found(rows, person, None, None, None, 10, True) == []


def test_the_index_is_what_leads_to_a_person(rows):
    """Of one event among thousands hardly anything is read."""
    rows.execute("explain (analyze, buffers, format json) select * from audit_of(4005, null, null, null, 50, true)")
    plan = rows.fetchone()[0][0]["Plan"]
    assert plan["Actual Rows"] == 1
    rows.execute("select sum(pg_relation_size(part)) / 8192 from audit_partition")
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < rows.fetchone()[0] / 3


def test_no_more_people_than_the_log_has_numbers_for(stack):
    with stack.new_workspace().database() as connection, connection.cursor() as cursor:
        cursor.execute("select setval(pg_get_serial_sequence('contact', 'contact_id'), 2147483647)")
        with pytest.raises(psycopg2.errors.SequenceGeneratorLimitExceeded):
            cursor.execute("select nextval(pg_get_serial_sequence('contact', 'contact_id'))")
