# SPDX-License-Identifier: ISC
"""What one praya-web keeps to itself, and whether that grows."""
import time
from pathlib import Path

import harness

from . import people
from .figure_search import stored
from .front import Front
from .load import wrk
from .proc import memory
from .stand import say
from .table import Row, at_most

MIB = 1024 * 1024
SIGN_INS = 20


def sign_in(front, space):
    """Through the front's own pool, as a browser does. The cookie as a header."""
    browser = harness.Browser(space.stack, space.slug)
    browser.origin = front.origin(space)
    form = browser.form("/login", "/login")
    data = {**dict(form.fields), "email": space.email, "password": space.password}
    # The page knows the workspace by its own address, without the front's port.
    answer = browser.post(form.action, data=data, headers={"Origin": space.origin})
    assert answer.status_code == 303, answer.status_code
    return "Cookie: " + "; ".join(f"{c.name}={c.value}" for c in browser.cookies)


def paths(space):
    """What people look at in a day."""
    ids = [row[0] for row in space.sql("select contact_id from contact order by random() limit 8")]
    found = ["/", "/contacts", "/contacts?sort=name_en", "/contacts?filters=1", "/companies", "/audit"]
    found += [stored(space, people.COMMON), "/api/v1/contacts", "/api/v1/fields", "/contacts/new"]
    found += [f"/contacts/{i}" for i in ids] + [f"/contacts/{i}/edit" for i in ids[:2]]
    return found + ["/contacts"] * len(found)


def at_rest(pid):
    """Between two requests: wrk goes away while some are in hand, and what those hold is
    given back at their end. It waits for the next one in epoll, and for PostgreSQL in poll."""
    before = None
    for _ in range(200):
        waits, kept = Path(f"/proc/{pid}/wchan").read_text(), memory(pid)
        rests = "epoll" in waits or "ep_poll" in waits
        if rests and kept == before:
            return kept
        before = kept if rests else None
        time.sleep(0.3)
    raise RuntimeError(f"praya-web does not come to rest: {waits}")


def run(stand):
    size = stand.size
    space = stand.space("small")
    people.fill(space, size.small)
    with Front(stand, stand.instance.installed / "bin/praya-web", 1) as front:
        cookie = [sign_in(front, space) for _ in range(SIGN_INS)][-1]
        (pid,) = front.pids()
        settled = at_rest(pid)
        ways = paths(space)
        done, early = 0, None
        while done < size.requests:
            done += wrk(front.origin(space), "/contacts", cookie, 2, size.seconds, ways).requests
            if early is None and done >= size.settle:
                early, early_at = at_rest(pid), done
                say(f"  after {done:,} requests {early / MIB:.2f} MiB")
        late = at_rest(pid)
        say(f"  after {done:,} requests {late / MIB:.2f} MiB")
        assert front.pids() == [pid], "the process was replaced"
    yield at_most(
        f"private memory (RssAnon) of one praya-web after {SIGN_INS} sign-ins",
        settled / MIB,
        16,
        "{:.1f} MiB",
    )
    grown = (late - early) / early * 100
    yield Row(
        f"its growth from request {early_at:,} to {done:,}", f"{grown:.2f} %", "under 1 %", grown < 1
    )
    yield Row("&ensp;the two", f"{early / MIB:.2f} MiB, {late / MIB:.2f} MiB")
