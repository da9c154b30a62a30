# SPDX-License-Identifier: ISC
"""Workers that are stopped or killed over a job."""
import io
import json
import os
import signal
import sys
import zipfile
from pathlib import Path

import pytest

from harness import Stack
from jobs import done

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, wait_until  # noqa: E402

MESSAGES = 30_000


@pytest.fixture(scope="module")
def own():
    """An instance of our own: its worker is killed."""
    stack = Stack.start("--no-data")
    yield stack
    stack.tear_down()


@pytest.fixture(scope="module")
def api(own):
    return own.person("harbour", "administrator").api()


@pytest.fixture(scope="module")
def rows(own):
    connection = own.database("harbour")
    yield connection.cursor()
    connection.close()


@pytest.fixture(scope="module")
def person(api, rows):
    """Somebody whose export takes some seconds."""
    number = api.ok("POST", "/contacts", json={"name_en": "Writes A Lot"})["id"]
    rows.execute(
        "insert into message (contact_id, channel, direction, subject, body, happened_at) "
        "select %s, 'email', 'in', 'Subject ' || n, repeat('Words of ' || n || '. ', 100), "
        "now() - n * interval '1 minute' from generate_series(1, %s) n",
        [number, MESSAGES],
    )
    rows.execute("analyze message")
    return number


def worker(stack):
    instance = Instance({"PRAYA_VAR": stack.status["var"]})
    (process,) = children(Running(instance.pids / "worker.json").leader().pid)
    return process.pid


def under_way(rows, job):
    rows.execute("select state, done > 1000 from job where job_id = %s", [job])
    return rows.fetchone() == ("running", True)


def check(own, api, rows, person, job):
    path = done(api, job)["download"]
    rows.execute("select count(*) from download where contact_id = %s and job_id = %s", [person, job])
    assert rows.fetchone() == (1,)
    rows.execute("select count(*) from job_secret")
    assert rows.fetchone() == (0,)
    with zipfile.ZipFile(io.BytesIO(api.get(path).content)) as archive:
        assert len(json.loads(archive.read("data.json"))["messages"]) == MESSAGES


def test_a_killed_worker_loses_no_export(own, api, rows, person):
    job = api.ok("POST", f"/contacts/{person}/export")["job"]
    assert wait_until(lambda: under_way(rows, job), 30)
    os.kill(worker(own), signal.SIGKILL)
    # Another one takes it up when the lease of the dead one has run out.
    check(own, api, rows, person, job)
    rows.execute("select lease, attempt from job where job_id = %s", [job])
    assert rows.fetchone() == (2, 2)


def test_a_stopped_worker_gives_the_job_back(own, api, rows, person):
    job = api.ok("POST", f"/contacts/{person}/export")["job"]
    assert wait_until(lambda: under_way(rows, job), 30)
    os.kill(worker(own), signal.SIGTERM)
    check(own, api, rows, person, job)
    # Not counted as an attempt, and taken up at once: the lease was given up.
    rows.execute(
        "select attempt, finished_at - started_at < interval '25 seconds' from job where job_id = %s", [job]
    )
    assert rows.fetchone() == (1, True)


def cut(rows):
    """The worker's session alone: it is the one that reads pieces of messages."""
    rows.execute(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where datname = current_database() and usename = datname and query like '%%octet_length(r.body)%%'"
    )
    return rows.fetchone()[0] > 0


def test_a_cut_connection_is_only_a_delay(own, api, rows, person):
    job = api.ok("POST", f"/contacts/{person}/export")["job"]
    assert wait_until(lambda: under_way(rows, job), 30)
    assert wait_until(lambda: cut(rows), 10)
    check(own, api, rows, person, job)
