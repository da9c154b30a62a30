# SPDX-License-Identifier: ISC
"""scripts/stack itself, on an instance of its own."""
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from harness import Stack

PARTS = ("postgres", "postgres-sg", "mail", "web", "files", "worker", "web-sg", "files-sg", "worker-sg", "nginx-error", "nginx")


@pytest.fixture(scope="module")
def own():
    own = Stack.start("--no-data", "--web", "2", "--files", "1", "--workers", "1")
    yield own
    own.tear_down()


def pid(own, part):
    record = json.loads((Path(own.status["cli"]).parents[2] / f"pids/{part}.json").read_text())
    return record["pid"]


def processes(own):
    """Command lines that name the instance's folder."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if str(own.var) in line:
                found.append(line.replace("\0", " "))
    return found


def test_status_has_what_scripts_rely_on(own):
    assert set(own.status) == {
        *("state", "cli", "config", "ca_cert", "origins", "sign_ins", "mail_dir", "pg_uri", "var", "regions")
    }
    assert own.status["state"] == "up"
    assert {"slug", "email", "password", "profile"} == set(own.status["sign_ins"][0])
    profiles = {(s["slug"], s["profile"]) for s in own.status["sign_ins"]}
    assert {("harbour", "administrator"), ("harbour", "staff")} < profiles
    assert all(len(s["password"]) >= 10 for s in own.status["sign_ins"])
    with own.database().cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (True,)


def test_up_again_changes_nothing(own):
    before = {part: pid(own, part) for part in PARTS}
    own.command("up", "--no-data")
    assert {part: pid(own, part) for part in PARTS} == before


def test_every_part_is_started_again_after_a_kill(own):
    for part in PARTS:
        os.kill(pid(own, part), signal.SIGKILL)
    own.command("up", "--no-data")
    assert json.loads(own.command("status", "--json").stdout)["state"] == "up"
    own.person("harbour", "staff").browser()


def test_time_moves_and_comes_back(own):
    def days_ahead():
        with own.database().cursor() as cursor:
            cursor.execute("select extract(day from now() - %s)", (real_now(),))
            return int(cursor.fetchone()[0])

    own.command("time", "+41d")
    assert days_ahead() == 41
    own.command("time", "now")
    assert days_ahead() == 0


def real_now():
    done = subprocess.run(["date", "-u", "+%FT%T+00:00"], text=True, capture_output=True, check=True)
    return done.stdout.strip()


def test_two_side_by_side(own, stack):
    assert own.origin("harbour") != stack.origin("harbour")
    assert own.visitor("harbour").get("/readyz").status_code == 200
    assert stack.visitor("harbour").get("/readyz").status_code == 200
    # One's authority vouches for nothing of the other's.
    foreign = own.visitor("harbour")
    foreign.verify = stack.status["ca_cert"]
    with pytest.raises(IOError, match="(?i)certificate"):
        foreign.get("/readyz")


def test_a_taken_port_is_named(own, stack):
    port = stack.origin("harbour").rsplit(":", 1)[1]
    done = own.command("up", "--no-data", "--port", port, check=False)
    assert done.returncode == 1 and f"port {port} cannot be used" in done.stderr
    own.command("up", "--no-data", "--port", own.origin("harbour").rsplit(":", 1)[1])


def test_secrets_are_not_for_others(own):
    for name in ("secrets", "tls", "files", "mail", "log"):
        assert (own.var / name).stat().st_mode & 0o077 == 0, name
    assert (own.var / "praya.conf").stat().st_mode & 0o077 == 0
    for file in (own.var / "secrets").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_down_leaves_nothing(own):
    own.command("down")
    assert processes(own) == []
    done = own.command("status", "--json", check=False)
    assert done.returncode == 3 and json.loads(done.stdout)["state"] == "down"
    own.command("down")
    own.command("up", "--no-data")
    own.person("harbour", "administrator").browser()
