# SPDX-License-Identifier: ISC
"""kill -9 while months of the log are made and taken out, and while it is sealed by two at once:
no event is lost, nothing goes before its time, and the log verifies."""
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.process import wait_until  # noqa: E402

PEOPLE = "user', null, 'cookie', null, null, null, null, 'test', 'view"


@pytest.fixture(scope="module")
def own():
    own = Stack.start("--no-data", "--web", "2", "--files", "1", "--workers", "1")
    yield own
    own.tear_down()


@pytest.fixture
def place(own):
    return own.new_workspace()


@pytest.fixture
def rows(place):
    connection = place.database()
    yield connection.cursor()
    connection.close()


def value(rows, sql, args=None):
    rows.execute(sql, args)
    return rows.fetchone()[0]


def verify(own, place):
    return json.loads(own.praya("audit", "verify", place.slug, "--json", check=False).stdout)


def due(rows):
    rows.execute("update chore set due_at = now() where name in ('audit_months', 'audit_seal', 'audit_index')")


def worker(own):
    return subprocess.Popen([own.status["cli"], "--config", own.status["config"], "worker", "--once"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_after(own, rows, seconds):
    """A worker that has everything to do, killed then; true: it was still at work."""
    due(rows)
    process = worker(own)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


class Writer:
    """Somebody who works meanwhile; every answer has to be good."""

    def __init__(self, place):
        self.api, self.stop, self.made, self.failed = place.admin.api(), threading.Event(), 0, None
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stop.is_set() and self.failed is None:
            answer = self.api.post("/contacts", json={"name_en": f"Person {self.made}"})
            if answer.status_code != 201:
                self.failed = answer.text
            self.made += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.stop.set()
        self.thread.join()


def test_months_are_made_whatever_is_killed(own, place, rows):
    months = "select count(*) from audit_partition where month >= date_trunc('month', now() at time zone 'Asia/Hong_Kong')"
    killed = 0
    with Writer(place) as writer:
        for n in range(12):
            rows.execute("select part::regclass::text from audit_partition where month > now() order by month")
            for (part,) in rows.fetchall():
                rows.execute(f"drop table {part}")
            killed += killed_after(own, rows, 0.02 + 0.03 * n)
            assert value(rows, months) in (1, 2, 3, 4)
    assert writer.failed is None and writer.made > 0 and killed > 2
    due(rows)
    own.praya("worker", "--once")
    assert value(rows, months) == 4
    assert value(rows, "select count(*) from audit_event where action = 'create'") >= writer.made
    assert verify(own, place)["good"]


def old_months(own, place, rows, count):
    """Sealed, past their time, and noted so for long enough."""
    for n in range(count):
        rows.execute("select audit_ensure_month(now() - make_interval(months => %s))", [15 + n])
        rows.execute("insert into audit_event (at, actor_kind, actor_id, via, session_id, ip, agent, request_id, route, action, "
                     f"subject_ids) select now() - make_interval(months => %s), '{PEOPLE}', '{{4711}}' from generate_series(1, 500)",
                     [15 + n])
    assert wait_until(lambda: verify(own, place)["unsealed"] <= 2, 60)
    due(rows)
    own.praya("worker", "--once")
    rows.execute("update audit_month set notice_at = now() - interval '8 days', notice_runs = 3, notice_last = now() "
                 "where notice_at is not null")
    assert value(rows, "select count(*) from audit_month where notice_at is not null and dropped_at is null") == count


def test_months_go_whole_or_not_at_all_whatever_is_killed(own, place, rows):
    old_months(own, place, rows, 3)
    there = "select count(*) from audit_partition where month < now() - interval '14 months'"
    killed, before = 0, 3
    with Writer(place) as writer:
        for n in range(25):
            killed += killed_after(own, rows, 0.02 + 0.015 * n)
            left = value(rows, there)
            assert left <= before
            before = left
            # A month that is in the log has all of its events.
            assert value(rows, "select count(*) from audit_event where at < now() - interval '14 months'") == 500 * left
            found = verify(own, place)
            assert found["good"], found["findings"]
            assert found["months_gone"] == 3 - left
    assert writer.failed is None and killed > 2
    for _ in range(2):
        due(rows)
        own.praya("worker", "--once")
    assert value(rows, there) == 0
    assert value(rows, "select count(*) from pg_class where relname ~ '^audit_event_[0-9_]+$' and relkind = 'r' "
                       "and not relispartition") == 0
    assert value(rows, "select count(*) from audit_of(4711, null, null, null, 100, true)") == 0
    found = verify(own, place)
    assert found["good"] and found["months_gone"] == 3
    assert value(rows, "select count(*) from audit_event where action = 'create'") >= writer.made


def test_two_who_seal_and_are_killed_make_one_chain(own, place, rows):
    killed = 0
    with Writer(place) as writer:
        for n in range(15):
            due(rows)
            pair = [worker(own), worker(own)]
            try:
                pair[0].wait(0.03 + 0.02 * n)
            except subprocess.TimeoutExpired:
                pair[0].kill()
                killed += 1
            assert pair[0].wait() is not None and pair[1].wait(60) == 0
    assert writer.failed is None and killed > 2
    assert wait_until(lambda: verify(own, place)["unsealed"] <= 2, 60)
    found = verify(own, place)
    assert found["good"], found["findings"]
    rows.execute("select seal_id from audit_seal order by 1")
    ids = [n for n, in rows.fetchall()]
    assert ids == list(range(1, len(ids) + 1))
    assert found["events"] >= writer.made
    # By day, each once.
    due(rows)
    own.praya("worker", "--once")
    assert value(rows, "select sum(events) from audit_day") == value(
        rows, "select count(*) from audit_event where xid < (select seen_xid from audit_mark)")
