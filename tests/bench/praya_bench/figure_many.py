# SPDX-License-Identifier: ISC
"""Many workspaces in one cluster: requests spread over them as Zipf's law has it, evenly, and on one only; what a
request costs to one that nobody used for a while; and what an idle one takes."""
import itertools
import json
import random
import subprocess
import tempfile
import threading
from pathlib import Path

import harness
from praya_stack.process import wait_until

from .load import REPORT, Load, median
from .proc import Clock
from .stand import say
from .table import Row, at_least, at_most

PATH = "/contacts"
CLIENTS = 8
CONNECTIONS = 200
MIB = 1024 * 1024
DRAWN = 20_000
PASSWORD = "one-password-for-all-here"
PEOPLE = """insert into contact (name_en, email) select 'Person ' || n, 'p' || n || '@example.com'
	from generate_series(1, 50) n; analyze contact;"""
SCRIPT = REPORT.with_name("hosts.lua")


def make(stand):
    """Those that are lacking; each with an administrator and some people."""
    stack = stand.stack
    there = set(stack.slugs())
    names = [f"many{n:04d}" for n in range(stand.size.many)]
    lacking = [slug for slug in names if slug not in there]
    with Clock() as clock:
        for slug in lacking:
            argv = ["tenant", "create", slug, "--name", slug, "--region", "hk", "--admin-email", f"a@{slug}.example"]
            stack.praya(*argv, "--admin-password-stdin", stdin=PASSWORD + "\n")
    for slug in lacking:
        connection = stack.database(slug)
        connection.cursor().execute(PEOPLE)
        connection.close()
    if lacking:
        say(f"  {len(lacking)} workspaces made, {clock.seconds / len(lacking):.2f} s each")
    return names


def enter(stack, slug):
    """The cookie of its administrator's session."""
    client = harness.Client(stack, slug, harness.some_address())
    answer = client.post(f"{harness.API}/session", json={"email": f"a@{slug}.example", "password": PASSWORD})
    assert answer.status_code == 201, f"{slug}: {answer.status_code} {answer.text}"
    return "; ".join(f"{c.name}={c.value}" for c in client.cookies)


class Hosts:
    """wrk, asking one host after another in an order that was drawn before."""

    def __init__(self, stand, names):
        self.stand = stand
        self.names = names
        self.draw = random.Random(7)
        self.folder = tempfile.TemporaryDirectory()
        self.list = Path(self.folder.name) / "hosts"
        hosts = [stand.stack.origin(slug).removeprefix("https://") for slug in names]
        lines = [f"{host}\t{enter(stand.stack, slug)}\n" for host, slug in zip(hosts, names)]
        self.list.write_text("".join(lines))

    def zipf(self):
        weights = list(itertools.accumulate(1 / rank for rank in range(1, len(self.names) + 1)))
        return self.draw.choices(range(1, len(self.names) + 1), cum_weights=weights, k=DRAWN)

    def evenly(self):
        return [1 + self.draw.randrange(len(self.names)) for _ in range(DRAWN)]

    def load(self, order, clients, seconds):
        asked = Path(self.folder.name) / "order"
        asked.write_text(" ".join(map(str, order)))
        argv = ["wrk", "-t", "1", "-c", str(clients), "-d", f"{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
        argv += [self.stand.stack.origin(self.names[0]) + PATH, "--", str(self.list), str(asked)]
        done = subprocess.run(argv, text=True, capture_output=True, check=True)
        said = json.loads(done.stdout.strip().splitlines()[-1])
        if said["bad"] or said["broken"] or not said["requests"]:
            raise RuntimeError(f"{said}")
        return Load(said["requests"], said["us"] / 1e6, (said["p50"], said["p99"], said["max"]))


class Connections:
    """The most that the server has to workspaces while this is open."""

    ASK = "select count(*) from pg_stat_activity where backend_type = 'client backend'"

    def __init__(self, stand):
        self.rows = stand.stack.database().cursor()
        self.most = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def now(self):
        self.rows.execute(self.ASK)
        return self.rows.fetchone()[0]

    def _look(self):
        while not self.over.wait(0.1):
            self.most = max(self.most, self.now())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.over.set()
        self.thread.join()
        self.rows.connection.close()


def cold(hosts, seconds):
    """One client, each workspace in turn: none has a connection when its turn comes."""
    count = len(hosts.names)
    order = list(range(1, count + 1))
    return hosts.load(order, 1, seconds)


def idle(stand, names):
    """Connections to workspaces some time after the last request; and bytes of a new one."""
    rows = stand.stack.database().cursor()

    def left():
        rows.execute("select count(*) from pg_stat_activity where datname like 'praya_t_%%'")
        return rows.fetchone()[0]

    wait_until(lambda: left() == 0, 180)
    fresh = stand.stack.new_workspace()
    shown = stand.stack.praya_json("tenant", "show", fresh.slug)["sizes"]
    wait_until(lambda: left() == 0, 180)
    count = left()
    rows.connection.close()
    return count, (shown["database"] + shown["files"]) / MIB


def run(stand):
    size = stand.size
    names = make(stand)
    hosts = Hosts(stand, names)
    rounds = []
    with Connections(stand) as connections:
        for number in range(size.rounds):
            one = hosts.load([1], CLIENTS, size.seconds)
            spread = hosts.load(hosts.zipf(), CLIENTS, size.seconds)
            even = hosts.load(hosts.evenly(), CLIENTS, size.seconds)
            first = cold(hosts, size.seconds)
            say(f"  round {number + 1}: one {one.rate:.0f}/s, Zipf {spread.rate:.0f}/s, evenly {even.rate:.0f}/s; "
                f"cold p99 {first.p99:.0f} ms")
            rounds.append((one, spread, even, first))
    count, mib = idle(stand, names)
    what = f"{len(names):,} workspaces"
    yield at_least(f"{what}, requests spread by Zipf's law against one of them: req/s", median([z.rate / o.rate for o, z, _, _ in rounds]), 0.5)
    yield Row("&ensp;spread evenly against one", f"{median([e.rate / o.rate for o, _, e, _ in rounds]):.2f}")
    yield at_most("p99 of a request to one that has no connection: ms", median([c.p99 for _, _, _, c in rounds]), 60, "{:.0f}")
    yield at_most("connections of the server meanwhile", connections.most, CONNECTIONS, "{:.0f}")
    yield at_most("connections to workspaces that nobody uses", count, 0, "{:.0f}")
    yield at_most("disk of a new one: MiB", mib, 20 * 1_000_000 / MIB, "{:.1f}")
