# SPDX-License-Identifier: ISC
"""Contacts by the hundred thousand, made inside PostgreSQL. Names are put
together like the demo's; who comes at which number is always the same."""
import subprocess
import sys
import threading

from .stand import PSQL, TOP, say

sys.path.insert(0, str(TOP / "scripts"))

from praya_demo import business, names, people  # noqa: E402

# Given names that nobody has by chance: so many people in 1,000,000 have them.
RARE = "翀翯"  # 10
COMMON = "志明"  # 10,000
LOADERS = 2


def array(texts):
    return "array[" + ", ".join("'" + t.replace("'", "''") + "'" for t in texts) + "]"


def pick(texts, salt):
    return f"({array(texts)})[1 + {chance(salt)} % {len(texts)}]"


def chance(salt):
    """A whole number that a person's number decides."""
    return f"abs(hashint8extended(i, {salt})::numeric)::bigint"


def source(first, last):
    """A query: people as rows, with the texts that a file for import has."""
    given = names.GIVEN_PAIRS["m"] + names.GIVEN_PAIRS["f"]
    zh = array(z for z, _ in given)
    sound = array(s for _, s in given)
    english = names.ENGLISH_NAMES["m"] + names.ENGLISH_NAMES["f"]
    surnames = names.SURNAME_PAIRS
    n = len(given)
    return f"""
select i, surname as surname_en, given as given_en, english as english_name,
	surname || ' ' || given || coalesce(', ' || english, '') as name_en, name_zh,
	case when i % 2 = 0 then 'mr' else 'ms' end as title,
	case when i % 3 = 0 then 'en' else 'zh-Hant' end as language,
	'Company ' || (1 + {chance(11)} % 400) || ' Limited' as company,
	{pick(people.JOBS, 12)} as job_title,
	lower(coalesce(english, replace(given, ' ', ''))) || '.' || lower(replace(surname, ' ', '')) || i || '@'
		|| {pick(business.DOMAINS, 13)} as email,
	'+852' || (60000000 + {chance(14)} % 9999999) as phone,
	case when {chance(15)} % 5 < 3 then '+852' || (60000000 + {chance(14)} % 9999999) end as whatsapp,
	{pick(business.DISTRICTS, 16)} as district,
	case when {chance(17)} % 2 = 0 then 'Flat ' || (1 + i % 20) || ', ' || (1 + i % 40) || '/F, '
		|| (1 + {chance(18)} % 400) || ' Queen''s Road' end as address,
	{pick(people.SOURCES, 19)} as source,
	{pick(("lead", "prospect", "customer", "customer", "former"), 20)} as lifecycle,
	case when {chance(21)} % 5 < 2 then {pick(people.TAGS, 22)} end as tag
from (select i, ({array(s for _, s in surnames)})[1 + {chance(1)} % {len(surnames)}] as surname,
		({array(z for z, _ in surnames)})[1 + {chance(1)} % {len(surnames)}]
			|| case when i % 100000 = 77 then '{RARE}' when i % 100 = 7 then '{COMMON}'
				else ({zh})[1 + {chance(2)} % {n}] || ({zh})[1 + {chance(3)} % {n}] end as name_zh,
		case when i % 100000 = 77 then 'Chung Hok' when i % 100 = 7 then 'Chi Ming'
			else ({sound})[1 + {chance(2)} % {n}] || ' ' || ({sound})[1 + {chance(3)} % {n}] end as given,
		case when {chance(4)} % 20 < 7 then {pick(english, 5)} end as english
	from generate_series({first}, {last}) i) x"""


COMPANIES = """insert into company (name_en, name_zh)
select 'Company ' || i || ' Limited', '第' || i || '有限公司' from generate_series(1, 400) i;
"""

# Straight into the table. Updated in no order that the disk knows of.
FILL = """set session_replication_role = replica;
set synchronous_commit = off;
insert into data_key (key_id, contact_id, purpose, wrapped) overriding system value
select i, i, 'person', decode(repeat(md5(i::text), 5), 'hex') from generate_series({first}, {last}) i;
insert into contact (contact_id, key_id, surname_en, given_en, english_name, name_en, name_zh, title, language,
	company_id, job_title, email, phone, whatsapp, district, address, source, lifecycle, tags, owner_id,
	created_by, created_at, updated_at) overriding system value
select p.i, p.i, surname_en, given_en, english_name, p.name_en, p.name_zh, title, language,
	c.company_id, job_title, p.email, p.phone, whatsapp, p.district, p.address, source, lifecycle,
	case when tag is not null then array[tag] end, 1, 1, at - interval '90 days', at
from ({source}) p join company c on c.name_en = p.company,
	lateral (select now() - (abs(hashint8extended(p.i, 99)::numeric) % 63072000) * interval '1 second' as at) t;
"""


def run(space, scripts):
    """Scripts beside each other, as the superuser."""
    failed = []

    def one(text):
        try:
            space.sql(text)
        except RuntimeError as error:
            failed.append(error)

    waiting = list(scripts)
    lock = threading.Lock()

    def work():
        while not failed:
            with lock:
                if not waiting:
                    return
                text = waiting.pop(0)
            one(text)

    threads = [threading.Thread(target=work) for _ in range(LOADERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


INDEXES = """select indexdef from pg_indexes where schemaname = 'public' and tablename = '{table}'
and indexname not in (select conname from pg_constraint where contype in ('p', 'u'))"""
BUILD = "set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 0; {index}"


def bare(space, table):
    """Takes its indexes off: built at the end, those of a million rows take minutes less."""
    indexes = [row[0] for row in space.sql(INDEXES.format(table=table))]
    space.sql("".join(f'drop index "{text.split()[2]}";' for text in indexes))
    return indexes


def build(space, indexes):
    """The longest first: a GIN index is made by one process, the others beside it."""
    ordered = sorted(indexes, key=lambda text: ("praya_sys.tokens(subject" not in text, "gin" not in text))
    run(space, [BUILD.format(index=text) for text in ordered])


def load(space, count):
    """The workspace's contacts 1 to count; their indexes, which are still to be built. None, if they are there."""
    if space.has("bench.filled"):
        return []
    say(f"Making {count:,} contacts ...")
    # Nothing is there yet; triggers that keep cases refuse all the same.
    space.sql("set session_replication_role = replica; truncate contact, company, data_key cascade;" + COMPANIES)
    indexes = bare(space, "contact")
    step = min(count, 25_000)
    cuts = range(1, count + 1, step)
    run(space, (FILL.format(first=a, last=a + step - 1, source=source(a, a + step - 1)) for a in cuts))
    space.sql(
        "select setval('contact_contact_id_seq', (select max(contact_id) from contact)),"
        "setval('data_key_key_id_seq', (select max(key_id) from data_key));"
        "analyze contact;"
    )
    return indexes


def settle(space, indexes, mark):
    """Builds them and notes that it is done, that the next run does not do it again."""
    build(space, indexes)
    space.sql(f"vacuum analyze; create schema if not exists bench; create table if not exists bench.{mark} (); checkpoint;")


def fill(space, count):
    """The workspace's contacts 1 to count, unless they are there."""
    if not space.has("bench.filled"):
        settle(space, load(space, count), "filled")


CSV = (
    "surname_en, given_en, english_name, name_en, name_zh, title, language, company as company_id, job_title, "
    "email, phone, whatsapp, district, address, source, lifecycle, tag as tags"
)


def write_csv(space, path, count, first=1):
    """A file as it comes from another program, of `count` people."""
    argv = [PSQL, "-X", "-q", "-d", space.uri()]
    query = f"copy (select {CSV} from ({source(first, first + count - 1)}) p) to stdout (format csv, header)"
    with open(path, "wb") as out:
        subprocess.run([*argv, "-c", query], stdout=out, check=True)
