# SPDX-License-Identifier: ISC
"""The list of contacts: 25 rows, signed in, the event committed before the answer."""
from . import people
from .capture import capture
from .front import Front
from .load import median, pgbench, wrk
from .proc import cpu_us
from .stand import say
from .table import Row, at_least, at_most

PATH = "/contacts"
PROCESSES = 8
CLIENTS = 8
MANY = 64
TURN = 1


def warm(origin, space, seconds):
    wrk(origin, PATH, space.cookie, CLIENTS, seconds)


class Cost:
    """Processor time of parts, over one load."""

    def __init__(self, **parts):
        self.parts = parts
        self.begin = self._now()

    def _now(self):
        return {name: cpu_us(pids()) for name, pids in self.parts.items()}

    def per(self, load):
        return {name: (us - self.begin[name]) / load.requests for name, us in self._now().items()}


def one_round(stand, space, memory, hello, script):
    """Each for a second, so that whatever else the machine does meets all of them."""
    parts = {part: (lambda part=part: stand.pids(part)) for part in ("web", "postgres", "nginx")}
    one = {}
    cost = Cost(**parts)
    one["page"] = wrk(space.origin, PATH, space.cookie, CLIENTS, TURN)
    one["cost"] = cost.per(one["page"])
    cost = Cost(web=memory.pids, nginx=memory.nginx_pids)
    one["memory"] = wrk(memory.origin(space), PATH, space.cookie, CLIENTS, TURN)
    one["memory cost"] = cost.per(one["memory"])
    one["database"] = pgbench(space, script.text, script.values, CLIENTS, TURN)
    one["many"] = wrk(space.origin, PATH, space.cookie, MANY, TURN)
    one["hello"] = wrk(hello.origin(space), PATH, space.cookie, CLIENTS, TURN)
    one["ratio"] = one["page"].rate * (1 / one["memory"].rate + 1 / one["database"].rate)
    return one


def measure(stand):
    """How the page does beside what it is made of."""
    size = stand.size
    space = stand.space("small")
    people.fill(space, size.small)
    script = capture(space, PATH)
    rounds = []
    with (
        Front(stand, stand.build / "tests/bench/page", PROCESSES) as memory,
        Front(stand, stand.build / "tests/bench/hello", PROCESSES) as hello,
    ):
        for origin in (space.origin, memory.origin(space)):
            warm(origin, space, size.seconds)
        pgbench(space, script.text, script.values, CLIENTS, size.seconds)
        for number in range(size.turns):
            one = one_round(stand, space, memory, hello, script)
            rounds.append(one)
            say(
                f"  round {number + 1}: page {one['page'].rate:.0f}/s, from memory {one['memory'].rate:.0f}/s, "
                f"database {one['database'].rate:.0f}/s, hello {one['hello'].rate:.0f}/s, "
                f"ratio {one['ratio']:.2f}"
            )
    return rounds


def run(stand):
    rounds = measure(stand)

    def of(value):
        return median([value(one) for one in rounds])

    yield at_least(
        "list page of 25 rows, signed in, audit committed: req/s against 1 / (1/R + 1/P)",
        of(lambda o: o["ratio"]),
        0.8,
    )
    for name, key in (
        ("page", "page"),
        ("R, the same page from memory", "memory"),
        ("P, its statements under pgbench", "database"),
        ("hello world through nginx and libfcgi", "hello"),
    ):
        yield Row(f"&ensp;{name}, {CLIENTS} clients", f"{of(lambda o, key=key: o[key].rate):,.0f} /s")
    for name, key, part in (
        ("praya-web a request", "cost", "web"),
        ("PostgreSQL a request", "cost", "postgres"),
        ("nginx a request", "cost", "nginx"),
        ("R a request", "memory cost", "web"),
    ):
        time = of(lambda o, key=key, part=part: o[key][part])
        yield Row(f"&ensp;processor time of {name}", f"{time:.0f} µs")
    yield at_most(
        "its p99 at 8 connections against pgbench's at 8 clients",
        of(lambda o: o["page"].p99 / o["database"].p99),
        3,
    )
    yield Row(
        "&ensp;the two", f"{of(lambda o: o['page'].p99):.1f} ms, {of(lambda o: o['database'].p99):.1f} ms"
    )
    yield at_most(
        "its p99 at 64 connections against 64/throughput",
        of(lambda o: o["many"].p99 / (MANY / o["many"].rate * 1000)),
        2,
    )
    yield Row(
        "&ensp;the two",
        f"{of(lambda o: o['many'].p99):.1f} ms, {of(lambda o: MANY / o['many'].rate * 1000):.1f} ms",
    )
