# SPDX-License-Identifier: ISC
"""Two Chinese characters among a million people, as a workspace's role under
row-level security: through the page, and against a sequential scan that asks the
same question."""
import harness

from . import people
from .capture import capture
from .figure_list import PATH, warm
from .load import median, wrk
from .stand import say
from .table import Row, at_most

NO_INDEX = "set enable_indexscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off;"


def stored(space, words):
    """The address of the list with a search in force, as the form leads to it."""
    browser = space.person.browser()
    form = next(f for f in harness.parse_forms(browser.page(PATH)) if f.action == f"{PATH}/search")
    answer = browser.submit(form, q=words)
    assert answer.status_code == 303, answer.status_code
    return answer.headers["Location"]


def scan_ms(space, script):
    """The page's own statements with no index to use."""
    text = f"{NO_INDEX}\n\\timing on\n" + "\n".join(
        ("explain (analyze, timing off, costs off) " if "q as materialized" in line else "") + line
        for line in script.literal().splitlines()
    )
    rows = space.sql(text, space.database)
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on contact" in plan, plan
    return next(float(row[0].split()[2]) for row in rows if row[0].startswith("Execution Time"))


def run(stand):
    size = stand.size
    space = stand.space("large")
    people.fill(space, size.large)
    rare, common = stored(space, people.RARE), stored(space, people.COMMON)
    found = [row[0] for row in space.sql(
        f"select count(*) from contact where name_zh like '%{people.RARE}%' union all "
        f"select count(*) from contact where name_zh like '%{people.COMMON}%'")]
    script = capture(space, common)
    warm(space.origin, space, size.seconds)
    rounds = []
    for number in range(size.rounds):
        one = {
            name: wrk(space.origin, path, space.cookie, 1, size.seconds)
            for name, path in (("list", PATH), ("rare", rare), ("common", common))
        }
        one["scan"] = scan_ms(space, script)
        rounds.append(one)
        say(
            f"  round {number + 1}: list {one['list'].p50:.2f} ms, rare {one['rare'].p50:.2f} ms, "
            f"common {one['common'].p50:.2f} ms, sequential scan {one['scan']:.0f} ms"
        )
    yield at_most(
        f"search for two Chinese characters at {size.large:,} contacts under row-level security: "
        f"rare pair ({found[0]} rows) against the list page",
        median([o["rare"].p50 / o["list"].p50 for o in rounds]),
        3,
    )
    yield Row(
        "&ensp;the two",
        f"{median([o['rare'].p50 for o in rounds]):.2f} ms, {median([o['list'].p50 for o in rounds]):.2f} ms",
    )
    yield at_most(
        f"common pair ({int(found[1]):,} rows, 1 %) against a sequential scan",
        median([o["common"].p50 / o["scan"] for o in rounds]),
        0.1,
        "{:.3f}",
    )
    yield Row(
        "&ensp;the two",
        f"{median([o['common'].p50 for o in rounds]):.2f} ms, {median([o['scan'] for o in rounds]):.0f} ms",
    )
