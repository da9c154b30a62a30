# SPDX-License-Identifier: ISC
"""A workspace is made for somebody who signs up: from the password that is sent to the sign-in page of
the new host, with database, keys and first administrator made meanwhile by the worker."""
import time

from doors import PASSWORD, Door, new_email, new_slug
from harness import API, Browser

from .load import median
from .proc import Clock
from .stand import say
from .table import Row, at_most

WAIT = 0.02


def one(stack):
    door, email, slug = Door(stack), new_email(), new_slug()
    assert door.api("/sign-up", name="Traders", slug=slug, region="hk", email=email).status_code == 202
    path = API + door.link(email)
    home = Browser(stack, slug)
    with Clock() as clock:
        assert door.post(path, json={"password": PASSWORD}).status_code == 202
        with Clock() as made:
            while door.get(path).json()["state"] != "made":
                time.sleep(WAIT)
        assert home.get("/login").status_code == 200
    return clock.seconds, made.seconds


def run(stand):
    times = [one(stand.stack) for _ in range(2 + stand.size.rounds)]
    for whole, made in times:
        say(f"  {whole:.2f} s, {made:.2f} s of it until it was made")
    yield at_most("a workspace from the password to its sign-in page: seconds, median", median([w for w, _ in times]), 1, "{:.2f}")
    yield Row("&ensp;the slowest; the making alone, median", f"{max(w for w, _ in times):.2f} s; {median([m for _, m in times]):.2f} s")
