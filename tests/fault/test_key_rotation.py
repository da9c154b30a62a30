# SPDX-License-Identifier: ISC
"""The master key is rotated while people read and write: nobody notices, and no
process has to be told."""
import subprocess
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from harness import Stack  # noqa: E402
from praya_stack.process import wait_until  # noqa: E402


@pytest.fixture(scope="module")
def own():
    own = Stack.start("--no-data", "--web", "2", "--files", "1", "--workers", "1")
    yield own
    own.tear_down()


class Load:
    """Programs that make people with an encrypted field and read it back."""

    def __init__(self, places, readers=3):
        self.apis = [place.admin.api() for place in places for _ in range(readers)]
        self.wrong, self.done, self.stop = [], 0, threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(api,)) for api in self.apis]

    def run(self, api):
        while not self.stop.is_set():
            body = {"name_en": "Chan Tai Man", "salary": {"amount": "1234.50", "currency": "HKD"}}
            made = api.post("/contacts", json=body)
            answers = [made.status_code]
            if made.status_code == 201:
                answers.append(api.get(f"/contacts/{made.json()['id']}").status_code)
            self.done += len(answers)
            self.wrong += [a for a in answers if a not in (200, 201)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def cut_connections(own):
    with own.database().cursor() as cursor:
        cursor.execute("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename ~ '^praya_'")
        assert cursor.fetchone()[0] > 0


def use(place):
    """By a process that has to connect anew: a page, an encrypted value, a job."""
    api = place.admin.api()
    number = api.ok("POST", "/contacts", json={"name_en": "Lee", "date_of_birth": "1990-01-02"})["id"]
    shown = api.ok("POST", f"/contacts/{number}/reveal", json={"fields": ["date_of_birth"], "reason": "correction"})
    assert shown["values"] == {"date_of_birth": "1990-01-02"}
    job = api.ok("POST", f"/contacts/{number}/export", status=202)["job"]
    assert wait_until(lambda: api.ok("GET", f"/jobs/{job}")["state"] == "done", 60)


def test_nobody_notices(own):
    places = [own.new_workspace(), own.new_workspace()]
    with Load(places) as load:
        assert wait_until(lambda: load.done > 30, 30)
        own.praya("key", "rotate")
        at = load.done
        assert wait_until(lambda: load.done > at + 30, 30)
    assert load.wrong == []
    # Not before they connect anew does anything ask for the new passwords.
    cut_connections(own)
    for place in places:
        use(place)
    fresh = own.new_workspace()
    use(fresh)
    # And once more, until nothing of the first key is anywhere.
    own.praya("key", "rotate")
    own.praya("key", "rotate", "--forget-old")
    cut_connections(own)
    for place in [*places, fresh]:
        use(place)
    assert all(s["opens"] and s["current"] for s in own.praya_json("key", "check"))
    assert not list(own.var.rglob("master.key.*"))


def found_by_number(place, number):
    return [c["name_en"] for c in place.admin.api().ok("GET", f"/contacts?filter[hkid]={number}")["items"]]


def test_nobody_notices_the_key_of_a_workspace(own):
    """Its own key goes twice while everybody works; processes that knew the first one learn of
    the others by what they meet, and an index over encrypted values finds what it found."""
    place, beside = own.new_workspace(), own.new_workspace()
    api = place.admin.api()
    api.ok("PATCH", "/fields/contact.hkid", json={"enabled": True, "justification": "law"})
    api.ok("POST", "/contacts", json={"name_en": "LAM On", "hkid": "A123456(3)"})
    assert found_by_number(place, "A123456(3)") == ["LAM On"]
    with Load([place, beside]) as load:
        assert wait_until(lambda: load.done > 30, 30)
        for version in (2, 3):
            assert own.praya_json("key", "rotate", place.slug)["version"] == version
            at = load.done
            assert wait_until(lambda at=at: load.done > at + 30, 30)
    assert load.wrong == []
    assert found_by_number(place, "A123456(3)") == ["LAM On"]
    use(place)
    cut_connections(own)
    own.command("reload")
    use(place)
    use(beside)
    assert found_by_number(place, "A123456(3)") == ["LAM On"]
    state = {s["slug"]: s for s in own.praya_json("key", "check")}
    assert state[place.slug]["version"] == 3 and state[place.slug]["person_opens"]
    assert state[beside.slug]["version"] == 1
    own.praya("audit", "verify", place.slug)


def test_half_way(own):
    """Cut off after the keys were wrapped and before the passwords changed; a day
    later still so: what connects anew finds its way with both keys."""
    place = own.new_workspace()
    own.praya("key", "rotate", "--prepare")
    holder = own.database()
    holder.autocommit = False
    with holder.cursor() as cursor:
        cursor.execute("lock table pg_authid in share mode")
    argv = [own.status["cli"], "--config", own.status["config"], "key", "rotate"]
    victim = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watch = own.database()

    def waits():
        with watch.cursor() as cursor:
            cursor.execute("select count(*) from pg_locks where not granted")
            return cursor.fetchone()[0] > 0

    assert wait_until(waits, 30)
    victim.kill()
    victim.wait()
    with watch.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pid) from pg_locks where not granted")
    holder.close()
    cut_connections(own)
    use(place)
    own.command("reload")
    use(place)
    own.praya("key", "rotate")
    use(place)
    cut_connections(own)
    use(place)
