# SPDX-License-Identifier: ISC
"""A person's timeline, page by page to its first entry: nothing is missed or comes twice, in
an order of what the reader may read, and a page's address is of no use for another."""
import datetime
import html
import re

import pytest

import routes
import seen

HONG_KONG = datetime.timezone(datetime.timedelta(hours=8))
CHANGES = ("create", "update", "archive", "restore", "import", "merge", "erase", "reveal", "export", "permission")
PATHS = {"messages": "message", "activities": "activity", "attachments": "attachment", "invoices": "invoice"}
FIRST = {"message": 1, "activity": 2, "attachment": 3, "invoice": 4, "change": 5}
HIDDEN = {("message", "happened_at"): "hidden", ("activity", "happened_at"): "masked", ("invoice", "issued_on"): "hidden"}
# Moments that many share, a day's beginning in Hong Kong, and one that is to come.
FILL = """
insert into message (contact_id, channel, direction, body, happened_at, created_at, created_by)
select %(person)s, 'sms', case when i %% 2 = 0 then 'in' else 'out' end, 'text ' || i, case when i %% 3 = 0 then
	timestamptz '2025-05-05 00:00+08' else now() + interval '40 days' - i * interval '1 day' end,
	timestamptz '2024-01-01 00:00+08' + (i / 7) * interval '1 day', case when i %% 5 = 0 then %(own)s::bigint end from generate_series(1, 160) i;
insert into activity (contact_id, kind, subject, body, happened_at, created_at, created_by, archived_at)
select %(person)s, case when i %% 4 = 0 then 'task' else 'note' end, 'about ' || i, 'x', case when i %% 2 = 0 then
	timestamptz '2025-05-05 00:00+08' else now() - i * interval '7 hours 0.000001 seconds' end,
	timestamptz '2024-01-01 00:00+08' + (i / 7) * interval '1 day', case when i %% 5 = 0 then %(own)s::bigint end,
	case when i %% 50 = 0 then now() end from generate_series(1, 120) i;
insert into attachment (contact_id, file_name, size, created_at, created_by)
select %(person)s, 'file ' || i, i, case when i %% 3 = 0 then timestamptz '2025-05-05 00:00+08'
	else timestamptz '2024-01-01 00:00+08' + (i / 7) * interval '1 day' end, case when i %% 5 = 0 then %(own)s::bigint end from generate_series(1, 50) i;
insert into invoice (contact_id, number, issued_on, status, amount, keep_until, created_at, created_by)
select %(person)s, 'T-' || i, case when i %% 2 = 0 then date '2025-05-05' else date '2026-12-31' - i * 3 end, 'issued', i, '2040-01-01',
	timestamptz '2024-01-01 00:00+08' + (i / 7) * interval '1 day', case when i %% 5 = 0 then %(own)s::bigint end from generate_series(1, 70) i;
"""
LOOKS = """
insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action, entity, record_ids, subject_ids)
select now() - i * interval '1 minute', 'user', null, 'cookie', null, null, null, null, 'test', case when i %% 20 = 0 then 'update' else 'view' end,
	'contact', case when i %% 20 = 0 then array[%(person)s::bigint] end, array[%(person)s::int] from generate_series(1, 8000) i"""


@pytest.fixture(scope="module")
def rows(workspace):
    return workspace.database().cursor()


@pytest.fixture(scope="module")
def boss(workspace):
    return workspace.admin.api()


@pytest.fixture(scope="module")
def window(workspace):
    return workspace.admin.browser()


def kept(workspace, rows, scopes="all", fields=None):
    """Somebody of such a profile: their number, and a browser."""
    person = workspace.add_user(seen.profile(rows, scopes, fields=fields))
    return seen.number_of(rows, person), person.browser()


@pytest.fixture(scope="module")
def clerk(workspace, rows):
    return kept(workspace, rows, fields=HIDDEN)


@pytest.fixture(scope="module")
def agent(workspace, rows):
    """Who sees all people, and of what hangs on them what is their own."""
    return kept(workspace, rows, {entity: "all" if entity in ("contact", "company") else "own" for entity in seen.ENTITIES})


def new(boss, name="TANG Long Story"):
    return boss.ok("POST", "/contacts", status=201, json={"name_en": name})["id"]


@pytest.fixture(scope="module")
def person(boss, rows, agent):
    """Four hundred entries of every kind."""
    number = new(boss)
    for n in range(9):
        read = boss.ok("GET", f"/contacts/{number}")
        boss.ok("PATCH", f"/contacts/{number}", headers={"If-Match": str(read["version"])}, json={"job_title": f"Clerk {n}"})
    rows.execute(FILL, {"person": number, "own": agent[0]})
    return number


def entries(text):
    """(kind, number, moment) of what a page shows; changes have no number."""
    found = []
    for item in re.findall(r'<li class="event event-(.*?)</li>', text, re.S):
        link = re.search(r'href="/(messages|activities|attachments|invoices)/(\d+)"', item)
        moment = datetime.datetime.fromisoformat(re.search(r'datetime="([^"]+)"', item)[1].replace("Z", "+00:00"))
        found.append((PATHS[link[1]], int(link[2]), moment) if link else ("change", None, moment))
    return found


def older(text):
    link = re.search(r'href="(/contacts/\d+\?after=[^"]+)" *>?<span>(?:Older entries|較早的紀錄)', text.replace('" rel="next', ""))
    link = link or re.search(r'rel="next" href="(/contacts/\d+\?after=[^"]+)"', text)
    return html.unescape(link[1]) if link else None


def walk(browser, person, between=lambda: None, pages=None):
    """All entries of all pages."""
    found, path = [], f"/contacts/{person}"
    while path:
        text = browser.page(path.partition("#")[0])
        shown = entries(text)
        assert 0 < len(shown) <= 60
        found += shown
        path = older(text)
        assert path is None or len(shown) == 60, "a page that is not the last is full"
        if pages is not None:
            pages.append(text)
        between()
    return found


def stored(rows, person, hidden=False, own=None):
    """What there is, as it has to be shown: by what may be read."""
    rows.execute(f"""
        select 'message', message_id, {'created_at' if hidden else 'happened_at'} from message
            where contact_id = %(p)s and archived_at is null and (%(o)s::bigint is null or created_by = %(o)s)
        union all select 'activity', activity_id, {'created_at' if hidden else 'happened_at'} from activity
            where contact_id = %(p)s and archived_at is null and (%(o)s::bigint is null or created_by = %(o)s)
        union all select 'attachment', attachment_id, created_at from attachment
            where contact_id = %(p)s and archived_at is null and (%(o)s::bigint is null or created_by = %(o)s)
        union all select 'invoice', invoice_id, {'created_at' if hidden else "issued_on::timestamp at time zone 'Asia/Hong_Kong'"} from invoice
            where contact_id = %(p)s and archived_at is null and (%(o)s::bigint is null or created_by = %(o)s)
        union all select 'change', event_id, at from audit_event
            where %(p)s = any (subject_ids) and entity = 'contact' and action = any (%(c)s) and outcome = 'ok'""",
                 {"p": person, "o": own, "c": list(CHANGES)})
    return sorted(rows.fetchall(), key=lambda e: (-e[2].timestamp(), FIRST[e[0]], -e[1]))


def same(shown, wanted):
    """In the same order; times of a page have no parts of a second."""
    assert [(k, n) for k, n, _ in shown] == [(k, n if k != "change" else None) for k, n, _ in wanted]
    for a, b in zip(shown, wanted):
        assert abs((a[2] - b[2]).total_seconds()) < 1


def test_every_entry_once_to_the_very_first(window, rows, person):
    wanted = stored(rows, person)
    assert len(wanted) > 400 and {k for k, _, _ in wanted} == set(FIRST)
    assert wanted[0][2] > datetime.datetime.now(HONG_KONG), "one is to come"
    same(walk(window, person), wanted)


def test_a_time_that_is_hidden_is_told_by_no_order(clerk, rows, person):
    same(walk(clerk[1], person), stored(rows, person, hidden=True))


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_each_time_is_hidden_for_itself(workspace, rows, person, name):
    shown = walk(kept(workspace, rows, fields={name: "hidden"})[1], person)
    entity, field = name
    by = {("message", "happened_at"): stored(rows, person, True), ("activity", "happened_at"): stored(rows, person, True),
          ("invoice", "issued_on"): stored(rows, person, True)}[name]
    wanted = [e for e in stored(rows, person) if e[0] != entity] + [e for e in by if e[0] == entity]
    assert field and len(shown) == len(wanted)
    same(shown, sorted(wanted, key=lambda e: (-e[2].timestamp(), FIRST[e[0]], -e[1])))


def test_who_sees_own_records_walks_through_those(agent, rows, person):
    wanted = stored(rows, person, own=agent[0])
    assert 60 < len(wanted) < 120
    same(walk(agent[1], person), wanted)


def test_what_is_added_meanwhile_moves_nothing(window, boss, rows):
    number = new(boss, "HO In Motion")
    rows.execute(FILL, {"person": number, "own": None})
    wanted = stored(rows, number)

    def add():
        rows.execute("insert into message (contact_id, channel, direction, body) values (%s, 'sms', 'in', 'new')", [number])

    same(walk(window, number, add), wanted)


def test_changes_behind_thousands_of_looks(window, boss, rows):
    number = new(boss, "LAM Much Looked At")
    rows.execute(LOOKS, {"person": number})
    wanted = stored(rows, number)
    assert len(wanted) > 400
    same(walk(window, number), wanted)


def test_changes_of_one_moment(window, boss, rows):
    number = new(boss, "SIU At Once")
    rows.execute("""insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action, entity,
        record_ids, subject_ids) select date_trunc('second', now()), 'user', null, 'cookie', null, null, null, null, 'test', 'update', 'contact',
        array[%(p)s::bigint], array[%(p)s::int] from generate_series(1, 150) i""", {"p": number})
    assert len(walk(window, number)) == 151


@pytest.mark.parametrize("more", [0, 1])
def test_sixty_are_one_page_and_one_more_are_two(window, boss, rows, more):
    number = new(boss, "LEUNG Brim Full")
    rows.execute("insert into message (contact_id, channel, direction, body) select %s, 'sms', 'in', 'x' from generate_series(1, %s)",
                 [number, 59 + more])
    text = window.page(f"/contacts/{number}")
    assert len(entries(text)) == 60 and (older(text) is None) == (more == 0)
    assert "Newest entries" not in text


def events(rows, person, behind=0):
    rows.execute("select entity, record_ids, event_id from audit_event where action = 'list' and %s = any (subject_ids) and event_id > %s "
                 "order by event_id", [person, behind])
    return rows.fetchall()


def test_each_page_is_logged_with_what_it_showed_and_no_more(window, rows, person):
    path, last = f"/contacts/{person}", max([e[2] for e in events(rows, person)], default=0)
    for _ in range(3):
        text = window.page(path)
        logged = events(rows, person, last)
        last = max(e[2] for e in logged)
        shown = {}
        for kind, number, _ in entries(text):
            shown.setdefault(kind, []).append(number)
        shown.pop("change", None)
        assert {e[0]: e[1] for e in logged} == {kind: sorted(numbers) for kind, numbers in shown.items()}
        path = older(text).partition("#")[0]


def test_there_is_a_way_back_in_both_languages(workspace, rows, person):
    reader = workspace.add_user("administrator")
    for language, words in (("en", ("Older entries", "Newest entries")), ("zh-Hant", ("較早的紀錄", "最新的紀錄"))):
        rows.execute("update app_user set language = %s where email = %s", [language, reader.email])
        browser = reader.browser()
        first = browser.page(f"/contacts/{person}")
        second = browser.page(older(first).partition("#")[0])
        assert words[0] in first and words[1] not in first
        assert words[0] in second and words[1] in second and f'href="/contacts/{person}#timeline"' in second
        assert 'id="timeline"' in second


# ---- what an address is not good for


def cursor_of(browser, person):
    return older(browser.page(f"/contacts/{person}")).partition("after=")[2].partition("#")[0]


def refused(browser, person, cursor):
    assert routes.page(browser.get(f"/contacts/{person}", params={"after": cursor}), 400) is None, cursor


@pytest.mark.parametrize("bad", ["x", "A" * 40, "0", "1|2|2026-01-01", "%00", "é", "A" * 500])
def test_no_cursor_at_all(window, person, bad):
    refused(window, person, bad)


def test_too_long_a_one(window, person):
    assert window.get(f"/contacts/{person}", params={"after": "A" * 501}).status_code == 400


def test_a_changed_one(window, person):
    good = cursor_of(window, person)
    for bad in (good[:-1], good + "A", good.swapcase(), good[4:], good[:10] + ("A" if good[10] != "A" else "B") + good[11:]):
        refused(window, person, bad)
    assert window.get(f"/contacts/{person}", params={"after": good}).status_code == 200


def test_of_another_person(window, boss, rows, person):
    other = new(boss, "FONG Somebody Else")
    refused(window, other, cursor_of(window, person))


def test_of_another_user(window, clerk, agent, workspace, person):
    twin = workspace.add_user("administrator").browser()
    good = cursor_of(window, person)
    for other in (twin, clerk[1], agent[1]):
        refused(other, person, good)


def test_of_another_list(window, boss, person):
    for _ in range(2):
        boss.ok("POST", f"/contacts/{person}/messages", json={"channel": "sms", "direction": "in", "body": "x"})
    refused(window, person, boss.ok("GET", f"/contacts/{person}/messages?limit=1")["next"])
    answer = boss.get("/messages", params={"after": cursor_of(window, person)})
    assert routes.problem(answer, 400) is None


def test_of_another_workspace(stack, window, person):
    elsewhere = stack.new_workspace()
    boss = elsewhere.admin.api()
    number = new(boss)
    refused(elsewhere.admin.browser(), number, cursor_of(window, person))


def test_after_rights_were_changed(workspace, rows, person):
    name = seen.profile(rows, "all")
    reader = workspace.add_user(name)
    browser = reader.browser()
    good = cursor_of(browser, person)
    rows.execute("insert into profile_field select profile_id, 'message', 'happened_at', 'hidden' from profile where name = %s", [name])
    rows.execute("insert into profile_field select profile_id, 'message', 'body', 'hidden' from profile where name = %s", [name])
    answer = browser.get(f"/contacts/{person}", params={"after": good})
    assert routes.page(answer, 400) is None
    same(walk(browser, person), sorted([e for e in stored(rows, person) if e[0] != "message"] + [
        e for e in stored(rows, person, hidden=True) if e[0] == "message"], key=lambda e: (-e[2].timestamp(), FIRST[e[0]], -e[1])))


def test_who_is_not_there_has_no_pages(window, agent, workspace, rows, person):
    good = cursor_of(window, person)
    assert routes.page(window.get("/contacts/987654321", params={"after": good}), 404) is None
    nobody = kept(workspace, rows, "own")[1]
    for cursor in (good, "x"):
        assert routes.page(nobody.get(f"/contacts/{person}", params={"after": cursor}), 404) is None


def test_the_api_has_none(boss, person, window):
    answer = boss.get(f"/contacts/{person}", params={"after": cursor_of(window, person)})
    assert routes.problem(answer, 400) is None


def test_what_is_gone_meanwhile_says_so(window, boss, rows):
    number = new(boss, "YIP Emptied")
    rows.execute("insert into message (contact_id, channel, direction, body, happened_at) select %s, 'sms', 'in', 'x', now() + i * interval '1 hour' "
                 "from generate_series(1, 70) i", [number])
    path = older(window.page(f"/contacts/{number}")).partition("#")[0]
    rows.execute("update message set archived_at = now() where contact_id = %s", [number])
    assert len(entries(window.page(path))) == 1, "that the person was made"
    rows.execute("delete from audit_event where %s = any (subject_ids) and action = 'create'", [number])
    text = window.page(path)
    assert entries(text) == [] and "Nothing older" in text and f'href="/contacts/{number}#timeline"' in text and "No activity yet" not in text


def test_an_old_page_holds_no_more_than_may_be_read(clerk, workspace, rows, person):
    blind = kept(workspace, rows, fields={("message", "body"): "hidden", ("activity", "subject"): "hidden", ("invoice", "number"): "masked"})[1]
    pages = []
    walk(blind, person, pages=pages)
    assert not [p for p in pages if re.search(r"text \d|about \d|T-\d", p)]
