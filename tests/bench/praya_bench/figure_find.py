# SPDX-License-Identifier: ISC
"""Finding a person for a privacy request: one search over every contact and every
message of a large workspace, first page and count, as its own role under row-level
security; and what the index of the messages' words costs on disk."""
from . import people
from .load import median
from .proc import Clock
from .stand import say
from .table import Row

MIB = 1024 * 1024
# What people write: a name in each, a telephone number in one of ten, Chinese in half.
TEXTS = """insert into message (contact_id, channel, direction, sender, subject, body, happened_at, created_by,
	created_at, updated_at)
select c.contact_id, 'email', case when i % 2 = 0 then 'in' else 'out' end, c.email, 'Order ' || i,
	'Dear ' || c.name_en || ', thank you for your order ' || (i * 7919 % 1000003) || '. It will be delivered on '
		|| (i % 28 + 1) || ' of the month to the address you gave us; please call us if anything is not as it should be. '
		|| case when i % 10 = 0 then 'My number is ' || substr(c.phone, 5, 4) || ' ' || substr(c.phone, 9) || '. ' else '' end
		|| case when i % 2 = 0 then c.name_zh || '先生／女士你好，多謝訂購，貨品將於本月送達，如有查詢請致電本店。' else '' end,
	at, 1, at, at
from generate_series({first}::bigint, {last}) i
join contact c on c.contact_id = 1 + (i * 15485863) % {contacts},
	lateral (select now() - (i % 63072000) * interval '1 second' as at) t"""
STEP = 250_000


def fill(space, contacts, count):
    """Both at once: the index of the messages' words takes one processor longer than all the others take the second."""
    if space.has("bench.written"):
        return
    indexes = people.load(space, contacts)
    say(f"Making {count:,} messages ...")
    indexes += people.bare(space, "message")
    quick = "set session_replication_role = replica; set synchronous_commit = off;"
    cuts = range(1, count + 1, STEP)
    people.run(space, (quick + TEXTS.format(first=a, last=min(a + STEP - 1, count), contacts=contacts) for a in cuts))
    say("Building their indexes ...")
    people.settle(space, indexes, "filled")
    space.sql("create table bench.written ();")


def questions(space, contacts):
    """Somebody whose messages have name and number in either script, in every way they are asked for; and a name that many have."""
    row = space.sql(f"select name_en, name_zh, phone, email from contact where contact_id = {contacts // 2 + 1}")[0]
    phone = row[2][4:8] + " " + row[2][8:]
    return {"English name": row[0].split(",")[0], "Chinese name": row[1], "telephone": phone, "email": row[3],
            "identity card number": "A123456(3)", "surname of many": row[0].split()[0], "rare given name": people.RARE}


def run(stand):
    size = stand.size
    space = stand.space("large")
    fill(space, size.large, size.large * 5)
    case = space.api.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter"})["id"]
    slowest = {}
    for name, words in questions(space, size.large).items():
        times = []
        for _ in range(size.rounds):
            with Clock() as clock:
                groups = space.api.ok("POST", f"/privacy/requests/{case}/find", json={"q": words})["groups"]
            times.append(clock.seconds)
        counts = {g["kind"]: g["count"] for g in groups if g["count"]}
        say(f"  {name}: {median(times) * 1000:.0f} ms, {counts}")
        slowest[name] = median(times)
    worst = max(slowest, key=slowest.get)
    yield Row(
        f"finding a person among {size.large:,} contacts and {size.large * 5:,} messages under row-level security, "
        f"first page and count of every kind, the slowest of {len(slowest)} questions ({worst})",
        f"{slowest[worst]:.2f} s", "under 1 s", slowest[worst] < 1)
    index, heap, texts = (int(v) for v in space.sql(
        "select pg_relation_size('message_tokens'), pg_table_size('message'), "
        "(select sum(length(subject || body || sender)) from message)")[0])
    yield Row("&ensp;index of the messages' words on disk; the table itself",
              f"{index / MIB:,.0f} MiB, {heap / MIB:,.0f} MiB ({index / texts:.2f} of the texts)")
