# SPDX-License-Identifier: ISC
"""The disk is full while what answers a request is made: its package, the receipt of an erasure, a letter. It is said where
somebody looks for it, nothing half made stays, and with room again the next one is whole."""
import io
import os
import resource
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness import Stack
from jobs import finished

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from praya_stack.instance import Instance  # noqa: E402
from praya_stack.process import Running, children, wait_until  # noqa: E402

ROOM = 20_000
TOLD = 400
WORDS = {"en": "There is no room left on the server.", "zh-Hant": "伺服器空間不足"}


@pytest.fixture(scope="module")
def own():
    """An instance of our own: its worker stands still."""
    stack = Stack.start("--no-data")
    yield stack
    stack.tear_down()


@pytest.fixture(scope="module")
def place(own):
    return own.new_workspace()


@pytest.fixture(scope="module")
def api(place):
    return place.admin.api()


@pytest.fixture(scope="module")
def rows(place):
    connection = place.database()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def stopped(own):
    """What is to be done, a test does."""
    (process,) = children(Running(Instance({"PRAYA_VAR": own.status["var"]}).pids / "worker.json").leader().pid)
    os.kill(process.pid, signal.SIGSTOP)
    yield
    os.kill(process.pid, signal.SIGCONT)


def limited(own, place, room=ROOM):
    """A worker that has little room in a file."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    argv = [own.status["cli"], "--config", own.status["config"], "worker", place.slug, "--once"]
    return subprocess.run(argv, text=True, capture_output=True, check=False, preexec_fn=limit)


def stored(own, rows):
    """Objects in the store, and files beside them that are none yet; files of scratch; rows that name an object."""
    rows.execute("select current_database(), (select count(*) from download where destroyed_at is null)")
    database, named = rows.fetchone()
    folder = Path(own.status["regions"]["hk"]["files"]) / database
    return len([f for f in folder.rglob("*") if f.is_file()]), named


def fails(own, place, rows, job, room=ROOM):
    """At the first attempt it waits for the next one; at the last it has failed."""
    limited(own, place, room)
    rows.execute("select state, error from job where job_id = %s", [job])
    assert rows.fetchone() == ("queued", None)
    rows.execute("update job set attempt = 4, run_at = now() where job_id = %s", [job])
    limited(own, place, room)
    rows.execute("select state, error from job where job_id = %s", [job])
    assert rows.fetchone() == ("failed", "error.no_space")


@pytest.fixture(scope="module")
def case(own, place, api, rows):
    """An answer that was looked through and approved, behind the product's back."""
    person = api.ok("POST", "/contacts", status=201, json={"name_en": "LAU Wing Sze"})["id"]
    rows.execute("insert into message (contact_id, channel, direction, body, happened_at) select %s, 'email', 'in', "
                 "'Met her, number ' || n || ' ' || repeat(md5(n::text), 20), now() - interval '1 hour' "
                 "from generate_series(1, %s) n", [person, TOLD])
    rows.execute("update message set created_at = now() - interval '1 hour' where contact_id = %s", [person])
    made = api.ok("POST", "/privacy/requests", status=201, json={"kind": "access", "channel": "letter", "contact_ids": [person]})["id"]
    job = api.ok("POST", f"/privacy/requests/{made}/copy", status=202)["job"]
    own.praya("worker", place.slug, "--once")
    assert finished(api, job)["state"] == "done"
    api.ok("POST", f"/privacy/requests/{made}/copy/rest", json={"what": "marked"})
    rows.execute("update privacy_request set state = 'review', identity_at = now(), approved_at = now() where request_id = %s", [made])
    return made


def test_a_package(own, place, api, rows, case, stopped):
    before = stored(own, rows)
    job = api.ok("POST", f"/privacy/requests/{case}/package", status=202, json={"password": "long enough to pass"})["job"]
    fails(own, place, rows, job)
    assert stored(own, rows) == before
    rows.execute("select package_id, (select count(*) from request_event e where e.request_id = r.request_id and action = 'package'), "
                 "(select count(*) from job_secret) from privacy_request r where request_id = %s", [case])
    assert rows.fetchone() == (None, 0, 0), "no package, nothing in the history, no password"
    assert api.ok("GET", f"/privacy/requests/{case}/copy")["copy_error"] == "error.no_space"
    assert api.get(f"/privacy/requests/{case}/package").status_code == 404
    window = place.admin.browser()
    for language, words in WORDS.items():
        window.write("/language", lang=language, back="/privacy")
        for path in (f"/privacy/requests/{case}", f"/privacy/requests/{case}/copy"):
            assert words in window.page(path), path
    window.write("/language", lang="en", back="/privacy")
    # With room again.
    job = api.ok("POST", f"/privacy/requests/{case}/package", status=202)["job"]
    own.praya("worker", place.slug, "--once")
    assert finished(api, job)["state"] == "done"
    assert api.ok("GET", f"/privacy/requests/{case}/copy")["copy_error"] is None
    assert WORDS["en"] not in window.page(f"/privacy/requests/{case}")
    with zipfile.ZipFile(io.BytesIO(api.get(f"/privacy/requests/{case}/package").content)) as box:
        assert box.testzip() is None and box.read("data.json").decode().count("Met her, number ") == TOLD
    assert stored(own, rows) == (before[0] + 1, before[1] + 1)


def test_the_receipt_of_an_erasure(own, place, api, rows, stopped):
    person = api.ok("POST", "/contacts", status=201, json={"name_en": "CHAN Tai Man"})["id"]
    api.ok("POST", f"/contacts/{person}/erase", json={"reason": "other", "confirm": str(person)})
    own.praya("worker", place.slug, "--once")
    before = stored(own, rows)
    job = api.ok("POST", f"/contacts/{person}/erase/pdf", status=202)["job"]
    fails(own, place, rows, job, room=1000)
    assert stored(own, rows) == before
    rows.execute("select papers::text from erasure where contact_id = %s", [person])
    assert "sha256" not in rows.fetchone()[0], "no digest of a paper that is not there"
    assert WORDS["en"] in place.admin.browser().page(f"/jobs/{job}")
    job = api.ok("POST", f"/contacts/{person}/erase/pdf", status=202)["job"]
    own.praya("worker", place.slug, "--once")
    done = finished(api, job)
    assert done["state"] == "done" and api.get(done["result"]["download"]).content.startswith(b"%PDF")


def test_a_letter_needs_no_file(own, place, api, rows, case, stopped):
    """It is made in memory and lies in its row: where files have no room, it has."""
    letter = api.ok("POST", f"/privacy/requests/{case}/letters", status=201, json={"letter": "acknowledge"})["id"]
    limited(own, place, room=1000)
    path = f"/privacy/requests/{case}/letters/{letter}/pdf"
    assert wait_until(lambda: api.get(path).status_code == 200, 10)
    assert api.get(path).content.startswith(b"%PDF")
