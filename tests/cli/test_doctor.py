#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""praya doctor finds what it is there to find, and praya tenant list what there is.

Started by itself, it gets a PostgreSQL from with_postgres and runs under pytest."""
import json
import os
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


def examine(it, *more):
    """Findings with `more` lines of configuration."""
    conf = it.folder / "doctor.conf"
    conf.write_text(it.conf.read_text() + "\n".join([*map(str, more), ""]))
    argv = it.argv("doctor", "--json")
    argv[2] = str(conf)
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    found = json.loads(done.stdout)
    faults = [f for f in found if f["level"] == "fault"]
    assert done.returncode == (1 if faults else 0)
    # Each fault says how to mend it, nothing else does.
    assert all(bool(f["mend"]) == (f["level"] == "fault") for f in found)
    return found


def said(found, about, level=None):
    return " | ".join(f["what"] for f in found if f["about"] == about and level in (None, f["level"]))


def certificate(it, name, begins, ends):
    file = it.folder / f"{name}.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=praya", "-keyout", it.folder / "key.pem", "-out", file, "-days", str(ends)]
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


@pytest.mark.parametrize(
    "spoil, mend, words",
    [
        ("alter table contact no force row level security", "alter table contact force row level security",
         "contact has no forced"),
        ("grant select on contact to public", "revoke select on contact from public", "contact is open to every role"),
        ("create table spare (contact_id bigint)", "drop table spare", "spare has no policy"),
        ("grant delete on audit_event to praya_tenant", "revoke delete on audit_event from praya_tenant",
         "audit_event can be changed"),
    ],
)
def test_row_level_security(ward, spoil, mend, words):
    name = json.loads(ward("tenant", "show", "harbour", "--json").stdout)["database"]
    sql(spoil, name)
    try:
        assert words in said(examine(ward), "workspace harbour", "fault")
    finally:
        sql(mend, name)
    assert said(examine(ward), "workspace harbour", "fault") == ""


def test_roles_with_too_much(ward):
    sql("alter role praya_cell superuser")
    try:
        assert "praya_cell" in said(examine(ward), "rights of roles", "fault")
        assert "praya_cell" in said(examine(ward), "superusers", "note")
    finally:
        sql("alter role praya_cell nosuperuser")
