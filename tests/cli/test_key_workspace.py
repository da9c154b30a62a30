#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""The key of one workspace: rotated, cut off, refused; before and after archives of it.

Started by itself, it gets a PostgreSQL from with_postgres and runs under pytest."""
import csv
import io
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import zipfile
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

PEOPLE = 700
VERSIONS = "select tenant_id, kek_version, wrapped::text from tenant_key order by 1, 2"
DATA_KEYS = "select key_id, wrapped::text from data_key order by 1"
UNDER = "select distinct get_byte(wrapped, 8) from data_key order by 1"


def database(it, slug="harbour"):
    return json.loads(it("tenant", "show", slug, "--json").stdout)["database"]


def check(it, slug="harbour"):
    return {s["slug"]: s for s in json.loads(it("key", "check", "--json").stdout)}[slug]


def rotate(it, slug="harbour", **named):
    return json.loads(it("key", "rotate", slug, "--json", **named).stdout)


def examined(it):
    """How praya doctor would mend that workspace."""
    done = subprocess.run(it.argv("doctor", "--json"), text=True, capture_output=True, check=False)
    return [f["mend"] for f in json.loads(done.stdout) if f["about"] == "workspace harbour" and f["level"] == "fault"]


def under(name):
    return [n for (n,) in sql(UNDER, name)]


def everything(it):
    name = database(it)
    return sql(VERSIONS, "praya_cell"), sql(DATA_KEYS, name), sql("select count(*) from audit_event", name)


def people(it, slug="harbour"):
    """What is encrypted, opened: rows of a whole export."""
    out = it.folder / f"whole-{secrets.token_hex(4)}.zip"
    it("export", "workspace", slug, "--out", out)
    with zipfile.ZipFile(out) as z:
        rows = csv.DictReader(io.StringIO(z.read("data/contact.csv").decode("utf-8-sig")))
        found = {r["contact_id"]: (r["name_en"], r["salary"], r["hkid"]) for r in rows}
    out.unlink()
    return found


@pytest.fixture(scope="module")
def kept(cli):  # noqa: F811
    folder = cli.folder / "backups"
    folder.mkdir(mode=0o700)
    cli.conf.write_text(cli.conf.read_text() + f"Backup.Folder = {folder}\n")
    cli.create("harbour", email="admin@harbour.example")
    cli.create("lantau")
    file = cli.folder / "people.csv"
    lines = ["name_en,email,salary"]
    lines += [f"Chan {n} Tai Man,chan{n}@people.example,{1000 + n}" for n in range(PEOPLE)]
    file.write_text("\n".join(lines) + "\n")
    cli("import", "harbour", file, "--entity", "contact")
    return cli


def blind(name):
    return sql("select contact_id, salary_bi::text from contact order by 1", name)


def test_everything_reads_under_another_key(kept):
    name = database(kept)
    before, index, keys = people(kept), blind(name), sql(DATA_KEYS, name)
    others = [v for v in sql(VERSIONS, "praya_cell") if f"praya_t_{v[0]}" != name]
    assert len(before) == PEOPLE and all(salary for _, salary, _ in before.values())
    done = rotate(kept)
    assert done == {"slug": "harbour", "version": 2, "rewrapped": len(keys), "lost": 0, "resumed": False}
    after = sql(DATA_KEYS, name)
    assert [k for k, _ in after] == [k for k, _ in keys] and not {w for _, w in after} & {w for _, w in keys}
    assert under(name) == [2]
    assert check(kept) == {"slug": "harbour", "opens": True, "current": True, "version": 2, "ended": True,
                           "older": 0, "person_opens": True}
    assert people(kept) == before
    # What is found by an index, and who is signed for, does not move; nor do the others.
    assert blind(name) == index
    kept("audit", "verify", "harbour")
    kept("ledger", "verify", "harbour")
    assert [v for v in sql(VERSIONS, "praya_cell") if f"praya_t_{v[0]}" != name] == others
    assert sql("select count(*) from audit_event where reason = 'key_rotated'", name) == [(1,)]


def test_what_comes_later_lies_under_the_new_one(kept):
    name = database(kept)
    version = rotate(kept)["version"]
    file = kept.folder / "later.csv"
    file.write_text("name_en,email,salary\nLee Siu Lung,lee@people.example,77\n")
    kept("import", "harbour", file, "--entity", "contact")
    assert under(name) == [version]
    assert any(name_en == "Lee Siu Lung" and "77" in salary for name_en, salary, _ in people(kept).values())


def test_the_master_key_after_it(kept):
    before = people(kept)
    # Versions of a workspace's key are not workspaces.
    assert "the keys of 2 workspaces lie" in kept("key", "rotate").stdout
    kept("key", "rotate", "--forget-old")
    assert check(kept)["opens"] and check(kept)["current"]
    assert people(kept) == before
    rotate(kept)
    assert people(kept) == before


def kill_where_it_waits(it, lock, name):
    """kill -9 of a rotation that waits for a lock somebody else holds."""
    holder = psycopg2.connect(host=HOST, user="postgres", dbname=name)
    with holder.cursor() as cursor:
        cursor.execute(lock)
    victim = subprocess.Popen(it.argv("key", "rotate", "harbour"), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not sql("select 1 from pg_locks where not granted"):
        assert victim.poll() is None and time.monotonic() < deadline, "it never waited"
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'praya'")
    holder.close()


@pytest.mark.parametrize("place", ["before the first row", "among the rows", "at its end"])
def test_killed_and_called_again(kept, place):
    name = database(kept)
    before = people(kept)
    version = check(kept)["version"] + 1
    middle = sql(f"select key_id from data_key order by 1 offset {PEOPLE - 50} limit 1", name)[0][0]
    lock, where = {
        "before the first row": ("lock table data_key in share mode", name),
        "among the rows": (f"select from data_key where key_id = {middle} for update", name),
        "at its end": ("lock table tenant_key in share mode", "praya_cell"),
    }[place]
    if place == "at its end":
        # Its first write there is the version: that one has to be there already.
        kill_where_it_waits(kept, "lock table data_key in share mode", name)
    kill_where_it_waits(kept, lock, where)
    found = check(kept)
    assert found["version"] == version and not found["ended"] and found["opens"] and found["person_opens"]
    assert (found["older"] == 0) == (place == "at its end")
    if place == "among the rows":
        assert 0 < found["older"] < PEOPLE
    assert "was cut off" in kept("key", "check").stdout
    assert examined(kept) == ["praya key rotate harbour"]
    # Both keys are there: everything reads, and what is new can be written.
    assert people(kept) == before
    done = rotate(kept)
    assert done["version"] == version and done["resumed"] and done["rewrapped"] == found["older"]
    assert check(kept)["ended"] and under(name) == [version] and examined(kept) == []
    assert people(kept) == before
    assert rotate(kept)["version"] == version + 1


def test_two_at_a_time(kept):
    holder = psycopg2.connect(host=HOST, user="postgres")
    with holder.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(482955327842)")
    before = everything(kept)
    assert "is running" in kept("key", "rotate", "harbour", status=1).stderr
    assert everything(kept) == before
    holder.close()


def test_what_is_refused_changes_nothing(kept):
    before = everything(kept)
    for argv, words, status in (
        (["nobody"], "there is no workspace nobody", 1),
        (["HARBOUR;"], "there is no workspace", 1),
        (["harbour", "--prepare"], "of the master key", 1),
        (["harbour", "--forget-old"], "of the master key", 1),
        (["harbour", "lantau"], "praya", 2),
    ):
        assert words in kept("key", "rotate", *argv, status=status).stderr
    assert everything(kept) == before


def test_nothing_without_the_right_master_key(kept):
    before = everything(kept)
    good = kept.key.read_bytes()
    try:
        for spoil, words in (
            (lambda: kept.key.write_text(secrets.token_hex(32) + "\n"), "master key of this installation?"),
            (kept.key.unlink, "does not exist"),
            (lambda: kept.key.chmod(0o640), "others may read it"),
        ):
            spoil()
            done = subprocess.run(kept.argv("key", "rotate", "harbour"), text=True, capture_output=True, check=False)
            assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1
            kept.key.unlink(missing_ok=True)
            kept.key.write_bytes(good)
            kept.key.chmod(0o600)
    finally:
        kept.key.write_bytes(good)
        kept.key.chmod(0o600)
    assert everything(kept) == before


def test_a_version_that_does_not_open_stops_it(kept):
    """A row of the region's database that was put there from elsewhere."""
    before = everything(kept)
    rows = [v for v in sql(VERSIONS, "praya_cell") if f"praya_t_{v[0]}" == database(kept)]
    tenant, version, wrapped = rows[0]
    sql(f"update tenant_key set wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1) "
        f"where tenant_id = {tenant} and kek_version = {version}", "praya_cell")
    try:
        assert "does not open" in kept("key", "rotate", "harbour", status=1).stderr
        assert "does not open" in kept("key", "check", status=1).stderr
    finally:
        sql(f"update tenant_key set wrapped = '{wrapped}' where tenant_id = {tenant} and kek_version = {version}",
            "praya_cell")
    assert everything(kept) == before


def test_a_key_that_opens_with_none_is_told_and_left(kept):
    name = database(kept)
    key = sql("select min(key_id) from data_key", name)[0][0]
    sql(f"create table aside as select * from data_key where key_id = {key};"
        f"update data_key set wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1) where key_id = {key}", name)
    broken = sql(f"select wrapped::text from data_key where key_id = {key}", name)
    try:
        assert "1 keys open with no key" in kept("key", "rotate", "harbour", status=1).stderr
        assert sql(f"select wrapped::text from data_key where key_id = {key}", name) == broken
        assert check(kept)["older"] == 1
    finally:
        sql(f"update data_key k set wrapped = a.wrapped from aside a where k.key_id = a.key_id; drop table aside", name)
    rotate(kept)
    assert check(kept)["older"] == 0


@pytest.mark.parametrize("shut, open_again", [("suspend", "resume"), ("close", "reopen")])
def test_one_that_is_shut(kept, shut, open_again):
    before = people(kept)
    kept("tenant", shut, "harbour")
    version = rotate(kept)["version"]
    assert under(database(kept)) == [version]
    kept("tenant", open_again, "harbour")
    assert people(kept) == before


def test_one_that_is_gone(kept):
    kept.create("kowloon")
    kept("tenant", "destroy", "kowloon", "--confirm", "kowloon", "--reason", "an order")
    assert "or is gone" in kept("key", "rotate", "kowloon", status=1).stderr


def test_what_was_made_under_the_old_one_meanwhile_follows(kept):
    """A process that does not know yet: here by a row that comes back."""
    name = database(kept)
    before = people(kept)
    key, wrapped = sql("select key_id, wrapped::text from data_key order by 1 limit 1", name)[0]
    version = rotate(kept)["version"]
    sql(f"update data_key set wrapped = '{wrapped}' where key_id = {key}", name)
    assert check(kept)["older"] == 1 and check(kept)["person_opens"]
    assert people(kept) == before
    sql("update chore set due_at = now() where name = 'rekey'", name)
    kept("worker", "--once")
    assert check(kept)["older"] == 0 and check(kept)["version"] == version


def take(it):
    return json.loads(it("tenant", "backup", "harbour", "--json").stdout)["file"]


@pytest.mark.parametrize("region", ["knows", "lost it"])
def test_archives_before_and_after(kept, region):
    before = people(kept)
    old = take(kept)
    rotate(kept)
    new = take(kept)
    kept("backup", "verify", "harbour")
    rotate(kept)
    kept("key", "rotate")
    if region == "lost it":
        # Then the heads of both files say what there was.
        sql("create table aside as select * from tenant_key; delete from tenant_key", "praya_cell")
    try:
        for n, file in enumerate((old, new)):
            slug = f"back-{n}-{region[0]}"
            kept("tenant", "restore", file, "--slug", slug)
            assert people(kept, slug) == before
            rotate(kept, slug)
            assert people(kept, slug) == before
            kept("audit", "verify", slug)
            kept("ledger", "verify", slug)
    finally:
        if region == "lost it":
            sql("insert into tenant_key select * from aside a where not exists (select from tenant_key k where "
                "(k.tenant_id, k.kek_version) = (a.tenant_id, a.kek_version)); drop table aside", "praya_cell")
    assert people(kept) == before
