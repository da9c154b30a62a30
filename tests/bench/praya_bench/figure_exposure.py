# SPDX-License-Identifier: ISC
"""Who was exposed by one user over thirty days: the job that reads the log, and its memory."""
import time

from jobs import finished

from .proc import Peak, memory
from .stand import say
from .table import Row, at_most

PEOPLE, IDS, DAYS = 100_000, 25, 30
OTHERS = 9  # events of other users for each of this one's

# Pages of a list, each of 25 people that follow one another.
EVENTS = """
begin;
select gate_system('cli', null, 'bench');
select audit_ensure_month(now() - make_interval(days => d)) from generate_series(0, 31) d;
select field_set_of('contact', '{{email,hkid~,name_en,phone}}');
insert into audit_event (at, actor_kind, actor_id, via, route, action, outcome, entity, record_ids, subject_ids, field_set_id, count)
select now() - make_interval(secs => i * {days} * 86400.0 / {all}), 'user', case when i % {one_in} = 0 then {actor} else {actor} + 1 + i % 50 end,
	'cookie', 'contact.list', 'list', 'ok', 'contact', null, ids,
	(select field_set_id from field_set where entity = 'contact' and fields = '{{email,hkid~,name_en,phone}}'), {ids}
from generate_series(1, {all}) i cross join lateral (select array_agg((hashint8(i) & 2147483647)::bigint % {people} + n) as ids
	from generate_series(1, {ids}) n) x;
commit;
update audit_mark set seen_xid = pg_snapshot_xmin(pg_current_snapshot());
"""


def fill(space, views):
    actor = int(space.one("select min(user_id) from app_user"))
    space.sql(EVENTS.format(days=DAYS, all=views * (OTHERS + 1), one_in=OTHERS + 1, actor=actor, ids=IDS, people=PEOPLE))
    space.sql("vacuum analyze")
    # What the worker does about half a million events that came at once has nothing to do with the list.
    space.stack.praya("worker", space.slug, "--once")
    return actor


def run(stand):
    views = 50_000 if stand.size.rows >= 100_000 else 500
    space = stand.fresh("exposed")
    actor = fill(space, views)
    workers = stand.pids("worker")
    before = max(memory(pid) for pid in workers)
    since = space.one(f"select (now() - interval '{DAYS + 1} days')::date")
    start = time.monotonic()
    with Peak(lambda: workers) as peak:
        made = space.api.ok("POST", "/privacy/incidents", status=201, json={
            "kind": "insider", "title": "bench", "what": "bench", "actor": actor, "from": since})
        number, asked = made["id"], made["lists"][0]
        state = finished(space.api, asked["job"], 120)
    seconds = time.monotonic() - start
    assert state["state"] == "done", state
    listed = space.api.ok("GET", f"/privacy/incidents/{number}/lists/{asked['id']}")
    assert listed["events"] >= views, listed["events"]
    say(f"  {listed['events']:,} events, {listed['people']:,} people, {seconds:.1f} s")
    yield at_most(f"people exposed by one user in {DAYS} days, {views:,} list views: seconds", seconds, 10, "{:.1f}")
    yield at_most("&ensp;private memory of the worker, MiB", peak.most / 2**20, 64, "{:.1f}")
    yield Row("&ensp;before it, and people found", f"{before / 2**20:.1f} MiB, {listed['people']:,}")
