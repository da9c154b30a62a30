#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""praya doctor finds what it is there to find, and praya tenant list what there is.

Started by itself, it gets a PostgreSQL from with_postgres and runs under pytest."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PRAYA_BUILDDIR", ".")).resolve()

if __name__ == "__main__":
    argv = [TOP / "tests/lib/with_postgres", sys.executable, "-B", "-m", "pytest", "-q"]
    argv += ["-p", "no:cacheprovider", "--rootdir", TOP / "tests/cli", "--noconftest", __file__]
    os.environ["PRAYA_BUILDDIR"] = str(BUILD)
    os.execv(argv[0], [str(a) for a in [*argv, *sys.argv[1:]]])

import pytest  # noqa: E402

from test_cli import cli, sql  # noqa: E402, F401


@pytest.fixture(scope="module")
def ward(cli):  # noqa: F811
    cli.create("harbour", email="admin@harbour.example")
    cli.create("lantau")
    return cli


def examine(it, *more, within=()):
    """Findings with `more` lines of configuration; within: a command that runs it."""
    conf = it.folder / "doctor.conf"
    conf.write_text(it.conf.read_text() + "\n".join([*map(str, more), ""]))
    argv = it.argv("doctor", "--json")
    argv[2] = str(conf)
    done = subprocess.run([*within, *argv], text=True, capture_output=True, check=False)
    found = json.loads(done.stdout)
    faults = [f for f in found if f["level"] == "fault"]
    assert done.returncode == (1 if faults else 0)
    # Each fault says how to mend it, nothing else does.
    assert all(bool(f["mend"]) == (f["level"] == "fault") for f in found)
    return found


def said(found, about, level=None):
    return " | ".join(f["what"] for f in found if f["about"] == about and level in (None, f["level"]))


def certificate(it, name, begins, ends, *hosts):
    file = it.folder / f"{name}.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=praya", "-keyout", it.folder / "key.pem", "-out", file, "-days", str(ends)]
    if hosts:
        argv += ["-addext", "subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts)]
    if ends < 1:
        argv = argv[:-2] + ["-days", "1"]
        argv = ["/usr/bin/faketime", f"{begins} days", *argv]
    subprocess.run([str(a) for a in argv], capture_output=True, check=True)
    return file


def test_the_machine(ward):
    found = examine(ward)
    for about in ("files", "scratch", "database"):
        assert "MiB left" in said(found, about)
        assert "encrypted volume" in said(found, about) or "in memory" in said(found, about)
    assert "PostgreSQL's" in said(found, "clock")
    assert "one machine" in said(found, "replication", "note")
    assert "takes none" in said(found, "backups", "note")
    assert "not looked at" in said(found, "certificate", "note")


def test_memory_is_no_disk(ward):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        os.chmod(folder, 0o700)
        assert "is in memory" in said(examine(ward, f"Files.Scratch = {folder}"), "scratch", "ok")


def test_certificates(ward):
    good = certificate(ward, "good", 0, 90)
    assert "good for " in said(examine(ward, f"Base.Certificate = {good}"), "certificate", "ok")
    soon = certificate(ward, "soon", 0, 10)
    assert "ends in " in said(examine(ward, f"Base.Certificate = {soon}"), "certificate", "fault")
    late = certificate(ward, "late", -5, 0)
    assert "ended" in said(examine(ward, f"Base.Certificate = {late}"), "certificate", "fault")
    for bad in (ward.folder / "none.pem", ward.conf, ward.folder / "key.pem"):
        assert "no certificate" in said(examine(ward, f"Base.Certificate = {bad}"), "certificate", "fault")


@pytest.mark.parametrize("hosts, missing", [
    (["{0}", "*.{0}"], []),
    (["*.{0}"], []),
    (["{0}"], ["*.{0}", "ops.{0}", "app.{0}"]),
    (["{0}", "app.{0}", "harbour.{0}"], ["*.{0}", "ops.{0}"]),
    (["*.x.{0}", "*.com", "w*.{0}"], ["*.{0}", "ops.{0}", "app.{0}"]),
    ([], ["*.{0}", "ops.{0}", "app.{0}"]),
])
def test_hosts_of_the_certificate(ward, hosts, missing):
    base = re.search(r"Base.Domain = (\S+)", ward.conf.read_text())[1]
    file = certificate(ward, "hosts", 0, 90, *[host.format(base) for host in hosts])
    found = examine(ward, f"Base.Certificate = {file}", f"Base.SignUpHost = app.{base}")
    wanted = [f"{file} is not good for {host.format(base)}" for host in missing]
    assert said(found, "certificate", "fault") == " | ".join(wanted)
    assert all("have one issued for" in m for m in remedies(found, "certificate"))


def stamp(hours):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - hours * 3600))


def test_backups(ward):
    folder = ward.folder / "backups"
    line = f"Backup.Folder = {folder}"
    assert "is no folder" in said(examine(ward, line), "backups", "fault")
    folder.mkdir(mode=0o755)
    assert "others can look" in said(examine(ward, line), "backups", "fault")
    folder.chmod(0o700)
    # A workspace in which nobody was needs none; one that was used a day ago does.
    about = "workspace harbour"
    assert "backup" not in said(examine(ward, line), about)
    ward("token", "create", "harbour", "admin@harbour.example", "--name", "till")
    shown = json.loads(ward("tenant", "show", "harbour", "--json").stdout)
    name = shown["database"]
    sql("update session set seen_at = now() - interval '30 hours'", name)
    found = examine(ward, line)
    assert "was used and has no backup" in said(found, about, "fault")
    assert any("praya tenant backup harbour" in f["mend"] for f in found)
    archive = folder / f"{name}-{stamp(2)}.backup"
    archive.touch()
    assert "the newest 2 hours old" in said(examine(ward, line), about, "ok")
    sql("update session set seen_at = now()", name)
    archive = archive.rename(folder / f"{name}-{stamp(72)}.backup")
    assert "72 hours old" in said(examine(ward, line), about, "fault")
    # Not when nobody was there since.
    sql("update session set seen_at = now() - interval '80 hours'", name)
    assert "backup" not in said(examine(ward, line), about, "fault")


def test_list_and_show(ward):
    listed = {w["slug"]: w for w in json.loads(ward("tenant", "list", "--json").stdout)}
    assert listed["lantau"]["last_used_at"] is None and listed["lantau"]["state"] == "active"
    assert listed["lantau"]["sizes"]["database"] > 1_000_000 and listed["lantau"]["sizes"]["files"] == 0
    ward("token", "create", "harbour", "admin@harbour.example", "--name", "n")
    sql("update session set seen_at = now()", listed["harbour"]["database"])
    shown = json.loads(ward("tenant", "show", "harbour", "--json").stdout)
    assert shown["last_used_at"].startswith(time.strftime("%Y-%m-", time.gmtime()))
    assert "last used never" in ward("tenant", "show", "lantau").stdout
    # One that does not answer is in the list all the same.
    name = listed["lantau"]["database"]
    sql(f"alter database {name} allow_connections false")
    try:
        again = {w["slug"]: w for w in json.loads(ward("tenant", "list", "--json").stdout)}
        assert again["lantau"]["sizes"] == {} and again["harbour"]["sizes"]["database"] > 1_000_000
        assert said(examine(ward), "workspace lantau", "fault")
    finally:
        sql(f"alter database {name} allow_connections true")


def wait_for(ready):
    deadline = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def remedies(found, about):
    return [f["mend"] for f in found if f["about"] == about and f["level"] == "fault"]


@pytest.mark.parametrize(
    "spoil, words",
    [
        ("alter table contact no force row level security", "contact has no forced"),
        ("alter table company disable row level security", "company has no forced"),
        ("drop policy visible on message", "message has no policy"),
        ("grant select on contact to public", "contact is open to every role"),
        ("grant delete on audit_event to praya_tenant", "audit_event can be changed"),
    ],
)
def test_row_level_security(ward, spoil, words):
    name = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["database"]
    sql(spoil, name)
    found = examine(ward)
    assert words in said(found, "workspace harbour", "fault")
    # What it says to do mends it, word by word.
    for remedy in remedies(found, "workspace harbour"):
        assert remedy.startswith("praya tenant migrate harbour --again;")
    ward("tenant", "migrate", "harbour")
    assert words in said(examine(ward), "workspace harbour", "fault")
    ward("tenant", "migrate", "harbour", "--again")
    assert said(examine(ward), "workspace harbour", "fault") == ""


@pytest.mark.parametrize("spoil, words", [
    ("drop policy visible on message; create policy visible on message to praya_tenant using (true)",
     "policy visible on message is not as this release made it"),
    ("alter policy visible on contact to praya_tenant, praya_cell", "policy visible on contact is not as"),
    ("drop policy reads on audit_event", "policy reads on audit_event is missing"),
    ("alter table contact disable trigger all", " on contact is not as this release made it"),
    ("drop trigger erased_stays on message", "trigger erased_stays on message is missing"),
    ("create or replace function requests_all() returns boolean language sql stable as 'select true'",
     "function requests_all() is not as this release made it"),
    ("alter function requests_all() security definer", "function requests_all() is not as this release made it"),
])
def test_what_decides_who_sees_what(ward, spoil, words):
    name = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["database"]
    assert "as this release made them" in said(examine(ward), "workspace harbour", "ok")
    sql(spoil, name)
    found = examine(ward)
    assert words in said(found, "workspace harbour", "fault")
    assert said(found, "workspace lantau", "fault") == ""
    for remedy in remedies(found, "workspace harbour"):
        assert remedy.startswith("praya tenant migrate harbour --again;")
    ward("tenant", "migrate", "harbour", "--again")
    assert said(examine(ward), "workspace harbour", "fault") == ""


@pytest.mark.parametrize("spoil, words, mend", [
    ("create policy also on contact to praya_tenant using (true)", "policy also on contact is not Praya's", "drop policy also on contact"),
    ("create function peek() returns bigint language sql as 'select 1::bigint'", "function peek() is not Praya's", "drop function peek()"),
])
def test_what_is_not_ours_is_not_put_up_with(ward, spoil, words, mend):
    """To migrate again does not bless it."""
    name = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["database"]
    sql(spoil, name)
    try:
        assert words in said(examine(ward), "workspace harbour", "fault")
        ward("tenant", "migrate", "harbour", "--again")
        found = examine(ward)
        assert words in said(found, "workspace harbour", "fault")
        assert all("drop that one" in m for m in remedies(found, "workspace harbour"))
    finally:
        sql(mend, name)
    assert said(examine(ward), "workspace harbour", "fault") == ""


def test_many_differences_are_not_a_flood(ward):
    name = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["database"]
    sql("; ".join(f"create function peek{n}() returns bigint language sql as 'select 1::bigint'" for n in range(30)), name)
    try:
        assert "20 more of them" in said(examine(ward), "workspace harbour", "fault")
        assert len(remedies(examine(ward), "workspace harbour")) == 11
    finally:
        sql("; ".join(f"drop function peek{n}()" for n in range(30)), name)


def test_another_build_of_the_same_release(ward):
    name = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["database"]
    sql("update schema_repeatable set checksum = 'x' where name = '30_policy.sql'", name)
    found = examine(ward)
    assert "of another build" in said(found, "workspace harbour", "fault")
    assert remedies(found, "workspace harbour") == ["praya tenant migrate harbour"]
    ward("tenant", "migrate", "harbour")
    assert said(examine(ward), "workspace harbour", "fault") == ""


def test_nothing_is_written_down_of_the_template(ward):
    sql("comment on database praya_template is null", "postgres")
    found = examine(ward)
    assert remedies(found, "template") == ["praya tenant migrate"]
    assert said(found, "workspace harbour", "fault") == ""
    ward("tenant", "migrate")
    assert said(examine(ward), "template", "fault") == ""


def test_a_table_that_is_not_ours(ward):
    name = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["database"]
    sql("create table spare (contact_id bigint)", name)
    try:
        found = examine(ward)
        assert "spare has no policy" in said(found, "workspace harbour", "fault")
        assert all("drop that one" in m for m in remedies(found, "workspace harbour"))
    finally:
        sql("drop table spare", name)
    assert said(examine(ward), "workspace harbour", "fault") == ""


def test_folders_that_settings_name(ward):
    for about, lines in {"heads": ["Files.Heads = {}"],
                         "metrics": ["Metrics.Folder = {}"],
                         "keys of backups": [f"Backup.Folder = {ward.folder}/work", "Backup.Keys = {}"]}.items():
        lost = [line.format("/nowhere/at/all") for line in lines]
        found = examine(ward, *lost)
        assert "/nowhere/at/all is no folder" in said(found, about, "fault")
        assert any("install -d -m 700" in m for m in remedies(found, about))
        open_to_all = ward.folder / "open"
        open_to_all.mkdir(exist_ok=True)
        open_to_all.chmod(0o755)
        found = examine(ward, *[line.format(open_to_all) for line in lines])
        assert remedies(found, about) == [f"chmod 700 {open_to_all}"]
        open_to_all.chmod(0o700)
        assert said(examine(ward, *[line.format(open_to_all) for line in lines]), about, "fault") == ""
    # What a program makes itself when it needs it is not missing.
    assert said(examine(ward, f"Files.Heads = {ward.folder}/heads"), "heads") == ""


# A volume of its own, in a namespace that anybody may make; the rest of its words is run there.
FULL = """mount -t tmpfs -o size=20m,mode=700 tmpfs "$1" && head -c "$2" /dev/zero >"$1/filler" && shift 2 && exec "$@" """


def test_room(ward):
    """Less than a tenth of a volume, and little."""
    with tempfile.TemporaryDirectory() as folder:
        def scratch(filled):
            within = ["unshare", "--map-root-user", "--mount", "sh", "-c", FULL, "sh", folder, f"{filled}M"]
            return said(examine(ward, f"Files.Scratch = {folder}", within=within), "scratch", "fault")

        assert "1 MiB left of 20" in scratch(19)
        assert scratch(0) == ""


def test_the_clock(ward):
    argv = ["/usr/bin/faketime", "-f", "+90s", *ward.argv("doctor", "--json")]
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert "differs from this machine's by " in said(found, "clock", "fault")
    assert any("chrony" in m for m in remedies(found, "clock"))


def test_schemas_and_programs(ward, tmp_path):
    found = examine(ward)
    assert "PostgreSQL 15" in said(found, "versions", "ok") and said(found, "versions", "fault") == ""
    assert "schema " in said(found, "Database.Cell", "ok") and "schema " in said(found, "Database.Directory", "ok")
    for about, database in {"Database.Cell": "praya_cell", "Database.Directory": "praya_directory"}.items():
        newest = sql("delete from schema_version where number = (select max(number) from schema_version) "
                     "returning *", database)[0]
        try:
            found = examine(ward)
            assert f"has schema version {newest[0] - 1}, this program {newest[0]}" in said(found, about, "fault")
            assert remedies(found, about) == ["praya tenant migrate"]
        finally:
            sql(f"insert into schema_version values {tuple(map(str, newest))}", database)
    # A newer schema than the program's is not to be migrated.
    sql("insert into schema_version values (9999, 'later', 'x', now())", "praya_cell")
    try:
        assert "newer than this program" in remedies(examine(ward), "Database.Cell")[0]
    finally:
        sql("delete from schema_version where number = 9999", "praya_cell")
    # Programs that make backups: not there, or older than the server.
    found = examine(ward, f"Paths.Postgres = {tmp_path}")
    assert "pg_dump cannot be run" in said(found, "versions", "fault")
    for name in ("pg_dump", "pg_restore"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 13.9'\n")
        program.chmod(0o755)
    found = examine(ward, f"Paths.Postgres = {tmp_path}")
    assert "pg_dump is 13.9, older than the server" in said(found, "versions", "fault")
    assert all("postgresql-client-15" in m for m in remedies(found, "versions"))


def test_a_worker_that_does_not_run(ward):
    number = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["id"]
    assert "no work waits" in said(examine(ward), "worker", "ok")
    sql(f"insert into wakeup (tenant_id, dirty_at) values ({number}, now() - interval '20 minutes') "
        "on conflict (tenant_id) do update set dirty_at = excluded.dirty_at, taken_at = null", "praya_cell")
    found = examine(ward)
    assert "nobody takes: 1, the first for 20 minutes" in said(found, "worker", "fault")
    assert remedies(found, "worker")[0].startswith("systemctl start praya-worker@1")
    worker = subprocess.Popen([BUILD / "praya-worker", "--config", ward.conf], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: said(examine(ward), "worker", "fault") == "")
    finally:
        worker.terminate()
        assert worker.wait(timeout=30) == 0


@pytest.mark.parametrize("state, words, remedy", [
    ("creating", "the creation of lantau was cut off", "praya tenant create"),
    ("moving", "the move of lantau was cut off", "praya tenant move lantau --region"),
    ("destroying", "the destruction of lantau was cut off", "praya tenant destroy lantau --confirm lantau"),
])
def test_what_was_cut_off(ward, state, words, remedy):
    about = "unfinished workspaces"
    change = "update tenant set state = '{}', state_at = now() - interval '{}' where slug = 'lantau'"
    try:
        sql(change.format(state, "5 minutes"), "praya_directory")
        assert said(examine(ward), about) == ""
        sql(change.format(state, "20 minutes"), "praya_directory")
        found = examine(ward)
        assert words in said(found, about, "fault") and remedy in remedies(found, about)[0]
    finally:
        sql(change.format("active", "1 day"), "praya_directory")


def test_when_one_that_closes_ends(ward):
    whole = json.loads(ward("tenant", "show", "lantau", "--json").stdout)
    assert whole["closes_at"] is None and "destroyed" not in ward("tenant", "show", "lantau").stdout
    day = ward("tenant", "close", "lantau").stdout.strip()
    try:
        listed = {w["slug"]: w for w in json.loads(ward("tenant", "list", "--json").stdout)}
        assert listed["lantau"]["state"] == "closing" and listed["lantau"]["closes_at"][:10] in day
        assert listed["harbour"]["closes_at"] is None
        assert f"destroyed {listed['lantau']['closes_at']}" in ward("tenant", "show", "lantau").stdout
    finally:
        ward("tenant", "reopen", "lantau")
    assert json.loads(ward("tenant", "show", "lantau", "--json").stdout)["closes_at"] is None


def test_a_password_that_others_can_read(ward):
    file = ward.folder / "directory.password"
    file.write_text("0123456789abcdef\n")
    file.chmod(0o644)
    found = examine(ward, f"Database.DirectoryPasswordFile = {file}")
    assert "others can read it" in said(found, "Database.Directory", "fault")
    assert remedies(found, "Database.Directory")[0].startswith("chmod 600")
    file.chmod(0o600)
    assert remedies(examine(ward, f"Database.DirectoryPasswordFile = {file}"), "Database.Directory") == []


@pytest.mark.parametrize("text, mode, words", [("", 0o600, "64 hex digits"), (None, 0o644, "chmod 600"),
                                               (None, None, "does not exist")])
def test_the_master_key(ward, text, mode, words):
    whole = ward.key.read_text()
    try:
        if text is not None:
            ward.key.write_text(text)
        if mode is None:
            ward.key.unlink()
        else:
            ward.key.chmod(mode)
        found = examine(ward)
        assert words in said(found, "master key", "fault")
        assert any("chmod 600" in m for m in remedies(found, "master key"))
    finally:
        ward.key.unlink(missing_ok=True)
        ward.key.touch(mode=0o600)
        ward.key.write_text(whole)
    assert said(examine(ward), "master key", "fault") == ""


def test_a_foreign_superuser_is_named(ward):
    sql("create role stranger superuser login")
    try:
        assert "stranger" in said(examine(ward), "superusers", "note")
    finally:
        sql("drop role stranger")


def test_roles_with_too_much(ward):
    sql("alter role praya_cell superuser")
    try:
        assert "praya_cell" in said(examine(ward), "rights of roles", "fault")
        assert "praya_cell" in said(examine(ward), "superusers", "note")
    finally:
        sql("alter role praya_cell nosuperuser")
