#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""The master key: rotated, cut off, lost, wrong, and from a command.

Started by itself, it gets a PostgreSQL from with_postgres and runs under pytest."""
import json
import os
import secrets
import shutil
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

KEYS = "select tenant_id, kek_version, wrapped::text from tenant_key order by 1, 2"
ROLES = "select rolname, rolpassword from pg_authid where rolname like 'praya%' order by 1"


def everything(it):
    """What a rotation changes: rows of keys, passwords, the region's check, files."""
    files = {f.name: f.read_bytes() for f in it.folder.glob("master.key*")}
    return (sql(KEYS, "praya_cell"), sql(ROLES), sql("select sealed::text from master_check", "praya_cell"), files)


@pytest.fixture(scope="module")
def keyed(cli):  # noqa: F811
    cli.create("harbour", email="admin@harbour.example")
    cli.create("lantau")
    people = cli.folder / "people.csv"
    people.write_text("name_en,email,salary\nChan Tai Man,chan@people.example,12345\n")
    cli("import", "harbour", people, "--entity", "contact")
    return cli


def check(it, **named):
    return {s["slug"]: s for s in json.loads(it("key", "check", "--json", **named).stdout)}


def old_files(it):
    return sorted(it.folder.glob("master.key.old-*"))


def forget(it):
    it("key", "rotate", "--forget-old")
    assert old_files(it) == []


def test_check_opens_a_key_of_every_workspace(keyed):
    found = check(keyed)
    whole = {"opens": True, "current": True, "version": 1, "ended": True, "older": 0}
    assert found["harbour"] == {"slug": "harbour", "person_opens": True, **whole}
    assert found["lantau"] == {"slug": "lantau", "person_opens": None, **whole}
    assert "harbour" in keyed("key", "check").stdout


def test_rotation(keyed):
    keys, roles, sealed, files = everything(keyed)
    before = keyed.key.read_bytes()
    done = json.loads(keyed("key", "rotate", "--json").stdout)
    assert done["keys"] == done["rewrapped"] == len(keys) and done["roles"] >= 6
    assert done["workspaces"] == len({k[0] for k in keys})
    keys_now, roles_now, sealed_now, _ = everything(keyed)
    assert not {k[2] for k in keys} & {k[2] for k in keys_now}
    assert [k[:2] for k in keys] == [k[:2] for k in keys_now]
    changed = [r for r in zip(roles, roles_now) if r[0] != r[1]]
    assert len(changed) == done["roles"] and sealed != sealed_now
    # The old key is where it says, as it was; the new one is another, and private.
    (kept,) = old_files(keyed)
    assert str(kept) == done["kept"] and kept.read_bytes() == before
    assert keyed.key.read_bytes() != before
    assert {f.stat().st_mode & 0o777 for f in (kept, keyed.key)} == {0o600}
    assert not Path(f"{keyed.key}.new").exists()
    assert all(s["opens"] and s["current"] for s in check(keyed).values())
    assert check(keyed)["harbour"]["person_opens"] is True
    keyed.create("after-it")
    # With the old file out of the way everything opens as well; without the new one nothing does.
    forget(keyed)
    assert all(s["current"] for s in check(keyed).values())
    assert "0 old keys" in keyed("key", "rotate", "--forget-old").stdout


def test_the_old_key_is_of_no_use_afterwards(keyed):
    before = keyed.key.read_bytes()
    keyed("key", "rotate")
    new = keyed.key.read_bytes()
    forget(keyed)
    keyed.key.write_bytes(before)
    try:
        assert "is not the master key" in keyed("init", status=1).stderr
        assert "master key of this installation?" in keyed("key", "check", status=1).stderr
    finally:
        keyed.key.write_bytes(new)
    check(keyed)


def test_what_still_needs_an_old_key_keeps_it(keyed):
    """A row that came back from a dump of the region's database."""
    row = sql(KEYS, "praya_cell")[0]
    keyed("key", "rotate")
    sql(f"update tenant_key set wrapped = '{row[2]}' where tenant_id = {row[0]}", "praya_cell")
    assert "still needs an old key" in keyed("key", "rotate", "--forget-old", status=1).stderr
    assert len(old_files(keyed)) == 1
    found = check(keyed)
    assert [s["current"] for s in found.values()].count(False) == 1
    assert all(s["opens"] for s in found.values())
    # The next rotation takes it along.
    keyed("key", "rotate")
    assert all(s["current"] for s in check(keyed).values())
    assert len(old_files(keyed)) == 2
    forget(keyed)


def test_prepared_for_other_machines(keyed):
    before = everything(keyed)
    said = keyed("key", "rotate", "--prepare").stdout
    new = Path(f"{keyed.key}.new")
    assert str(new) in said and new.stat().st_mode & 0o777 == 0o600
    prepared = new.read_bytes()
    assert everything(keyed)[:3] == before[:3]
    assert str(new) in keyed("key", "rotate", "--prepare").stdout and new.read_bytes() == prepared
    # A machine that has both goes on while another one rotates.
    other = keyed.folder / "other"
    other.mkdir(mode=0o700)
    for file in (keyed.key, new):
        shutil.copy2(file, other / file.name)
    conf = keyed.folder / "other-machine.conf"
    conf.write_text(keyed.conf.read_text() + f"Keys.Master = {other}/master.key\n")
    keyed("key", "rotate")
    assert keyed.key.read_bytes() == prepared
    keyed("tenant", "list", config=conf)
    found = check(keyed, config=conf)
    assert all(s["opens"] for s in found.values())
    # There the same command has only its files to move.
    done = json.loads(keyed("key", "rotate", "--json", config=conf).stdout)
    assert done["rewrapped"] == 0
    assert (other / "master.key").read_bytes() == prepared
    check(keyed, config=conf)
    check(keyed)
    forget(keyed)


def kill_where_it_waits(it, lock, database):
    """kill -9 of a rotation that waits for a lock somebody else holds."""
    holder = psycopg2.connect(host=HOST, user="postgres", dbname=database)
    with holder.cursor() as cursor:
        cursor.execute(lock)
    argv = it.argv("key", "rotate")
    victim = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not sql("select 1 from pg_locks where not granted"):
        assert victim.poll() is None and time.monotonic() < deadline, "it never waited"
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    # What waited is not carried out after all.
    sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'praya'")
    holder.close()
    while sql("select 1 from pg_stat_activity where application_name = 'praya'"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "lock, database",
    [
        ("lock table tenant_key in access exclusive mode", "praya_cell"),
        ("lock table tenant_key in share mode", "praya_cell"),
        ("lock table pg_authid in share mode", "postgres"),
        ("lock table master_check in share mode", "praya_cell"),
    ],
    ids=["before the keys", "at the keys", "at the passwords", "at the region's check"],
)
def test_killed_rotation_is_finished(keyed, lock, database):
    before = keyed.key.read_bytes()
    kill_where_it_waits(keyed, lock, database)
    new = Path(f"{keyed.key}.new").read_bytes()
    assert keyed.key.read_bytes() == before != new
    # Half-way everything goes on: reading, making, checking.
    assert all(s["opens"] for s in check(keyed).values())
    slug = "half-" + secrets.token_hex(4)
    keyed.create(slug)
    found = json.loads(subprocess.run(keyed.argv("doctor", "--json"), text=True, capture_output=True,
                                      check=False).stdout)
    assert any(f["mend"] == "praya key rotate" for f in found)
    assert "was cut off" in keyed("key", "rotate", "--forget-old", status=1).stderr
    keyed("key", "rotate")
    assert keyed.key.read_bytes() == new
    assert [f.read_bytes() for f in old_files(keyed)] == [before]
    found = check(keyed)
    assert slug in found and all(s["current"] for s in found.values())
    forget(keyed)


@pytest.mark.parametrize("between", ["link", "rename"])
def test_killed_between_two_names(keyed, between):
    """The last steps are a link and a rename of files: both halves by hand."""
    keyed("key", "rotate", "--prepare")
    new = Path(f"{keyed.key}.new")
    keep = new.read_bytes()
    before = keyed.key.read_bytes()
    keyed("key", "rotate")
    if between == "link":
        (old,) = old_files(keyed)
        keyed.key.rename(new)
        os.link(old, keyed.key)
        assert all(s["opens"] for s in check(keyed).values())
        keyed("key", "rotate")
    assert keyed.key.read_bytes() == keep
    assert [f.read_bytes() for f in old_files(keyed)] == [before]
    check(keyed)
    forget(keyed)


def test_nothing_without_the_right_key(keyed):
    """Wrong, lost, readable for others, broken: each said, nothing changed."""
    good = keyed.key.read_bytes()
    keys, roles, sealed, _ = everything(keyed)
    wrong = [
        (lambda: keyed.key.write_text(secrets.token_hex(32) + "\n"), "is not the master key"),
        (keyed.key.unlink, "does not exist"),
        (lambda: keyed.key.chmod(0o640), "others may read it"),
        (lambda: keyed.key.write_text("0123\n"), "64 hex digits"),
    ]
    for spoil, words in wrong:
        spoil()
        held = keyed.key.read_bytes() if keyed.key.exists() else None
        for argv in (["key", "rotate"], ["key", "rotate", "--prepare"]):
            assert words in keyed(*argv, status=1).stderr
        assert keyed("key", "rotate", "--forget-old", status=1).stderr
        assert (keyed.key.read_bytes() if keyed.key.exists() else None) == held
        assert [f.name for f in keyed.folder.glob("master.key.*")] == []
        keyed.key.unlink(missing_ok=True)
        keyed.key.write_bytes(good)
        keyed.key.chmod(0o600)
        assert everything(keyed)[:3] == (keys, roles, sealed)
    # A file in the way of the new one is not taken for it, nor overwritten.
    new = Path(f"{keyed.key}.new")
    new.write_text("not a key\n")
    new.chmod(0o600)
    done = subprocess.run(keyed.argv("key", "rotate"), text=True, capture_output=True, check=False)
    assert done.returncode == 1 and "never overwritten" in done.stderr
    assert new.read_text() == "not a key\n"
    new.unlink()
    assert everything(keyed)[:3] == (keys, roles, sealed)
    for argv in (["--prepare", "--forget-old"],):
        assert "not both" in keyed("key", "rotate", *argv, status=1).stderr
    assert "praya" in keyed("key", "rotate", "harbour", "lantau", status=2).stderr


def test_several_within_a_second(keyed):
    """Each key before keeps a file of its own."""
    forget(keyed)
    for _ in range(4):
        keyed("key", "rotate")
    assert len({f.read_text() for f in old_files(keyed)}) == 4
    forget(keyed)


def test_two_at_a_time(keyed):
    holder = psycopg2.connect(host=HOST, user="postgres")
    with holder.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(482955327842)")
    before = everything(keyed)
    assert "is running" in keyed("key", "rotate", status=1).stderr
    assert everything(keyed) == before
    holder.close()


@pytest.mark.parametrize("program", ["praya-web", "praya-worker", "praya worker --once"])
def test_programs_say_at_start_that_the_key_is_wrong(keyed, program):
    good = keyed.key.read_bytes()
    name, *words = program.split()
    argv = [BUILD / name, "--config", keyed.conf, *words]
    try:
        keyed.key.write_text(secrets.token_hex(32) + "\n")
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True, capture_output=True,
                              timeout=60, check=False)
        assert done.returncode == 1 and "put that key back" in done.stderr
        keyed.key.unlink()
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True, capture_output=True,
                              timeout=60, check=False)
        assert done.returncode == 1 and "does not exist" in done.stderr
        assert not keyed.key.exists()
    finally:
        keyed.key.write_bytes(good)
        keyed.key.chmod(0o600)


def script(it, name, text):
    file = it.folder / name
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(0o700)
    return file


def test_from_a_command(keyed):
    """From the file to a command, and from one command to the next."""
    first, second = (secrets.token_hex(32) for _ in range(2))
    one = script(keyed, "one", f"echo {first}\n")
    two = script(keyed, "two", f'test "$1" = --label && printf %s {second}\n')
    conf = keyed.folder / "command.conf"
    conf.write_text(keyed.conf.read_text() + f"Keys.Command = {one}\n")
    assert "praya key rotate" in keyed("init", status=1, config=conf).stderr
    done = json.loads(keyed("key", "rotate", "--json", config=conf).stdout)
    assert done["rewrapped"] == done["keys"] and done["kept"] is None
    # The file is of no use any more.
    assert "put that key back" in keyed("key", "rotate", status=1).stderr
    keyed.key.rename(keyed.folder / "kept.key")
    keyed("init", config=conf)
    assert all(s["current"] for s in check(keyed, config=conf).values())
    conf.write_text(keyed.conf.read_text() + f"Keys.Command = {two} --label x\nKeys.PreviousCommand = {one}\n")
    assert all(s["opens"] and not s["current"] for s in check(keyed, config=conf).values())
    keyed("key", "rotate", config=conf)
    conf.write_text(keyed.conf.read_text() + f"Keys.Command = {two} --label x\n")
    found = check(keyed, config=conf)
    assert found["harbour"]["person_opens"] and all(s["current"] for s in found.values())
    keyed.create("by-command", config=conf)
    assert "Keys.Command" in keyed("key", "rotate", "--prepare", status=1, config=conf).stderr
    # Back to a file.
    keyed.key.write_text(second + "\n")
    keyed.key.chmod(0o600)
    keyed("key", "rotate")
    check(keyed)
    forget(keyed)


@pytest.mark.parametrize(
    "text, words",
    [
        ("exit 3", "failed"),
        ("echo {0}; exit 1", "failed"),
        ("echo 0123", "64 hex digits"),
        ("echo {0}; echo more", "64 hex digits"),
        ("yes {0} | head -c 1000000", "failed"),
        ("echo {1}", "64 hex digits"),
        ("kill -9 $$", "failed"),
    ],
)
def test_a_command_that_is_no_help(keyed, text, words):
    key = secrets.token_hex(32)
    file = script(keyed, "bad", text.format(key, "0" * 64) + "\n")
    conf = keyed.folder / "bad.conf"
    conf.write_text(keyed.conf.read_text() + f"Keys.Command = {file}\n")
    before = everything(keyed)
    for argv in (["init"], ["key", "rotate"], ["doctor"], ["tenant", "list"]):
        done = subprocess.run(keyed.argv(*argv)[:2] + [conf] + argv, text=True, capture_output=True, check=False)
        assert done.returncode == 1 and words in done.stderr + done.stdout
        assert key not in done.stderr + done.stdout
    assert everything(keyed) == before


@pytest.mark.parametrize(
    "line, words",
    [
        ("Keys.Command = praya-key", "absolute path"),
        ("Keys.Command = /bin/sh -c 'echo'", "no shell"),
        ("Keys.Command = /bin/echo $KEY", "no shell"),
        ("Keys.PreviousCommand = /bin/true", "Keys.Command is missing"),
        ("Keys.Command = /nowhere/praya-key", "cannot be run"),
    ],
)
def test_settings_of_a_command(keyed, line, words):
    conf = keyed.folder / "line.conf"
    conf.write_text(keyed.conf.read_text() + line + "\n")
    done = subprocess.run([*keyed.argv()[:2], conf, "tenant", "list"], text=True, capture_output=True, check=False)
    assert done.returncode == 1 and words in done.stderr


def test_operators_open_with_the_new_key_alone(keyed):
    """Their addresses lie under a key of the region's, which is wrapped anew like the workspaces'."""
    keyed("operator", "add", "chan@operator.example")
    wrapped = "select wrapped::text from region_key"
    before = sql(wrapped, "praya_cell")
    keyed("key", "rotate")
    forget(keyed)
    assert sql(wrapped, "praya_cell") != before
    assert [o["email"] for o in json.loads(keyed("operator", "list", "--json").stdout)] == ["chan@operator.example"]
    keyed("operator", "remove", "chan@operator.example")
