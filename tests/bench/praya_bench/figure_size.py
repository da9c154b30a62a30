# SPDX-License-Identifier: ISC
"""The list of contacts when there are a hundred times as many."""
from . import people
from .figure_list import PATH, warm
from .load import median, wrk
from .stand import say
from .table import Row, at_most


def run(stand):
    size = stand.size
    small, large = stand.space("small"), stand.space("large")
    people.fill(small, size.small)
    people.fill(large, size.large)
    for space in (small, large):
        warm(space.origin, space, size.seconds)
    rounds = []
    for number in range(size.rounds):
        one = [wrk(space.origin, PATH, space.cookie, 1, size.seconds) for space in (small, large)]
        say(f"  round {number + 1}: {one[0].p50:.2f} ms, {one[1].p50:.2f} ms")
        rounds.append(one)
    yield at_most(
        f"the page at {size.large:,} contacts against {size.small:,}: median latency",
        median([b.p50 / a.p50 for a, b in rounds]),
        1.3,
    )
    yield Row(
        "&ensp;the two, one connection",
        f"{median([b.p50 for _, b in rounds]):.2f} ms, {median([a.p50 for a, _ in rounds]):.2f} ms",
    )
