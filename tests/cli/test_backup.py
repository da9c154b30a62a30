#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""Backups of one workspace: taken, tried, restored beside and over it, cut off,
damaged, expired; and who was erased since stays so.

Started by itself, it gets a PostgreSQL from with_postgres and runs under pytest."""
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PRAYA_BUILDDIR", ".")).resolve()

if __name__ == "__main__":
    argv = [TOP / "tests/lib/with_postgres", sys.executable, "-B", "-m", "pytest", "-q"]
    argv += ["-p", "no:cacheprovider", "--rootdir", TOP / "tests/cli", "--noconftest", __file__]
    os.environ["PRAYA_BUILDDIR"] = str(BUILD)
    os.execv(argv[0], [str(a) for a in [*argv, *sys.argv[1:]]])

import psycopg2  # noqa: E402
import pytest  # noqa: E402

from test_cli import HOST, cli, sql  # noqa: E402, F401

PEOPLE = 300
MESSAGE = """From: chan7@people.example
To: admin@harbour.example
Subject: Words of Chan
Message-ID: <{0}@people.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

Hello there
--x
Content-Type: application/octet-stream
Content-Disposition: attachment; filename=a.bin
Content-Transfer-Encoding: base64

{1}
--x--
"""


def database(it, slug="harbour"):
    return json.loads(it("tenant", "show", slug, "--json").stdout)["database"]


def one(text, name):
    return sql(text, name)[0][0]


@pytest.fixture(scope="module")
def kept(cli):  # noqa: F811
    folder = cli.folder / "backups"
    folder.mkdir(mode=0o700)
    cli.conf.write_text(cli.conf.read_text() + f"Backup.Folder = {folder}\n")
    cli.backups = folder
    cli.create("harbour", email="admin@harbour.example")
    cli.create("lantau")
    people = cli.folder / "people.csv"
    lines = ["name_en,email,salary"]
    lines += [f"Chan {n} Tai Man,chan{n}@people.example,{1000 + n}" for n in range(PEOPLE)]
    people.write_text("\n".join(lines) + "\n")
    cli("import", "harbour", people, "--entity", "contact")
    import base64

    body = base64.encodebytes(secrets.token_bytes(200_000)).decode()
    cli("mail-in", "harbour", stdin=MESSAGE.format("one", body))
    assert one("select count(*) from attachment", database(cli)) == 1
    return cli


def take(it, slug="harbour", **named):
    return json.loads(it("tenant", "backup", slug, "--json", **named).stdout)


def fingerprint(name):
    """Every table's rows, but what a restore changes by purpose."""
    tables = [t for (t,) in sql(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
        "and not relispartition and relname not in ('session', 'outbox', 'sign_in_link') order by 1", name)]
    return {t: one(f"select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) from {t} x", name)
            for t in tables}


def schema(name):
    argv = ["/usr/lib/postgresql/15/bin/pg_dump", "-s", "--no-owner", "-h", HOST, "-U", "postgres", name]
    text = subprocess.run(argv, text=True, capture_output=True, check=True).stdout
    return sorted(line for line in text.splitlines() if "generation integer" not in line
                  and "restrict" not in line)


def files(it, name):
    top = it.folder / "files" / name
    return {str(f.relative_to(top)): f.read_bytes() for f in top.rglob("*") if f.is_file()}


def test_an_archive_is_whole_private_and_encrypted(kept):
    done = take(kept)
    file = Path(done["file"])
    assert file.parent == kept.backups and file.stat().st_mode & 0o777 == 0o600
    assert done["files"] >= 1 and done["keys"] >= PEOPLE and done["rows"] > PEOPLE
    keys = kept.backups / "keys" / f"{database(kept)}.keys"
    assert keys.stat().st_mode & 0o777 == 0o600 and keys.parent.stat().st_mode & 0o777 == 0o700
    for text in (file.read_bytes(), keys.read_bytes()):
        for word in (b"Chan 7", b"people.example", b"PGDMP", b"data_key", b"wrapped"):
            assert word not in text
    assert [f.name for f in kept.backups.rglob(".new-*")] == []
    assert one("select rolconfig::text from pg_roles where rolname = 'praya_backup'", "postgres")


def test_verify(kept):
    take(kept)
    before = sql("select datname from pg_database order by 1")
    found = json.loads(kept("backup", "verify", "harbour", "--json").stdout)
    assert found["differs"] is None and found["tables"] > 20 and found["files"] >= 1
    assert found["rows"] > PEOPLE
    assert "can be restored" in kept("backup", "verify", "harbour").stdout
    assert sql("select datname from pg_database order by 1") == before
    kept.create("never")
    assert "no archive of never" in kept("backup", "verify", "never", status=1).stderr


def test_while_a_table_is_written_anew(kept):
    """What pg_repack has there meanwhile is no part of an archive, and does not stand in the way of a restore."""
    sql("create trigger repack_trigger after insert or delete or update on company for each row "
        "execute function repack.repack_trigger('company_id'); create table repack.log_1 (id bigserial primary key)", database(kept))
    running = psycopg2.connect(host=HOST, user="postgres", dbname=database(kept), application_name="pg_repack")
    taking = subprocess.Popen(kept.argv("tenant", "backup", "harbour"), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not sql("select 1 from pg_stat_activity where application_name = 'praya copy'"):
        assert taking.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    assert taking.poll() is None
    running.close()
    assert taking.wait(60) == 0
    assert "can be restored" in kept("backup", "verify", "harbour").stdout
    assert sql("select 1 from pg_stat_activity where application_name = 'praya copy'") == []


def test_restore_over_it(kept):
    archive = take(kept)["file"]
    old = database(kept)
    before, shape, stored = fingerprint(old), schema(old), files(kept, old)
    sql("update contact set job_title = 'changed since'", old)
    done = json.loads(kept("tenant", "restore", archive, "--slug", "harbour", "--json").stdout)
    new = database(kept)
    assert new == done["database"] != old and f"praya_t_{done['replaces']}" == old
    after = fingerprint(new)
    assert {t: after[t] for t in after if t != "audit_event"} == {t: before[t] for t in before if t != "audit_event"}
    assert schema(new) == shape
    assert files(kept, new) == stored
    # The old one is there under another name, and nobody gets in.
    listed = {w["id"]: w for w in json.loads(kept("tenant", "list", "--json").stdout)}
    assert listed[done["replaces"]]["state"] == "suspended"
    assert listed[done["replaces"]]["slug"].startswith("before-")
    assert one("select count(*) from contact where job_title = 'changed since'", old) == PEOPLE
    # Keys open, the log goes on in another generation, sessions of then are over.
    checked = {s["slug"]: s for s in json.loads(kept("key", "check", "--json").stdout)}
    assert checked["harbour"]["person_opens"] is True
    kept("user", "add", "harbour", "new@harbour.example", "--profile", "staff", "--password-stdin",
         stdin="a long enough one\n")
    assert one("select max(generation) - min(generation) from audit_event", new) == 1
    assert one("select count(*) from session where ended_at is null", new) == 0
    faults = json.loads(subprocess.run(kept.argv("doctor", "--json"), text=True, capture_output=True,
                                       check=False).stdout)
    assert [f for f in faults if f["level"] == "fault" and f["about"] in ("workspace harbour", "databases")] == []


def test_restore_beside(kept):
    archive = take(kept)["file"]
    old = database(kept)
    done = json.loads(kept("tenant", "restore", archive, "--slug", "beside", "--json").stdout)
    assert done["replaces"] is None and database(kept) == old
    assert fingerprint(database(kept, "beside"))["contact"] == fingerprint(old)["contact"]


def test_what_was_closing_then_is_not_destroyed_now(kept):
    """An archive of a time at which its end was near, restored when that day has passed."""
    kept.create("ended", email="admin@ended.example")
    kept("tenant", "close", "ended")
    old = database(kept, "ended")
    sql("update closing set closes_at = now() - interval '1 day'", old)
    archive = kept.folder / "ended.backup"
    kept("tenant", "backup", "ended", "--out", archive)
    assert "it was closing" in kept("tenant", "restore", archive, "--slug", "ended").stdout
    new = database(kept, "ended")
    assert new != old and sql("select ended_at is not null from closing", new) == [(True,)]
    sql(f"select wake({new.removeprefix('praya_t_')}, null)", "praya_cell")
    subprocess.run(kept.argv("worker", "--once"), text=True, capture_output=True, check=False)
    assert database(kept, "ended") == new
    assert json.loads(kept("tenant", "show", "ended", "--json").stdout)["state"] == "active"
    assert json.loads(kept("tenant", "restore", archive, "--slug", "ended", "--json").stdout)["was_closing"] is False


def erase(it, name, contact):
    """As the worker carries out what the ledger orders."""
    number = int(name.removeprefix("praya_t_"))
    sql(f"insert into erasure_ledger (tenant_id, contact_id) values ({number}, {contact})", "praya_cell")
    sql(f"select wake({number}, null)", "praya_cell")
    sql("delete from chore where name = 'erase_resume'", name)
    conf = it.folder / "worker.conf"
    conf.write_text(it.conf.read_text().replace("Backup.Folder", "#Backup.Folder"))
    subprocess.run(it.argv()[:2] + [conf, "worker", "--once"], text=True, capture_output=True, check=False)
    assert one(f"select erased_at is not null from contact where contact_id = {contact}", name)


def test_who_was_erased_since_stays_so(kept):
    name = database(kept)
    contact = one("select contact_id from contact where email = 'chan11@people.example'", name)
    held = one("select contact_id from contact where email = 'chan12@people.example'", name)
    sql("update contact set hold = true, hold_ground = 'claim', hold_reviewer_id = (select min(user_id) from app_user), "
        f"hold_review_on = hk_today() where contact_id = {held}", name)
    before = take(kept)["file"]
    sql(f"update contact set hold = false where contact_id = {held}", name)
    erase(kept, name, contact)
    erase(kept, name, held)
    keys = kept.backups / "keys" / f"{name}.keys"
    old_keys = keys.read_bytes()
    take(kept)
    assert keys.read_bytes() != old_keys
    done = json.loads(kept("tenant", "restore", before, "--slug", "harbour", "--json").stdout)
    new = done["database"]
    assert done["erased_again"] >= 2
    for gone in (contact, held):
        row = sql(f"select erased_at is not null, email, salary, key_id from contact where contact_id = {gone}", new)
        assert row == [(True, None, None, None)]
    assert one("select count(*) from contact where email like 'chan11@%' or email like 'chan12@%'", new) == 0
    assert one(f"select count(*) from data_key where contact_id in ({contact}, {held})", new) == 0
    assert one("select count(*) from erasure_ledger where done_at is null", "praya_cell") == 0
    # Of somebody who was not erased everything is there.
    assert one("select count(*) from contact where salary is not null", new) == PEOPLE - 2
    # And once more, from the archive of the first of them: nothing has been forgotten in between.
    again = json.loads(kept("tenant", "restore", before, "--slug", "harbour", "--json").stdout)
    assert again["erased_again"] >= 2
    assert one(f"select count(*) from contact where contact_id in ({contact}, {held}) and erased_at is null",
               again["database"]) == 0


def line_file(it):
    """The signed ledger of the only workspace that erased anybody."""
    (file,) = (it.folder / "files/heads").glob("*.erased")
    return file


def told(it, *words, **named):
    return json.loads(it(*words, "--json", **named).stdout)


def test_row_24_by_the_file_where_the_region_was_put_back_too(kept):
    name = database(kept)
    before = take(kept)["file"]
    contact = one("select contact_id from contact where email = 'chan21@people.example'", name)
    erase(kept, name, contact)
    take(kept)
    said = told(kept, "ledger", "verify", "harbour")
    lines = line_file(kept).read_text().splitlines()
    assert said["erasures"] == len(lines) and said["file"] == str(line_file(kept))
    # Numbers and digests, nothing of a person.
    number, record = lines[-1].split()[3:5]
    assert (int(number), int(record)) == (len(lines), contact) and "chan21" not in line_file(kept).read_text()
    assert line_file(kept).stat().st_mode & 0o777 == 0o600
    # The region's database knows of no erasure any more.
    sql("delete from erasure_ledger", "praya_cell")
    done = told(kept, "tenant", "restore", before, "--slug", "harbour")
    assert done["erased_again"] >= 1 and done["ledger_lines"] == len(lines)
    row = sql(f"select erased_at is not null, email, salary, key_id from contact where contact_id = {contact}", done["database"])
    assert row == [(True, None, None, None)]
    assert one("select count(*) from erasure_ledger where done_at is null", "praya_cell") == 0
    # And no line is written twice.
    assert told(kept, "ledger", "verify", "harbour")["erasures"] == len(lines)


def forged(text, how):
    lines = text.splitlines(keepends=True)
    words = lines[-1].split()
    if how == "record":
        words[4] = str(int(words[4]) + 1)
        return "".join(lines[:-1]) + " ".join(words) + "\n"
    if how == "time":
        words[5] = str(int(words[5]) + 1_000_000_000_000)
        return "".join(lines[:-1]) + " ".join(words) + "\n"
    if how == "first":
        return "".join(lines[1:])
    if how == "middle":
        return "".join(lines[:1] + lines[2:])
    if how == "order":
        return "".join([lines[1], lines[0], *lines[2:]])
    if how == "twice":
        return text + lines[-1]
    if how == "words":
        return text + "praya-erased 1 and more\n"
    return {"cut": "".join(lines[:-1]), "half": text[:-40], "empty": ""}[how]


WHOLE = ("record", "time", "first", "middle", "order", "twice", "words", "cut", "half", "empty", "gone", "newest")


def spoil(file, how):
    if how == "gone":
        file.unlink()
    elif how == "newest":
        newest = file.with_suffix(".erased-last")
        newest.write_text(newest.read_text().replace("praya-erased 1 ", "praya-erased 1 0"))
    else:
        file.write_text(forged(file.read_text(), how))


def test_a_ledger_that_is_not_whole_opens_nothing(kept):
    name = database(kept)
    while not line_file(kept).exists() or len(line_file(kept).read_text().splitlines()) < 3:
        erase(kept, name, one("select max(contact_id) from contact where erased_at is null", name))
    archive = take(kept)["file"]
    file, newest = line_file(kept), line_file(kept).with_suffix(".erased-last")
    text, last = file.read_text(), newest.read_text()
    databases = sql("select datname from pg_database order by 1")
    rows = sql("select slug, state from tenant order by 1", "praya_directory")

    def refused(*words):
        said = kept(*words, status=1).stderr
        assert str(file) in said and "docs/operation.md" in said, said
        assert "forged" in said or "it was cut" in said or "is not signed" in said

    def each(hows, *others):
        for how in hows:
            spoil(file, how)
            refused("tenant", "restore", archive, "--slug", "harbour")
            for words in others:
                refused(*words, "harbour")
            file.write_text(text)
            newest.write_text(last)

    each(WHOLE)
    each(("cut",), ("ledger", "apply"), ("ledger", "verify"))
    # The region's database knows nothing of it.
    sql("alter table erasure_ledger rename to aside; create table erasure_ledger (like aside including all); "
        "grant select, insert, update on erasure_ledger to praya_cell", "praya_cell")
    try:
        each(("cut", "gone"))
    finally:
        sql("drop table erasure_ledger; alter table aside rename to erasure_ledger", "praya_cell")
    assert sql("select datname from pg_database order by 1") == databases
    assert sql("select slug, state from tenant order by 1", "praya_directory") == rows


def test_a_line_that_was_cut_off_is_written_again(kept):
    """As a full disk or a kill leaves it: the last line half, and nobody was told it is there."""
    name = database(kept)
    whole = line_file(kept).read_text()
    with line_file(kept).open("a") as file:
        file.write(whole.splitlines()[-1][:90])
    contact = one("select max(contact_id) from contact where erased_at is null", name)
    erase(kept, name, contact)
    now = line_file(kept).read_text()
    assert now.startswith(whole) and len(now.splitlines()) == len(whole.splitlines()) + 1
    assert told(kept, "ledger", "verify", "harbour")["erasures"] == len(now.splitlines())


def test_an_erasure_does_not_wait_for_the_file(kept):
    name = database(kept)
    whole = line_file(kept).read_text()
    line_file(kept).write_text("".join(whole.splitlines(keepends=True)[:-1]))
    contact = one("select max(contact_id) from contact where erased_at is null", name)
    erase(kept, name, contact)
    assert len(line_file(kept).read_text().splitlines()) == len(whole.splitlines()) - 1
    line_file(kept).write_text(whole)
    # Looking adds what is missing.
    assert told(kept, "ledger", "verify", "harbour")["erasures"] == len(whole.splitlines()) + 1


def test_databases_were_put_back_by_other_means(kept):
    """The ledger is applied to a workspace that is there, as after a recovery of the cluster."""
    name = database(kept)
    contact = one("select max(contact_id) from contact where erased_at is null", name)
    row = sql(f"select email, erased_at from contact where contact_id = {contact}", name)
    sql(f"insert into erasure_ledger (tenant_id, contact_id, done_at) values ({name.removeprefix('praya_t_')}, {contact}, now())",
        "praya_cell")
    assert row[0][1] is None
    told(kept, "ledger", "verify", "harbour")
    sql("delete from erasure_ledger", "praya_cell")
    assert told(kept, "ledger", "apply", "harbour")["applied"] >= 1
    assert sql(f"select email, erased_at is not null from contact where contact_id = {contact}", name) == [(None, True)]
    assert told(kept, "ledger", "apply", "harbour")["applied"] >= 1


def test_a_lost_file_is_made_out_of_the_region(kept):
    name = database(kept)
    erase(kept, name, one("select max(contact_id) from contact where erased_at is null", name))
    known = one("select count(*) from erasure_ledger where file_n is not null", "praya_cell")
    line_file(kept).unlink()
    kept("ledger", "verify", "harbour", status=1)
    said = told(kept, "ledger", "renew", "harbour")
    assert said["erasures"] >= known > 0
    assert told(kept, "ledger", "verify", "harbour")["erasures"] == said["erasures"]
    assert list(line_file(kept).parent.glob("*.erased-last.*"))
    for words in (["ledger"], ["ledger", "verify"], ["ledger", "apply", "a", "b"]):
        kept(*words, status=2)
    assert "there is no workspace" in kept("ledger", "apply", "nobody", status=1).stderr


def test_a_number_that_is_given_out_again_is_somebody_else(kept):
    """A restored workspace goes on with its own numbers: an order is about nobody who came later."""
    name = database(kept)
    number = one("select max(contact_id) + 5000 from contact", name)
    sql(f"insert into erasure_ledger (tenant_id, contact_id, intent_at, done_at) values "
        f"({name.removeprefix('praya_t_')}, {number}, now() - interval '1 day', now())", "praya_cell")
    sql(f"insert into contact (contact_id, name_en) overriding system value values ({number}, 'Somebody New')", name)
    archive = take(kept)["file"]
    done = told(kept, "tenant", "restore", archive, "--slug", "harbour")
    assert one(f"select name_en from contact where contact_id = {number}", done["database"]) == "Somebody New"


def test_an_archive_without_its_keys_stays_closed(kept):
    file = Path(take(kept)["file"])
    name = database(kept)
    keys = kept.backups / "keys" / f"{name}.keys"
    aside = keys.with_suffix(".aside")
    keys.rename(aside)
    before = sql("select datname from pg_database order by 1")
    try:
        said = kept("tenant", "restore", file, "--slug", "nokeys", status=1).stderr
        assert str(keys) in said
        assert "holds keys" in kept("tenant", "restore", aside, "--slug", "nokeys", status=1).stderr
        assert "does not hold the keys" in kept("tenant", "restore", file, "--slug", "nokeys", "--keys", file,
                                                status=1).stderr
        kept("tenant", "restore", file, "--slug", "withkeys", "--keys", aside)
    finally:
        aside.rename(keys)
    assert len(sql("select datname from pg_database order by 1")) == len(before) + 1


def test_keys_older_than_the_archive(kept):
    take(kept)
    name = database(kept)
    keys = kept.backups / "keys" / f"{name}.keys"
    older = keys.read_bytes()
    archive = take(kept)["file"]
    newer = keys.read_bytes()
    keys.write_bytes(older)
    try:
        assert "older than the archive" in kept("tenant", "restore", archive, "--slug", "harbour", status=1).stderr
    finally:
        keys.write_bytes(newer)


def test_the_name_of_another(kept):
    archive = kept.folder / "named.backup"
    kept("tenant", "backup", "harbour", "--out", archive)
    assert "another workspace" in kept("tenant", "restore", archive, "--slug", "lantau", status=1).stderr
    for slug in ("x", "Abc", "a--b", "'; drop"):
        assert "cannot be the name" in kept("tenant", "restore", archive, "--slug", slug, status=1).stderr
    for slug in ("www", "app", "ops", "restore-me", "before-1-me", "gone-1-me"):
        assert "kept for Praya" in kept("tenant", "restore", archive, "--slug", slug, status=1).stderr
    assert "never overwritten" in kept("tenant", "backup", "harbour", "--out", archive, status=1).stderr
    assert "slug: " in kept.create("restore-me", email="a@b.example", status=1).stderr
    assert not sql("select 1 from tenant where slug like 'restore-%'", "praya_directory")


@pytest.mark.parametrize("where", ["head", "key", "first", "middle", "last", "cut", "longer", "empty", "other"])
def test_damage_is_found_before_anything_opens(kept, where):
    good = kept.folder / "good.backup"
    if not good.exists():
        kept("tenant", "backup", "harbour", "--out", good)
    text = bytearray(good.read_bytes())
    head = text.index(b"\n\n") + 2
    if where == "head":
        text[3] ^= 1
    elif where == "key":
        at = text.index(b"\nkey=") + 60
        text[at] = ord("0") if text[at] != ord("0") else ord("1")
    elif where == "first":
        text[head + 16 + 10] ^= 1
    elif where == "middle":
        text[head + (len(text) - head) // 2] ^= 1
    elif where == "last":
        text[-20] ^= 1
    elif where == "cut":
        del text[-70_000:]
    elif where == "longer":
        text += b"more"
    elif where == "empty":
        text = b""
    elif where == "other":
        text = b"PK\x03\x04" + bytes(1000)
    bad = kept.folder / "bad.backup"
    bad.write_bytes(bytes(text))
    databases, rows = sql("select datname from pg_database order by 1"), sql("select slug, state from tenant order by 1",
                                                                             "praya_directory")
    stored = sorted(f.name for f in (kept.folder / "files").iterdir())
    for argv in (["tenant", "restore", bad, "--slug", "harbour"], ["backup", "verify", "harbour", "--file", bad]):
        said = kept(*argv, "--keys", kept.backups / "keys" / f"{database(kept)}.keys", status=1).stderr
        assert "damaged" in said or "not a backup" in said or "not one of the workspace's" in said
    assert sql("select datname from pg_database order by 1") == databases
    assert sql("select slug, state from tenant order by 1", "praya_directory") == rows
    assert sorted(f.name for f in (kept.folder / "files").iterdir()) == stored


def kill_when(it, argv, ready):
    victim = subprocess.Popen(it.argv(*argv), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not ready():
        assert victim.poll() is None and time.monotonic() < deadline, "it was not there"
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL


def making():
    return sql("select tenant_id from tenant where slug like 'restore-%'", "praya_directory")


def made(text):
    def ready():
        rows = making()
        name = rows and f"praya_t_{rows[0][0]}"
        if not name or not sql(f"select 1 from pg_database where datname = '{name}' and datallowconn"):
            return False
        return bool(one(text, name))
    return ready


@pytest.mark.parametrize(
    "ready",
    [
        making,
        made("select to_regclass('public.contact') is not null"),
        made("select to_regclass('public.contact') is not null and exists (select from pg_stat_all_tables "
             "where relname = 'contact' and n_tup_ins >= 0) and exists (select from pg_class where relname = 'app_user')"),
        made("select exists (select from pg_policy)"),
    ],
    ids=["row", "tables", "data", "policies"],
)
def test_a_killed_restore_leaves_the_old_one(kept, ready):
    archive = kept.folder / "good.backup"
    if not archive.exists():
        kept("tenant", "backup", "harbour", "--out", archive)
    old = database(kept)
    before = fingerprint(old)
    kill_when(kept, ["tenant", "restore", archive, "--slug", "harbour"], ready)
    assert database(kept) == old and fingerprint(old) == before
    left = making()
    assert left
    # The next one clears what that one left, and there is no trace of it.
    kept("tenant", "restore", archive, "--slug", "harbour")
    assert database(kept) != old and not making()
    gone = f"praya_t_{left[0][0]}"
    assert not sql(f"select 1 from pg_database where datname = '{gone}'")
    assert not sql(f"select 1 from pg_roles where rolname = '{gone}'")
    assert not sql(f"select 1 from tenant_key where tenant_id = {left[0][0]}", "praya_cell")
    assert not (kept.folder / "files" / gone).exists()


def part_of(it):
    return it.backups / f"{database(it)}.part"


def whole_pieces(part):
    """How long those are that stand in it to their end."""
    text = part.read_bytes() if part.exists() else b""
    at, sizes = text.find(b"\n\n") + 2, []
    while at > 1 and text[at:at + 8] == b"PRAYAPCE":
        size = int.from_bytes(text[at + 8:at + 16], "big")
        if not size or at + 32 + size > len(text):
            break
        sizes.append(size)
        at += 32 + size
    return sizes


def test_killed_while_the_database_is_read_it_begins_anew(kept):
    before = sorted(f.name for f in kept.backups.rglob("*") if f != part_of(kept))
    kill_when(kept, ["tenant", "backup", "harbour"],
              lambda: sql("select 1 from pg_stat_activity where application_name = 'pg_dump'"))
    assert sorted(f.name for f in kept.backups.rglob("*") if f != part_of(kept)) == before
    assert not whole_pieces(part_of(kept))
    done = take(kept)
    assert not done["resumed"] and not part_of(kept).exists()


@pytest.fixture
def large(kept):
    """Enough files for a kill between them."""
    made = []
    for _ in range(12):
        name = secrets.token_hex(16)
        file = kept.folder / "files" / database(kept) / name[:2] / name[2:4] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(secrets.token_bytes(4 << 20))
        made.append(file)
    yield made
    for file in made:
        file.unlink()
    part_of(kept).unlink(missing_ok=True)
    for archive in kept.backups.glob("*.backup"):
        archive.unlink()


def kill_at(it, mib):
    """Killed by the kernel in the moment in which it writes beyond."""
    argv = ["prlimit", f"--fsize={mib << 20}", *it.argv("tenant", "backup", "harbour")]
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    assert done.returncode == -signal.SIGXFSZ and not list(it.backups.glob("*.backup"))
    return whole_pieces(part_of(it))


def test_killed_between_files_it_goes_on(kept, large):
    for archive in kept.backups.glob("*.backup"):
        archive.unlink()
    people, stored = one("select count(*) from contact", database(kept)), files(kept, database(kept))
    first = kill_at(kept, 22)
    second = kill_at(kept, 42)
    assert len(first) == 2 and len(second) == 3 and second[:2] == first
    # The dump is the one of the first call: who comes later is not in it.
    late = kept.folder / "late.csv"
    late.write_text("name_en\nLate Comer\n")
    kept("import", "harbour", late, "--entity", "contact")
    done = take(kept)
    assert done["resumed"] and done["files"] == len(stored) and done["rows"] > PEOPLE
    assert not part_of(kept).exists() and (whole_pieces(Path(done["file"])))[:len(second)] == second
    assert json.loads(kept("backup", "verify", "harbour", "--json").stdout)["differs"] is None
    kept("tenant", "restore", done["file"], "--slug", "later-on")
    name = database(kept, "later-on")
    assert one("select count(*) from contact", name) == people and files(kept, name) == stored
    assert not take(kept)["resumed"]


def spoilt(text, sizes):
    """Parts that nothing can go on with, by what is wrong with them."""
    at = text.index(b"\n\n") + 2
    second, third = at + 32 + sizes[0], at + 64 + sizes[0] + sizes[1]
    end = third + 32 + sizes[2]
    flipped = bytearray(text)
    flipped[second + 32 + 1000] ^= 1
    line = text[text.index(b"taken_at="):].split(b"\n")[0]
    return {
        "a changed piece": bytes(flipped),
        "another order of pieces": text[:second] + text[third:end] + text[second:third],
        "another workspace": text.replace(b"\nid=", b"\nid=9", 1),
        "of yesterday": text.replace(line, b"taken_at=%d" % (int(line[9:]) - 25 * 3600 * 10**6)),
        "no part of ours": b"nothing of ours",
    }


def test_what_cannot_be_gone_on_with_begins_anew(kept, large):
    for archive in kept.backups.glob("*.backup"):
        archive.unlink()
    sizes, part = kill_at(kept, 42), part_of(kept)
    assert len(sizes) == 3
    for what, text in spoilt(part.read_bytes(), sizes).items():
        part.write_bytes(text)
        assert not take(kept)["resumed"] and not part.exists(), what
    assert json.loads(kept("backup", "verify", "harbour", "--json").stdout)["differs"] is None


def test_one_at_a_time(kept):
    part = part_of(kept)
    with part.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "another one is being made" in kept("tenant", "backup", "harbour", status=1).stderr
    assert take(kept)["rows"] > PEOPLE and not part.exists()


def test_after_a_rotation(kept):
    archive, people = take(kept)["file"], one("select count(*) from contact", database(kept))
    kept("key", "rotate")
    kept("backup", "verify", "harbour")
    kept("key", "rotate", "--forget-old")
    kept("tenant", "restore", archive, "--slug", "rotated")
    assert people >= PEOPLE and one("select count(*) from contact", database(kept, "rotated")) == people


def age(file, days):
    """The same archive, taken so many days ago."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - days * 86400))
    return file.rename(file.with_name(file.name.rsplit("-", 1)[0] + f"-{stamp}.backup"))


def archives(it, name):
    return sorted(it.backups.glob(f"{name}-*.backup"))


def test_the_worker_takes_and_expires(kept):
    name = database(kept)
    for file in archives(kept, name):
        file.unlink()

    def work():
        sql(f"select wake({name.removeprefix('praya_t_')}, null)", "praya_cell")
        # Not the ten minutes between two runs of a chore.
        sql("delete from chore where name = 'backup'", name)
        subprocess.run(kept.argv("worker", "--once"), text=True, capture_output=True, check=False)

    work()
    (first,) = archives(kept, name)
    work()
    assert archives(kept, name) == [first]
    # A day later there is a second one, and beyond 35 days the older ones go.
    first = age(first, 2)
    work()
    second = max(archives(kept, name))
    assert archives(kept, name) == [first, second]
    first = age(first, 36)
    work()
    assert archives(kept, name) == [second]
    # The newest is never deleted, however old.
    lone = age(second, 400)
    stranger = kept.backups / f"{name}-notes.backup"
    stranger.write_text("not ours")
    conf = kept.folder / "rare.conf"
    conf.write_text(kept.conf.read_text() + "Backup.Every = 744\n")
    work()
    newest = max(f for f in archives(kept, name) if f != stranger)
    assert stranger.read_text() == "not ours" and newest != lone and not lone.exists()


@pytest.mark.parametrize(
    "line, words",
    [
        ("Backup.Folder = relative", "absolute path"),
        ("Backup.Every = 0", "not a number"),
        ("Backup.Keep = -1", "not a number"),
        ("Paths.Postgres = /nowhere", "pg_dump ended with 127"),
    ],
)
def test_settings(kept, line, words):
    conf = kept.folder / "line.conf"
    conf.write_text(kept.conf.read_text() + line + "\n")
    assert words in kept("tenant", "backup", "harbour", "--out", kept.folder / "n.backup", status=1,
                         config=conf).stderr.replace("\n", " ") or line.startswith("Backup")
    done = subprocess.run([*kept.argv()[:2], conf, "tenant", "backup", "harbour", "--out",
                           kept.folder / "n.backup"], text=True, capture_output=True, check=False)
    assert done.returncode == 1 and words in done.stderr
    assert not (kept.folder / "n.backup").exists()


def test_no_place_to_put_it(kept):
    conf = kept.folder / "none.conf"
    conf.write_text(kept.conf.read_text().replace("Backup.Folder", "#Backup.Folder"))
    assert "--out" in kept("tenant", "backup", "harbour", status=1, config=conf).stderr
    out = kept.folder / "nowhere/x.backup"
    assert "No such file" in kept("tenant", "backup", "harbour", "--out", out, status=1, config=conf).stderr
    assert not out.parent.exists()
    assert "there is no workspace" in kept("tenant", "backup", "nobody", status=1).stderr
    for argv in (["tenant", "backup"], ["tenant", "restore", "x"], ["backup", "verify"], ["backup"]):
        kept(*argv, status=2)
