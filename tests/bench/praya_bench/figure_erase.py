# SPDX-License-Identifier: ISC
"""The first stage of an erasure: how long, whether it is one transaction, and
what those notice who read meanwhile."""
import threading
import time

from . import person
from .load import median
from .proc import Clock
from .stand import say
from .table import Row

# The scrub, which may begin before the answer is read, is a later stage.
WAITING = """select count(distinct w.pid) from pg_stat_activity w, unnest(pg_blocking_pids(w.pid)) b (pid)
join pg_stat_activity h on h.pid = b.pid
where w.datname = current_database() and w.wait_event_type = 'Lock' and h.query not like 'vacuum%'"""
LOOK = 0.01
# Each reader opens ten pages a second: busy people, not as many as the processors can serve,
# for then the figure would be about them.
PACE = 0.1
ONE = """select count(distinct xmin::text) from (
	select xmin from contact where contact_id = {0} union all select xmin from message where contact_id = {0}) x"""


class Readers:
    """People who look at the person and at the list while this is open."""

    def __init__(self, space, number):
        self.space = space
        self.number = number
        self.times = []
        self.waited = 0
        self.over = threading.Event()
        # Signed in one after the other: of two at once the second waits for the first one's password.
        readers = [threading.Thread(target=self._read, args=(space.person.browser(),)) for _ in range(2)]
        self.threads = [*readers, threading.Thread(target=self._look)]

    def _read(self, browser):
        while not self.over.is_set():
            for path in (f"/contacts/{self.number}", "/contacts", "/messages"):
                with Clock() as clock:
                    answer = browser.get(path)
                assert answer.status_code == 200, f"{path}: {answer.status_code}"
                self.times.append((time.monotonic(), clock.seconds))
                self.over.wait(max(0, PACE - clock.seconds))

    def _look(self):
        """Does anybody wait for a lock? Asked without a pause, the question itself, which takes
        every lock of the lock table, would be what is waited for."""
        with self.space.stack.database(self.space.slug) as database, database.cursor() as rows:
            while not self.over.is_set():
                rows.execute(WAITING)
                self.waited = max(self.waited, rows.fetchone()[0])
                self.over.wait(LOOK)
        database.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        # Reading.
        while len(self.times) < 6:
            self.over.wait(0.05)
        return self

    def __exit__(self, *what):
        self.over.set()
        for thread in self.threads:
            thread.join()


def erase(space, number):
    with Readers(space, number) as readers:
        with Clock() as clock:
            start = time.monotonic()
            body = {"reason": "subject_request", "confirm": str(number)}
            space.api.ok("POST", f"/contacts/{number}/erase", json=body)
            end = time.monotonic()
    during = [took for at, took in readers.times if at >= start and at - took <= end]
    alone = [took for at, took in readers.times if at < start]
    return clock.seconds, max(during), median(alone), readers.waited, len(during)


def run(stand):
    size = stand.size
    rounds = []
    for index in range(min(size.rounds, 5)):
        space = stand.fresh("erase")
        number = person.make(space, size.messages)
        seconds, worst, usual, waited, count = erase(space, number)
        transactions = int(space.one(ONE.format(number)))
        rounds.append((seconds, worst, usual, waited, transactions))
        say(
            f"  round {index + 1}: {seconds * 1000:.0f} ms, {transactions} transaction, {count} reads meanwhile, "
            f"the slowest {worst * 1000:.0f} ms, {waited} waiting for a lock"
        )
    slowest = max(r[0] for r in rounds)
    yield Row(
        f"first stage of erasing a person with {size.messages:,} messages while two read, the slowest of {len(rounds)}",
        f"{slowest:.2f} s",
        "under 1 s",
        slowest < 1,
    )
    most = max(r[4] for r in rounds)
    yield Row("its transactions", str(most), "1", most == 1)
    waited = max(r[3] for r in rounds)
    yield Row("readers waiting for a lock meanwhile", str(waited), "0", waited == 0)
    yield Row(
        "&ensp;the slowest reader meanwhile, a usual one before",
        f"{max(r[1] for r in rounds) * 1000:.0f} ms, {median([r[2] for r in rounds]) * 1000:.0f} ms",
    )
