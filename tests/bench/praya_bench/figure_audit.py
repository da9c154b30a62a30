# SPDX-License-Identifier: ISC
"""The audit log: what an event costs beside the list it is of, a person's history, any
filter, and whether it is whole."""
import time
from concurrent.futures import ThreadPoolExecutor

from . import events, people
from .capture import capture
from .figure_list import CLIENTS, PATH
from .load import median, pgbench
from .stand import say
from .table import Row, at_least, at_most

ASKED = 9  # times that each question is asked
WARM = 16  # and before that, so that each process has its plans
ONE_LIST = 25

FILTERS = {
    "nothing": {}, "a user": {"actor": "{user}"}, "a rare action": {"action": "export"}, "a common action": {"action": "view"},
    "a kind of record": {"entity": "message"}, "refused": {"outcome": "denied"}, "a rare field": {"field": "hkid"},
    "a common field": {"field": "email"}, "an address": {"ip": "10.0.7.7"}, "a session": {"session": "1007"},
    "a person": {"contact": "77"}, "a view": {"view": "exports"}, "a month of last year": {"from": "{old}", "to": "{old_to}"},
    "a user's exports": {"actor": "{user}", "action": "export"}, "a user, a common field, an old month": {
        "actor": "{user}", "field": "email", "from": "{old}", "to": "{old_to}"},
    "nothing that is there": {"ip": "203.0.113.7", "action": "view"}, "two that never meet": {"action": "list", "entity": "message"},
    "a person and a user": {"contact": "77", "actor": "{user}"}, "refused exports": {"outcome": "denied", "action": "export"},
}


def insert_alone(script, fields):
    """The list's event as audit_queue() writes one, with the same transaction around it, without the list."""
    lines = [line for line in script.lines if "q as materialized" not in line]
    ids = "'{" + ",".join(str(n) for n in range(1, ONE_LIST + 1)) + "}'::bigint[]"
    insert = ("insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, count) "
              f"select 'list', 'contact', null, {ids}, coalesce((select s.field_set_id from field_set s where s.entity = 'contact' "
              f"and s.fields = '{fields}'), field_set_of('contact', '{fields}')), {ONE_LIST};")
    at = next(i for i, line in enumerate(lines) if line.startswith("commit"))
    return "\\startpipeline\n" + "\n".join([*lines[:at], insert, *lines[at:]]) + "\n\\endpipeline\n"


def cost(stand):
    space = stand.space("small")
    people.fill(space, stand.size.small)
    script = capture(space, PATH)
    alone = insert_alone(script, space.one("select fields from field_set where entity = 'contact' order by cardinality(fields) limit 1"))
    used = {name: value for name, value in script.values.items() if f":{name}" in alone}
    rounds = []
    for number in range(stand.size.rounds):
        whole = pgbench(space, script.text, script.values, CLIENTS, stand.size.seconds).rate
        event = pgbench(space, alone, used, CLIENTS, stand.size.seconds).rate
        say(f"  round {number + 1}: list with its event {whole:.0f}/s, that event alone {event:.0f}/s")
        rounds.append((whole, event))
    yield at_least("the list's statements with their event against that event alone: tps", median([w / e for w, e in rounds]), 0.6)
    yield Row("&ensp;the two", f"{median([w for w, _ in rounds]):,.0f} /s, {median([e for _, e in rounds]):,.0f} /s")


def spent(space, path, params):
    times = []
    for _ in range(WARM):
        space.api.ok("GET", path, params=params)
    for _ in range(ASKED):
        start = time.perf_counter()
        answer = space.api.get(path, params=params)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.text
    return median(times)


def scans(space):
    """Of months that have begun: those ahead hold nothing."""
    return dict(space.sql("select relname, seq_scan from pg_stat_user_tables t join audit_partition p on p.part = t.relid where p.lo < now()"))


def questions(space, count):
    rows = space.sql("select min(user_id) from app_user where email like 'bench%@bench.example'")
    old = space.one("select (now() - interval '9 months')::date")
    old_to = space.one("select (now() - interval '8 months')::date")
    before, worst = scans(space), ("", 0)
    for name, params in FILTERS.items():
        filled = {key: text.format(user=rows[0][0], old=old, old_to=old_to) for key, text in params.items()}
        ms = spent(space, "/audit", filled)
        say(f"  {name}: {ms:.1f} ms")
        worst = max(worst, (name, ms), key=lambda x: x[1])
    space.sql("select pg_stat_force_next_flush()")
    read = [name for name, n in scans(space).items() if n != before.get(name)]
    yield at_most(f"first page of any of {len(FILTERS)} filters of the log, {count:,} events", worst[1], 100, "{:.0f} ms")
    yield Row("&ensp;the slowest", worst[0])
    yield at_most("months that these read from end to end", len(read), 1, "{:.0f}")


def persons(space, count):
    for what, path in (("everything that happened to a person", "/contacts/{}/audit"), ("who has seen a person", "/contacts/{}/viewers")):
        worst = max(spent(space, path.format(number), {}) for number in (77, 4711 % 1000 + 1))
        yield at_most(f"{what}, first page, {count:,} events", worst, 50, "{:.0f} ms")


def verify(space, count):
    stack = space.stack
    say("  sealing ...")
    while stack.praya_json("audit", "verify", space.slug, "--json")["unsealed"] > 1000:
        pass
    start = time.monotonic()
    found = stack.praya_json("audit", "verify", space.slug, "--json")
    rate = found["events"] / (time.monotonic() - start)
    assert found["good"], found["findings"][:5]
    yield at_least(f"events of the log a second that are checked, {found['events']:,} of them", rate, 200_000, "{:,.0f}")


# A month whose time is over, with so many events, as one that the log has.
OLD_MONTH = """
select audit_ensure_month(now() - interval '15 months');
do $$
declare
	p record;
begin
	select month, part::regclass::text as name, lo, hi into p from audit_partition order by lo limit 1;
	execute format('alter table audit_event detach partition %I', p.name);
	execute format('drop table %I', p.name);
	-- Of an old month nothing is left to be vacuumed.
	execute format('create table %I (like audit_event including defaults) with (autovacuum_enabled = off)', p.name);
	execute format('alter table %I owner to praya_owner', p.name);
	execute format($q$insert into %1$I (event_id, at, actor_kind, via, route, action, entity, subject_ids, xid, actor_id, session_id, ip, agent,
		request_id) select n, %2$L::timestamptz + n * (%3$L::timestamptz - %2$L::timestamptz) / {events}, 'user', 'cookie', 'contact.read',
		'view', 'contact', array[n %% 10000 + 1], pg_current_xact_id(), null, null, null, null, null from generate_series(0, {events} - 1) n$q$,
		p.name, p.lo, p.hi);
	execute format('alter table audit_event attach partition %I for values from (%L) to (%L)', p.name, p.lo, p.hi);
	insert into audit_month (month, notice_at, notice_runs) values (p.month, now() - interval '8 days', 3)
	on conflict (month) do update set notice_at = excluded.notice_at, notice_runs = excluded.notice_runs;
	insert into audit_seal select coalesce(max(seal_id), 0) + 1, 'events', 1, '3', '4', p.month, {events}, {events}, '', '', '', now() from audit_seal;
end $$;
"""
WRITES = """insert into audit_event (actor_kind, via, route, action, session_id, actor_id, ip, agent, request_id)
values ('user', 'cookie', 'bench', 'view', null, null, null, null, null);
"""


def months_go(stand):
    """One client writes events, one a transaction, while a month is taken out of the log and off the disk."""
    space = stand.fresh("months")
    count = stand.size.events
    say(f"  a month of {count:,} events ...")
    space.sql("set maintenance_work_mem = '512MB'; set synchronous_commit = off; set session_replication_role = replica;"
              + OLD_MONTH.format(events=count) + "checkpoint;")
    month = space.one("select min(month) from audit_month where notice_at is not null")
    seconds = stand.size.seconds

    def writer(seconds):
        # As the owner: the role of the workspace has no settings of a page here.
        return pgbench(space, WRITES, {}, 1, seconds, role="praya_owner")

    alone = writer(seconds)
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(writer, 4 * seconds)
        time.sleep(seconds)
        begin = time.monotonic()
        gone = space.one(f"select audit_retire('{month}')")
        swept = space.one("select audit_sweep()")
        took = time.monotonic() - begin
        beside = beside.result()
    assert (int(gone), swept) == (count, "1"), (gone, swept)
    yield at_most(f"longest that a writer waits while a month of {count:,} events goes", beside.worst, 500, "{:.0f} ms")
    yield Row("&ensp;without that; and the month took", f"{alone.worst:.0f} ms; {took:.1f} s")


def bytes_of(stand):
    """Of events of lists alone, each in a transaction of its own."""
    space = stand.fresh("bytes")
    number = 20_000
    part = space.one("select 'audit_event_' || to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY_MM')")
    size = f"select pg_total_relation_size('{part}')"
    space.sql("select audit_index()")
    before = int(space.one(size))
    space.sql(
        "insert into field_set (entity, fields) values ('contact', '{bench}');"
        "create procedure pg_temp.fill() language plpgsql as $$ begin for n in 1 .. " f"{number} loop "
        "insert into audit_event (actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action, entity, record_ids, "
        "subject_ids, field_set_id, count) select 'user', n % 10 + 1, 'cookie', n % 50 + 1, ('10.0.0.' || n % 40)::inet, 'Firefox 128', left(md5(n::text), 16), "
        f"'contact.list', 'list', 'contact', null, p.ids, 1, {ONE_LIST} from "
        f"(select array_agg(1 + abs(hashint8extended(n, i)::numeric)::bigint % 10000) as ids from generate_series(1, {ONE_LIST}) i) p;"
        "commit; end loop; end $$; set synchronous_commit = off; call pg_temp.fill();")
    space.sql("select audit_index()")
    whole = int(space.one(size)) - before
    people = int(space.one(f"select pg_relation_size('{part}_subject_ids_idx')"))
    yield at_most(f"bytes of a list's event with {ONE_LIST} people, indexes included", whole / number, 600, "{:,.0f}")
    yield Row("&ensp;of them in the index by person", f"{people / number:,.0f}")


def run(stand):
    yield from cost(stand)
    yield from bytes_of(stand)
    yield from months_go(stand)
    space = stand.space("log")
    events.fill(space, stand.size.events, stand.size.small)
    yield from persons(space, stand.size.events)
    yield from questions(space, stand.size.events)
    yield from verify(space, stand.size.events)
