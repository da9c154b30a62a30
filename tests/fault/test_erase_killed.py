# SPDX-License-Identifier: ISC
"""kill -9 of the worker in the later stages of an erasure, and of a web process
over an upload: nothing is left half, and no file without a row stays."""
import os
import secrets
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from harness import Stack  # noqa: E402
from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, wait_until  # noqa: E402


@pytest.fixture(scope="module")
def own():
    own = Stack.start("--no-data", "--web", "2", "--files", "1", "--workers", "1")
    yield own
    own.tear_down()


@pytest.fixture
def place(own):
    return own.new_workspace()


def kill(own, part):
    head = Running(Instance({"PRAYA_VAR": own.status["var"]}).pids / f"{part}.json").leader()
    victims = {p.pid for p in children(head.pid)}
    assert victims
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: children(head.pid) and not {p.pid for p in children(head.pid)} & victims, 10)


def one(place, sql, *values):
    cursor = place.database().cursor()
    cursor.execute(sql, values)
    return cursor.fetchone()


def person(place):
    api = place.admin.api()
    number = api.ok("POST", "/contacts", json={"name_en": "CHAN Tai Man", "email": "man@killed.example"})["id"]
    file = {"file": ("a.txt", secrets.token_bytes(1000), "text/plain")}
    api.ok("POST", f"/contacts/{number}/attachments", files=file)
    with place.database() as db:
        db.cursor().execute(
            "insert into contact (name_en, bio) select 'Other ' || n, repeat('about ' || n, 30) "
            "from generate_series(1, 30000) n")
    return api, number


def files_of(place):
    """What lies in the workspace's own folder of the store."""
    name = place.stack.praya_json("tenant", "show", place.slug)["database"]
    return [f for f in (place.stack.var / "files" / name).rglob("*") if f.is_file()]


def erase(api, number):
    api.ok("POST", f"/contacts/{number}/erase", json={"reason": "other", "confirm": str(number)})


def running(place, kind):
    state = "select count(*) from job where kind = %s and state = 'running'"
    return lambda: one(place, state, kind)[0] == 1


def ended(place, api, number):
    def through():
        receipt = api.ok("GET", f"/contacts/{number}/erase")
        return all(s["at"] for s in receipt["stages"])

    # What half a minute of silence of a killed worker does.
    with place.database() as db:
        db.cursor().execute("update job set lease_until = now() where state = 'running'")
    return wait_until(through, 120)


LEFT = """select (select count(*) from pg_class where relnamespace = 'repack'::regnamespace and relkind = 'r'),
(select count(*) from pg_trigger where tgname = 'repack_trigger'),
(select count(*) from erasure where needles is not null), (select count(*) from attachment where object is not null),
(select count(*) from contact)"""


# What makes a stage last until it is killed: somebody who holds a table.
HOLD = {
    "erase_scan": "lock table company in access exclusive mode",
    "scrub": "lock table contact in access share mode",
}


@pytest.mark.parametrize("kind", HOLD)
def test_a_stage_goes_on_in_another_worker(own, place, kind):
    api, number = person(place)
    lock = place.database()
    lock.autocommit = False
    lock.cursor().execute(HOLD[kind])
    erase(api, number)
    assert wait_until(running(place, kind), 60)
    if kind == "scrub":
        busy = "select count(*) from pg_stat_activity where application_name = 'pg_repack'"
        assert wait_until(lambda: one(place, busy)[0] > 0, 30)
    kill(own, "worker")
    lock.close()
    assert ended(place, api, number), api.ok("GET", f"/contacts/{number}/erase")
    assert one(place, LEFT) == (0, 0, 0, 0, 30001)
    assert files_of(place) == []


def test_a_killed_upload_leaves_nothing(own, place):
    api = place.admin.api()
    number = api.ok("POST", "/contacts", json={"name_en": "NG Wai"})["id"]
    # The bytes are in the store and linked; the row waits behind this lock.
    lock = place.database()
    lock.autocommit = False
    lock.cursor().execute("lock table attachment in share mode")
    answers = []

    def upload():
        file = {"file": ("a.bin", secrets.token_bytes(2_000_000), "application/octet-stream")}
        answers.append(api.post(f"/contacts/{number}/attachments", files=file))

    asking = threading.Thread(target=upload)
    asking.start()
    assert wait_until(lambda: files_of(place), 20)
    of_us = "select count(*) from pg_stat_activity where datname = current_database() and "
    waiting = of_us + "wait_event_type = 'Lock'"
    assert wait_until(lambda: one(place, waiting)[0] == 1, 10)
    kill(own, "files")
    kill(own, "web")
    lock.close()
    asking.join()
    assert answers[0].status_code in (502, 503)
    gone = of_us + "state = 'active' and pid <> pg_backend_pid()"
    assert wait_until(lambda: one(place, gone)[0] == 0, 10)
    assert one(place, "select count(*) from attachment") == (0,)
    (orphan,) = files_of(place)
    then = time.time() - 2 * 24 * 3600
    os.utime(orphan, (then, then))
    with place.database() as db:
        db.cursor().execute("insert into chore (name, due_at) values ('store_sweep', now()) "
                            "on conflict (name) do update set due_at = now()")
    own.praya("worker", place.slug, "--once")
    assert wait_until(lambda: not orphan.exists(), 15)
    assert api.ok("GET", f"/contacts/{number}/attachments")["items"] == []
