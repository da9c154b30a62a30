# SPDX-License-Identifier: ISC
"""Restoring a workspace of which thousands of people were erased since: how long the ledger
takes, on top of the restore itself."""
from .load import median
from .proc import Clock
from .stand import say
from .table import Row

PEOPLE = """insert into contact (name_en, email) select 'Person ' || i, 'p' || i || '@ledger.example' from generate_series(1, {count}) i;
insert into message (contact_id, channel, direction, subject, body) select contact_id, 'email', 'in', 'Hello', 'Words of ' || name_en from contact;
analyze contact; analyze message;"""
# As if the erasures had been done there since.
ORDERS = """insert into erasure_ledger (tenant_id, contact_id, done_at) select {tenant}, c, now() from unnest(array[{contacts}]) c"""


def once(stand, index, count):
    space = stand.fresh("ledger")
    space.sql(PEOPLE.format(count=count))
    archive = stand.var / f"ledger-{index}.backup"
    archive.unlink(missing_ok=True)
    stand.stack.praya("tenant", "backup", space.slug, "--out", str(archive))
    with Clock() as plain:
        stand.stack.praya("tenant", "restore", str(archive), "--slug", f"{space.slug}p")
    number = space.database.removeprefix("praya_t_")
    contacts = ",".join(row[0] for row in space.sql("select contact_id from contact"))
    with stand.stack.database_named("praya_cell") as cell, cell.cursor() as rows:
        rows.execute(ORDERS.format(tenant=number, contacts=contacts))
    cell.close()
    stand.stack.praya("ledger", "verify", space.slug)
    with Clock() as erased:
        done = stand.stack.praya_json("tenant", "restore", archive, "--slug", f"{space.slug}e")
    archive.unlink()
    assert done["erased_again"] == count, done
    # The worker looks for what others' records say of them: beside the next round it would be measured, too.
    stand.stack.praya("tenant", "suspend", f"{space.slug}e")
    return erased.seconds - plain.seconds, erased.seconds


def run(stand):
    size, rounds = stand.size, []
    count = size.messages
    for index in range(min(size.rounds, 2)):
        rounds.append(once(stand, index, count))
        say(f"  round {index + 1}: {rounds[-1][0]:.1f} s of {rounds[-1][1]:.1f} s")
    took = median([r[0] for r in rounds])
    yield Row(f"ledger of {count:,} erasures applied to a restored workspace", f"{took:.1f} s", "under 60 s", took < 60)
