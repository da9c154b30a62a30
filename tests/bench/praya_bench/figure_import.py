# SPDX-License-Identifier: ISC
"""praya import of a CSV file, against one INSERT ... SELECT of the very rows it
made into the same table of another workspace, with its indexes and its events."""
import subprocess

from . import people
from .load import median
from .proc import Clock
from .stand import PSQL, say
from .table import Row, at_least

COLUMNS = """select string_agg(quote_ident(attname), ', ') from pg_attribute
where attrelid = '{0}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"""
EMPTY = (
    "drop schema if exists bench cascade; set session_replication_role = replica; "
    "truncate contact, company, data_key, audit_event, audit_seen cascade; reset session_replication_role;"
)
INSERT = """begin;
select gate_system('cli', null, 'bench');
with n as (insert into contact ({columns}) overriding system value
	select {columns} from bench.source order by contact_id returning contact_id),
batch as (select array_agg(contact_id) as ids
	from (select contact_id, (row_number() over () - 1) / 500 as b from n) x group by b),
f as (select field_set_id from field_set where entity = 'contact' limit 1),
a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, count)
	select 'import', 'contact', ids, ids, (select field_set_id from f), cardinality(ids) from batch)
select count(*) from n;
commit;"""


def copy_table(made, table, plain, to, columns):
    take = f"copy (select {columns} from {table}) to stdout (format binary)"
    give = f"copy {to} ({columns}) from stdin (format binary)"
    out = subprocess.Popen([PSQL, "-X", "-q", "-d", made.uri(), "-c", take], stdout=subprocess.PIPE)
    subprocess.run([PSQL, "-X", "-q", "-d", plain.uri(), "-c", give], stdin=out.stdout, check=True)
    out.stdout.close()
    assert out.wait() == 0


def copy_over(made, plain, columns):
    """The rows of one workspace's import as a table beside the other's contacts."""
    for table in ("data_key", "company"):
        copy_table(made, table, plain, table, made.one(COLUMNS.format(table)))
    plain.sql(f"create schema bench; create table bench.source as select {columns} from contact")
    copy_table(made, "contact", plain, "bench.source", columns)
    plain.sql(
        f"grant usage on schema bench to {plain.database}; grant select on bench.source to {plain.database};"
        "insert into field_set (entity, fields) values ('contact', '{bench}') on conflict do nothing;"
        "vacuum analyze;"
    )


def imported(space, path):
    """Seconds from the command's start to its end."""
    space.sql("checkpoint")
    with Clock() as clock:
        said = space.stack.praya("import", space.slug, path).stdout
    return clock.seconds, said


def inserted(space, columns):
    space.sql("checkpoint")
    return space.timed(INSERT.format(columns=columns), space.database)


def run(stand):
    size = stand.size
    rounds = []
    path = stand.var / "bench.csv"
    for number in range(min(size.rounds, 3)):
        made, plain = stand.fresh("made"), stand.fresh("plain")
        people.write_csv(made, path, size.rows)
        made.sql(people.COMPANIES)
        seconds, said = imported(made, path)
        assert f" {size.rows} added" in said, said
        columns = made.one(COLUMNS.format("contact"))
        copy_over(made, plain, columns)
        plainly = inserted(plain, columns)
        count = int(plain.one("select count(*) from contact"))
        assert count == size.rows, count
        rounds.append((seconds, plainly))
        say(f"  round {number + 1}: import {seconds:.1f} s, insert {plainly:.1f} s, ratio {plainly / seconds:.2f}")
        for space in (made, plain):
            space.sql(EMPTY)
    path.unlink()
    yield at_least(
        f"import of {size.rows:,} rows against one INSERT ... SELECT of them",
        median([plainly / seconds for seconds, plainly in rounds]),
        0.5,
    )
    yield Row(
        "&ensp;rows a second, the two",
        f"{size.rows / median([s for s, _ in rounds]):,.0f}, {size.rows / median([p for _, p in rounds]):,.0f}",
    )
