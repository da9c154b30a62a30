# SPDX-License-Identifier: ISC
"""The export of a long list: its worker is killed, somebody in it is erased meanwhile."""
import os
import signal
import sys
from pathlib import Path

import pytest

from exports import ask, fetch, table
from harness import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, wait_until  # noqa: E402

PEOPLE = 40_000


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
    cursor = connection.cursor()
    cursor.execute("update workspace set export_threshold = 10000000")
    cursor.execute(
        "insert into contact (name_en, email, bio) select 'Person ' || n, 'p' || n || '@example.com', "
        "repeat('About ' || n || '. ', 20) from generate_series(1, %s) n", [PEOPLE])
    cursor.execute("analyze contact")
    yield cursor
    connection.close()


def worker(stack):
    instance = Instance({"PRAYA_VAR": stack.status["var"]})
    (process,) = children(Running(instance.pids / "worker.json").leader().pid)
    return process.pid


def under_way(rows, job):
    rows.execute("select state, done > 1000 from job where job_id = %s", [job])
    return rows.fetchone() == ("running", True)


def test_a_killed_worker_loses_no_record_and_doubles_none(own, api, rows):
    answer = ask(api, sort="updated_at", fields=["name_en", "email", "bio"])
    assert wait_until(lambda: under_way(rows, answer["job"]), 30)
    os.kill(worker(own), signal.SIGKILL)
    found = table(fetch(api, answer["job"]))
    assert len(found) == answer["count"] and len({r["id"] for r in found}) == len(found) >= PEOPLE
    rows.execute("select lease, attempt from job where job_id = %s", [answer["job"]])
    assert rows.fetchone() == (2, 2)
    rows.execute("select count(*) from download where job_id = %s", [answer["job"]])
    assert rows.fetchone() == (1,)


def test_who_is_erased_while_it_is_made_is_not_in_it(own, api, rows):
    answer = ask(api, sort="updated_at", fields=["name_en"])
    rows.execute("select record_id from export_record where export_id = %s order by n limit 1", [answer["export"]])
    first = rows.fetchone()[0]
    assert wait_until(lambda: under_way(rows, answer["job"]), 30)
    api.ok("POST", f"/contacts/{first}/erase", json={"reason": "subject_request", "confirm": str(first)})
    rows.execute("select state, spoiled from export where export_id = %s", [answer["export"]])
    assert rows.fetchone() == ("running", True)
    found = table(fetch(api, answer["job"]))
    assert len(found) == answer["count"] - 1 and str(first) not in {r["id"] for r in found}
