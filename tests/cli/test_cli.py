#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""praya, the operators' command line, on a cluster that asks for passwords.

Started by itself, it gets a PostgreSQL from with_postgres and runs under pytest."""
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PRAYA_BUILDDIR", ".")).resolve()
PRAYA = BUILD / "praya"

if __name__ == "__main__":
    argv = [TOP / "tests/lib/with_postgres", sys.executable, "-B", "-m", "pytest", "-q"]
    argv += ["-p", "no:cacheprovider", "--rootdir", TOP / "tests/cli", "--noconftest", __file__]
    os.environ["PRAYA_BUILDDIR"] = str(BUILD)
    os.execv(argv[0], [str(a) for a in [*argv, *sys.argv[1:]]])

import psycopg2  # noqa: E402
import pytest  # noqa: E402

HOST = os.environ["PGHOST"]
HBA = """local all postgres trust
local all praya_migrate scram-sha-256
local all praya_backup scram-sha-256
local sameuser all scram-sha-256
"""


def sql(text, database="postgres"):
    connection = psycopg2.connect(host=HOST, user="postgres", dbname=database)
    connection.autocommit = True
    with connection, connection.cursor() as cursor:
        cursor.execute(text)
        rows = cursor.fetchall() if cursor.description else None
    connection.close()
    return rows


class Cli:
    def __init__(self, folder):
        self.folder = folder
        self.key = folder / "master.key"
        self.conf = folder / "praya.conf"
        for name in ("files", "work"):
            (folder / name).mkdir(mode=0o700)
        lines = [f"Database.{name} = host={HOST}" for name in ("Directory", "Cell", "Tenant", "Migrate")]
        lines += [
            "Base.Domain = praya.localhost",
            f"Database.Admin = host={HOST} user=postgres",
            f"Keys.Master = {self.key}",
            f"Files.Store = {folder}/files",
            f"Files.Scratch = {folder}/work",
            f"Paths.Sql = {BUILD}/made/sql",
            f"Paths.I18n = {TOP}/i18n",
            f"Paths.Templates = {TOP}/templates",
            f"Paths.Assets = {BUILD}/www/assets.hdf",
            f"Paths.Passwords = {BUILD}/made/common_passwords",
        ]
        self.conf.write_text("\n".join(lines) + "\n")

    def argv(self, *words):
        return [str(PRAYA), "--config", str(self.conf), *map(str, words)]

    def __call__(self, *words, stdin="", status=0, config=None):
        argv = self.argv(*words)
        if config:
            argv[2] = str(config)
        done = subprocess.run(argv, input=stdin, text=True, capture_output=True, timeout=120, check=False)
        assert done.returncode == status, f"{words}: {done.returncode} {done.stdout} {done.stderr}"
        if status == 1:
            assert done.stderr.count("\n") == 1 and done.stderr.startswith("praya "), done.stderr
        return done

    def create(self, slug, *more, email=None, **named):
        return self("tenant", "create", slug, "--name", "A Company", "--region", "hk",
                    "--admin-email", email or f"admin@{slug}.example", *more, **named)


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    hba = Path(HOST) / "data/pg_hba.conf"
    hba.write_text(HBA)
    sql("select pg_reload_conf()")
    it = Cli(tmp_path_factory.mktemp("cli"))
    said = it("init").stdout
    assert "region hk is set up" in said and str(it.key) in said
    return it


def test_init_again_changes_nothing(cli):
    before = cli.key.read_bytes()
    assert cli("init").stdout == "region hk is set up\n"
    assert cli.key.read_bytes() == before
    assert cli.key.stat().st_mode & 0o777 == 0o600


def test_migrate_brings_the_region_s_database_along(cli):
    """As the release before left it: without what the newest migrations of region and directory made."""
    sql("alter table erasure_ledger drop column file_n; alter table destruction drop column owners, drop column mail_at, "
        "drop column mail_tries; alter table tenant_key drop column done_at; delete from schema_version where number >= 7", "praya_cell")
    sql("alter table tenant drop constraint tenant_state_check; delete from schema_version where number = 4; "
        "alter table tenant add constraint tenant_state_check check (state in ('creating', 'active', 'suspended', "
        "'closing', 'destroying', 'destroyed'))", "praya_directory")
    cli("tenant", "migrate")
    assert sql("select count(file_n) from erasure_ledger", "praya_cell") == [(0,)]
    assert "moving" in sql("select pg_get_constraintdef(oid) from pg_constraint where conname = 'tenant_state_check'",
                           "praya_directory")[0][0]
    assert sql("select count(mail_tries) from destruction", "praya_cell") == [(0,)]
    assert sql("select count(done_at) = count(*) from tenant_key", "praya_cell") == [(True,)]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["tenant"],
        ["tenant", "create"],
        ["tenant", "create", "abc"],
        ["tenant", "create", "abc", "--name", "N", "--region", "hk"],
        ["tenant", "create", "abc", "def", "--name", "N", "--region", "hk", "--admin-email", "a@b.c"],
        ["tenant", "create", "abc", "--name", "N", "--name", "M", "--region", "hk", "--admin-email", "a@b.c"],
        ["tenant", "list", "--jason"],
        ["tenant", "list", "--json=yes"],
        ["tenant", "list", "extra"],
        ["tenant", "show", "abc", "--"[:2], "def"],
        ["user", "add", "abc", "a@b.c", "--profile"],
        ["init", "--force"],
    ],
)
def test_wrong_usage(cli, words):
    assert "praya" in cli(*words, status=2).stderr


def test_help_lists_every_verb(cli):
    said = subprocess.run([PRAYA, "--help"], text=True, capture_output=True, check=True).stdout
    for verb in ("init", "tenant create SLUG", "tenant migrate [SLUG]", "user add", "token create",
                 "routes", "doctor"):
        assert f"praya {verb}" in said


@pytest.mark.parametrize("words, mine, others", [
    (["key"], "praya key rotate", "praya tenant"), (["key", "frobnicate"], "praya key check", "praya tenant"),
    (["tenant"], "praya tenant create", "praya key"), (["frobnicate"], "praya tenant create", None), ([], "praya init", None),
])
def test_half_a_verb_lists_what_begins_so(words, mine, others):
    done = subprocess.run([PRAYA, *words], text=True, capture_output=True, check=False)
    assert done.returncode == 2 and mine in done.stderr
    assert others is None or others not in done.stderr


def test_create_list_show(cli):
    said = cli.create("harbour").stdout
    assert said.startswith("https://harbour.praya.localhost\n")
    assert re.search(r"shown once: \S{16,}\n$", said)
    listed = json.loads(cli("tenant", "list", "--json").stdout)
    shown = json.loads(cli("tenant", "show", "harbour", "--json").stdout)
    assert shown["sizes"]["database"] > 1_000_000 and shown["last_used_at"] is None
    assert shown.pop("schema") > 0
    assert shown in listed
    assert shown["state"] == "active" and shown["region"] == "hk"
    assert shown["database"] == f"praya_t_{shown['id']}"
    assert "harbour" in cli("tenant", "list").stdout
    users = json.loads(cli("user", "list", "harbour", "--json").stdout)
    assert [(u["email"], u["profile"]) for u in users] == [("admin@harbour.example", "administrator")]


def test_create_is_refused(cli):
    cli.create("taken")
    assert "is taken" in cli.create("taken", status=1).stderr
    for slug in ("www", "a", "-x-", "Abc", "x;y"):
        assert "slug: " in cli.create(slug, email="a@b.example", status=1).stderr
    base = ["--name", "N", "--admin-email", "a@b.example"]
    assert "region: " in cli("tenant", "create", "fine", "--region", "mars", *base, status=1).stderr
    assert "name: " in cli("tenant", "create", "fine", "--region", "hk", "--name", " ",
                           "--admin-email", "a@b.example", status=1).stderr
    assert "admin-email: " in cli("tenant", "create", "fine", "--region", "hk", "--name", "N",
                                  "--admin-email", "nobody", status=1).stderr
    assert "password: " in cli.create("fine", "--admin-password-stdin", stdin="short\n", status=1).stderr
    assert "standard input" in cli.create("fine", "--admin-password-stdin", status=1).stderr
    assert "standard input" in cli.create("fine", "--admin-password-stdin", stdin="\n", status=1).stderr
    assert not sql("select 1 from tenant where slug = 'fine'", "praya_directory")


def test_unknown_workspace(cli):
    for words in (["tenant", "show", "nobody"], ["user", "list", "nobody"], ["tenant", "migrate", "nobody"],
                  ["tenant", "show", "';--"], ["token", "create", "nobody", "a@b.c", "--name", "n"]):
        assert "there is no workspace" in cli(*words, status=1).stderr


def kill_where_it_waits(cli, slug, lock, database):
    """kill -9 of a creation that waits for a lock somebody else holds."""
    holder = psycopg2.connect(host=HOST, user="postgres", dbname=database)
    with holder.cursor() as cursor:
        cursor.execute(lock)
    argv = cli.argv("tenant", "create", slug, "--name", "N", "--region", "hk",
                    "--admin-email", f"a@{slug}.example")
    victim = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not sql("select 1 from pg_locks where not granted"):
        assert victim.poll() is None and time.monotonic() < deadline, "it never waited"
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    holder.close()
    # The server may still finish the statement that waited.
    while sql("select 1 from pg_stat_activity where application_name = 'praya'"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "step, lock, database",
    [
        ("key", "lock table tenant_key in access exclusive mode", "praya_cell"),
        ("name", "lock table tenant in share mode", "praya_cell"),
        ("role", "lock table pg_authid in share mode", "postgres"),
        ("database", "lock table pg_database in share mode", "postgres"),
        ("first", "lock table tenant in share mode", "praya_directory"),
    ],
)
def test_killed_creation_is_finished(cli, step, lock, database):
    slug = f"killed-{step}"
    kill_where_it_waits(cli, slug, lock, database)
    # Nobody reaches it before it is finished.
    state = sql(f"select state from tenant where slug = '{slug}'", "praya_directory")
    assert state in ([], [("creating",)])
    said = cli("tenant", "create", slug, "--name", "N", "--region", "hk",
               "--admin-email", f"a@{slug}.example").stdout
    assert "shown once" in said
    assert json.loads(cli("tenant", "show", slug, "--json").stdout)["state"] == "active"
    assert len(json.loads(cli("user", "list", slug, "--json").stdout)) == 1


def test_killed_before_the_password_was_shown(cli):
    """The user is there already: the password given now is the one that counts."""
    cli.create("half")
    name = json.loads(cli("tenant", "show", "half", "--json").stdout)["database"]
    before = sql("select password_hash from app_user", name)
    sql("update tenant set state = 'creating' where slug = 'half'", "praya_directory")
    cli.create("half", "--admin-password-stdin", stdin="correct horse battery\n")
    after = sql("select password_hash from app_user", name)
    assert len(after) == 1 and after != before


def test_several_at_once_take_turns(cli):
    holder = psycopg2.connect(host=HOST, user="postgres", dbname="postgres")
    with holder.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(482955327842)")
    names = ("turn-one", "turn-two", "turn-three")
    running = [subprocess.Popen(cli.argv("tenant", "create", slug, "--name", "N", "--region", "hk", "--admin-email",
                                         f"a@{slug}.example"), stdout=subprocess.PIPE, text=True) for slug in names]
    asked = "select count(*) from pg_stat_activity where query like '%pg_try_advisory_lock(482955327842)%' and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 20
    while sql(asked)[0][0] < 3:
        assert time.monotonic() < deadline and not [one for one in running if one.poll() is not None]
        time.sleep(0.02)
    holder.close()
    for slug, one in zip(names, running):
        assert f"https://{slug}." in one.communicate(timeout=60)[0] and one.returncode == 0


def test_users_and_tokens(cli):
    cli.create("people")
    add = ["user", "add", "people", "Ling@People.example", "--profile"]
    cli(*add, "staff", "--password-stdin", stdin="a long enough one\n")
    assert "has this address already" in cli(*add, "staff", status=1).stderr
    other = ["user", "add", "people", "x@people.example", "--profile"]
    assert "profile: " in cli(*other, "emperor", status=1).stderr
    assert "password: " in cli(*other, "staff", "--password-stdin", stdin="short\n", status=1).stderr
    assert "--language" in cli(*other, "staff", "--language", "fr", status=1).stderr
    assert "shown once" in cli("user", "reset", "people", "ling@people.example").stdout
    assert "no user" in cli("user", "reset", "people", "x@people.example", status=1).stderr
    token = cli("token", "create", "people", "ling@people.example", "--name", "till").stdout.strip()
    assert re.fullmatch(r"[A-Za-z0-9_-]{40,}", token)
    name = json.loads(cli("tenant", "show", "people", "--json").stdout)["database"]
    kept = sql("select kind, name, hash::text from session", name)
    assert [(k, n) for k, n, _ in kept] == [("token", "till")] and token not in kept[0][2]
    for days in ("0", "-1", "x", "4000"):
        assert "--days" in cli("token", "create", "people", "ling@people.example", "--name", "n",
                               f"--days={days}", status=1).stderr
    # Every one of these commands is in the log, as the command line's doing.
    events = sql("select distinct actor_kind, route from audit_event", name)
    assert {("cli", "cli user add"), ("cli", "cli user reset"), ("cli", "cli token create"),
            ("cli", "cli tenant create")} <= set(events)


def test_roles_need_their_passwords(cli):
    cli.create("locked")
    name = json.loads(cli("tenant", "show", "locked", "--json").stdout)["database"]
    for role, database in ((name, name), ("praya_migrate", name), ("praya_cell", "praya_cell")):
        for password in ("", role, secrets.token_hex(16)):
            with pytest.raises(psycopg2.OperationalError):
                psycopg2.connect(host=HOST, user=role, dbname=database, password=password)


def test_secrets_that_others_can_read(cli):
    cli.key.chmod(0o644)
    try:
        assert "others may read it" in cli("init", status=1).stderr
        done = subprocess.run(cli.argv("tenant", "list"), text=True, capture_output=True, check=False)
        assert done.returncode == 1 and "others may read it" in done.stderr
    finally:
        cli.key.chmod(0o600)
    file = cli.folder / "admin.password"
    file.write_text("x" * 20 + "\n")
    file.chmod(0o640)
    conf = cli.folder / "other.conf"
    conf.write_text(cli.conf.read_text() + f"Database.AdminPasswordFile = {file}\n")
    assert "others can read it" in cli("init", status=1, config=conf).stderr
    file.chmod(0o600)
    cli("init", config=conf)


def test_wrong_master_key(cli):
    kept = cli.key.with_suffix(".kept")
    cli.key.rename(kept)
    roles = sql("select rolname, rolpassword from pg_authid order by 1")
    try:
        assert "put that key back" in cli("init", status=1).stderr
        assert not cli.key.exists()
        cli.key.write_text(secrets.token_hex(32) + "\n")
        cli.key.chmod(0o600)
        assert "is not the master key" in cli("init", status=1).stderr
        said = cli("tenant", "list", status=1).stderr
        assert "master key of this installation?" in said
        assert sql("select rolname, rolpassword from pg_authid order by 1") == roles
    finally:
        kept.rename(cli.key)
    cli("tenant", "list")


def test_password_from_a_file(cli):
    """Of the cell's role: `init` gives it that one, and everybody uses it."""
    file = cli.folder / "cell.password"
    file.write_text("correct-horse-battery-staple\n")
    file.chmod(0o600)
    conf = cli.folder / "cell.conf"
    conf.write_text(cli.conf.read_text() + f"Database.CellPasswordFile = {file}\n")
    cli("init", config=conf)
    cli("tenant", "list", config=conf)
    psycopg2.connect(host=HOST, user="praya_cell", dbname="praya_cell",
                     password="correct-horse-battery-staple").close()
    assert "password authentication failed" in cli("tenant", "list", status=1).stderr
    cli("init")
    cli("tenant", "list")


def test_doctor(cli):
    found = json.loads(subprocess.run(cli.argv("doctor", "--json"), text=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, check=False).stdout)
    faults = [f for f in found if f["level"] == "fault" and f["about"] != "server settings"]
    assert faults == []
    assert any(f["about"] == "superusers" and "postgres" in f["what"] for f in found)
    # The test's cluster runs without fsync: that is found.
    assert any(f["mend"] == "fsync = on in postgresql.conf" for f in found)
    assert "faults" in cli("doctor", status=1).stderr


def test_routes(cli):
    routes = json.loads(cli("routes", "--json").stdout)
    assert {"name", "method", "path", "right"} <= set(routes[0])
    assert all(r["right"] for r in routes)
    assert len(cli("routes").stdout.splitlines()) == len(routes)


def test_configuration_is_refused(cli):
    conf = cli.folder / "bad.conf"
    conf.write_text(cli.conf.read_text() + "Base.Prot = 1\n")
    assert "there is no setting Base.Prot" in cli("tenant", "list", status=1, config=conf).stderr
    assert "No such file" in cli("tenant", "list", status=1, config="/nonexistent").stderr


def test_server_away(cli):
    control = os.environ["PRAYA_PG_CTL"]
    subprocess.run([control, "stop"], check=True)
    try:
        assert "no connection" in cli("tenant", "list", status=1).stderr
        assert "no connection" in cli("init", status=1).stderr
    finally:
        subprocess.run([control, "start"], check=True)
    cli("tenant", "list")
