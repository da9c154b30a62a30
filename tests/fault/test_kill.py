# SPDX-License-Identifier: ISC
"""kill -9 of a web process, of the worker and of PostgreSQL in the middle of
things: what was acknowledged is there, nothing is there twice or half."""
import os
import signal
import sys
import threading
from pathlib import Path

import psycopg2
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from harness import Stack  # noqa: E402
from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, wait_until  # noqa: E402

ROWS = 20000
BATCH = 500
MESSAGES = 300


@pytest.fixture(scope="module")
def own():
    own = Stack.start("--no-data", "--web", "2", "--files", "1", "--workers", "1")
    yield own
    own.tear_down()


@pytest.fixture
def place(own):
    """A workspace in which nothing else is under way."""
    return own.new_workspace()


def leader(own, part):
    instance = Instance({"PRAYA_VAR": own.status["var"]})
    return Running(instance.pids / f"{part}.json").leader()


def kill(own, part):
    """A pool loses its processes, not its supervisor; PostgreSQL all it has,
    the postmaster first, so that it cannot put things in order."""
    head = leader(own, part)
    victims = [p.pid for p in children(head.pid)]
    if part == "postgres":
        victims.insert(0, head.pid)
    assert victims
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            assert part == "postgres"  # its children also go by themselves
    if part == "postgres":
        assert wait_until(lambda: leader(own, part) is None, 10)
    else:
        assert wait_until(
            lambda: children(head.pid) and not {p.pid for p in children(head.pid)} & set(victims), 10
        )


def mend(own, part):
    if part == "postgres":
        own.command("up", "--no-data")


def cell(own):
    uri = own.status["pg_uri"].replace("/postgres?", "/praya_cell?", 1)
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    return connection


def one(connection, sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()


# An import


def csv_file():
    """Every hundredth row is refused."""
    lines = ["name_en,email"]
    for n in range(ROWS):
        email = f"p{n}@import.example" if n % 100 else f"p{n} at import"
        lines.append(f"Person {n},{email}")
    return "\n".join(lines) + "\n"


IMPORT = "select total, done, created, failed, state from import where import_id = %s"
PEOPLE = "select count(*), count(distinct email) from contact where import_id = %s"


def lease_runs_out(db):
    """What half a minute of silence of a killed worker does."""
    with db.cursor() as cursor:
        cursor.execute("update job set lease_until = now() where state = 'running'")


@pytest.mark.parametrize("part", ["web", "worker", "postgres"])
def test_an_import_goes_on(own, place, part):
    api = place.admin.api()
    db = place.database()
    answer = api.ok("POST", "/imports", status=202, files={"file": ("people.csv", csv_file(), "text/csv")})
    number = answer["id"]
    seen = []

    def under_way():
        total, done, *_ = one(db, IMPORT, number)
        seen.append(done)
        return total and done > total / 10

    assert wait_until(under_way, 30)
    kill(own, part)
    mend(own, part)
    db = place.database()
    total, done, created, failed, state = one(db, IMPORT, number)
    if part != "web":
        assert (total, state) == (ROWS, "running")
        assert ROWS / 10 < done < ROWS * 8 / 10, "it was not killed in its middle"
        # A batch is wholly there, with its progress, or not at all.
        assert done >= seen[-1] and done % BATCH == 0
        assert created + failed == done
        assert one(db, PEOPLE, number) == (created, created)
        lease_runs_out(db)
    # Nobody asks, so nobody rings: the worker has to find it by itself.
    assert wait_until(lambda: one(db, IMPORT, number)[4] == "done", 60), one(db, IMPORT, number)
    shown = api.ok("GET", f"/imports/{number}")
    assert shown["state"] == "done" and shown["total"] == shown["done"] == ROWS
    assert (shown["created"], shown["failed"]) == (ROWS - ROWS // 100, ROWS // 100)
    assert one(db, PEOPLE, number) == (shown["created"], shown["created"])
    bad = "select count(*), count(distinct row_number) from import_failed where import_id = %s"
    assert one(db, bad, number) == (shown["failed"], shown["failed"])
    seen = one(
        db,
        "select count(*), count(distinct r) from audit_event, unnest(record_ids) r "
        "where action = 'import' and entity = 'contact'",
    )
    assert seen == (shown["created"], shown["created"])


# An erasure

STATE = """select c.erased_at is not null, c.name_en, c.email, (c.key_id is not null)::int,
(select count(*) from data_key k where k.contact_id = c.contact_id),
(select count(*) from message m where m.contact_id = c.contact_id and body is not null),
(select count(*) from erasure e where e.contact_id = c.contact_id),
(select count(*) from audit_event where action = 'erase' and c.contact_id = any (subject_ids))
from contact c where c.contact_id = %s"""


def whole(contact):
    return (False, "CHAN Tai Man", "man@erase.example", 1, 1, MESSAGES, 0, 0)


def erased(contact):
    return (True, f"Erased person {contact}", None, 0, 0, 0, 1, 1)


def person_with_messages(place):
    api = place.admin.api()
    body = {"name_en": "CHAN Tai Man", "email": "man@erase.example"}
    contact = api.ok("POST", "/contacts", json=body)["id"]
    first = {"channel": "sms", "direction": "in", "body": "first"}
    api.ok("POST", f"/contacts/{contact}/messages", json=first)
    with place.database() as db, db.cursor() as cursor:
        cursor.execute(
            "insert into message (contact_id, channel, direction, body, happened_at) "
            "select contact_id, channel, direction, 'text ' || n, happened_at "
            "from message, generate_series(2, %s) n where contact_id = %s",
            (MESSAGES, contact),
        )
    return api, contact


def hold(connection, sql, *values):
    """Locks a row until the connection ends."""
    connection.autocommit = False
    assert one(connection, sql + " for update", *values)
    return connection


def erase_waits(own, database):
    return lambda: one(
        own.database(),
        "select count(*) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'",
        database,
    )[0]


def let_go(connection):
    try:
        connection.close()
    except psycopg2.Error:
        pass


def ledger(own, place):
    number = own.praya_json("tenant", "show", place.slug)["id"]
    return one(
        cell(own),
        "select count(*), count(done_at) from erasure_ledger where tenant_id = %s",
        number,
    )


@pytest.mark.parametrize("part", ["web", "postgres"])
@pytest.mark.parametrize("point", ["before", "middle", "after"])
def test_an_erasure_is_whole_or_not_begun(own, place, part, point):
    api, contact = person_with_messages(place)
    database = own.praya_json("tenant", "show", place.slug)["database"]
    assert one(place.database(), STATE, contact) == whole(contact)
    if point == "before":
        lock = hold(place.database(), "select 1 from contact where contact_id = %s", contact)
    else:
        last = "select 1 from message where message_id = (select max(message_id) from message)"
        lock = hold(place.database(), last)
    answers = []

    def ask():
        body = {"reason": "subject_request", "confirm": str(contact)}
        answers.append(api.post(f"/contacts/{contact}/erase", json=body))

    asking = threading.Thread(target=ask)
    asking.start()
    locks = [lock]
    assert wait_until(erase_waits(own, database), 10)
    if point == "after":
        # Committed in the workspace's database, not yet closed in the ledger.
        locks.append(hold(cell(own), "select 1 from erasure_ledger where done_at is null"))
        let_go(lock)
        assert wait_until(erase_waits(own, "praya_cell"), 10)
    kill(own, part)
    for lock in locks:
        let_go(lock)
    asking.join()
    mend(own, part)
    # Committed, but the word of it was lost with the process that had it.
    wanted = (200, 201) if point == "after" and part == "postgres" else (502, 503)
    assert answers[0].status_code in wanted, answers[0].text

    db = place.database()
    idle = "select count(*) from pg_stat_activity where datname = %s and state <> 'idle' and pid <> pg_backend_pid()"
    assert wait_until(lambda: one(db, idle, database)[0] == 0, 10)
    state = erased(contact) if point == "after" else whole(contact)
    assert one(db, STATE, contact) == state
    # The word that closes the ledger had left the web process before its end.
    entries = {"before": (0, 0), "middle": (1, 0), "after": (1, int(part == "web"))}[point]
    assert wait_until(lambda: ledger(own, place) == entries, 10), ledger(own, place)

    with db.cursor() as cursor:
        cursor.execute("update chore set due_at = now() where name = 'erase_resume'")
    own.praya("worker", place.slug, "--once")
    begun = point != "before"
    assert wait_until(lambda: ledger(own, place) == (int(begun), int(begun)), 15)
    assert one(db, STATE, contact) == (erased(contact) if begun else whole(contact))
    if begun:
        receipt = api.ok("GET", f"/contacts/{contact}/erase")
        assert receipt["cleared"]["messages"] == MESSAGES


# Acknowledged writes


class Writes:
    """A program that makes contacts, one after another."""

    def __init__(self, api):
        self.api = api
        self.answers = {}
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def write(self, n):
        body = {"name_en": f"Person {n}", "email": f"p{n}@write.example"}
        return self.api.post("/contacts", json=body, headers={"Idempotency-Key": f"write-{n}"})

    def run(self):
        while not self.stop.is_set():
            n = len(self.answers)
            self.answers[n] = self.write(n)

    def count(self, good):
        return sum((a.status_code == 201) == good for a in list(self.answers.values()))


def test_what_was_acknowledged_is_there(own, place):
    writes = Writes(place.admin.api())
    writes.thread.start()
    try:
        assert wait_until(lambda: writes.count(True) >= 50, 30)
        kill(own, "postgres")
        assert wait_until(lambda: writes.count(False) >= 5, 30)
        mend(own, "postgres")
        good = writes.count(True)
        assert wait_until(lambda: writes.count(True) >= good + 5, 30)
    finally:
        writes.stop.set()
        writes.thread.join()
    db = place.database()
    for n, answer in writes.answers.items():
        if answer.status_code != 201:
            assert answer.status_code in (502, 503), answer.text
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
            continue
        found = one(db, "select email from contact where contact_id = %s", answer.json()["id"])
        assert found == (f"p{n}@write.example",)
    for n, answer in writes.answers.items():
        again = writes.write(n)
        assert again.status_code == 201, again.text
        if answer.status_code == 201:
            assert again.json() == answer.json()
    count = len(writes.answers)
    assert one(db, "select count(*), count(distinct email) from contact") == (count, count)


def test_the_database_goes_away_and_comes_back(own, place):
    browser = place.admin.browser()
    before = {part: {p.pid for p in children(leader(own, part).pid)} for part in ("web", "files", "worker")}
    kill(own, "postgres")
    try:
        for path in ("/readyz", "/", "/contacts", "/login"):
            for _ in range(3):
                assert browser.get(path).status_code == 503, path
        page = browser.get("/contacts")
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<h1" in page.text and "SQLSTATE" not in page.text
        assert browser.get("/healthz").status_code == 200
    finally:
        mend(own, "postgres")
    for path in ("/readyz", "/contacts", "/"):
        for _ in range(6):
            assert browser.get(path).status_code == 200, path
    after = {part: {p.pid for p in children(leader(own, part).pid)} for part in before}
    assert after == before
