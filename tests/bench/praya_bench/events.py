# SPDX-License-Identifier: ISC
"""Events of the audit log by the million, over thirteen months, made inside PostgreSQL.
Of a hundred: 10 lists of 25 people, 60 looks at one, 20 at a message, 5 searches, 5 of what is
rarer; by twenty users from forty addresses. Who is in which event is always the same."""
from . import people
from .stand import say

MONTHS = 13
USERS = 20
# Events of one transaction: a stretch of the chain covers whole ones.
TOGETHER = 100

# A month's partition without its indexes is filled a few times as fast.
INDEXES = """select indexdef from pg_indexes where schemaname = 'public' and tablename = 'audit_event'
and indexname not in (select conname from pg_constraint where contype in ('p', 'u'))"""

USERS_SQL = f"""insert into app_user (email, email_key, name, profile_id, language)
select 'bench' || i || '@bench.example', sha256(convert_to('bench' || i || '@bench.example', 'UTF8')), 'Bench ' || i, (select profile_id from profile where name = 'staff'), 'en'
from generate_series(1, {USERS}) i;
insert into field_set (entity, fields) select 'contact', array['email', 'name_en', 'name_zh', 'phone', 'set' || lpad(i::text, 2, '0')]
from generate_series(1, 20) i on conflict do nothing;
insert into field_set (entity, fields) values ('contact', '{{hkid}}') on conflict do nothing;
"""

# Looks at messages that nobody has are hidden from everybody.
MESSAGES = """set session_replication_role = replica;
insert into message (message_id, contact_id, channel, direction, body, happened_at, created_by) overriding system value
select i, i, 'phone', 'in', 'As agreed', now() - i * interval '1 hour', 1 from generate_series(1, {count}) i on conflict do nothing;
select setval(pg_get_serial_sequence('message', 'message_id'), {count});
analyze message;"""

# n: number of the event; k: of a hundred; m: of the month.
FILL = """set session_replication_role = replica; set synchronous_commit = off;
insert into audit_event (event_id, at, generation, xid, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action,
	outcome, entity, record_ids, subject_ids, field_set_id, reason, count) overriding system value
select n, lo + (hi - lo) * (n - {first}) / {count}, 1, ({xid} + n / {together})::text::xid8, 'user', u.id, 'cookie', n % 500 + 1000,
	('10.0.' || (n % 40) || '.7')::inet, 'Firefox 128', left(md5(n::text), 16), case when k < 10 then 'contact.list' else 'contact.read' end,
	case when k < 10 then 'list' when k < 90 then 'view' when k < 95 then 'search' when n % 1000 = 995 then 'export'
		when k = 96 then 'reveal' when n % 500 = 97 then 'sign_in' else 'update' end,
	case when n % 2000 = 998 then 'denied' else 'ok' end,
	case when k between 70 and 89 then 'message' when n % 500 = 97 then 'user' else 'contact' end,
	case when k between 70 and 89 then p.ids end, p.ids, case when k = 96 then h.id else f.first + n % 20 end, case when k = 96 then 'contract' end, cardinality(p.ids)
from generate_series({first}::bigint, {last}::bigint) n cross join lateral (select n % 100 as k) k
	cross join lateral (select {lo}::timestamptz as lo, {hi}::timestamptz as hi) m
	cross join lateral (select array_agg(1 + abs(hashint8extended(n, i)::numeric)::bigint % {people}) as ids
		from generate_series(1, case when k < 10 then 25 when k between 90 and 94 then 3 else 1 end) i) p
	cross join lateral (select min(user_id) + abs(hashint8extended(n, 77)::numeric)::bigint % {users} as id from app_user where email like 'bench%@bench.example') u
	cross join lateral (select min(field_set_id) as first from field_set where fields[5] = 'set01') f
	cross join lateral (select field_set_id as id from field_set where entity = 'contact' and fields = '{{hkid}}') h;
"""


def months(space):
    """(name, from, to) of the months that are filled, oldest first."""
    rows = space.sql(
        f"select audit_ensure_month(now() - make_interval(months => m)) from generate_series(0, {MONTHS - 1}) m;"
        "select month, part::regclass, extract(epoch from lo), extract(epoch from least(hi, now() - interval '1 minute')) "
        f"from audit_partition where lo < now() and month > now() - interval '{MONTHS} months 5 days' order by month")
    return [(row[1], f"to_timestamp({row[2]})", f"to_timestamp({row[3]})") for row in rows if len(row) == 4][-MONTHS:]


def burn(space, count):
    """Transactions have numbers that were given out already."""
    space.sql("create or replace procedure pg_temp.burn(n bigint) language plpgsql as $$ begin for i in 1 .. n loop "
              f"perform pg_current_xact_id(); commit; end loop; end $$; set synchronous_commit = off; call pg_temp.burn({count})")


def fill(space, count, contacts):
    """The workspace's log, unless it is there."""
    if space.has("bench.events"):
        return
    people.fill(space, contacts)
    space.sql(MESSAGES.format(count=contacts))
    say(f"Making {count:,} events ...")
    space.sql(USERS_SQL + "create schema if not exists bench;")
    burn(space, count // TOGETHER + MONTHS)
    xid = int(space.one("select pg_current_xact_id()")) - count // TOGETHER - MONTHS
    first = int(space.one("select coalesce(max(event_id), 0) + 1 from audit_event"))
    indexes = [row[0].replace(" ON ONLY ", " ON ") for row in space.sql(INDEXES)]
    space.sql("".join(f'drop index "{text.split()[2]}";' for text in indexes))
    scripts = []
    each = count // MONTHS
    for number, (part, lo, hi) in enumerate(months(space)):
        begin = first + number * each
        values = {"first": begin, "last": begin + each - 1, "count": each, "lo": lo, "hi": hi, "people": contacts,
                  "users": USERS, "together": TOGETHER, "xid": xid - first // TOGETHER, "part": part}
        scripts.append(FILL.format(**values))
    people.run(space, scripts)
    memory = "set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0;"
    people.run(space, [f"{memory} {text}" for text in indexes])
    space.sql(f"select setval(pg_get_serial_sequence('audit_event', 'event_id'), {first + count});"
              "update audit_mark set seen_xid = pg_current_xact_id(), seen_at = now();"
              "insert into audit_day select (at at time zone 'Asia/Hong_Kong')::date, action, coalesce(actor_id, 0), count(*) "
              "from audit_event where route in ('contact.list', 'contact.read') group by 1, 2, 3 on conflict do nothing;")
    space.sql("vacuum analyze audit_event;")
    space.sql("checkpoint; create table bench.events ();")
